"""Takes inputs in: checks that content is what its port takes, and keeps it in the object store."""

import json
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import jsonschema_rs

from halles.engine.schema import complaint, shortened
from halles.model import Artifact, Media, PipelineInput, PortSpec, Problem, Problems, Value, say, suggest
from halles.runners import content
from halles.runners.content import OCTETS, max_bytes
from halles.sdk import InputRefused
from halles.stores.objects import Objects
from halles.stores.spool import Spool


@dataclass(frozen=True)
class Offer:
    """A file that is offered for an input: one of this machine, or one that was received and waits to be kept."""

    file: Path | Spool
    label: str

    @property
    def path(self) -> Path:
        """Where it can be read."""
        return self.file.path if isinstance(self.file, Spool) else self.file


def admit(given: Iterable[tuple[str, Any]], wanted: Mapping[str, PipelineInput], objects: Objects) -> dict[str, Value]:
    """The same as `take` for whoever works on this machine: a text `@file` stands for a file of it."""
    return take([(name, _meant(name, value, wanted)) for name, value in given], wanted, objects)


def take(given: Iterable[tuple[str, Any]], wanted: Mapping[str, PipelineInput], objects: Objects) -> dict[str, Value]:
    """Values by input from pairs of a name and a text, plain data, an `Offer` or an `Artifact` that is there already.

    A list input takes one pair an item. Defaults are filled in. Raises `Problems`, all at once, and `CallFailed` when
    values cannot be kept.
    """
    problems: list[Problem] = []
    values: dict[str, list[Any]] = {}
    for name, value in given:
        if name in wanted:
            values.setdefault(name, []).append(value)
        else:
            message = say("There is no input `{name}`. There are {wanted}.", name=name, wanted=wanted)
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


def fill(port: PortSpec, given: Any, objects: Objects) -> Value:
    """The value of one port from plain data or artifacts, a list of them when it is `many`. Raises `Problems`."""
    items = given if port.many and isinstance(given, list) else [given]
    return _kept([_content(port, item, objects) for item in items], port, objects)


def _value(name: str, spec: PipelineInput, given: list[Any], objects: Objects) -> Value | None:
    port = spec.port(name)
    if not given and spec.default is not None:
        given = spec.default if spec.many and isinstance(spec.default, list) else [spec.default]
        return _kept([_data(port, item) for item in given], port, objects)
    if not given:
        if spec.optional:
            return None
        message = say("Input `{name}` ({port}) is missing.", name=name, port=port)
        if spec.description:
            what = say(spec.description)
            message = say("Input `{name}` ({port}) is missing — {what}.", name=name, port=port, what=what)
        _refuse(name, "missing-input", message)
    if len(given) > 1 and not spec.many:
        _refuse(
            name,
            "too-many-values",
            say("Input `{name}` takes one value, {count} were given.", name=name, count=len(given)),
        )
    return _kept([_content(port, value, objects) for value in given], port, objects)


def _kept(contents: list[tuple[bytes | Path | Spool | Artifact, str]], port: PortSpec, objects: Objects) -> Value:
    kept = tuple(_keep(content, media_type, objects) for content, media_type in contents)
    return kept if port.many else kept[0]


def _keep(content: bytes | Path | Spool | Artifact, media_type: str, objects: Objects) -> Artifact:
    if isinstance(content, Artifact):
        return content.model_copy(update={"media_type": media_type})
    return objects.keep(content, media_type) if isinstance(content, Spool) else objects.put(content, media_type)


def _content(port: PortSpec, value: Any, objects: Objects) -> tuple[bytes | Path | Spool | Artifact, str]:
    try:
        if isinstance(value, Offer):
            return _checked(port, value)
        if isinstance(value, Artifact):
            return _fitting(port, value, objects)
    except InputRefused as refusal:
        raise Problems([Problem(code="input-refused", port=port.name, message=refusal.message)]) from refusal
    if port.media[0].partition("/")[0] in ("audio", "image", "video"):
        _refuse(port.name, "not-a-file", say("Input `{name}` takes a file, not a text.", name=port.name))
    return _data(port, value)


def _meant(name: str, value: Any, wanted: Mapping[str, PipelineInput]) -> Any:
    """What a text on the command line stands for."""
    if not isinstance(value, str):
        return value
    if value.startswith("@"):
        return _file(name, _expanded(value[1:]))
    if name in wanted and wanted[name].media.partition("/")[0] in ("audio", "image", "video"):
        with suppress(OSError, ValueError):  # Too long for a file's name, say.
            if _expanded(value).is_file():
                _refuse(
                    name, "not-a-file", say("A file is given with an `@`: `{name}=@{value}`.", name=name, value=value)
                )
        _refuse(name, "not-a-file", say("Input `{name}` takes a file: `{name}=@FILE`.", name=name))
    return value


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
        _refuse(
            port.name,
            "not-text",
            say("Input `{name}` is not UTF-8 text (character {start}).", name=port.name, start=error.start),
        )


def _json(port: PortSpec, value: Any) -> Any:
    """The value as plain data that fits the schema: a text is read as JSON if it is some, else it is itself."""
    readings = [value]
    if isinstance(value, str):
        try:
            readings.insert(0, content.parse_json(value))
        except ValueError as error:
            if value.lstrip()[:1] in ("{", "["):
                _refuse(port.name, "not-json", say("Input `{name}` is not JSON: {error}.", name=port.name, error=error))
    complaints = [_complaint(port, reading) for reading in readings]
    if None not in complaints:
        _refuse(port.name, "bad-value", complaints[0] or "")
    return readings[complaints.index(None)]


def _complaint(port: PortSpec, value: Any) -> str | None:
    """What the schema has against a value."""
    if port.json_schema is None:
        return None
    try:
        error = next(iter(jsonschema_rs.validator_for(port.json_schema, offline=True).iter_errors(value)), None)
    except jsonschema_rs.ValidationError as bad:
        message = say(
            "The schema of input `{name}` is not a JSON schema: {short}.", name=port.name, short=shortened(bad.message)
        )
        raise Problems([Problem(code="bad-schema", port=port.name, message=message)]) from bad
    except ValueError as bad:
        return say("Input `{name}`: {fault}.", name=port.name, fault=str(bad))
    if error is None:
        return None
    if where := ".".join(str(part) for part in error.instance_path):
        return say("Input `{name}` at `{where}`: {fault}.", name=port.name, where=where, fault=complaint(error))
    return say("Input `{name}`: {fault}.", name=port.name, fault=complaint(error))


def _file(name: str, path: Path) -> Offer:
    """A file of this machine that can be read."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            _refuse(name, "not-a-file", say("`{path}` is a folder. Give one of its files.", path=path))
        if not stat.S_ISREG(status.st_mode):
            _refuse(
                name,
                "not-a-file",
                say("`{path}` is a device or a pipe. Save its content to a file, and give that.", path=path),
            )
        if status.st_size > max_bytes():
            message = say(
                "`{path}` has {size:,.0f} MB; at most {limit:,.0f} MB are taken (HALLES_MAX_INPUT_BYTES).",
                path=path,
                size=status.st_size / 1e6,
                limit=max_bytes() / 1e6,
            )
            _refuse(name, "too-large", message)
        path.open("rb").close()
    except (FileNotFoundError, NotADirectoryError) as error:
        problem = Problem(
            code="no-such-file",
            port=name,
            message=say("There is no file `{path}`.", path=path),
            suggestions=_near(path),
        )
        raise Problems([problem]) from error
    except PermissionError:
        _refuse(
            name,
            "not-readable",
            say("`{path}` may not be read by this user. Change its permissions, or copy it.", path=path),
        )
    except (OSError, ValueError) as error:
        _refuse(
            name,
            "not-readable",
            say(
                "`{short}` cannot be read: {error}.",
                short=shortened(str(path)),
                error=getattr(error, "strerror", error),
            ),
        )
    return Offer(path, label=path.name)


def _near(path: Path) -> tuple[str, ...]:
    """Paths of files in the same folder with almost that name."""
    try:
        return tuple(str(path.parent / name) for name in suggest(path.name, (f.name for f in path.parent.iterdir())))
    except OSError:
        return ()


def _checked(port: PortSpec, offer: Offer) -> tuple[bytes | Path | Spool, str]:
    """Content and media type by what the content is, whatever the file is called."""
    path, label, media = offer.path, offer.label, port.media[0]
    if path.stat().st_size == 0:
        raise InputRefused(say("`{label}` is an empty file. Was it saved, or downloaded, to its end?", label=label))
    if media.startswith("application/json"):
        return _data(port, json.dumps(content.read_json(path, label)))
    if media.startswith("text/"):
        return _data(port, content.read_text(path, label))
    if media.startswith(OCTETS):
        return offer.file, media
    found = content.recognise(path, media, label)
    fitting = _fit(port, found)
    if fitting is None:
        raise InputRefused(
            say(
                "`{label}` is {found}, but `{name}` takes {port}. Convert it.",
                label=label,
                found=found,
                name=port.name,
                port=port,
            )
        )
    return offer.file, fitting


def _fitting(port: PortSpec, artifact: Artifact, objects: Objects) -> tuple[Artifact, str]:
    """An artifact that is there already, as the value of a port."""
    media, label = port.media[0], say("artifact {sha256}", sha256=artifact.sha256[:12])
    fitting = media if media.startswith(OCTETS) else _fit(port, artifact.media_type)
    if fitting is None:
        raise InputRefused(
            say(
                "The {label} is {media_type}, but `{name}` takes {port}.",
                label=label,
                media_type=artifact.media_type,
                name=port.name,
                port=port,
            )
        )
    as_data = media.startswith("application/json")
    if as_data and (fault := _complaint(port, content.read_json(objects.path(artifact), label))):
        raise InputRefused(say("The {label} does not fit. {fault}", label=label, fault=fault))
    return artifact, fitting


def _fit(port: PortSpec, found: str) -> str | None:
    """A type as the port takes it, or None when it does not. A type without a kind is taken for the port's."""
    offered = Media.parse(found)
    for wanted in map(Media.parse, port.media):
        kind = offered.kind or wanted.kind
        if wanted.accepts(Media(offered.type, offered.subtype, kind)):
            return str(Media(offered.type, offered.subtype, kind))
    return None


def _refuse(port: str, code: str, message: str) -> NoReturn:
    raise Problems([Problem(code=code, port=port, message=message)])
