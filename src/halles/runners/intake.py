"""Takes inputs in: checks that content is what its port takes, and keeps it in the object store."""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema_rs

from halles.model import CallFailed, PipelineInput, PortSpec, Problem, Problems, Value, listing, suggest
from halles.sdk import Audio, Image, InputRefused
from halles.stores.objects import Objects


def max_bytes() -> int:
    """The largest input that is taken, `HALLES_MAX_INPUT_BYTES` (default 2 GiB)."""
    return int(os.environ.get("HALLES_MAX_INPUT_BYTES", str(2 * 1024**3)))


def admit(given: Iterable[tuple[str, Any]], wanted: Mapping[str, PipelineInput], objects: Objects) -> dict[str, Value]:
    """Values by input from pairs of a name and a text, `@file` or plain data. Raises `Problems`, all at once.

    A list input takes one pair an item. Defaults are filled in.
    """
    problems: list[Problem] = []
    values: dict[str, list[Any]] = {}
    for name, value in given:
        if name in wanted:
            values.setdefault(name, []).append(value)
        else:
            message = f"There is no input `{name}`. There are {listing(wanted)}."
            problems.append(
                Problem(code="unknown-input", port=name, message=message, suggestions=suggest(name, wanted))
            )
    admitted: dict[str, Value] = {}
    for name, spec in wanted.items():
        try:
            value = _value(name, spec, values.get(name, []), objects)
        except Problems as found:
            problems += found.problems
        except CallFailed as failure:
            problems.append(failure.problem)
        else:
            if value is not None:
                admitted[name] = value
    if problems:
        raise Problems(problems)
    return admitted


def _value(name: str, spec: PipelineInput, given: list[Any], objects: Objects) -> Value | None:
    port = spec.port(name)
    if not given and spec.default is not None:
        given = spec.default if spec.many and isinstance(spec.default, list) else [spec.default]
        return _kept([_data(port, item) for item in given], port, objects)
    if not given:
        if spec.optional:
            return None
        what = f" — {spec.description}" if spec.description else ""
        raise _refusal(name, "missing-input", f"Input `{name}` ({port}) is missing{what}.")
    if len(given) > 1 and not spec.many:
        raise _refusal(name, "too-many-values", f"Input `{name}` takes one value, {len(given)} were given.")
    return _kept([_content(port, value) for value in given], port, objects)


def _kept(contents: list[tuple[bytes | Path, str]], port: PortSpec, objects: Objects) -> Value:
    kept = tuple(objects.put(content, media_type) for content, media_type in contents)
    return kept if port.many else kept[0]


def _content(port: PortSpec, value: Any) -> tuple[bytes | Path, str]:
    if isinstance(value, str) and value.startswith("@"):
        return _file(port, Path(value[1:]).expanduser())
    main = port.media[0].partition("/")[0]
    if main in ("audio", "image", "video"):
        hint = f" Did you mean `{port.name}=@{value}`?" if Path(str(value)).is_file() else ""
        message = f"Input `{port.name}` takes a file: `{port.name}=@FILE`.{hint}"
        raise _refusal(port.name, "not-a-file", message)
    return _data(port, value)


def _data(port: PortSpec, value: Any) -> tuple[bytes, str]:
    media = port.media[0]
    if media.startswith("application/json"):
        return json.dumps(_json(port, value), ensure_ascii=False, sort_keys=True).encode(), media
    return str(value).encode(), media


def _json(port: PortSpec, value: Any) -> Any:
    if isinstance(value, str):
        with suppress(ValueError):  # A bare word is a string, if the schema takes strings.
            value = json.loads(value)
    if port.json_schema is not None:
        errors = list(jsonschema_rs.validator_for(port.json_schema).iter_errors(value))
        if errors:
            where = ".".join(str(part) for part in errors[0].instance_path)
            message = f"Input `{port.name}`{f' at `{where}`' if where else ''}: {errors[0].message}."
            raise _refusal(port.name, "bad-value", message)
    return value


def _file(port: PortSpec, path: Path) -> tuple[bytes | Path, str]:
    name = port.name
    if not path.exists():
        near = suggest(path.name, (f.name for f in path.parent.iterdir())) if path.parent.is_dir() else ()
        problem = Problem(code="no-such-file", port=name, message=f"There is no file `{path}`.", suggestions=near)
        raise Problems([problem])
    if not path.is_file():
        raise _refusal(name, "not-a-file", f"`{path}` is not a file. Give a file.")
    size = path.stat().st_size
    if size > max_bytes():
        limit = f"{max_bytes() / 1e6:,.0f} MB (HALLES_MAX_INPUT_BYTES)"
        raise _refusal(name, "too-large", f"`{path}` has {size / 1e6:,.0f} MB; at most {limit} are taken.")
    if size == 0:
        raise _refusal(name, "empty-file", f"`{path}` is an empty file.")
    try:
        return _checked(port, path)
    except InputRefused as refusal:
        raise _refusal(name, "input-refused", refusal.message) from refusal
    except PermissionError as error:
        raise _refusal(name, "not-readable", f"`{path}` may not be read by this user.") from error


def _checked(port: PortSpec, path: Path) -> tuple[bytes | Path, str]:
    """Content and media type by what the content is, whatever the file is called."""
    main = port.media[0].partition("/")[0]
    if main == "audio":
        return path, Audio(path, label=path.name).probe().media_type
    if main == "image":
        return path, Image(path, label=path.name).probe()
    if main == "text" or port.media[0].startswith("application/json"):
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputRefused(f"`{path.name}` is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
        if main != "text" and not _is_json(text):
            raise InputRefused(f"`{path.name}` is not JSON.")
        return _data(port, text)
    return path, port.media[0] if "*" not in port.media[0] else "application/octet-stream"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _refusal(port: str, code: str, message: str) -> Problems:
    return Problems([Problem(code=code, port=port, message=message)])
