"""What the product says: found in its code, its services and its pipelines."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic_core._pydantic_core import list_all_errors

from halles.engine.read import HINTS
from halles.engine.schema import COMPLAINTS
from halles.model import PortSpec
from halles.sdk import Service, sound
from halles.sdk.card import card_of
from halles.stores.faults import POSTGRES, SQLITE
from halles.stores.shelf import Pipelines, Services
from halles_services.shared.affinities import FEELINGS
from halles_services.shared.colours import _HUES as HUES

SOURCE = Path(__file__).parents[2] / "src"
HOLE = re.compile(r"\{(\w+)(?::[^{}]*)?\}")


def forms(folder: Path) -> dict[str, str]:
    """The sentences that are put together in a folder, each with where: `say("…")`, and constants where one is said."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found.update((text, f"{path}:{node.lineno}") for text in _said(node))  # type: ignore[attr-defined]
    return {text: where for text, where in found.items() if has_words(text)}


SILENT = (
    "cli", "conform", "serving", "weights", "stores/database.py", "stores/exchange_keys.py", "stores/migrations",
    "stores/places.py", "stores/s3.py", "stores/seaweed.py", "api/settings.py", "api/server.py", "api/protection.py",
    "api/core_engine", "registry/evaluation.py", "registry/gate.py", "registry/places.py",
)  # fmt: skip
"""What speaks to a command line, to a log or by a contract in English; the gate's findings are said by their numbers."""

FRAMEWORK = (
    "missing", "extra_forbidden", "greater_than", "greater_than_equal", "less_than", "less_than_equal", "string_type",
    "int_type", "int_parsing", "float_type", "float_parsing", "finite_number", "bool_type", "bool_parsing", "list_type",
    "dict_type", "model_type", "model_attributes_type", "enum", "string_too_short", "string_too_long",
    "string_pattern_mismatch", "json_invalid",
)  # fmt: skip
"""What pydantic may have against a request."""


def server() -> dict[str, str]:
    """What the server says on pages, each with where."""
    product = SOURCE / "halles"
    silent = tuple(str(product / each) for each in SILENT)
    found = {text: where for text, where in forms(product).items() if not where.startswith(silent)}
    known = {each["type"]: each["message_template_python"] for each in list_all_errors()}
    parts = [
        sound.GIVE, *COMPLAINTS.values(), *HINTS.values(), *(known[each] for each in FRAMEWORK),
        *(fault.advice for fault in (*SQLITE, *POSTGRES)), "body", "query", "path", "header", "input", "output",
    ]  # fmt: skip
    return {**found, **dict.fromkeys(parts, "")}


def has_words(form: str) -> bool:
    """Whether there is anything in a form that could be translated."""
    return any(letter.isalpha() for letter in HOLE.sub("", form))


def holes(form: str) -> set[str]:
    """The names of the holes."""
    return set(HOLE.findall(form))


def _said(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id="say"), args=[ast.Constant(value=str(text)), *_]):
            yield text
        case ast.Call(func=ast.Name(id="Problem"), keywords=keywords):
            yield from (k.value.value for k in keywords if k.arg == "message" and isinstance(k.value, ast.Constant))
        case ast.Call(func=ast.Name(id="InputRefused"), args=[ast.Constant(value=str(text)), *_]):
            yield text
        case ast.Call(func=ast.Attribute(attr="progress"), args=[_, ast.Constant(value=str(text))]):
            yield text
        case ast.Assign(targets=[ast.Name(id="message")], value=ast.Constant(value=str(text))):
            yield text


def catalogue() -> set[str]:
    """What the market shows of our services and pipelines: names, descriptions, tags, ports, parameters, quality."""
    services = [each for each in Services().all()[0] if each.target.__module__.startswith("halles_services.")]
    found = {text for service in services for text in _of_service(service)}
    for pipeline in Pipelines().all().values():
        found |= {pipeline.name, pipeline.description.strip(), *pipeline.tags}
        found |= {shown(name) for name in (*pipeline.inputs, *pipeline.outputs)}
        found |= {given.description for given in pipeline.inputs.values()}
    return found - {""}


def vocabulary() -> set[str]:
    """Words that sentences are put together of."""
    return (
        {look.adjective for look in FEELINGS.values()}
        | {name for _, name in HUES}
        | {"scene", "medium", "kind of light"}
    )


def shown(name: str) -> str:
    """The name of a port as forms show it."""
    return name.replace("_", " ")


def _of_service(service: Service) -> Iterator[str]:
    spec = service.spec
    yield from (spec.name, spec.summary, spec.description, *spec.tags)
    for port in (*spec.inputs, *spec.outputs):
        yield from _of_port(port)
    yield from _described(spec.params)
    yield from map(shown, spec.params["properties"])
    card = card_of(service.target)
    for measure in card.quality if card else ():
        yield from (measure.what, measure.data)


def _of_port(port: PortSpec) -> Iterator[str]:
    yield from (shown(port.name), port.description)
    yield from _described(port.json_schema)
    yield from map(shown, _fields(port.json_schema))


def _fields(schema: Any) -> Iterator[str]:
    """The names of all members that a schema has, at any depth."""
    if isinstance(schema, list):
        for each in schema:
            yield from _fields(each)
    elif isinstance(schema, dict):
        named = schema.get("properties", {})
        yield from named
        for each in (*named.values(), *schema.get("$defs", {}).values(), schema.get("items"), schema.get("anyOf")):
            yield from _fields(each)


def _described(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from _described(each)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            if key == "description" and isinstance(value, str):
                yield value
            else:
                yield from _described(value)
