"""Run a pipeline to its end in a test."""

import asyncio
from typing import Any

from halles.engine import parse
from halles.main import Market
from halles.model import Pipeline, Run, RunStarted, Value, artifacts
from halles.runners import intake


def pipeline(steps: list[dict[str, Any]], inputs: dict[str, Any] | None = None, **outputs: str) -> Pipeline:
    """A pipeline with one text input unless others are given."""
    wanted = {"text": {"media": "text/plain"}} if inputs is None else inputs
    return parse({"id": "test", "inputs": wanted, "steps": steps, "outputs": outputs})


def run(market: Market, what: Pipeline, *, seed: int = 0, **inputs: Any) -> Run:
    """The finished run."""
    pairs = [(name, each) for name, value in inputs.items() for each in (value if isinstance(value, list) else [value])]
    values = intake.admit(pairs, what.inputs, market.objects)
    return follow(market.runner.start(market.plan(what, seed=seed), values))


def follow(events: Any) -> Run:
    """Take all events and give the run that they add up to."""

    async def collect() -> Run:
        result: Run | None = None
        async for event in events:
            if isinstance(event, RunStarted):
                result = Run(event)
            elif result:
                result.apply(event)
        assert result is not None
        return result

    return asyncio.run(collect())


def text(market: Market, value: Value) -> str:
    """What a text output says; several are joined by a stroke."""
    return "|".join(market.objects.read(artifact).decode() for artifact in artifacts(value))
