"""All problems of a pipeline at once, each at its place, with what would be right."""

from typing import Any

import pytest

from halles.engine import check, parse, read
from halles.main import Market
from halles.model import Problem, Problems
from tests.running import pipeline

SPLIT = {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}}
SHOUT = {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}


def problems(market: Market, *steps: dict[str, Any], out: str = "a.output") -> list[Problem]:
    return check(pipeline(list(steps), out=out), market.services)


def test_a_sound_pipeline_has_no_problems(market: Market) -> None:
    assert problems(market, SHOUT) == []


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"service": "shuot"}, "a: There is no service `shuot`. Did you mean `shout`?"),
        ({"service": "shout@9"}, "a: Service `shout` is here in version 1.0, not 9. Did you mean `shout@1.0`?"),
        (
            {"inputs": {"text": "inputs.text", "txt": "inputs.text"}},
            "a.txt: Step `a` has no input `txt`. It accepts `text`. Did you mean `text`?",
        ),
        ({"inputs": {}}, "a.text: Step `a` needs `text` (text/plain); give it a `step.port` or `inputs.name`."),
        ({"inputs": {"text": "inputs.texd"}}, "a.text: The pipeline has no input `texd`. It has `text`. Did you mean `text`?"),
        ({"inputs": {"text": "z.output"}}, "a.text: There is no step `z`."),
        ({"inputs": {"text": "s.word"}}, "a.text: Step `s` has no output `word`. It has `words`, `mood`. Did you mean `words`?"),
        ({"inputs": {"text": "hello"}}, "a.text: `hello` is not a reference. One looks like `step.port` or `inputs.name`."),
        (
            {"inputs": {"text": "s.mood"}},
            "a.text: `s.mood` gives application/json;kind=mood, but `text` takes text/plain. "
            "Did you mean `inputs.text` or `s.words` or `a.output`?",
        ),
        ({"inputs": {"text": "s.words"}}, "a.text: `s.words` is a list, `text` takes one. Add `map: text` to run once an item."),
        ({"map": "text"}, "a.text: `map: text` needs a list, but `inputs.text` is one value. Remove `map`."),
        ({"map": "txet"}, "a.txet: `map: txet` names no wired input. Wired are `text`. Did you mean `text`?"),
        ({"params": {"tmes": 2}}, "a.tmes: `shout` has no parameter `tmes`. It has `times`. Did you mean `times`?"),
        ({"params": {"times": 12}}, "a.times: 12 is greater than the maximum of 9."),
        ({"params": {"times": "two"}}, 'a.times: "two" is not of type "integer".'),
        ({"when": "s.mood.happy &&"}, "a.when: `s.mood.happy &&` is not a condition"),
        ({"when": "z.mood.happy"}, "a.when: There is no step `z`."),
        ({"when": "s.mod.happy"}, "a.when: Step `s` has no output `mod`. It has `words`, `mood`. Did you mean `mood`?"),
    ],
)  # fmt: skip
def test_each_problem_says_where_and_what_would_be_right(market: Market, step: dict, message: str) -> None:
    (problem,) = problems(market, SPLIT, {**SHOUT, **step})
    assert str(problem).startswith(message)


def test_all_problems_come_at_once(market: Market) -> None:
    found = problems(market, {**SPLIT, "params": {"x": 1}}, {**SHOUT, "inputs": {}}, out="a.outptu")
    assert [p.code for p in found] == ["unknown-param", "missing-input", "unknown-port"]


def test_a_circle_is_named_step_by_step(market: Market) -> None:
    steps = [
        {"id": name, "service": "shout", "inputs": {"text": f"{other}.output"}} for name, other in ("ab", "bc", "ca")
    ]
    (problem,) = problems(market, *steps)
    assert problem.code == "cycle"
    assert problem.message.count("→") == 3


def test_a_condition_on_a_later_step_is_a_circle_too(market: Market) -> None:
    first = {**SPLIT, "when": "a.output != ''"}
    (problem,) = problems(market, first, {"id": "a", "service": "join", "inputs": {"texts": "s.words"}})
    assert problem.code == "cycle"


def test_two_steps_of_one_name(market: Market) -> None:
    assert "is the id of two steps" in str(problems(market, SHOUT, SHOUT)[0])


DEEP = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 10} for n in range(30)} | {"d30": {}}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": 5}, "5 is not valid"),
        ({"$ref": "#/nowhere"}, "Pointer '/nowhere' does not exist"),
        ({"$ref": "http://127.0.0.1:9/x"}, "Retrieval is disabled"),
        ({"$schema": "http://127.0.0.1:9/x"}, "Unknown meta-schema"),
        ({"allOf": [{"$ref": "#/$defs/d0"}], "$defs": DEEP}, "unfolds to more than 5,000 parts"),
        ({"properties": {"a": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}}, "refers to itself"),
    ],
)
def test_a_schema_that_is_none_is_explained_and_nothing_is_fetched(market: Market, schema: dict, said: str) -> None:
    what = pipeline(
        [{"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}],
        inputs={"text": {"media": "text/plain"}, "v": {"schema": schema}},
        out="a.output",
    )
    (problem,) = check(what, market.services)
    assert (problem.code, problem.step, problem.port) == ("bad-schema", "inputs", "v")
    assert said in problem.message


def test_an_empty_pipeline(market: Market) -> None:
    assert [p.code for p in check(pipeline([]), market.services)] == ["no-steps", "no-outputs"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2]", "A pipeline is a mapping"),
        ("id: x\nsteps:\n\t- id: a", "Line 3 has a tab"),
        ("id: [x", "This is not YAML or JSON"),
        ("a: &a [x]\nb: *a", "line 2 has an alias"),
        ("id: x\nname: a: b", "not YAML or JSON: line 2, column 8: a `:` stands where none can be"),
        ("id: x\nsteps:\n- id: a\n service: b", "line 4, column 2: the line is not indented like its neighbours"),
        ("id: x\nname: 'a\nsteps: []", "line 3, column 10: a quote is opened and not closed"),
        ("id: x\nsteps:\n- id: a\n  service: b\n  inputs:\n    text: [a]", "a: Line 6: `inputs.text`"),
        ("id: x\nid: y", "`id` is given twice"),
        ('{"id": "x", "id": "y"}', "`id` is given twice"),
        ('{"id": "x", "name": "\\ud83d"}', "half of a character"),
        ("id: x\nname: !!float .nan", "not YAML or JSON: Out of range float values"),
        ('{"id": "x", "layout": {"a": NaN}}', "not YAML or JSON: Out of range float values"),
        ("id: 2001-99-99", "This is not YAML or JSON: month must be in 1..12"),
        ("id: x\nx: " + "[" * 9000, "nested too deeply"),
        ("id: x\ninputs: {My Song: {media: audio/*}}", "An input cannot be called `My Song`"),
        ("id: x\noutputs: {../x: a.b}", "An output cannot be called `../x`"),
        ("id: My Pipeline", "`id`: String should match pattern"),
        ("id: x\nstep: []", "There is no field `step`. There are `id`, `name`"),
        ("id: x\nsteps: [{id: a, service: b, input: {}}]", "a: Line 2: There is no field `input`"),
        ("id: x\nsteps: [{id: a}]", "a: Line 2: `service`: Field required"),
    ],
)
def test_what_cannot_be_read_is_explained(text: str, message: str) -> None:
    with pytest.raises(Problems) as found:
        read(text)
    assert message in str(found.value)


def test_characters_that_json_writes_in_two_halves_are_read() -> None:
    assert read('{"id": "x", "name": "\\ud83d\\ude00"}').name == "😀"


def test_yaml_and_json_are_the_same_format() -> None:
    assert read("{id: x, steps: []}") == parse({"id": "x"})
    assert read('{"id": "x", "steps": []}') == read("id: x\nsteps: []") == parse({"id": "x"})
