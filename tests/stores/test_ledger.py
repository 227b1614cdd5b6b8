"""The log of runs."""

import time
from pathlib import Path

import pytest

from halles.engine import plan
from halles.main import Market
from halles.model import Event, RunFinished, RunStarted, Status, StepChanged, StepState
from halles.stores.ledger import Ledger
from tests.running import pipeline


@pytest.fixture
def ledger(market: Market) -> Ledger:
    return market.ledger


@pytest.fixture
def started(market: Market) -> RunStarted:
    what = pipeline([{"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}], out="a.output")
    return RunStarted(run="r1", seq=1, at=100.0, plan=plan(what, market.services), inputs={})


def step(seq: int, status: Status) -> StepChanged:
    return StepChanged(run="r1", seq=seq, at=100.0 + seq, step=StepState(id="a", status=status))


def end(seq: int, run: str = "r1") -> RunFinished:
    return RunFinished(run=run, seq=seq, at=100.0 + seq, status=Status.finished)


def fill(ledger: Ledger, *events: Event) -> None:
    for event in events:
        ledger.append(event)


def test_events_come_back_in_order_as_they_were(ledger: Ledger, started: RunStarted) -> None:
    log = [started, step(2, Status.running), step(3, Status.finished), end(4)]
    fill(ledger, *log)
    assert list(ledger.events("r1")) == log
    assert list(ledger.events("r1", after=2)) == log[2:]


def test_a_run_is_what_its_events_add_up_to(ledger: Ledger, started: RunStarted) -> None:
    fill(ledger, started, step(2, Status.running), step(3, Status.finished), end(4))
    run = ledger.load("r1")
    assert run
    assert (run.status, run.steps["a"].status, run.created, run.updated) == (Status.finished, Status.finished, 100, 104)
    assert ledger.load("r2") is None


def test_lists_show_the_newest_first(ledger: Ledger, started: RunStarted) -> None:
    fill(ledger, started, started.model_copy(update={"run": "r2", "at": 200.0}), end(2))
    assert [(run.id, run.pipeline, run.status) for run in ledger.recent()] == [
        ("r2", "test", Status.running),
        ("r1", "test", Status.finished),
    ]
    assert [run.id for run in ledger.recent(limit=1)] == ["r2"]
    assert ledger.unfinished() == ["r2"]


def test_a_run_is_found_by_its_first_letters(ledger: Ledger, started: RunStarted) -> None:
    fill(ledger, *(started.model_copy(update={"run": name}) for name in ("abc", "abd", "xyz")))
    assert sorted(ledger.find("ab")) == ["abc", "abd"]
    assert ledger.find("x") == ["xyz"]
    assert ledger.find("%") == ledger.find("_bc") == [], "letters, not patterns"


def test_a_run_that_is_begun_again_keeps_its_log(ledger: Ledger, started: RunStarted) -> None:
    fill(ledger, started, step(2, Status.running), started.model_copy(update={"seq": 3}), end(4))
    assert [event.seq for event in ledger.events("r1")] == [1, 2, 3, 4]
    assert [run.status for run in ledger.recent()] == [Status.finished]


def test_a_wish_to_cancel_reaches_other_processes_and_ends_with_the_run(
    market: Market, ledger: Ledger, started: RunStarted
) -> None:
    ledger.append(started)
    elsewhere = Market(market.home).ledger
    assert not elsewhere.cancel_requested("r1")
    ledger.request_cancel("r1")
    assert elsewhere.cancel_requested("r1")
    ledger.append(end(2))
    assert not elsewhere.cancel_requested("r1")


def test_it_survives_the_process(market: Market, started: RunStarted, tmp_path: Path) -> None:
    market.ledger.append(started)
    assert Market(market.home).ledger.load("r1")


def test_a_thousand_events_are_appended_quickly(ledger: Ledger, started: RunStarted) -> None:
    ledger.append(started)
    begin = time.process_time()
    fill(ledger, *(step(seq, Status.running) for seq in range(2, 1002)))
    assert time.process_time() - begin < 2, "0.3 s when it was written"
