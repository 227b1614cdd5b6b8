"""From a typed signature to ports: what a value's Python type says of its media type, and how it becomes bytes."""

import inspect
import json
import re
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from halles.model import PortSpec, fault_of, say
from halles.sdk.context import Context, InputRefused
from halles.sdk.values import Audio, File, Image

EXPLAINED = 5
"""The most errors of one value that are listed."""


@dataclass(frozen=True)
class Port:
    """What an annotation adds to a port: `Annotated[str, Port("the words", kind="lyrics")]`."""

    description: str = ""
    media: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Socket:
    """A port of a signature: its specification, and the Python type behind it."""

    spec: PortSpec
    type: Any

    def decode(self, files: list[File]) -> Any:
        """The Python value that a service receives."""
        values = [decode(file, self.type, self.spec.name) for file in files]
        return values if self.spec.many else values[0]

    def encode(self, value: Any) -> list[File]:
        """What a service returned as files, one unless the port is `many`."""
        values = value if self.spec.many else [value]
        return [encode(item, self.type, self.spec) for item in values]


def kind_of(model: type[BaseModel]) -> str:
    """`TextAnalysis` → `text-analysis`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", model.__name__).lower()


def _media(python: Any, port: Port, *, output: bool) -> tuple[str, ...]:
    if port.media is not None:
        base = tuple(part.strip() for part in port.media.split("|"))
    elif _is(python, Audio):
        base = ("audio/*",)
    elif _is(python, Image):
        base = ("image/png" if output else "image/*",)
    elif python is str:
        base = ("text/plain",)
    elif python is bytes or _is(python, File):
        base = ("application/octet-stream",)
    else:
        base = ("application/json",)
    kind = port.kind or (kind_of(python) if _is(python, BaseModel) else None)
    return tuple(f"{media};kind={kind}" if kind else media for media in base)


def _is(python: Any, base: type) -> bool:
    return isinstance(python, type) and issubclass(python, base)


def _is_json(python: Any) -> bool:
    return not (python in (str, bytes) or _is(python, File))


def socket(name: str, annotation: Any, *, output: bool = False, default: bool = False) -> Socket:
    """Read one port from a type annotation. Raises `TypeError` for a type of which no port can be made."""
    port, optional, many = Port(), default, False
    while True:
        origin, args = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            port = next((extra for extra in args[1:] if isinstance(extra, Port)), port)
            annotation = args[0]
        elif origin in (Union, types.UnionType) and type(None) in args and len(args) == 2:
            optional, annotation = True, next(arg for arg in args if arg is not type(None))
        elif not many and (origin is list or (origin is tuple and args[1:] == (...,))):
            many, annotation = True, args[0]
        else:
            break
    try:
        spec = PortSpec(
            name=name,
            description=port.description,
            media=_media(annotation, port, output=output),
            optional=optional,
            many=many,
            json_schema=TypeAdapter(annotation).json_schema() if _is_json(annotation) else None,
        )
    except ValidationError as error:
        raise TypeError(f"`{name}` cannot be the name of a port: use a-z, 0-9 and _, a letter first.") from error
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        raise TypeError(
            f"`{name}` is of {annotation!r}, of which no port can be made. Ports are Audio, Image, File, str, bytes, "
            "numbers, pydantic models, lists of these, and these or None."
        ) from error
    return Socket(spec, annotation)


def decode(file: File, python: Any, port: str) -> Any:
    """Make the Python value of a file. Raises `InputRefused` when the content is not what the port takes."""
    if _is(python, File):
        return python(file.source, file.media_type, sha256=file.sha256, label=port)
    if python is bytes:
        return file.read()
    if python is str:
        try:
            return file.read().decode()
        except UnicodeDecodeError as error:
            raise InputRefused(
                say("`{port}` is not UTF-8 text (byte {start}). Save it as UTF-8.", port=port, start=error.start),
                port=port,
            ) from error
    try:
        return TypeAdapter(python).validate_json(file.read())
    except ValidationError as error:
        raise InputRefused(
            say("`{port}` is not what is taken here: {faults:; }.", port=port, faults=explain(error)), port=port
        ) from error


def encode(value: Any, python: Any, spec: PortSpec) -> File:
    """The file of a Python value. A temporary file lives as long as it does."""
    if isinstance(value, File):
        return value
    if isinstance(value, str) and python is str:
        return File(value.encode(), spec.media[0])
    if isinstance(value, bytes):
        return File(value, spec.media[0])
    plain = TypeAdapter(python).dump_python(value, mode="json")
    content = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return File(content.encode(), spec.media[0])


def explain(error: ValidationError) -> list[str]:
    """What pydantic finds wrong: where, and what."""
    parts = []
    for item in error.errors(include_url=False)[:EXPLAINED]:
        where, fault = ".".join(str(part) for part in item["loc"]), fault_of(item)
        parts.append(say("`{where}`: {fault}", where=where, fault=fault) if where else fault)
    if error.error_count() > EXPLAINED:
        parts.append(say("and {count} more", count=error.error_count() - EXPLAINED))
    return parts


@dataclass(frozen=True)
class Signature:
    """All that a typed run function says."""

    inputs: dict[str, Socket]
    outputs: dict[str, Socket]
    params: type[BaseModel]
    context: str | None
    single: bool


def read_signature(function: Callable[..., Any]) -> Signature:
    """Positional parameters are ports, keyword-only ones are parameters, a `Context` is injected.

    Raises `TypeError` for a signature that says too little.
    """
    hints = get_type_hints(function, include_extras=True)
    inputs: dict[str, Socket] = {}
    params: dict[str, Any] = {}
    context = None
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "self":
            continue
        if name not in hints:
            raise TypeError(f"Parameter `{name}` of {function.__qualname__} has no type, so no port can be made of it.")
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError(f"`*{name}` of {function.__qualname__} has no fixed ports; name them, or take a list.")
        if hints[name] is Context:
            context = name
        elif parameter.kind is parameter.KEYWORD_ONLY:
            default = ... if parameter.default is parameter.empty else parameter.default
            params[name] = (hints[name], default)
        else:
            inputs[name] = socket(name, hints[name], default=parameter.default is not parameter.empty)
    outputs, single = _outputs(function, hints.get("return"))
    model = create_model("Params", __config__={"extra": "forbid"}, **params)
    return Signature(inputs, outputs, model, context, single)


def _outputs(function: Callable[..., Any], annotation: Any) -> tuple[dict[str, Socket], bool]:
    if annotation in (None, type(None)):
        raise TypeError(f"{function.__qualname__} has no return type, so no output port can be made of it.")
    if get_origin(annotation) is tuple and ... not in get_args(annotation):
        raise TypeError(f"{function.__qualname__} returns a plain tuple; return a NamedTuple, a field a port.")
    if _is(annotation, tuple) and hasattr(annotation, "_fields"):
        fields = get_type_hints(annotation, include_extras=True)
        return {name: socket(name, hint, output=True) for name, hint in fields.items()}, False
    port = socket("output", annotation, output=True)
    return {"output": port}, True
