"""Commands that run something."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NoReturn

from halles.cli.display import display
from halles.cli.guard import CANCELLED, FAILED, REFUSED
from halles.engine import CALL, single
from halles.main import Market
from halles.model import Event, Pipeline, Problem, Problems, Run, RunStarted, Status
from halles.runners import export, intake
from halles.sdk.values import sweep

BAD_INPUT = {"input-refused"}


def run(name: str, inputs: list[str], settings: list[str], seed: int, out: Path, *, as_json: bool) -> None:
    """Run a pipeline, write the outputs, and end with the exit code of what became of it."""
    market = Market()
    pipeline = market.pipeline(name)
    finished = _start(market, pipeline, inputs, overrides(settings, types(market, pipeline)), seed=seed, out=out)
    _end(market, finished, out, lambda record: record if as_json else None)


def call(slug: str, inputs: list[str], settings: list[str], seed: int, out: Path | None, *, as_json: bool) -> None:
    """Call one service."""
    market = Market()
    pipeline = single(market.services.load(slug).spec)
    params = _params_of_call(settings, types(market, pipeline))
    finished = _start(market, pipeline, inputs, params, seed=seed, out=out)
    _end(market, finished, out, lambda record: _values(record["outputs"]) if as_json or out is None else None)


def resume(name: str, out: Path | None, *, as_json: bool) -> None:
    """Go on with a run."""
    market = Market()
    known = market.runner.load(name)
    if out is not None:
        export.prepare(out, known.plan.pipeline.outputs)
    finished = watch(lambda cancelled: market.runner.resume(known.id, cancelled=cancelled))
    _end(market, finished, out, lambda record: record if as_json else None)


def cancel(name: str) -> None:
    """Ask the executing process to stop a run."""
    market = Market()
    run = market.runner.load(name)
    if run.status.done or (run.status is Status.running and not market.runner.executing(run.id)):
        state = run.status.value if run.status.done else "cut off"
        message = f"Run `{run.id}` is not being executed: it is {state}."
        raise Problems([Problem(code="not-running", message=message)])
    market.runner.cancel(run.id)
    print(f"Run {run.id} is being cancelled. `halles runs resume {run.id}` goes on with it.")


def overrides(texts: list[str], services: Callable[[str], str]) -> dict[str, dict[str, Any]]:
    """Parameters by step from texts such as `paint.count=5`. Raises `Problems`."""
    found: dict[str, dict[str, Any]] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        step, dot, param = path.partition(".")
        if not (equals and dot and step and param):
            message = f"`--set {text}` is not understood. It looks like `--set STEP.PARAM=VALUE`."
            raise Problems([Problem(code="bad-setting", message=message)])
        found.setdefault(step, {})[param] = _literal(value, services(f"{step}.{param}"))
    return found


def _params_of_call(texts: list[str], types: Callable[[str], str]) -> dict[str, dict[str, Any]]:
    """The same for one service, where `--set count=5` is enough. Raises `Problems`."""
    for text in texts:
        if not text.partition("=")[0] or "=" not in text:
            message = f"`--set {text}` is not understood. It looks like `--set PARAM=VALUE`."
            raise Problems([Problem(code="bad-setting", message=message)])
    return overrides([text if text.startswith(f"{CALL}.") else f"{CALL}.{text}" for text in texts], types)


def _start(
    market: Market,
    pipeline: Pipeline,
    inputs: list[str],
    params: dict[str, dict[str, Any]],
    *,
    seed: int,
    out: Path | None,
) -> Run:
    """Check everything before anything runs, then run it."""
    problems: list[Problem] = []
    plan = values = None
    try:
        plan = market.plan(pipeline, seed=seed, overrides=params)
    except Problems as found:
        problems += found.problems
    try:
        values = intake.admit([_pair(text) for text in inputs], pipeline.inputs, market.objects)
    except Problems as found:
        problems += found.problems
    if plan is None or values is None:
        raise Problems(problems)
    if out is not None:
        export.prepare(out, pipeline.outputs)
    return watch(lambda cancelled: market.runner.start(plan, values, cancelled=cancelled))


def watch(start: Callable[[asyncio.Event], AsyncIterator[Event]]) -> Run:
    """Show the events as they come; Ctrl-C cancels once, and a second time ends at once."""

    async def follow() -> Run:
        cancelled = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _interrupt, cancelled)
        run: Run | None = None
        with display() as show:
            async for event in start(cancelled):
                if isinstance(event, RunStarted):
                    run = Run(event)
                elif run is not None:
                    run.apply(event)
                if run is not None:
                    show(run, event)
        assert run is not None, "a run begins with RunStarted"  # noqa: S101
        return run

    return asyncio.run(follow())


def _interrupt(cancelled: asyncio.Event) -> None:
    if cancelled.is_set():
        os._exit(CANCELLED)
    cancelled.set()


def _end(market: Market, run: Run, out: Path | None, to_print: Callable[[dict[str, Any]], Any]) -> None:
    if out is not None:
        record = export.write(run, out, market.objects, market.results)
    else:
        record = export.record(run, market.objects, market.results)
    shown = to_print(record)
    if shown is not None and (shown or run.status is Status.finished):
        print(json.dumps(shown, indent=2, ensure_ascii=False))
    elif run.status is Status.finished and out is not None:
        for name in export.file_names(run.outputs):
            print(out / name)
    for problem in run.problems:
        print(f"✗ {problem}", file=sys.stderr)
    match run.status:
        case Status.cancelled:
            print(f"Cancelled. `halles runs resume {run.id}` goes on with it.", file=sys.stderr)
            leave(CANCELLED)
        case Status.failed:
            refused = all(problem.code in BAD_INPUT for problem in run.problems)
            if not refused:
                print(f"`halles runs resume {run.id}` tries again what failed.", file=sys.stderr)
            leave(REFUSED if refused else FAILED)
        case _:
            pass


def leave(code: int) -> NoReturn:
    """End now: a model may still compute in a thread, and its result is not wanted."""
    sweep()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _values(outputs: dict[str, Any]) -> dict[str, Any]:
    """Outputs as a caller wants them: JSON and text themselves, anything else described."""

    def one(output: dict[str, Any]) -> Any:
        return output.get("value", output)

    return {name: [one(o) for o in each] if isinstance(each, list) else one(each) for name, each in outputs.items()}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        message = f"`--input {text}` is not understood. It looks like `--input NAME=VALUE` or `--input NAME=@FILE`."
        raise Problems([Problem(code="bad-input", message=message)])
    return name, value


def types(market: Market, pipeline: Pipeline) -> Callable[[str], str]:
    """Which JSON type a parameter `step.param` has, as far as its service says."""
    slugs = {step.id: step.service.partition("@")[0] for step in pipeline.steps}

    def find(path: str) -> str:
        step, _, param = path.partition(".")
        spec = market.services.find(slugs[step]) if step in slugs else None
        return str(spec.params.get("properties", {}).get(param, {}).get("type", "")) if spec else ""

    return find


def _literal(text: str, kind: str) -> Any:
    """A value as JSON where that can be read, unless the parameter is a string."""
    if kind == "string":
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
