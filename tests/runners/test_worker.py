"""Workers execute what is queued, several runs at once, and hand over what they cannot end."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from halles.main import Market
from halles.model import CallFailed, Order, Plan, Problem, Run, RunStarted, Status, StepChanged, StepState
from halles.runners import intake
from halles.runners.worker import Worker
from halles.sdk import Context, service
from halles.stores.queue import HOPELESS
from tests import shelf
from tests.running import pipeline, text
from tests.shelf import calls

SHOUT = {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}
PATIENCE = 60
"""Seconds until a test gives up waiting: many more than anything takes."""

under_way = threading.Semaphore(0)
most = [0, 0]
"""Calls of `crowd` now, and the most that there ever were."""


@service("crowd", version="1.0", licence="Apache-2.0")
def crowd(text: str, *, context: Context) -> str:
    """Take a while, and count who else is here."""
    most[0] += 1
    most[1] = max(most)
    time.sleep(0.02)
    most[0] -= 1
    return text


@service("once", version="1.0", licence="Apache-2.0", cacheable=False)
def once(text: str) -> str:
    """Do something that is never known beforehand."""
    calls["once"] += 1
    return text


@pytest.fixture
def market(where: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Market:
    """A market on each database."""
    calls.clear()
    if isinstance(where, str):
        monkeypatch.setenv("HALLES_DATABASE_URL", where)
    return Market(tmp_path / "home", services=[*shelf.SERVICES, crowd, once], workers=4)


def plan(market: Market, *steps: dict) -> Plan:
    return market.plan(pipeline(list(steps), out=f"{steps[-1]['id']}.output"))


def accept(
    market: Market, what: Plan, *runs: str, owner: str = "ann", given: dict[str, StepState] | None = None
) -> None:
    for name in runs:
        inputs = intake.admit([("text", name)], what.pipeline.inputs, market.objects)
        market.ledger.accept(Order(run=name, plan=what, inputs=inputs, owner=owner, given=given or {}))


@contextmanager
def working(*workers: Worker) -> Iterator[None]:
    threads = [threading.Thread(target=lambda worker=worker: asyncio.run(worker.run())) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        for thread in threads:
            thread.join(PATIENCE)


def wait(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def ended(market: Market, *runs: str) -> Callable[[], bool]:
    return lambda: all((s := market.ledger.summary(run)) is not None and s.status.done for run in runs)


def loaded(market: Market, name: str) -> Run:
    run = market.ledger.load(name)
    assert run
    return run


def test_what_is_queued_is_executed(market: Market) -> None:
    accept(market, plan(market, SHOUT), "r1", "r2")
    with working(market.worker()):
        wait(ended(market, "r1", "r2"))
    assert [text(market, loaded(market, run).outputs["out"]) for run in ("r1", "r2")] == ["R1", "R2"]


def test_what_comes_later_is_executed_at_once(market: Market) -> None:
    with working(market.worker()):
        wait(market.queue.workers)
        for name in ("r1", "r2", "r3"):
            accept(market, plan(market, SHOUT), name)
            wait(ended(market, name))


def test_several_runs_are_executed_at_once(market: Market) -> None:
    meet = {"id": "m", "service": "meet", "inputs": {"text": "inputs.text"}}
    accept(market, plan(market, meet), "r1", "r2")
    with working(market.worker(runs=2)):
        wait(ended(market, "r1", "r2"))
    assert loaded(market, "r1").status is loaded(market, "r2").status is Status.finished


def test_runs_share_the_processors(market: Market) -> None:
    steps = [{"id": f"c{n}", "service": "crowd", "inputs": {"text": "inputs.text"}} for n in range(4)]
    what = market.plan(pipeline(steps, out="c0.output"))
    most[:] = [0, 0]
    accept(market, what, *(f"r{n}" for n in range(6)))
    worker = Worker(market.ledger, market.queue, market._outside, market.objects, runs=6, steps=2)
    with working(worker):
        wait(ended(market, *(f"r{n}" for n in range(6))))
    assert most == [0, 2]


def test_two_workers_execute_each_run_once(market: Market) -> None:
    names = [f"r{n}" for n in range(20)]
    accept(market, plan(market, {**SHOUT, "service": "once"}), *names)
    with working(market.worker(runs=2), market.worker(runs=2)):
        wait(ended(market, *names))
    assert calls["once"] == 20
    assert [sum(isinstance(e, RunStarted) for e in market.ledger.events(name)) for name in names] == [1] * 20


def test_a_run_is_cancelled_while_it_is_executed(market: Market) -> None:
    accept(
        market,
        plan(market, {"id": "s", "service": "slow", "params": {"seconds": 60}, "inputs": {"text": "inputs.text"}}),
        "r1",
    )
    with working(market.worker()):
        wait(lambda: market.queue.executing("r1"))
        market.ledger.request_cancel("r1")
        wait(ended(market, "r1"))
    assert loaded(market, "r1").status is Status.cancelled


def test_a_worker_that_is_stopped_lets_its_runs_end(market: Market) -> None:
    accept(
        market,
        plan(market, {"id": "s", "service": "slow", "params": {"seconds": 0.5}, "inputs": {"text": "inputs.text"}}),
        "r1",
    )
    with working(market.worker(drain=PATIENCE)):
        wait(lambda: loaded(market, "r1").status is Status.running)
    assert loaded(market, "r1").status is Status.finished


def test_what_does_not_end_in_time_is_handed_over(market: Market) -> None:
    first = {**SHOUT, "service": "once"}
    long = {"id": "s", "service": "slow", "params": {"seconds": 2}, "inputs": {"text": "a.output"}}
    accept(market, plan(market, first, long), "r1")
    with working(market.worker(drain=0.01)):
        wait(lambda: loaded(market, "r1").steps["s"].status is Status.running)
    assert market.queue.workers() == {}
    assert loaded(market, "r1").status is Status.running, "it is not over"
    with working(market.worker()):
        wait(ended(market, "r1"))
    assert loaded(market, "r1").status is Status.finished
    assert calls["once"] == 1, "the finished step was not run again"


def test_a_worker_that_lost_a_run_stops_executing_it(market: Market) -> None:
    accept(
        market,
        plan(market, {"id": "s", "service": "slow", "params": {"seconds": 1}, "inputs": {"text": "inputs.text"}}),
        "r1",
    )
    with working(market.worker()):
        wait(lambda: loaded(market, "r1").steps["s"].status is Status.running)
        with market.ledger._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE runs SET fence = fence + 1")
        before = loaded(market, "r1").seq
        time.sleep(1.5)
    assert loaded(market, "r1").seq <= before + 1


def test_given_steps_come_with_the_order(market: Market) -> None:
    second = {"id": "b", "service": "shout", "params": {"times": 2}, "inputs": {"text": "a.output"}}
    what = plan(market, SHOUT, second)
    by_hand = StepState(
        id="a", status=Status.finished, outputs={"output": market.objects.put(b"by hand", "text/plain")}, edited=True
    )
    accept(market, what, "r1", given={"a": by_hand})
    assert loaded(market, "r1").steps["a"] == by_hand, "also while it waits"
    with working(market.worker()):
        wait(ended(market, "r1"))
    assert text(market, loaded(market, "r1").outputs["out"]) == "BY HANDBY HAND"


def test_the_database_may_be_away_for_a_while(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    accept(market, plan(market, SHOUT), "r1")
    append, failures = market.ledger.append_all, iter(range(3))

    def failing(entries: list) -> set[str]:
        if next(failures, None) is not None:
            raise CallFailed(Problem(code="database-down", message="away"), retry=True)
        return append(entries)

    monkeypatch.setattr(market.ledger, "append_all", failing)
    with working(market.worker()):
        wait(ended(market, "r1"))
    assert loaded(market, "r1").status is Status.finished
    assert [event.seq for event in market.ledger.events("r1")] == [1, 2, 3, 4, 5]


def test_a_run_that_kills_its_workers_fails_and_says_where(market: Market) -> None:
    accept(market, plan(market, SHOUT), "r1")
    for number in range(HOPELESS):
        market.queue.renew(f"dead{number}")
        (claim,) = market.queue.claim(f"dead{number}", 1, idle=True)
        if number == 0:
            market.ledger.append(RunStarted(run="r1", seq=2, at=0.0, plan=claim.run.plan, inputs={}), claim.lease)
            step = StepState(id="a", status=Status.running)
            market.ledger.append(StepChanged(run="r1", seq=3, at=0.0, step=step), claim.lease)
        with market.ledger._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE workers SET expires = 0")
    with working(market.worker()):
        wait(ended(market, "r1"))
    (problem,) = loaded(market, "r1").problems
    assert (problem.code, problem.step) == ("kills-workers", "a")
    assert "died 5 times without a step done in between. It was at `a`." in problem.message
