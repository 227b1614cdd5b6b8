"""Calls of pipelines: from what is given to a run, and from the run to what it gave."""

import asyncio
import json
from contextlib import ExitStack, suppress
from typing import Any

import jsonschema_rs
from pydantic import BaseModel, JsonValue
from starlette.concurrency import run_in_threadpool

from halles.api import ordering, references, uploads
from halles.api.endpoint import describe
from halles.api.multipart import Part
from halles.api.ordering import Asked
from halles.api.views import FileView
from halles.main import Market
from halles.model import (
    Artifact,
    CallFailed,
    Order,
    PipelineVersion,
    Principal,
    Problem,
    Problems,
    Run,
    Status,
    Value,
    say,
)
from halles.runners.export import named
from halles.runners.feed import Feed

INLINE_BYTES = 100_000
"""Texts and JSON up to this size stand in the answer."""


class Output(FileView):
    """What a pipeline gave. Texts and JSON are there at once, if they are not large."""

    value: JsonValue = None


class Called(BaseModel):
    """A run that was called and, as soon as it is finished, what it gave."""

    run: str
    status: Status
    outputs: dict[str, Output | list[Output]] = {}


async def begin(
    market: Market, who: Principal, version: PipelineVersion, pairs: list[tuple[str, Any]], **how: int
) -> Order:
    """Put a run of a version in the queue. `pairs` are inputs, and parameters named `step.parameter`.

    `how` may be `seed` and `priority`. Raises `Problems`, those of inputs and parameters all at once.
    """
    pipeline = version.pipeline
    overrides = _overrides(version, [(name, value) for name, value in pairs if "." in name])
    asked = Asked(pipeline=pipeline.id, overrides=overrides, **how)
    await run_in_threadpool(ordering.admit, market, who, pipeline, asked)
    inputs = [(name, value) for name, value in pairs if "." not in name]

    def accept(given: list[tuple[str, Any]]) -> Order:
        plan, problems = ordering.plan_of(market, pipeline, asked)
        values: dict[str, Value] = {}
        try:
            values = uploads.take_inputs(given, pipeline.inputs, market, who)
        except Problems as found:
            problems += found.problems
        if plan is None or problems:
            raise Problems(problems)
        title = uploads.title(given, market, who)
        return market.accept(plan, values, owner=who.id, priority=asked.priority, title=title)

    with ExitStack() as stack:
        return await run_in_threadpool(accept, await references.fetched(inputs, pipeline.inputs, market, stack))


def _overrides(version: PipelineVersion, settings: list[tuple[str, Any]]) -> dict[str, dict[str, Any]]:
    """Parameters by step. The text of a form is read as what the parameter takes."""
    schemas = {param.name: param.schema_ for param in describe(version).params}
    found: dict[str, dict[str, Any]] = {}
    for name, value in settings:
        step, _, param = name.partition(".")
        found.setdefault(step, {})[param] = _typed(value, schemas.get(name, {})) if isinstance(value, Part) else value
    return found


def _typed(part: Part, schema: dict[str, Any]) -> Any:
    """A text, or the JSON that it is when the schema takes that."""
    if not isinstance(part.content, str):
        message = say("`{name}` is a parameter, not a file.", name=part.name)
        raise Problems([Problem(code="not-a-file", port=part.name, message=message)])
    try:
        value = json.loads(part.content)
    except (ValueError, RecursionError):
        return part.content
    validator = jsonschema_rs.validator_for(schema, offline=True)
    text = not validator.is_valid(value) and (validator.is_valid(part.content) or schema.get("type") == "string")
    return part.content if text else value  # Of what fits in no way, the one of which the complaint says more.


async def ended(market: Market, feed: Feed, run: str, seconds: float) -> Run | None:
    """The run when it has ended within a time, else None."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for line in feed.watch(run):
                if line is not None and line.last:
                    break
    found = await run_in_threadpool(market.ledger.load, run)
    return found if found is not None and found.status.done else None


def given(market: Market, run: Run) -> Called:
    """What a finished run gave."""
    outputs: dict[str, Output | list[Output]] = {}
    for name, value in run.outputs.items():
        found = [_output(market, artifact, file) for file, artifact in named(name, value)]
        outputs[name] = found if isinstance(value, tuple) else found[0]
    return Called(run=run.id, status=run.status, outputs=outputs)


def _output(market: Market, artifact: Artifact, file: str) -> Output:
    value = None
    if artifact.size <= INLINE_BYTES:
        with suppress(CallFailed):  # It was pruned; whoever follows the address is told.
            value = plain(market, artifact)
    return Output(**FileView.of(artifact, file).model_dump(), value=value)


def plain(market: Market, artifact: Artifact) -> Any:
    """The value of a text or of JSON, None of anything else. Raises `CallFailed` when it is gone."""
    if artifact.media_type.startswith("application/json"):
        return json.loads(market.objects.read(artifact))
    if artifact.media_type.startswith("text/"):
        return market.objects.read(artifact).decode(errors="replace")
    return None


def failure(run: Run) -> list[Problem]:
    """Why a run that ended did not finish."""
    message = say("The run `{id}` was cancelled.", id=run.id)
    return list(run.problems) or [Problem(code="cancelled", message=message)]
