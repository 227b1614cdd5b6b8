"""A song to three covers: time, memory, and how near that is to the critical path of its models."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bench.process import Cost, measure
from bench.report import Table, show
from bench.startup import HALLES

DEMO = Path(__file__).parents[1] / "src/halles_services/demo/song.opus"
PIPELINE = "cover-art"
MINUTES_3 = 180
RATE = 48_000


def run(*, quick: bool, song: Path | None = None) -> Table:
    seconds = MINUTES_3 // 4 if quick else MINUTES_3
    table = Table(f"A song of {seconds} s to covers ({(song or DEMO).name}, weights on disk, nothing cached)")
    with tempfile.TemporaryDirectory(prefix="halles-bench-") as folder:
        file = lasting(song or DEMO, seconds, Path(folder))
        measure([HALLES, "weights", "pull"])
        for extract, limit in ((False, 45), (True, 60)):
            one(table, file, Path(folder) / f"extract-{extract}", extract=extract, limit=None if quick else limit)
    return table


def one(table: Table, file: Path, place: Path, *, extract: bool, limit: float | None) -> None:
    name = "with voice extraction" if extract else "plain"
    cost, record = perform(file, place / "home", place / "out", extract=extract)
    covers = len(record["outputs"]["cover"])
    table.add(f"{name}: wall", cost.wall, "s", limit, f"{cost.cpu:.1f} CPU s; {covers} covers")
    alone = [sys.executable, "-m", "bench.song", "--alone", str(file), "--home", str(place / "alone")]
    path = json.loads(measure([*alone, *(["--extract"] if extract else [])]).output.splitlines()[-1])
    steps = " → ".join(f"{step} {seconds:.1f}" for step, seconds in path)
    critical = sum(seconds for _, seconds in path)
    table.add(f"{name}: critical path, each step alone", critical, "s", note=steps)
    table.add(f"{name}: wall / critical path", cost.wall / critical, "×", 1.10)
    table.add(f"{name}: peak memory of all processes", cost.peak, "MB", 2500)


def perform(file: Path, home: Path, out: Path, *, extract: bool) -> tuple[Cost, dict[str, Any]]:
    """Run the pipeline as a user does; what it took, and its run.json."""
    command = [HALLES, "run", PIPELINE, "--input", f"song=@{file}", "--input", f"extract_voice={str(extract).lower()}"]
    cost = measure([*command, "--out", str(out)], {"HALLES_HOME": str(home)})
    return cost, json.loads((out / "run.json").read_text())


def lasting(song: Path, seconds: int, folder: Path) -> Path:
    """The song played again and again until `seconds` are full, as Ogg Opus."""
    from halles.sdk import Audio

    once = Audio(song).decode(RATE, 2)
    whole = np.tile(once, -(-seconds * RATE // once.shape[1]))[:, : seconds * RATE]
    encoded = Audio.encode(whole, RATE, codec="opus")  # Its file goes when it does.
    return Path(shutil.copy(encoded.path, folder / "song.opus"))


def alone(file: Path, home: Path, *, extract: bool) -> list[tuple[str, float]]:
    """The longest path through the pipeline, by what each step takes when no other runs beside it."""
    from halles.main import Market
    from halles.model import RunStarted, Status, StepChanged
    from halles.runners import intake

    market = Market(home, workers=1)
    pipeline = market.pipeline(PIPELINE)
    plan = market.plan(pipeline)
    given = [("song", f"@{file}"), ("extract_voice", extract)]
    values = intake.admit(given, pipeline.inputs, market.objects)
    seconds = {}

    async def follow() -> None:
        async for event in market.runner.start(plan, values):
            if isinstance(event, StepChanged) and event.step.status.done:
                ran = event.step.status is Status.finished
                seconds[event.step.id] = (event.step.seconds or 0.0) if ran else 0.0
            elif not isinstance(event, RunStarted | StepChanged):
                assert not event.problems, event.problems

    asyncio.run(follow())
    paths: dict[str, list[tuple[str, float]]] = {}
    for task in plan.tasks:  # In an order in which what a task needs comes first.
        before = max((paths[origin] for origin in task.needs), key=length, default=[])
        paths[task.id] = [*before, (task.id, seconds[task.id])] if seconds[task.id] else before
    return max(paths.values(), key=length)


def length(path: list[tuple[str, float]]) -> float:
    return sum(seconds for _, seconds in path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--song", type=Path)
    parser.add_argument("--alone", type=Path, help="print the critical path of one song as JSON")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--extract", action="store_true")
    arguments = parser.parse_args()
    if arguments.alone:
        print(json.dumps(alone(arguments.alone, arguments.home, extract=arguments.extract)))
    else:
        show(run(quick=arguments.quick, song=arguments.song))
