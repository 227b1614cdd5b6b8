"""A process that is killed at any moment loses nothing that was finished."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from halles.main import Market
from halles.model import RunStarted, Status, StepChanged
from tests import shelf
from tests.running import follow, pipeline, run

STEPS = ("a", "b", "c", "d")
EVENTS = 2 + 2 * len(STEPS)
"""Begin and end of the run; each step running and finished."""


def branches(mark: Path) -> dict:
    def step(name: str, **inputs: str) -> dict:
        params = {"seconds": 0.02, "mark": str(mark / name)}
        return {"id": name, "service": "slow", "params": params, "inputs": inputs}

    steps = [
        step("a", text="inputs.text"),
        step("b", text="a.output"),
        step("c", text="a.output"),
        step("d", text="c.output"),
    ]
    return {"steps": steps, "out": "d.output", "b": "b.output"}


def execute_until_killed(home: Path, mark: Path, at: int, before: bool) -> None:
    """Run in a process of its own that kills itself at the event `at`, before or after it is written down."""
    program = f"""
import os, signal, sys
from pathlib import Path
from halles.main import Market
from tests import shelf
from tests.engine.test_crash import branches
from tests.running import pipeline, run

market = Market(Path({str(home)!r}), services=shelf.SERVICES)
append = market.ledger.append

def append_or_die(event):
    if event.seq == {at} and {before}:
        os.kill(os.getpid(), signal.SIGKILL)
    append(event)
    if event.seq == {at}:
        os.kill(os.getpid(), signal.SIGKILL)

market.ledger.append = append_or_die
run(market, pipeline(**branches(Path({str(mark)!r}))), text="x")
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("before", [True, False], ids=["before-it-is-written", "after-it-is-written"])
@pytest.mark.parametrize("at", range(1, EVENTS + 1))
def test_killed_at_any_event_a_run_goes_on_without_repeating_finished_steps(
    tmp_path: Path, at: int, before: bool
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    execute_until_killed(tmp_path / "home", marks, at, before)
    market = Market(tmp_path / "home", services=shelf.SERVICES)
    summaries = market.ledger.recent()
    if not summaries:
        assert (at, before) == (1, True), "only a run that was never written down is unknown"
        return
    log = list(market.ledger.events(summaries[0].id))
    finished = {e.step.id for e in log if isinstance(e, StepChanged) and e.step.status is Status.finished}
    resumed = follow(market.runner.resume(summaries[0].id))
    assert resumed.status is Status.finished
    executed = Counter({name: len((marks / name).read_text().splitlines()) for name in STEPS})
    assert {name: executed[name] for name in finished} == dict.fromkeys(finished, 1)
    assert resumed.outputs == undisturbed(tmp_path)


def undisturbed(tmp_path: Path) -> dict:
    """The outputs of the same pipeline in a process that nobody kills."""
    marks = tmp_path / "other"
    marks.mkdir()
    market = Market(tmp_path / "undisturbed", services=shelf.SERVICES)
    return run(market, pipeline(**branches(marks)), text="x").outputs


def test_cut_off_while_it_begins_again_a_run_still_knows_what_was_finished(market: Market) -> None:
    steps = [{"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}]
    result = run(market, pipeline(steps, out="a.output"), text="x")

    async def cut_off() -> None:
        events = market.runner.resume(result.id)
        await anext(events)
        await events.aclose()  # type: ignore[attr-defined]

    asyncio.run(cut_off())
    cut = market.ledger.load(result.id)
    assert cut and cut.status is Status.running
    assert cut.steps["a"] == result.steps["a"]


def test_a_resumed_run_starts_again_in_its_log(market: Market) -> None:
    result = run(
        market, pipeline([{"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}], out="a.output"), text="x"
    )
    follow(market.runner.resume(result.id))
    log = list(market.ledger.events(result.id))
    assert [event.seq for event in log if isinstance(event, RunStarted)] == [1, 5]
