"""Step conditions in the Common Expression Language: no side effects, no loops without end, no Python."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from halles.engine.contracts import Reader
from halles.engine.cost import cost
from halles.model import Artifact, Value, say

MAX_LENGTH = 1000
MAX_BYTES = 1_000_000
"""Larger values are shown to conditions by their size and type only."""
MAX_LISTED, MAX_CROSSED = 200_000, 1_024
"""The same for conditions that do something for each element of a list, and for those that read other values there."""


class ConditionError(Exception):
    """A condition that cannot be read, or cannot be evaluated on the values that there are."""


@lru_cache(maxsize=1024)
def _compiled(source: str) -> Any:
    import cel

    if len(source) > MAX_LENGTH:
        raise ConditionError(
            say(
                "The condition has {count} characters; at most {most} are taken.",
                count=len(source),
                most=MAX_LENGTH,
            )
        )
    if too_much := cost(source).excess:
        raise ConditionError(
            say("The condition `{source}` could cost too much: {too_much}.", source=source, too_much=too_much)
        )
    try:
        return cel.compile(source)
    except ValueError as error:
        raise ConditionError(
            say(
                "`{source}` is not a condition: {error}. One looks like `recognise.text != ''`.",
                source=source,
                error=error,
            )
        ) from error


def references(source: str) -> dict[str, set[str]]:
    """The names that a condition reads, each with the ports read of it: `a.b != ''` → `{"a": {"b"}}`."""
    plain = re.sub(r"""(['"]).*?(?<!\\)\1""", "''", source)
    bound = set(re.findall(r"\.(?:map|filter|all|exists|exists_one)\(\s*(\w+)\s*,", plain))
    names = set(_compiled(source).variables()) - bound
    return {name: set(re.findall(rf"(?<![\w.]){re.escape(name)}\.(\w+)", plain)) for name in names}


def rename(source: str, names: Mapping[str, str]) -> str:
    """The same condition of steps that are called otherwise. What stands in quotes stays."""

    def other(match: re.Match[str]) -> str:
        return names.get(match[0], match[0])

    return re.sub(r"""'[^']*'|"[^"]*"|(?<![\w.])[a-z]\w*(?=\.)""", other, source)


def evaluate(source: str, values: Mapping[str, Mapping[str, Value]], reader: Reader) -> bool:
    """Whether the condition holds for values by step and port. Only what it reads is fetched."""
    used = references(source)
    _, repeats, crosses = cost(source)
    limit = MAX_CROSSED if crosses else MAX_LISTED if repeats else MAX_BYTES
    context = {
        step: {port: _plain(value, reader, limit) for port, value in values.get(step, {}).items() if port in ports}
        for step, ports in used.items()
    }
    try:
        outcome = _compiled(source).execute(context)
    except (ValueError, TypeError, KeyError, RuntimeError) as error:
        raise ConditionError(
            say("The condition `{source}` cannot be evaluated: {error}.", source=source, error=error)
        ) from error
    if not isinstance(outcome, bool):
        raise ConditionError(
            say("The condition `{source}` gives {outcome}; it must be true or false.", source=source, outcome=outcome)
        )
    return outcome


def _plain(value: Value, reader: Reader, limit: int) -> Any:
    if isinstance(value, tuple):
        return [_content(item, reader, limit // len(value)) for item in value]
    return _content(value, reader, limit)


def _content(artifact: Artifact, reader: Reader, limit: int) -> Any:
    media = artifact.media_type.partition(";")[0]
    if artifact.size <= limit and media == "application/json":
        return json.loads(reader.read(artifact))
    if artifact.size <= limit and media == "text/plain":
        return reader.read(artifact).decode(errors="replace")
    return {"size": artifact.size, "media_type": artifact.media_type}
