"""What changed between two pipelines."""

from typing import Any

from halles.engine import diff, parse
from halles.model import Pipeline

SAY: dict[str, Any] = {"id": "say", "service": "shout", "params": {"times": 2}, "inputs": {"text": "inputs.text"}}
CUT: dict[str, Any] = {"id": "cut", "service": "split", "inputs": {"text": "say.output"}}


def pipeline(*steps: dict[str, Any], **more: Any) -> Pipeline:
    inputs = {"text": {"media": "text/plain"}}
    content = {"id": "p", "inputs": inputs, "steps": steps or [SAY, CUT], "outputs": {"out": "cut.words"}}
    return parse({**content, **more})


def lines(new: Pipeline) -> list[str]:
    return [str(change) for change in diff(pipeline(), new)]


def test_nothing_changed_between_equal_pipelines() -> None:
    assert diff(pipeline(), pipeline()) == []


def test_the_order_of_steps_means_nothing() -> None:
    assert diff(pipeline(), pipeline(CUT, SAY)) == []


def test_steps_come_and_go() -> None:
    join = {"id": "join", "service": "join", "inputs": {"texts": "cut.words"}}
    assert lines(pipeline(SAY, CUT, join)) == ["Step `join` (join) is new."]
    assert lines(pipeline(CUT)) == ["Step `say` is gone."]


def test_parameters_are_set_changed_and_unset() -> None:
    assert lines(pipeline({**SAY, "params": {"times": 3}}, CUT)) == ["`say`: parameter `times` is `3`; it was `2`."]
    assert lines(pipeline({**SAY, "params": {}}, CUT)) == ["`say`: parameter `times` is gone; it was `2`."]
    new = pipeline({**SAY, "params": {"times": 2, "loud": True}}, CUT)
    assert lines(new) == ["`say`: parameter `loud` is `true`."]


def test_edges_are_rewired() -> None:
    (change,) = diff(pipeline(), pipeline(SAY, {**CUT, "inputs": {"text": "inputs.text"}}))
    assert (change.kind, change.step, change.name) == ("edge", "cut", "text")
    assert str(change) == "`cut`: what feeds `text` is `inputs.text`; it was `say.output`."


def test_services_conditions_maps_and_time_limits_change() -> None:
    new = pipeline({**SAY, "service": "shout@1.0", "when": "inputs.text != ''", "map": "text", "timeout": 5}, CUT)
    assert lines(new) == [
        "`say`: the service is `shout@1.0`; it was `shout`.",
        "`say`: the condition is `inputs.text != ''`.",
        "`say`: the input that it runs once an item of is `text`.",
        "`say`: the time limit in seconds is `5.0`.",
    ]


def test_a_renamed_step_is_one_change_and_what_refers_to_it_is_none() -> None:
    renamed = pipeline({**SAY, "id": "cry"}, {**CUT, "inputs": {"text": "cry.output"}})
    assert lines(renamed) == ["Step `say` is called `cry` now."]


def test_a_renamed_step_in_a_condition_is_no_change_of_the_condition() -> None:
    old = pipeline(SAY, {**CUT, "when": "say.output != ''"})
    new = pipeline({**SAY, "id": "cry"}, {**CUT, "inputs": {"text": "cry.output"}, "when": "cry.output != ''"})
    assert [str(change) for change in diff(old, new)] == ["Step `say` is called `cry` now."]


def test_inputs_and_outputs_change() -> None:
    inputs = {"text": {"media": "text/plain", "optional": True}, "song": {"media": "audio/*"}}
    new = pipeline(inputs=inputs, outputs={"out": "say.output", "mood": "cut.mood"})
    assert lines(new) == [
        "Input `text` has another `optional`.",
        "Input `song` (audio/*) is new.",
        "Output `out` is `say.output`; it was `cut.words`.",
        "Output `mood` is new: `cut.mood`.",
    ]


def test_what_it_says_of_itself_and_its_layout_are_told_too() -> None:
    assert lines(pipeline(name="Loud", layout={"say": [1, 2]})) == [
        'The name is `Loud`; it was `""`.',
        "The layout is another one: `say`.",
    ]


def test_a_long_value_is_shown_by_its_beginning() -> None:
    (line,) = lines(pipeline({**SAY, "params": {"times": 2, "words": "x" * 500}}, CUT))
    assert len(line) < 130 and line.endswith("…`.")
