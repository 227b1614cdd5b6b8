"""What the engine adds to each step, beside plain asyncio and Prefect, and how that grows with the graph."""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any, NamedTuple

from bench import rival
from bench.process import CommandFailedError, measure
from bench.report import Table, show
from halles.engine import parse
from halles.main import Market
from halles.model import Pipeline, Plan, RunFinished, Status
from halles.runners import intake
from halles.sdk import service

STEPS = 100
CHAIN, PARALLEL = 1, STEPS  # A graph is a number of chains side by side.


class Time(NamedTuple):
    """Milliseconds a step: by the clock, and of CPU time."""

    wall: float
    cpu: float


@service("bench-nothing", version="1", licence="Apache-2.0")
def nothing(text: str, *, number: int = 0) -> str:
    """Do nothing: give the step's number, so that every step stores an artifact of its own."""
    return str(number)


def run(*, quick: bool) -> Table:
    table = Table(f"Engine: what a step costs besides its work (ms, medians of runs of {STEPS} steps)")
    repeats = 3 if quick else 9
    once(STEPS, PARALLEL)  # The first run pays for imports and threads.
    for name, width in (("chain", CHAIN), ("parallel", PARALLEL)):
        fresh, cached, plans = zip(*(once(STEPS, width) for _ in range(repeats)), strict=True)
        add(table, f"Halles, {name}", fresh, 1.5)
        add(table, f"Halles, {name}, cached, after a restart", cached, 5)
        add(table, f"Halles, {name}: check and plan", plans)
        add(table, f"plain asyncio and threads, {name}", [plain(STEPS, width) for _ in range(repeats)])
    try:
        for what, wall, cpu in rival.times(STEPS, quick=quick):
            table.add(f"Prefect {rival.VERSION}, {what}", wall, "ms", note=f"{cpu:.3g} ms CPU in the flow's process")
    except (CommandFailedError, CalledProcessError) as error:
        print(f"Prefect was not measured: {error}", file=sys.stderr)
    grow(table, *((200, 2000) if quick else (1000, 10_000)))
    return table


def add(table: Table, what: str, times: Any, target: float | None = None) -> None:
    cpu = statistics.median(time.cpu for time in times)
    table.add(what, statistics.median(time.wall for time in times), "ms", target, f"{cpu:.3g} ms CPU")


def graph(steps: int, width: int) -> Pipeline:
    """`width` chains of equal length that begin at the same input."""
    origins = ["inputs.text" if n < width else f"s{n - width}.output" for n in range(steps)]
    return parse(
        {
            "id": "bench",
            "inputs": {"text": {"media": "text/plain"}},
            "steps": [
                {"id": f"s{n}", "service": "bench-nothing", "params": {"number": n}, "inputs": {"text": origin}}
                for n, origin in enumerate(origins)
            ],
            "outputs": {"last": f"s{steps - 1}.output"},
        }
    )


def once(steps: int, width: int) -> tuple[Time, Time, Time]:
    """A first run with nothing cached, then one by a market opened anew on the same folder; and the planning."""
    pipeline = graph(steps, width)
    with tempfile.TemporaryDirectory(prefix="halles-bench-") as folder:
        market = Market(Path(folder), services=[nothing])
        plan, planning = clocked(steps, lambda: market.plan(pipeline))
        _, fresh = clocked(steps, lambda: execute(market, plan))
        again = Market(Path(folder), services=[nothing])
        _, cached = clocked(steps, lambda: execute(again, plan))
    return fresh, cached, planning


def execute(market: Market, plan: Plan) -> None:
    """Run a plan to its end, every event written to disk."""
    values = intake.admit([("text", "x")], plan.pipeline.inputs, market.objects)

    async def follow() -> None:
        async for event in market.runner.start(plan, values):
            if isinstance(event, RunFinished):
                assert event.status is Status.finished, event.problems

    asyncio.run(follow())


def plain(steps: int, width: int) -> Time:
    """The least that anybody could do: the same calls in threads, nothing kept, nothing logged."""

    async def chain(pool: ThreadPoolExecutor, start: int) -> None:
        for _ in range(start, steps, width):
            await asyncio.get_running_loop().run_in_executor(pool, nothing.target, "x")

    async def chains() -> None:
        with ThreadPoolExecutor(2) as pool:
            await asyncio.gather(*(chain(pool, start) for start in range(width)))

    return clocked(steps, lambda: asyncio.run(chains()))[1]


def clocked(steps: int, work: Callable[[], Any]) -> tuple[Any, Time]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, Time((time.perf_counter() - wall) * 1000 / steps, (time.process_time() - cpu) * 1000 / steps)


def grow(table: Table, small: int, large: int) -> None:
    """Two graphs of ten chains, each in a process of its own; memory in another one, since tracing is slow."""
    sizes = {n: graph_cost(n) for n in (small, large)}
    for steps, cost in sizes.items():
        table.add(f"Halles, {steps:,} steps", cost["wall"], "ms", note=f"{cost['cpu']:.3g} ms CPU a step")
        note = f"{cost['rss']:.0f} MB resident more than before"
        table.add(f"Halles, {steps:,} steps: peak of Python memory", cost["memory"], "kB a step", note=note)
    first, last = sizes.values()
    table.add(f"CPU a step, {large:,} against {small:,} steps", last["cpu"] / first["cpu"], "×", 1.2)
    table.add(f"memory a step, {large:,} against {small:,} steps", last["memory"] / first["memory"], "×", 1.2)


def graph_cost(steps: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.engine", "--steps", str(steps)]
    timed = json.loads(measure(command).output)
    return {**timed, **json.loads(measure([*command, "--trace"]).output)}


def child(steps: int, *, trace: bool) -> dict[str, float]:
    """Run one graph in this process; with `trace` its peak of Python memory, else times and resident memory."""
    import resource

    once(10, 10)  # Imports and the first threads are no cost of a graph.
    pipeline = graph(steps, 10)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if trace:
        tracemalloc.start()
    with tempfile.TemporaryDirectory(prefix="halles-bench-") as folder:
        market = Market(Path(folder), services=[nothing])
        plan = market.plan(pipeline)
        _, cost = clocked(steps, lambda: execute(market, plan))
    if trace:
        return {"memory": tracemalloc.get_traced_memory()[1] / 1000 / steps}
    rss = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000
    return {"wall": cost.wall, "cpu": cost.cpu, "rss": rss}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--steps", type=int, help="one graph only, printed as JSON")
    parser.add_argument("--trace", action="store_true")
    arguments = parser.parse_args()
    if arguments.steps:
        print(json.dumps(child(arguments.steps, trace=arguments.trace)))
    else:
        show(run(quick=arguments.quick))
