"""JSON schemas of others: what is wrong with them, and the same without references.

Whoever makes a pipeline writes the schemas of its inputs. A few lines of references unfold to more than any validator
can walk through, and some refer to addresses; so they are bounded, and nothing is fetched.
"""

import json
from typing import Any

import jsonschema_rs

from halles.model import say

BY_REFERENCE = frozenset({"$ref", "$defs", "definitions", "$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor"})
MAX_NODES, MAX_DEPTH = 5_000, 60


COMPLAINTS = {
    "minimum": "{value} is less than the minimum of {limit}",
    "maximum": "{value} is greater than the maximum of {limit}",
    "enum": "{value} is not one of {options:or}",
    "type": "{value} is not of type {types:, }",
    "minLength": "{value} is shorter than {limit} characters",
    "maxLength": "{value} is longer than {limit} characters",
    "minItems": "{value} has less than {limit} items",
    "maxItems": "{value} has more than {limit} items",
    "pattern": "{value} does not match {pattern}",
    "required": "{property} is a required property",
    "exclusiveMinimum": "{value} is not more than {limit}",
    "exclusiveMaximum": "{value} is not less than {limit}",
    "multipleOf": "{value} is not a multiple of {multiple_of}",
    "uniqueItems": "{value} has an item twice",
    "additionalProperties": "there is no property {unexpected:or}",
}
"""What a value may do wrong, by the keyword of the schema."""
LONG = 200
"""Characters of a value that a complaint shows."""


def complaint(error: jsonschema_rs.ValidationError) -> str:
    """What a schema has against a value; of several ways to fit, what the likeliest one has."""
    if error.kind.name in ("anyOf", "oneOf"):
        near = [each for way in error.kind.as_dict().get("context", ()) for each in way]
        error = next((each for each in near if each.kind.name != "type"), near[0] if near else error)
    if (form := COMPLAINTS.get(error.kind.name)) is None:
        return shortened(error.message)
    told = {name: _shown(value) for name, value in error.kind.as_dict().items()}
    return say(form, value=shortened(_json(error.instance)), **told)


def _shown(value: Any) -> Any:
    return [_json(each) for each in value] if isinstance(value, list) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def shortened(text: str) -> str:
    """A text as far as a sentence can hold it."""
    return text if len(text) <= LONG else f"{text[: LONG // 2]} … {text[-LONG // 2 :]}"


def schema_fault(schema: dict[str, Any]) -> str | None:
    """Why something is no JSON schema that values can be held against; None when it is one."""
    try:
        jsonschema_rs.validator_for(schema, offline=True)
    except ValueError as error:
        return str(error).partition("\n")[0][:200].rstrip(".")
    unfolding = _Unfolding(schema)
    unfolding.resolved(schema, (), 0)
    return unfolding.fault


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without references, so that it can stand inside another document.

    Where it refers to itself, to nothing, or unfolds to very much, it takes anything; so does what is no schema.
    """
    try:
        jsonschema_rs.validator_for(schema, offline=True)
    except ValueError:
        return {}
    found: dict[str, Any] = _Unfolding(schema).resolved(schema, (), 0)
    return found


class _Unfolding:
    """Puts what references lead to in their place, as far as there is room. `fault` is why it could not."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._whole = schema
        self._room = MAX_NODES
        self.fault: str | None = None

    def resolved(self, node: Any, inside: tuple[str, ...], depth: int) -> Any:
        """A part of the schema; `inside` are the references that led to it."""
        self._room -= 1
        if self._room < 0 or depth > MAX_DEPTH:
            self.fault = say(
                "it unfolds to more than {parts:,} parts, or is nested more than {depth} deep",
                parts=MAX_NODES,
                depth=MAX_DEPTH,
            )
            return {}
        if isinstance(node, list):
            return [self.resolved(each, inside, depth + 1) for each in node]
        if not isinstance(node, dict):
            return node
        plain = {key: self.resolved(each, inside, depth + 1) for key, each in node.items() if key not in BY_REFERENCE}
        pointer = node.get("$ref")
        if not isinstance(pointer, str):
            return plain
        if pointer in inside:
            self.fault = self.fault or say(
                "`{pointer}` refers to itself, so values of any depth would have to be followed", pointer=pointer
            )
            return plain
        return {**self.resolved(_at(self._whole, pointer), (*inside, pointer), depth + 1), **plain}


def _at(schema: Any, pointer: str) -> Any:
    """What a reference within a schema leads to; nothing, for one that leads elsewhere."""
    if pointer != "#" and not pointer.startswith("#/"):
        return {}
    for part in pointer[2:].split("/") if len(pointer) > 1 else ():
        schema = schema.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(schema, dict) else None
    return schema if isinstance(schema, dict) else {}
