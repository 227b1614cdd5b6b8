"""Services of other servers in our pipelines: what works, and every way in which they fail."""

from collections.abc import Callable
from typing import Any

import pytest

from halles.callers import dispatch, watch
from halles.main import Market
from halles.model import Status
from halles.stores.seaweed import Seaweed
from tests.callers.toys import Toy
from tests.running import pipeline, run, text

Make = Callable[..., Toy]

LOUD = [{"id": "loud", "service": "loud", "inputs": {"text": "inputs.text"}}]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same manners, in less time."""
    monkeypatch.setattr(watch, "PAUSES", (0.2, 0.3))
    monkeypatch.setattr(watch, "AGAIN", 0.1)
    monkeypatch.setattr(watch, "ANSWER", 0.3)
    monkeypatch.setattr(watch, "UNCALLED", 0.5)
    monkeypatch.setattr(dispatch, "ACCEPT", 1.0)


def shout(market: Market, words: str = "hello", **step: Any) -> Any:
    what = pipeline([LOUD[0] | step], result="loud.result")
    return run(market, what, text=words)


def problem(market: Market, words: str = "hello") -> tuple[str, str]:
    done = shout(market, words)
    assert done.status is Status.failed
    return done.problems[0].code, done.problems[0].message


def test_an_announced_service_works_in_a_pipeline_beside_our_own(market: Market, toy: Make) -> None:
    toy()
    steps = [*LOUD, {"id": "ours", "service": "shout", "inputs": {"text": "loud.result"}, "params": {"times": 2}}]
    done = run(market, pipeline(steps, result="ours.output"), text="hi")
    assert text(market, done.outputs["result"]) == "HIHI"


def test_a_result_is_kept_like_any_other_and_not_computed_again(market: Market, toy: Make) -> None:
    service = toy()
    assert not shout(market).steps["loud"].cached
    assert shout(market).steps["loud"].cached
    assert service.computed["hello"] == 1


def test_a_service_that_announced_itself_anew_computes_again_for_it_may_have_another_model(
    market: Market, toy: Make
) -> None:
    service = toy()
    shout(market)
    again = toy()  # The same service at another address, deployed a moment ago.
    assert not shout(market).steps["loud"].cached
    assert service.computed["hello"] + again.computed["hello"] == 2


def test_what_lay_in_the_exchange_is_gone_when_a_task_is_over(market: Market, toy: Make) -> None:
    toy()
    shout(market)
    assert not list((market.home / "exchange").glob("*.txt"))


def test_a_full_queue_is_waited_for(market: Market, toy: Make) -> None:
    toy().full = 3
    assert shout(market).status is Status.finished


def test_tasks_are_spread_over_the_instances_of_a_service(market: Market, toy: Make) -> None:
    first, second = toy(behaviour="slow:0.2"), toy(behaviour="slow:0.2")
    steps = [{**LOUD[0], "map": "text"}]
    what = pipeline(steps, {"text": {"media": "text/plain", "many": True}}, result="loud.result")
    done = run(market, what, text=["a", "b", "c", "d"])
    assert text(market, done.outputs["result"]) == "A|B|C|D"
    assert first.computed.total() == second.computed.total() == 2


def test_an_instance_that_is_gone_does_not_matter_when_another_one_is_there(market: Market, toy: Make) -> None:
    toy().stop()
    toy()
    assert shout(market).status is Status.finished


def test_a_service_that_fails_says_why(market: Market, toy: Make) -> None:
    toy(behaviour="broken")
    assert problem(market) == ("service-failed", "`loud` failed: The model is out of order.")


def test_a_service_that_is_gone_is_named_with_the_reason(market: Market, toy: Make) -> None:
    toy().stop()
    code, message = problem(market)
    assert code == "service-unavailable" and "cannot be reached" in message


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("few", "gave 0 outputs; it announced 1"),
        ("many", "gave 2 outputs; it announced 1"),
        ("untyped", "has no extension"),
        ("mistyped", "is application/json; it announced text/plain"),
        ("rubbish", "should be text/plain, but it is not UTF-8 text"),
    ],
)
def test_outputs_that_are_not_what_was_announced_are_refused(
    market: Market, toy: Make, behaviour: str, expected: str
) -> None:
    toy(behaviour=behaviour)
    code, message = problem(market)
    assert code == "bad-output" and expected in message


@pytest.mark.parametrize("gives", ["image/png", "application/json", "audio/ogg"])
def test_rubbish_under_a_good_extension_is_refused_by_its_content(market: Market, toy: Make, gives: str) -> None:
    toy(behaviour="rubbish", gives=gives)
    assert "but it" in problem(market)[1]


def test_an_output_that_was_never_stored_is_asked_for_again_and_then_named(market: Market, toy: Make) -> None:
    service = toy(behaviour="nothing")
    assert problem(market)[0] == "missing-output"
    assert service.computed["hello"] == 2


def test_an_output_over_the_limit_is_refused_while_it_comes(
    market: Market, toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLES_MAX_OUTPUT_BYTES", "1000")
    toy(behaviour="huge:1001")
    assert problem(market)[0] == "too-large"


def test_a_service_that_forgot_its_task_is_given_it_again(market: Market, toy: Make) -> None:
    service = toy(behaviour="forget")
    market.abroad.directory.find("loud")
    code, message = problem(market)
    assert code == "service-lost" and service.url in message
    assert service.computed["hello"] > 2


def test_a_service_that_is_silent_is_given_up(market: Market, toy: Make) -> None:
    toy(behaviour="silent")
    assert problem(market)[0] in ("service-lost", "service-unavailable")


def test_a_service_that_finished_and_never_calls_back_is_given_up(market: Market, toy: Make) -> None:
    toy(behaviour="uncalled")
    assert problem(market)[0] == "service-lost"


def test_a_slow_service_is_waited_for(market: Market, toy: Make) -> None:
    toy(behaviour="slow:2")
    assert shout(market).status is Status.finished


def test_a_service_that_is_too_slow_is_not_waited_for_longer_than_its_step_may_take(market: Market, toy: Make) -> None:
    toy(behaviour="wait")
    done = shout(market, timeout=0.5)
    assert done.problems[0].code == "timeout"


@pytest.fixture
def bucket_exchange(s3: Seaweed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values are exchanged through a bucket of a real S3 server."""
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("bucket_exchange")
class TestGeneration1:
    """Services that know S3 only: all that are published."""

    def test_values_go_through_the_bucket(self, market: Market, toy: Make) -> None:
        toy(generation=1)
        assert text(market, shout(market).outputs["result"]) == "HELLO"

    def test_both_generations_work_side_by_side(self, market: Market, toy: Make) -> None:
        toy(generation=1)
        toy("louder", generation=2)
        steps = [*LOUD, {"id": "louder", "service": "louder", "inputs": {"text": "loud.result"}}]
        done = run(market, pipeline(steps, result="louder.result"), text="hi")
        assert text(market, done.outputs["result"]) == "HI"

    def test_an_object_over_the_limit_is_refused(
        self, market: Market, toy: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HALLES_MAX_OUTPUT_BYTES", "1000")
        toy(generation=1, behaviour="huge:100000")
        assert problem(market)[0] == "too-large"

    def test_an_output_that_was_never_stored_is_named(self, market: Market, toy: Make) -> None:
        toy(generation=1, behaviour="nothing")
        assert problem(market)[0] == "missing-output"


def test_a_service_that_needs_s3_says_so_where_there_is_none(market: Market, toy: Make) -> None:
    toy(generation=1)
    code, message = problem(market)
    assert code == "service-unavailable" and "halles storage" in message
