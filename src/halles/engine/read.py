"""From YAML or JSON to a pipeline, or to all the problems that are in the way."""

import json
from collections import Counter
from contextlib import suppress
from typing import Any

import yaml
from pydantic import ValidationError

from halles.model import Pipeline, PipelineInput, Problem, Problems, Step, fault_of, say, suggest

MAX_BYTES = 500_000
"""Characters of a pipeline. Reading YAML takes a second for every 200,000 of them."""


def read(text: str) -> Pipeline:
    """Read a pipeline. Raises `Problems`."""
    return parse(read_data(text), text)


def read_data(text: str) -> Any:
    """Read YAML or JSON as plain data that can be written as JSON again. Raises `Problems`."""
    if len(text) > MAX_BYTES:
        raise _unreadable(say("A pipeline has at most {most} characters.", most=MAX_BYTES), "too-large")
    try:
        content = _load(text)
        json.dumps(content, ensure_ascii=False, allow_nan=False, default=str).encode()
    except UnicodeEncodeError as error:
        raise _unreadable(
            say("There is half of a character in it (a lone surrogate); write the character out.")
        ) from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: what looks like a date or a number and is none.
        raise _unreadable(say("This is not YAML or JSON: {explained}", explained=_explained(error))) from error
    except RecursionError as error:
        raise _unreadable(say("This is nested too deeply for a pipeline.")) from error
    return content


def _load(text: str) -> Any:
    if text.lstrip()[:1] in ("{", "["):
        with suppress(json.JSONDecodeError):  # YAML in braces, then.
            return json.loads(text, object_pairs_hook=_once)
    elif "\t" in text:
        line = text[: text.index("\t")].count("\n") + 1
        raise _unreadable(say("Line {line} has a tab; YAML is indented with spaces.", line=line))
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader, with aliases refused.  # nosec B506


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object. Raises `ValueError` for a name that is given twice."""
    counted = Counter(name for name, _ in pairs)
    if twice := next((name for name, count in counted.items() if count > 1), None):
        raise ValueError(say("`{twice}` is given twice", twice=twice))
    return dict(pairs)


def _unreadable(message: str, code: str = "unreadable") -> Problems:
    return Problems([Problem(code=code, message=message)])


def parse(content: Any, text: str = "") -> Pipeline:
    """Make a pipeline of plain data. Raises `Problems`, with lines when the YAML is given that it was read from."""
    if not isinstance(content, dict):
        raise Problems(
            [Problem(code="unreadable", message="A pipeline is a mapping with `id`, `inputs`, `steps`, `outputs`.")]
        )
    try:
        return Pipeline.model_validate(content)
    except ValidationError as error:
        lines = _Lines(text)
        raise Problems([_problem(item, content, lines) for item in error.errors(include_url=False)]) from error
    except RecursionError as error:
        raise Problems([Problem(code="unreadable", message="This is nested too deeply for a pipeline.")]) from error


class _Loader(yaml.SafeLoader):
    """Refuses aliases, with which a few lines can grow to gigabytes, and keys given twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.YAMLError(say("line {line} has an alias (`*…`); write the value out", line=mark.line + 1))
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(str(key.value) for key, _ in node.value)
        if twice := next((key for key, count in keys.items() if count > 1), None):
            raise yaml.YAMLError(
                say("line {line}: `{twice}` is given twice", line=node.start_mark.line + 1, twice=twice)
            )
        return super().construct_mapping(node, deep)


HINTS = {
    "mapping values are not allowed": (
        "a `:` stands where none can be. Indent the line like its neighbours, and put a text with `: ` in it in quotes"
    ),
    "expected <block end>": "the line is not indented like its neighbours",
    "could not find expected ':'": "a name is not followed by `:`",
    "unexpected end of stream": "a quote is opened and not closed",
    "expected ',' or": "a bracket is not closed, or a comma is missing",
    "cannot start any token": "a text that begins with this sign needs quotes",
}
"""What is meant by what a YAML reader says."""


def _explained(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return " ".join(str(error).split()) + "."
    said = getattr(error, "problem", None) or say("it ends too early")
    hint = next((say(hint) for words, hint in HINTS.items() if words in said), said)
    return say("line {line}, column {column}: {hint}.", line=mark.line + 1, column=mark.column + 1, hint=hint)


class _Lines:
    """The lines of a document that a problem is about. JSON is often one line, and then says nothing."""

    def __init__(self, text: str) -> None:
        self._root = None if text.lstrip()[:1] in ("{", "[", "") else yaml.compose(text, Loader=_Loader)

    def before(self, where: list[Any]) -> str:
        """Where something is, to stand before what is wrong with it: itself, or what it is missing in."""
        node, line = self._root, None
        for part in where:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            if found := next(((key, value) for key, value in pairs if key.value == str(part)), None):
                line, node = found[0].start_mark.line, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line
            else:
                break
        return "" if line is None else say("Line {line}: ", line=line + 1)


def _problem(item: Any, content: dict[str, Any], lines: _Lines) -> Problem:
    where = list(item["loc"])
    line = lines.before(where)
    step = None
    known = list(Pipeline.model_fields)
    if where[:1] == ["steps"] and len(where) > 1:
        steps = content.get("steps")
        entry = steps[where[1]] if isinstance(steps, list) else None
        step = str(entry.get("id", f"steps[{where[1]}]")) if isinstance(entry, dict) else f"steps[{where[1]}]"
        where, known = where[2:], list(Step.model_fields)
    elif where[:1] == ["inputs"] and len(where) > 2:
        known = [field.alias or name for name, field in PipelineInput.model_fields.items()]
    if where[-1:] == ["[key]"]:
        message = say(
            "{line}An {what} cannot be called `{name}`. A name has a-z, 0-9 and `_`; it begins with a letter.",
            line=line,
            what=say(where[0][:-1]),
            name=where[1],
        )
        return Problem(code="bad-name", message=message)
    path = ".".join(str(part) for part in where)
    if item["type"] == "extra_forbidden":
        return Problem(
            code="unknown-field", step=step,
            message=say("{line}There is no field `{path}`. There are {known}.", line=line, path=path, known=known),
            suggestions=suggest(str(where[-1]), known),
        )  # fmt: skip
    fault = fault_of(item)
    message = say("{line}{fault}.", line=line, fault=fault)
    if path:
        message = say("{line}`{path}`: {fault}.", line=line, path=path, fault=fault)
    return Problem(code="invalid-field", step=step, message=message)
