"""Takes inputs in: checks that content is what its port takes, and keeps it in the object store."""

import json
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import jsonschema_rs

from halles.model import Media, PipelineInput, PortSpec, Problem, Problems, Value, listing, suggest
from halles.sdk import Audio, Image, InputRefused, settings
from halles.stores.objects import Objects

SHOWN = 200
"""The most characters of a message that quotes a value."""


def max_bytes() -> float:
    """The largest input that is taken, `HALLES_MAX_INPUT_BYTES` (default 2 GiB)."""
    return settings.number("HALLES_MAX_INPUT_BYTES", 2 * 1024**3)


def admit(given: Iterable[tuple[str, Any]], wanted: Mapping[str, PipelineInput], objects: Objects) -> dict[str, Value]:
    """Values by input from pairs of a name and a text, `@file` or plain data. Raises `Problems`, all at once.

    A list input takes one pair an item. Defaults are filled in. Raises `CallFailed` when they cannot be kept.
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
    meant = {name for problem in problems for name in problem.suggestions}
    for name, spec in wanted.items():
        if name in meant and name not in values:
            continue  # It was given under a misspelt name; that it is missing would be said twice.
        try:
            value = _value(name, spec, values.get(name, []), objects)
        except Problems as found:
            problems += found.problems
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
        _refuse(name, "missing-input", f"Input `{name}` ({port}) is missing{what}.")
    if len(given) > 1 and not spec.many:
        _refuse(name, "too-many-values", f"Input `{name}` takes one value, {len(given)} were given.")
    return _kept([_content(port, value) for value in given], port, objects)


def _kept(contents: list[tuple[bytes | Path, str]], port: PortSpec, objects: Objects) -> Value:
    kept = tuple(objects.put(content, media_type) for content, media_type in contents)
    return kept if port.many else kept[0]


def _content(port: PortSpec, value: Any) -> tuple[bytes | Path, str]:
    if isinstance(value, str) and value.startswith("@"):
        return _file(port, _expanded(value[1:]))
    if port.media[0].partition("/")[0] in ("audio", "image", "video"):
        with suppress(OSError, ValueError):  # Too long for a file's name, say.
            if _expanded(str(value)).is_file():
                message = f"A file is given with an `@`: `{port.name}=@{value}`."
                _refuse(port.name, "not-a-file", message)
        _refuse(port.name, "not-a-file", f"Input `{port.name}` takes a file: `{port.name}=@FILE`.")
    return _data(port, value)


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # `~nobody`
        return Path(text)


def _data(port: PortSpec, value: Any) -> tuple[bytes, str]:
    media = port.media[0]
    if media.startswith("application/json"):
        value = json.dumps(_json(port, value), ensure_ascii=False, sort_keys=True)
    try:
        return str(value).encode(), media
    except UnicodeEncodeError as error:
        _refuse(port.name, "not-text", f"Input `{port.name}` is not UTF-8 text (character {error.start}).")


def _json(port: PortSpec, value: Any) -> Any:
    """The value as plain data that fits the schema: a text is read as JSON if it is some, else it is itself."""
    readings = [value]
    if isinstance(value, str):
        try:
            readings.insert(0, _parsed(value))
        except ValueError as error:
            if value.lstrip()[:1] in ("{", "["):
                _refuse(port.name, "not-json", f"Input `{port.name}` is not JSON: {error}.")
    complaints = [_complaint(port, reading) for reading in readings]
    if None not in complaints:
        _refuse(port.name, "bad-value", f"Input `{port.name}`{complaints[0]}")
    return readings[complaints.index(None)]


def _parsed(text: str) -> Any:
    """Strict JSON. Raises `ValueError`."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON number")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _complaint(port: PortSpec, value: Any) -> str | None:
    """What the schema has against a value."""
    if port.json_schema is None:
        return None
    try:
        error = next(iter(jsonschema_rs.validator_for(port.json_schema, offline=True).iter_errors(value)), None)
    except jsonschema_rs.ValidationError as bad:
        message = f"The schema of input `{port.name}` is not a JSON schema: {_short(bad.message)}."
        raise Problems([Problem(code="bad-schema", port=port.name, message=message)]) from bad
    except ValueError as bad:
        return f": {bad}."
    if error is None:
        return None
    where = ".".join(str(part) for part in error.instance_path)
    return f"{f' at `{where}`' if where else ''}: {_short(error.message)}."


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN // 2]} … {text[-SHOWN // 2 :]}"


def _file(port: PortSpec, path: Path) -> tuple[bytes | Path, str]:
    name = port.name
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            _refuse(name, "not-a-file", f"`{path}` is a folder. Give one of its files.")
        if not stat.S_ISREG(status.st_mode):
            _refuse(name, "not-a-file", f"`{path}` is a device or a pipe. Save its content to a file, and give that.")
        if status.st_size > max_bytes():
            limit = f"{max_bytes() / 1e6:,.0f} MB are taken (HALLES_MAX_INPUT_BYTES)"
            _refuse(name, "too-large", f"`{path}` has {status.st_size / 1e6:,.0f} MB; at most {limit}.")
        if status.st_size == 0:
            _refuse(name, "empty-file", f"`{path}` is an empty file. Was it saved, or downloaded, to its end?")
        return _checked(port, path)
    except InputRefused as refusal:
        raise Problems([Problem(code="input-refused", port=name, message=refusal.message)]) from refusal
    except (FileNotFoundError, NotADirectoryError) as error:
        problem = Problem(
            code="no-such-file", port=name, message=f"There is no file `{path}`.", suggestions=_near(path)
        )
        raise Problems([problem]) from error
    except PermissionError:
        _refuse(name, "not-readable", f"`{path}` may not be read by this user. Change its permissions, or copy it.")
    except (OSError, ValueError) as error:
        _refuse(name, "not-readable", f"`{_short(str(path))}` cannot be read: {getattr(error, 'strerror', error)}.")


def _near(path: Path) -> tuple[str, ...]:
    """Paths of files in the same folder with almost that name."""
    try:
        return tuple(str(path.parent / name) for name in suggest(path.name, (f.name for f in path.parent.iterdir())))
    except OSError:
        return ()


def _checked(port: PortSpec, path: Path) -> tuple[bytes | Path, str]:
    """Content and media type by what the content is, whatever the file is called."""
    main = port.media[0].partition("/")[0]
    if main in ("audio", "image"):
        found = (
            Audio(path, label=path.name).probe().media_type if main == "audio" else Image(path, label=path.name).probe()
        )
        if not any(Media.parse(wanted).subtype in ("*", Media.parse(found).subtype) for wanted in port.media):
            raise InputRefused(f"`{path.name}` is {found}, but `{port.name}` takes {port}. Convert it.")
        return path, found
    if main == "text" or port.media[0].startswith("application/json"):
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputRefused(f"`{path.name}` is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
        if main != "text":
            try:
                _parsed(text)
            except ValueError as error:
                raise InputRefused(f"`{path.name}` is not JSON: {error}.") from error
        return _data(port, text)
    return path, port.media[0] if "*" not in port.media[0] else "application/octet-stream"


def _refuse(port: str, code: str, message: str) -> NoReturn:
    raise Problems([Problem(code=code, port=port, message=message)])
