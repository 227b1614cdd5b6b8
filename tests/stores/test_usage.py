"""What was used is summed up once, whoever counts and however often."""

from pathlib import Path

import pytest

from halles.engine import plan
from halles.main import Market
from halles.model import Artifact, Order, RunFinished, RunStarted, Status, StepChanged, StepState
from halles.stores.database import connect
from halles.stores.ledger import Ledger
from halles.stores.usage import Sum, Usage
from tests.running import pipeline

DAY = 86_400.0
NOON = 20_000.5 * DAY  # 2024-10-04, 12:00 UTC
OUT = Artifact(sha256="ab" * 32, media_type="text/plain", size=7)


class Books:
    """A ledger with runs of one step, and who counts."""

    def __init__(self, where: Path | str, market: Market) -> None:
        self.ledger = Ledger(connect(where))
        self.usage = Usage(connect(where), self.ledger)
        self.other = Usage(connect(where), self.ledger)
        step = {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}
        self.plan = plan(pipeline([step], out="a.output"), market.services)

    def accept(self, run: str, owner: str = "ann", **given: StepState) -> None:
        self.ledger.accept(Order(run=run, plan=self.plan, inputs={}, owner=owner, given=given))

    def start(self, run: str, seq: int = 2, at: float = NOON) -> None:
        self.ledger.append(RunStarted(run=run, seq=seq, at=at, plan=self.plan, inputs={}))

    def step(self, run: str, seq: int = 3, at: float = NOON, **state: object) -> StepState:
        known = {"id": "a", "status": Status.finished, "started": at, "finished": at + 2, "outputs": {"output": OUT}}
        made = StepState.model_validate({**known, **state})
        self.ledger.append(StepChanged(run=run, seq=seq, at=at + 2, step=made))
        return made

    def end(self, run: str, seq: int = 4, at: float = NOON + 3, status: Status = Status.finished) -> None:
        self.ledger.append(RunFinished(run=run, seq=seq, at=at, status=status))

    def whole(self, run: str, owner: str = "ann", at: float = NOON, **state: object) -> None:
        self.accept(run, owner)
        self.start(run, at=at)
        self.step(run, at=at, **state)
        self.end(run, at=at + 3)

    def total(self, **of: str) -> Sum:
        ((_, total),) = self.usage.sums([], **of)
        return total


@pytest.fixture
def books(where: Path | str, market: Market) -> Books:
    return Books(where, market)


def test_nothing_was_used_before_anything_ran(books: Books) -> None:
    assert (books.usage.count(), books.total()) == (0, Sum())


def test_steps_count_with_time_and_bytes_of_what_was_computed(books: Books) -> None:
    books.whole("r1")
    books.whole("r2", spent=0.5)
    books.whole("r3", cached=True)
    books.usage.count()
    assert books.total(service="shout") == Sum(count=3, cached=1, seconds=2.5, bytes=14)


def test_runs_count_with_the_time_from_their_start_to_their_end(books: Books) -> None:
    books.whole("r1")
    books.accept("r2")
    books.start("r2")
    books.step("r2", status=Status.failed, outputs={})
    books.end("r2", status=Status.failed)
    books.usage.count()
    assert books.usage.sums(["pipeline"], runs=True) == [({"pipeline": "test"}, Sum(count=2, failed=1, seconds=6.0))]
    assert books.total().failed == 1


def test_what_was_counted_is_not_counted_again_by_anybody(books: Books) -> None:
    books.whole("r1")
    assert books.usage.count() == 4
    assert (books.usage.count(), books.other.count()) == (0, 0)
    assert books.total().count == 1


def test_who_goes_on_counting_need_not_have_seen_the_beginning(books: Books) -> None:
    books.accept("r1", owner="ben")
    books.start("r1")
    books.usage.count()
    books.step("r1")
    books.other.count()
    books.end("r1")
    books.usage.count()
    assert books.usage.sums(["owner"], runs=True) == [({"owner": "ben"}, Sum(count=1, seconds=3.0))]
    assert books.total(owner="ben").count == 1


def test_a_step_that_a_crash_did_not_undo_counts_once(books: Books) -> None:
    books.accept("r1")
    books.start("r1")
    done = books.step("r1")
    books.start("r1", seq=4, at=NOON + 60)
    books.ledger.append(StepChanged(run="r1", seq=5, at=NOON + 60, step=done))
    books.end("r1", seq=6, at=NOON + 61)
    books.usage.count()
    assert books.total().count == 1


def test_a_step_that_was_edited_by_hand_was_not_used(books: Books) -> None:
    books.whole("r1", edited=True)
    books.usage.count()
    assert books.total().count == 0


def test_sums_are_split_and_bounded_by_day(books: Books) -> None:
    books.whole("r1")
    books.whole("r2", at=NOON + DAY)
    books.whole("r3", at=NOON + 2 * DAY)
    books.usage.count()
    days = [keys["day"] for keys, _ in books.usage.sums(["day"], "2024-10-05", "2024-10-06")]
    assert days == ["2024-10-05", "2024-10-06"]


def test_sums_stay_when_runs_are_forgotten(books: Books) -> None:
    books.whole("r1")
    books.usage.count()
    books.ledger.forget("r1")
    assert books.total().count == 1


def test_runs_that_were_forgotten_before_they_were_counted_do_no_harm(books: Books) -> None:
    books.whole("r1")
    books.ledger.forget("r1")
    books.whole("r2")
    books.usage.count()
    assert books.total().count == 1


def test_versions_are_remembered_with_their_first_and_last_use(books: Books) -> None:
    books.whole("r1")
    books.whole("r2", at=NOON + DAY)
    books.usage.count()
    assert books.usage.versions("shout") == [("1.0", NOON + 2, NOON + DAY + 2)]
