"""The queue: whose run is next, who executes it, and what becomes of it when that one dies."""

import time
from pathlib import Path

import pytest

from halles.engine import plan
from halles.main import Market
from halles.model import Order, Problems, RunAccepted, RunFinished, RunStarted, Status, StepChanged, StepState
from halles.stores.database import connect
from halles.stores.ledger import Ledger
from halles.stores.queue import HOPELESS, Claim, Queue
from halles.stores.runs import LeaseLost, workers
from tests.running import pipeline


class Office:
    """A ledger and its queue."""

    def __init__(self, where: Path | str, market: Market) -> None:
        self.engine = connect(where)
        self.ledger = Ledger(self.engine)
        self.queue = Queue(self.engine, seconds=60)
        step = {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}
        self.plan = plan(pipeline([step], out="a.output"), market.services)

    def accept(self, *runs: str, owner: str = "ann", priority: int = 0) -> None:
        for run in runs:
            self.ledger.accept(Order(run=run, plan=self.plan, inputs={}, owner=owner, priority=priority))

    def claim(self, worker: str, limit: int = 9, *, idle: bool = True) -> list[Claim]:
        self.queue.renew(worker)
        return self.queue.claim(worker, limit, idle=idle)

    def claimed(self, worker: str, limit: int = 9, *, idle: bool = True) -> list[str]:
        return [claim.run.id for claim in self.claim(worker, limit, idle=idle)]

    def die(self) -> None:
        """Let it be long ago that the workers said a word."""
        with self.engine.begin() as connection:
            connection.execute(workers.update(), {"expires": 0.0})

    def started(self, run: str, seq: int = 2) -> RunStarted:
        return RunStarted(run=run, seq=seq, at=time.time(), plan=self.plan, inputs={})


@pytest.fixture
def office(where: Path | str, market: Market) -> Office:
    return Office(where, market)


def end(run: str, seq: int = 3) -> RunFinished:
    return RunFinished(run=run, seq=seq, at=time.time(), status=Status.finished)


def test_a_run_is_there_as_soon_as_it_is_accepted(office: Office) -> None:
    office.accept("r1")
    run = office.ledger.load("r1")
    assert run
    assert (run.status, run.owner, run.begun, list(run.steps)) == (Status.pending, "ann", None, ["a"])
    assert isinstance(next(office.ledger.events("r1")), RunAccepted)


def test_a_run_is_given_to_one_worker(office: Office) -> None:
    office.accept("r1", "r2")
    assert office.claimed("w1", 1) == ["r1"]
    assert office.claimed("w2") == ["r2"]
    assert office.claimed("w3") == []


def test_higher_priority_is_sooner(office: Office) -> None:
    office.accept("later")
    office.accept("sooner", priority=5)
    assert office.claimed("w") == ["sooner", "later"]


def test_owners_take_turns_however_much_one_of_them_asks_for(office: Office) -> None:
    office.accept("a1", "a2", "a3", owner="ann")
    office.accept("b1", "b2", owner="bob")
    assert office.claimed("w") == ["a1", "b1", "a2", "b2", "a3"]


def test_who_comes_later_is_not_put_behind_what_others_had_done_before(office: Office) -> None:
    office.accept("a1", "a2", "a3", "a4", owner="ann")
    office.claimed("w", 2)
    office.accept("b1", owner="bob")
    assert office.claimed("w") == ["a3", "b1", "a4"]


def test_a_run_has_a_place_in_the_queue(office: Office) -> None:
    office.accept("a1", "a2", owner="ann")
    office.accept("b1", owner="bob")
    assert [office.queue.place(run) for run in ("a1", "b1", "a2")] == [1, 2, 3]
    assert (office.queue.depth(), office.queue.depth("ann")) == (3, 2)
    office.claimed("w", 1)
    assert (office.queue.place("a1"), office.queue.place("b1")) == (None, 1)


def test_a_worker_writes_under_its_lease(office: Office) -> None:
    office.accept("r1")
    (claim,) = office.claim("w")
    office.ledger.append(office.started("r1"), claim.lease)
    office.ledger.append(end("r1"), claim.lease)
    summary = office.ledger.summary("r1")
    assert summary and summary.status is Status.finished


def test_the_run_of_a_worker_that_died_goes_to_another(office: Office) -> None:
    office.accept("r1")
    office.claim("w1")
    assert office.claimed("w2") == []
    office.die()
    assert office.claimed("w2") == ["r1"]


def test_a_worker_that_is_heard_of_in_time_keeps_its_runs(office: Office) -> None:
    office.accept("r1")
    office.claim("w1")
    office.die()
    office.queue.renew("w1")
    assert office.claimed("w2") == []
    assert office.queue.executing("r1")


def test_silence_is_measured_by_the_clock(where: Path | str, market: Market) -> None:
    office = Office(where, market)
    office.queue.seconds = 0.01
    office.accept("r1")
    office.claim("w1")
    time.sleep(0.05)
    office.queue.seconds = 60
    assert office.claimed("w2") == ["r1"]


def test_a_worker_that_only_slept_cannot_write_into_what_another_took(office: Office) -> None:
    office.accept("r1", "r2")
    slept = {claim.run.id: claim.lease for claim in office.claim("w1")}
    office.die()
    office.claim("w2", 1)
    office.queue.renew("w1")
    with pytest.raises(LeaseLost):
        office.ledger.append(office.started("r1"), slept["r1"])
    office.ledger.append(office.started("r2"), slept["r2"])
    assert office.ledger.append_all([(end("r1"), slept["r1"]), (end("r2"), slept["r2"])]) == {"r1"}
    assert [event.type for event in office.ledger.events("r1")] == ["run-accepted"]
    assert [event.type for event in office.ledger.events("r2")] == ["run-accepted", "run-started", "run-finished"]


def test_a_worker_that_leaves_hands_its_runs_over_at_once(office: Office) -> None:
    office.accept("r1")
    office.claim("w1")
    office.queue.leave("w1")
    (claim,) = office.claim("w2")
    assert (claim.run.id, claim.lost) == ("r1", 0), "nobody was lost"
    assert list(office.queue.workers()) == ["w2"]


def lose(office: Office, times: int) -> None:
    for number in range(times):
        assert office.claim(f"dead{number}")
        office.die()


def test_what_may_kill_workers_is_taken_alone(office: Office) -> None:
    office.accept("poison")
    lose(office, 2)
    office.accept("other")
    assert office.claimed("w1", idle=False) == ["other"], "by a worker that has other work: not now"
    (claim,) = office.claim("w2")
    assert claim.suspect and claim.run.id == "poison"


def test_a_run_that_lost_too_many_workers_says_so(office: Office) -> None:
    office.accept("poison")
    lose(office, HOPELESS)
    assert office.claim("w")[0].lost == HOPELESS


def test_a_step_that_is_done_clears_the_suspicion(office: Office) -> None:
    office.accept("r1")
    lose(office, 1)
    (claim,) = office.claim("w")
    office.ledger.append(office.started("r1"), claim.lease)
    step = StepState(id="a", status=Status.finished)
    office.ledger.append(StepChanged(run="r1", seq=3, at=0.0, step=step), claim.lease)
    office.die()
    assert office.claim("w2")[0].lost == 1, "this worker only"


def test_a_run_that_waits_is_cancelled_at_once(office: Office) -> None:
    office.accept("r1")
    office.ledger.request_cancel("r1")
    run = office.ledger.load("r1")
    assert run and run.status is Status.cancelled
    assert office.claimed("w") == []


def test_a_wish_to_cancel_reaches_the_worker(office: Office) -> None:
    office.accept("r1")
    (claim,) = office.claim("w")
    assert office.queue.cancelled("w") == []
    office.ledger.request_cancel("r1")
    office.ledger.append(office.started("r1"), claim.lease)
    assert office.queue.cancelled("w") == [claim.lease]


def test_the_command_line_takes_no_run_that_is_the_workers(office: Office) -> None:
    office.accept("r1")
    with pytest.raises(Problems, match="waits in the queue"):
        office.queue.take_out("r1")
    office.claim("w")
    with pytest.raises(Problems, match="executed by one of its workers"):
        office.queue.take_out("r1")
    office.die()
    office.queue.take_out("r1")
    assert office.claimed("w2") == [], "it is the command line's now"


def test_workers_leave_the_runs_of_the_command_line_alone(office: Office) -> None:
    office.ledger.append(office.started("r1", seq=1))
    office.die()
    assert office.claimed("w") == []


def test_a_run_that_cannot_be_read_fails_and_keeps_nobody(office: Office) -> None:
    office.accept("r1", "r2")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE events SET body = '{}' WHERE run = 'r1'")
    assert office.claimed("w") == ["r2"]
    summary = office.ledger.summary("r1")
    assert summary and summary.status is Status.failed
