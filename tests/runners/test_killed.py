"""Workers are killed at random moments: every run ends once, and no finished step is run again."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bench.crash import faults, pipeline
from bench.toys import SERVICES

from halles.engine import parse
from halles.main import Market
from halles.model import Order, RunStarted
from halles.runners import intake

KILLS = 8
RUNS = 40
LEASE = "3"
PATIENCE = 120

spawner = multiprocessing.get_context("forkserver")
spawner.set_forkserver_preload(["tests.runners.test_killed"])


def labour(home: Path, variables: dict[str, str]) -> None:
    """Execute what is queued, until somebody kills this process."""
    import asyncio

    os.environ.update(variables)
    asyncio.run(Market(home, services=SERVICES).worker().run())


def count(marks: Path) -> int:
    """How many steps were executed so far."""
    return marks.read_bytes().count(b"\n") if marks.exists() else 0


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def test_workers_may_be_killed_at_any_moment(
    where: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(7)
    variables = {"HALLES_LEASE_SECONDS": LEASE, **({"HALLES_DATABASE_URL": where} if isinstance(where, str) else {})}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    market = Market(tmp_path / "home", services=SERVICES)
    marks = tmp_path / "marks"
    what = parse(pipeline(marks))
    names = [(f"r{number}", f"t{number}") for number in range(RUNS)]
    for run, text in names:
        inputs = intake.admit([("text", text)], what.inputs, market.objects)
        market.ledger.accept(Order(run=run, plan=market.plan(what), inputs=inputs))
    for _ in range(KILLS):
        worker = spawner.Process(target=labour, args=(market.home, variables))
        worker.start()
        target = count(marks) + chance.randint(1, 12)
        wait(lambda target=target: count(marks) >= target)
        time.sleep(chance.uniform(0, 0.05))
        assert worker.pid
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
    last = spawner.Process(target=labour, args=(market.home, variables))
    last.start()
    wait(lambda: not market.ledger.unfinished())
    last.kill()
    last.join()
    assert faults(market.ledger, names, marks) == []
    begun = [sum(isinstance(event, RunStarted) for event in market.ledger.events(run)) for run, _ in names]
    assert max(begun) > 1, "somebody was killed in the middle of something"
