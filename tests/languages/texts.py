"""What the product says: found in its code, its services and its pipelines."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic_core import PydanticKnownError

from halles.engine.read import HINTS
from halles.engine.schema import COMPLAINTS
from halles.model import PortSpec
from halles.runners.content import FAULTS
from halles.sdk import Service, sound
from halles.sdk.card import card_of
from halles.stores.faults import POSTGRES, SQLITE
from halles.stores.shelf import Pipelines, Services
from halles.stores.versions import NOTES
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
    "stores/places.py", "stores/seaweed.py", "api/settings.py", "api/server.py", "api/protection.py",
    "api/core_engine", "registry/places.py",
)  # fmt: skip
"""What speaks to a command line, to a log or by a contract in English."""

NOT_OURS = (
    "api/agents.py", "api/operation.py",  # for programs: of agents, and those that watch the server
    "api/page.py", "api/snippets.py", "api/download.py", "csia/conditions.py",  # documents of the API, code, headers
    "csia/exporting.py", "csia/messages.py", "csia/translate.py", "stores/directory.py",  # the contract's own words
    "model/problem.py",  # what a command line says beside a sentence
    "net/addresses.py", "sdk/settings.py",  # settings that a server does not start with
    "runners/replay.py",  # what differs, of which pages say only that it does
    "sdk/card.py", "sdk/context.py", "sdk/languages.py", "sdk/ports.py", "sdk/service.py", "sdk/sound.py",  # for authors
)  # fmt: skip
"""What is no sentence of a page, or is for those who write services: it stays English."""

NOT_SAID = (
    "shared/checkpoint.py", "shared/e5.py", "shared/meaning.py",  # files of ours that are not whole
    "shared/wording.py", "art_generator/outline.py", "art_generator/upscale.py",  # what models are told, what cannot be
)  # fmt: skip
"""What services say to nobody."""

FRAMEWORK: dict[Any, dict[str, Any] | None] = {
    "missing": None, "extra_forbidden": None, "greater_than": {"gt": 1}, "greater_than_equal": {"ge": 1},
    "less_than": {"lt": 1}, "less_than_equal": {"le": 1}, "string_type": None, "int_type": None, "int_parsing": None,
    "int_from_float": None, "float_type": None, "float_parsing": None, "finite_number": None, "bool_type": None,
    "bool_parsing": None, "list_type": None, "tuple_type": None, "dict_type": None,
    "model_type": {"class_name": "X"}, "model_attributes_type": None, "enum": {"expected": "x"},
    "literal_error": {"expected": "x"}, "string_too_short": {"min_length": 1}, "string_too_long": {"max_length": 1},
    "too_short": {"field_type": "List", "min_length": 1, "actual_length": 0},
    "too_long": {"field_type": "List", "max_length": 1, "actual_length": 2},
    "string_pattern_mismatch": {"pattern": "x"}, "json_invalid": {"error": "x"},
}  # fmt: skip
"""What pydantic may have against a request, each with what it says of it."""


def server() -> dict[str, str]:
    """What the server says on pages, each with where."""
    product = SOURCE / "halles"
    silent = tuple(str(product / each) for each in SILENT)
    found = {text: where for text, where in forms(product).items() if not where.startswith(silent)}
    framework = (PydanticKnownError(kind, context).message_template for kind, context in FRAMEWORK.items())
    parts = [
        sound.GIVE, *NOTES, *FAULTS, *COMPLAINTS.values(), *HINTS.values(), *framework,
        *(fault.advice for fault in (*SQLITE, *POSTGRES)), "body", "query", "path", "header", "input", "output",
    ]  # fmt: skip
    return {**found, **dict.fromkeys(parts, "")}


WORDS = re.compile(r"[A-Za-z]{2,},? (\W*\{\}\W* )?[A-Za-z]{2,}")
"""What makes a text a sentence, or a part of one."""
RAISERS = re.compile(r"_?(refus|broken|unread|failure|bad|conflict|fault)\w*")


def by_hand(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts with words that would be shown, though they are neither sentences by `say` nor constants of a problem."""
    known = {text for node in ast.walk(tree) for text in _said(node)}
    elsewhere = {id(each) for node in ast.walk(tree) if _is_elsewhere(node) for each in ast.walk(node)}
    for node in ast.walk(tree):
        for text in _shown(node):
            if id(text) not in elsewhere and WORDS.search(_plain(text)) and _plain(text) not in known:
                yield text.lineno, _plain(text)


def _is_elsewhere(node: ast.AST) -> bool:
    """Whether a text goes into a log, into a description, which the catalogue has, or into credits."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="_log")) | ast.Name(id="Outputs")):
            return True
        case ast.keyword(arg="description"):
            return True
    return False


def _shown(node: ast.AST) -> Iterator[ast.expr]:
    """The texts that a piece of code gives to others."""
    match node:
        case ast.JoinedStr():
            yield node
        case ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError"))):
            return
        case ast.Return(value=ast.expr() as value) | ast.Assign(targets=[ast.Name(id="message")], value=value):
            yield from _constants(value)
        case ast.Raise(exc=ast.Call(args=given)):
            for each in given:
                yield from _constants(each)
        case ast.Call(func=ast.Name(id="say"), keywords=keywords):
            for keyword in keywords:
                yield from _constants(keyword.value)
        case ast.Call(func=ast.Name(id=name), args=given) if RAISERS.match(name):
            for each in given:
                yield from _constants(each)


def _constants(value: ast.expr) -> Iterator[ast.expr]:
    match value:
        case ast.Constant(value=str()):
            yield value
        case ast.BoolOp(values=either):
            for each in either:
                yield from _constants(each)
        case ast.IfExp(body=one, orelse=other):
            yield from _constants(one)
            yield from _constants(other)


def _plain(text: ast.AST) -> str:
    """A text, with `{}` for what is filled in."""
    if isinstance(text, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in text.values)
    return str(text.value) if isinstance(text, ast.Constant) else ""


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
