"""A run again, in part: resumed, from a step, or with a value put in by hand."""

import asyncio

import pytest

from halles.engine import execute
from halles.engine.again import Given, edit, resume, retry
from halles.main import Market
from halles.model import Artifact, Plan, Problems, Run, RunStarted, Status, StepState, Value
from halles.sdk import service
from tests.running import pipeline, run, text
from tests.shelf import calls

STEPS = [
    {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}},
    {"id": "j", "service": "join", "inputs": {"texts": "s.words"}},
    {"id": "a", "service": "shout", "inputs": {"text": "j.output"}},
    {"id": "other", "service": "shout", "params": {"times": 2}, "inputs": {"text": "inputs.text"}},
]
WHAT = pipeline(STEPS, out="a.output", other="other.output")


@pytest.fixture
def done(market: Market) -> Run:
    calls.clear()
    finished = run(market, WHAT, text="so happy")
    calls.clear()
    return finished


def again(market: Market, old: Run, plan: Plan, given: Given) -> Run:
    """Execute a new run of the same inputs."""

    async def collect() -> Run:
        result: Run | None = None
        async for event in execute(plan, old.inputs, market.runner._outside, run="new", given=given):
            if isinstance(event, RunStarted):
                result = Run(event)
            elif result:
                result.apply(event)
        assert result
        return result

    return asyncio.run(collect())


def put(market: Market, content: str) -> Artifact:
    return market.objects.put(content.encode(), "text/plain")


def problems(work: object) -> list[tuple[str, str | None, str | None]]:
    with pytest.raises(Problems) as found:
        work()  # type: ignore[operator]
    return [(each.code, each.step, each.port) for each in found.value.problems]


def test_a_given_step_does_not_run(market: Market, done: Run) -> None:
    given = {"s": done.steps["s"], "other": done.steps["other"]}
    result = again(market, done, done.plan, given)
    assert result.outputs == done.outputs
    assert result.steps["s"] == done.steps["s"], "it is on record as it was"
    assert not calls, "the others are known from the cache"


def test_a_given_step_does_not_run_though_nothing_is_cached(market: Market, done: Run) -> None:
    market.results.prune(before=0)
    with market.ledger._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM results")
    again(market, done, done.plan, resume(done, market.objects.has))
    assert not calls


def test_what_is_not_there_any_more_is_made_again(market: Market, done: Run) -> None:
    output = done.steps["other"].outputs["output"]
    assert isinstance(output, Artifact)
    market.objects.delete(output.sha256)
    assert resume(done, market.objects.has).keys() == {"s", "j", "a"}


def test_what_did_not_finish_is_not_given(market: Market) -> None:
    flaky = {"id": "f", "service": "flaky", "params": {"failures": 9}, "inputs": {"text": "s.output"}}
    first = {"id": "s", "service": "shout", "inputs": {"text": "inputs.text"}}
    failed = run(market, pipeline([first, flaky], out="f.output"), text="x")
    assert resume(failed, market.objects.has).keys() == {"s"}


def test_a_retried_step_runs_though_it_is_cached_and_the_rest_as_far_as_it_changed(market: Market, done: Run) -> None:
    plan, given = retry(done, "j", market.services)
    assert given.keys() == {"s", "other"}
    result = again(market, done, plan, given)
    assert dict(calls) == {"join": 1}, "it gave the same: `a` is known"
    assert result.outputs == done.outputs


def test_an_edited_value_is_taken_and_only_what_depends_on_it_runs(market: Market, done: Run) -> None:
    plan, given = edit(done, {"j.output": put(market, "so sad")}, market.services)
    result = again(market, done, plan, given)
    assert dict(calls) == {"shout": 1}
    assert text(market, result.outputs["out"]) == "SO SAD"
    assert result.outputs["other"] == done.outputs["other"]
    assert result.steps["j"].edited and not result.steps["a"].edited


def test_an_edit_leaves_alone_what_reads_other_ports_of_the_step(market: Market) -> None:
    mood = {"id": "m", "service": "shout", "inputs": {"text": "inputs.text"}, "when": "s.mood.happy"}
    finished = run(market, pipeline([STEPS[0], STEPS[1], mood], out="j.output", m="m.output"), text="so happy")
    _, given = edit(finished, {"s.words": (put(market, "new"),)}, market.services)
    assert given.keys() == {"s", "m"}
    _, given = edit(finished, {"s.mood": kept(finished, "s", "mood")}, market.services)
    assert given.keys() == {"s", "j"}, "a condition reads, too"


def kept(run: Run, step: str, port: str) -> Value:
    return run.steps[step].outputs[port]


def test_the_old_run_is_not_changed(market: Market, done: Run) -> None:
    before = dict(done.steps)
    edit(done, {"j.output": put(market, "new")}, market.services)
    retry(done, "j", market.services)
    assert done.steps == before


def test_a_step_that_failed_may_be_given_its_output_by_hand(market: Market) -> None:
    flaky = {"id": "f", "service": "flaky", "params": {"failures": 9}, "inputs": {"text": "inputs.text"}}
    after = {"id": "a", "service": "shout", "inputs": {"text": "f.output"}}
    failed = run(market, pipeline([flaky, after], out="a.output"), text="x")
    plan, given = edit(failed, {"f.output": put(market, "by hand")}, market.services)
    result = again(market, failed, plan, given)
    assert (result.status, text(market, result.outputs["out"])) == (Status.finished, "BY HAND")
    assert result.problems == ()


def test_an_edit_survives_a_resume_though_its_artifact_is_lost(market: Market, done: Run) -> None:
    plan, given = edit(done, {"j.output": put(market, "by hand")}, market.services)
    edited = again(market, done, plan, given)
    assert "j" in resume(edited, lambda _: False)


def test_all_problems_of_an_edit_are_said_at_once(market: Market, done: Run) -> None:
    values = {
        "nothing": put(market, "x"),
        "inputs.txt": put(market, "x"),
        "joy.output": put(market, "x"),
        "j.outputs": put(market, "x"),
        "a.output": market.objects.put(b"\x89PNG", "image/png"),
        "s.words": put(market, "x"),
        "other.output": (put(market, "x"),),
    }
    assert problems(lambda: edit(done, values, market.services)) == [
        ("bad-reference", None, None),
        ("unknown-input", None, "txt"),
        ("unknown-step", "joy", None),
        ("unknown-port", "j", "outputs"),
        ("type-mismatch", "a", "output"),
        ("one-to-list", "s", "words"),
        ("list-to-one", "other", "output"),
    ]


def test_an_unknown_step_is_not_retried(market: Market, done: Run) -> None:
    with pytest.raises(Problems, match=r"The run has no step `othr`.*Did you mean `other`"):
        retry(done, "othr", market.services)


@service("shout", version="2.0", licence="Apache-2.0")
def newer(text: str, *, times: int = 1) -> str:
    """Say it otherwise."""
    return text


def test_what_would_need_another_version_of_a_service_is_refused(market: Market, done: Run) -> None:
    later = Market(market.home, services=[newer, *(market.services.load(slug) for slug in ("split", "join"))])
    assert problems(lambda: retry(done, "j", later.services)) == [("service-changed", "a", None)]
    assert retry(done, "other", market.services)[1].keys() == {"s", "j", "a"}


def test_without_the_service_the_type_is_what_it_was(market: Market, done: Run) -> None:
    bare = Market(market.home / "bare")
    picture = market.objects.put(b"\x89PNG", "image/png")
    assert problems(lambda: edit(done, {"a.output": picture}, bare.services)) == [("type-mismatch", "a", "output")]


def test_a_given_step_that_was_skipped_or_failed_is_none(done: Run) -> None:
    done.steps["a"] = StepState(id="a", status=Status.skipped)
    assert "a" not in resume(done, lambda _: True)
