"""Shows a run as it goes: a line a step, with bars on a terminal and plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from halles.model import Event, Run, RunStarted, Status, StepChanged, StepState

MARKS = {
    Status.pending: "·",
    Status.running: "▸",
    Status.finished: "✓",
    Status.skipped: "–",
    Status.failed: "✗",
    Status.cancelled: "■",
}
BEFORE = "finished before"

Show = Callable[[Run, Event], None]


@contextmanager
def display() -> Iterator[Show]:
    """A function that takes each event, on standard error, so that standard output is the result's alone."""
    if sys.stderr.isatty():
        with _bars() as show:
            yield show
    else:
        yield _lines


def _lines(run: Run, event: Event) -> None:
    match event:
        case RunStarted(given=given):
            print(f"Run {run.id}: {run.plan.pipeline.id}, {len(run.steps)} steps", file=sys.stderr)
            for state in given.values():
                print(f"{MARKS[state.status]} {state.id:<12} {BEFORE}", file=sys.stderr)
        case StepChanged(step=state) if state.progress is None:
            print(f"{MARKS[state.status]} {state.id:<12} {_words(state)}", file=sys.stderr)
        case _:
            pass


@contextmanager
def _bars() -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.fields[mark]} {task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("{task.fields[words]}", style="dim", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        rows: dict[str, TaskID] = {}

        def show(run: Run, event: Event) -> None:
            if isinstance(event, RunStarted):
                for name in run.steps:
                    if name not in rows:
                        rows[name] = progress.add_task(name, total=1.0, mark="·", words="", start=False)
                for state in event.given.values():
                    progress.update(rows[state.id], completed=1.0, mark=MARKS[state.status], words=BEFORE)
            if isinstance(event, StepChanged):
                row, state = rows[event.step.id], event.step
                if state.status is Status.running:
                    progress.start_task(row)
                if state.status.done:
                    progress.stop_task(row)
                done = 1.0 if state.status.done else (state.progress.fraction if state.progress else 0.0)
                progress.update(row, completed=done, mark=MARKS[state.status], words=_words(state))

        yield show


def _words(state: StepState) -> str:
    if state.status is Status.running:
        again = f"attempt {state.attempt}: " if state.attempt > 1 else ""
        return again + (state.progress.message if state.progress else "running")
    if state.status is Status.finished:
        return "from the cache" if state.cached else f"{state.seconds or 0:.1f} s"
    return state.reason or state.status.value
