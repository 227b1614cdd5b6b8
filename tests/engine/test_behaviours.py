"""Pipelines by what is special about them: each behaviour, and what comes of it."""

import asyncio

import pytest

from halles.main import Market
from halles.model import Event, RunFinished, RunStarted, Status, StepChanged, fold
from halles.runners import intake
from tests.running import follow, pipeline, run, text
from tests.shelf import calls


@pytest.fixture(autouse=True)
def _fresh() -> None:
    calls.clear()


SHOUT = {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}


def test_one_step(market: Market) -> None:
    result = run(market, pipeline([SHOUT], out="a.output"), text="hello")
    assert result.status is Status.finished
    assert text(market, result.outputs["out"]) == "HELLO"


def test_a_chain(market: Market) -> None:
    second = {"id": "b", "service": "shout", "params": {"times": 2}, "inputs": {"text": "a.output"}}
    result = run(market, pipeline([second, SHOUT], out="b.output"), text="hey")
    assert text(market, result.outputs["out"]) == "HEYHEY"


def test_two_branches_that_merge(market: Market) -> None:
    steps = [
        {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}},
        SHOUT,
        {"id": "j", "service": "join", "inputs": {"texts": "s.words", "other": "a.output"}},
    ]
    result = run(market, pipeline(steps, out="j.output"), text="so happy")
    assert text(market, result.outputs["out"]) == "so happy SO HAPPY"


def test_independent_steps_run_side_by_side(market: Market) -> None:
    steps = [
        {"id": name, "service": "meet", "params": {"name": name}, "inputs": {"text": "inputs.text"}}
        for name in ("a", "b")
    ]
    result = run(market, pipeline(steps, a="a.output", b="b.output"), text="x")
    assert result.status is Status.finished


def test_a_list_is_mapped_item_by_item(market: Market) -> None:
    steps = [
        {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}},
        {"id": "m", "service": "shout", "map": "text", "inputs": {"text": "s.words"}},
    ]
    result = run(market, pipeline(steps, out="m.output"), text="one two three")
    assert text(market, result.outputs["out"]) == "ONE|TWO|THREE"


def test_an_empty_list_maps_to_an_empty_list(market: Market) -> None:
    steps = [
        {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}},
        {"id": "m", "service": "shout", "map": "text", "inputs": {"text": "s.words"}},
        {"id": "j", "service": "join", "inputs": {"texts": "m.output"}},
    ]
    result = run(market, pipeline(steps, out="j.output"), text=" ")
    assert result.outputs["out"] and text(market, result.outputs["out"]) == ""


def test_a_false_condition_skips_the_step_and_those_that_need_it(market: Market) -> None:
    steps = [
        {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}},
        {**SHOUT, "when": "s.mood.happy && s.mood.words > 1"},
        {"id": "b", "service": "shout", "inputs": {"text": "a.output"}},
        {"id": "j", "service": "join", "inputs": {"texts": "s.words", "other": "a.output"}},
    ]
    result = run(market, pipeline(steps, out="j.output", b="b.output"), text="sad song")
    assert [result.steps[name].status for name in ("a", "b", "j")] == ["skipped", "skipped", "finished"]
    assert result.status is Status.finished and "b" not in result.outputs
    assert text(market, result.outputs["out"]) == "sad song"


def test_a_true_condition_runs_the_step(market: Market) -> None:
    steps = [
        {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}},
        {**SHOUT, "when": "'happy' in s.words"},
    ]
    assert run(market, pipeline(steps, out="a.output"), text="happy song").outputs


def test_an_input_with_a_default_may_be_left_out(market: Market) -> None:
    inputs = {"text": {"media": "text/plain"}, "loud": {"schema": {"type": "boolean"}, "default": False}}
    what = pipeline([{**SHOUT, "when": "inputs.loud"}], inputs, out="a.output")
    assert run(market, what, text="x").steps["a"].status is Status.skipped
    assert run(market, what, text="x", loud="true").steps["a"].status is Status.finished


def test_a_passing_failure_is_tried_again(market: Market) -> None:
    step = {"id": "f", "service": "flaky", "params": {"failures": 2}, "inputs": {"text": "inputs.text"}}
    result = run(market, pipeline([step], out="f.output"), text="x")
    assert result.status is Status.finished
    assert calls["flaky"] == 3


def test_a_lasting_failure_ends_the_run_and_keeps_what_was_done(market: Market) -> None:
    steps = [
        {"id": "f", "service": "flaky", "params": {"failures": 9}, "inputs": {"text": "inputs.text"}},
        SHOUT,
        {"id": "j", "service": "join", "inputs": {"texts": "s.words", "other": "f.output"}},
        {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}},
    ]
    result = run(market, pipeline(steps, out="a.output", j="j.output"), text="x")
    assert result.status is Status.failed
    assert {name: s.status.value for name, s in result.steps.items()} == {
        "f": "failed", "a": "finished", "s": "finished", "j": "skipped",
    }  # fmt: skip
    assert result.steps["j"].reason == "`f` did not finish"
    assert "the line was busy" in result.problems[0].message


def test_refused_input_is_not_tried_again(market: Market) -> None:
    step = {"id": "r", "service": "refuse", "inputs": {"text": "inputs.text"}}
    result = run(market, pipeline([step], out="r.output"), text="noise")
    assert calls["refuse"] == 1
    problem = result.problems[0]
    assert (problem.code, problem.step, problem.port) == ("input-refused", "r", "text")


def test_a_step_that_takes_too_long_fails(market: Market) -> None:
    step = {"id": "n", "service": "nap", "params": {"seconds": 5}, "inputs": {"text": "inputs.text"}}
    result = run(market, pipeline([step], out="n.output"), text="x")
    assert result.problems[0].code == "timeout"
    assert "0.2 s" in result.problems[0].message


def test_a_finished_call_is_not_made_again(market: Market) -> None:
    what = pipeline([SHOUT], out="a.output")
    first, second = run(market, what, text="x"), run(market, what, text="x")
    assert calls["shout"] == 1
    assert second.steps["a"].cached and second.outputs == first.outputs


def test_the_cache_survives_a_restart(market: Market) -> None:
    what = pipeline([SHOUT], out="a.output")
    run(market, what, text="x")
    run(Market(market.home, services=[market.services.load("shout")]), what, text="x")
    assert calls["shout"] == 1


@pytest.mark.parametrize(
    "change", [{"params": {"times": 2}}, {"inputs": {"text": "inputs.other"}}], ids=["parameter", "input"]
)
def test_a_changed_call_is_made(market: Market, change: dict) -> None:
    inputs = {"text": {"media": "text/plain"}, "other": {"media": "text/plain"}}
    run(market, pipeline([SHOUT], inputs, out="a.output"), text="x", other="y")
    run(market, pipeline([{**SHOUT, **change}], inputs, out="a.output"), text="x", other="y")
    assert calls["shout"] == 2


def test_a_lost_artifact_is_computed_again(market: Market) -> None:
    what = pipeline([SHOUT], out="a.output")
    market.objects.delete(run(market, what, text="x").outputs["out"].sha256)
    assert text(market, run(market, what, text="x").outputs["out"]) == "X"
    assert calls["shout"] == 2


def test_the_same_seed_gives_the_same_result(market: Market) -> None:
    what = pipeline([{"id": "d", "service": "dice", "inputs": {"text": "inputs.text"}}], out="d.output")
    seeds = [run(market, what, seed=seed, text="x").outputs["out"].sha256 for seed in (1, 1, 2)]
    assert seeds[0] == seeds[1] != seeds[2]


def test_a_run_is_rebuilt_from_its_log(market: Market) -> None:
    result = run(market, pipeline([SHOUT], out="a.output"), text="x")
    rebuilt = fold(market.ledger.events(result.id))
    assert (rebuilt.status, rebuilt.outputs, rebuilt.steps) == (result.status, result.outputs, result.steps)


def test_events_are_numbered_without_gaps_and_end_with_the_end(market: Market) -> None:
    result = run(market, pipeline([SHOUT], out="a.output"), text="x")
    log: list[Event] = list(market.ledger.events(result.id))
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert isinstance(log[0], RunStarted) and isinstance(log[-1], RunFinished)


def test_a_cancelled_run_stops_and_can_go_on(market: Market) -> None:
    steps = [SHOUT, {"id": "s", "service": "slow", "params": {"seconds": 0.3}, "inputs": {"text": "a.output"}}]
    what = pipeline(steps, out="s.output")
    values = intake.admit([("text", "x")], what.inputs, market.objects)

    async def cancel_midway() -> RunFinished:
        cancelled = asyncio.Event()
        async for event in market.runner.start(market.plan(what), values, cancelled=cancelled):
            if isinstance(event, StepChanged) and event.step.id == "s":
                cancelled.set()
        assert isinstance(event, RunFinished)
        return event

    ended = asyncio.run(cancel_midway())
    assert ended.status is Status.cancelled
    resumed = follow(market.runner.resume(ended.run))
    assert resumed.status is Status.finished
    assert calls["shout"] == 1, "the finished step was not run again"


def test_a_failed_run_goes_on_where_it_failed(market: Market) -> None:
    steps = [
        {**SHOUT},
        {"id": "f", "service": "flaky", "params": {"failures": 3}, "inputs": {"text": "a.output"}},
    ]
    failed = run(market, pipeline(steps, out="f.output"), text="x")
    assert failed.status is Status.failed
    assert follow(market.runner.resume(failed.id)).status is Status.finished
    assert calls["shout"] == 1


def test_a_run_planned_for_another_version_of_a_service_does_not_go_on(market: Market) -> None:
    what = pipeline([SHOUT], out="a.output")
    made = market.plan(what)
    old = made.model_copy(update={"tasks": (made.tasks[0].model_copy(update={"identity": "older"}),)})
    values = intake.admit([("text", "x")], what.inputs, market.objects)
    assert follow(market.runner.start(old, values)).problems[0].code == "service-changed"


def test_every_artifact_says_how_it_was_made(market: Market) -> None:
    result = run(market, pipeline([SHOUT], out="a.output"), text="x")
    (made,) = market.results.makers(result.outputs["out"].sha256)
    assert (made.service, made.version, made.params) == ("shout", "1.0", {"times": 1})
    assert made.inputs == {"text": result.inputs["text"]}


def test_a_run_is_executed_by_one_process_at_a_time(market: Market) -> None:
    from halles.model import Problems

    result = run(market, pipeline([SHOUT], out="a.output"), text="x")

    async def both() -> None:
        first = market.runner.resume(result.id)
        await anext(first)
        assert market.runner.executing(result.id)
        with pytest.raises(Problems, match="another process"):
            await anext(market.runner.resume(result.id))
        await first.aclose()

    asyncio.run(both())
