"""Our pipelines as those of the Swiss AI Center's engine, and theirs as ours."""

from graphlib import TopologicalSorter
from typing import Annotated, Any

import pytest

from halles.csia import translate
from halles.csia.exporting import exported
from halles.csia.importing import imported
from halles.csia.messages import Announcement
from halles.csia.pipelines import PipelineDocument, looks_like_theirs
from halles.engine import check, parse, plain
from halles.model import Pipeline, Problem, ServiceSpec
from halles.sdk import Audio, Port, service
from halles.stores.shelf import Pipelines, Services
from tests import shelf


@service("mix", version="1.0", licence="Apache-2.0")
def mix(text: str, song: Audio | None = None, note: str | None = None) -> Annotated[str, Port("both")]:
    """Take what is there."""
    return text


SERVICES = Services([*shelf.SERVICES, mix])
SPECS = {slug: spec for slug in SERVICES.slugs() if (spec := SERVICES.find(slug))}
TEXT = {"text": {"media": "text/plain"}}
SAY = {"id": "say", "service": "shout", "inputs": {"text": "inputs.text"}}


def pipeline(*steps: dict[str, Any], inputs: dict[str, Any] | None = None, **outputs: str) -> Pipeline:
    content = {"id": "p", "name": "P", "description": "Does it.", "tags": ["Generic"], "inputs": inputs or TEXT}
    return parse({**content, "steps": steps or [SAY], "outputs": outputs or {"out": "say.output"}})


def there(what: Pipeline) -> PipelineDocument:
    return exported(what, SPECS).document


def told(problems: tuple[Problem, ...]) -> list[tuple[str, str | None, str | None]]:
    return [(problem.code, problem.step, problem.port) for problem in problems]


def accepted_there(document: PipelineDocument, specs: dict[str, ServiceSpec]) -> None:
    """The rules by which that engine takes a pipeline."""
    steps = {step.identifier: step for step in document.steps}
    assert len(steps) == len(document.steps)
    own = {f"pipeline.{field.name}": set(field.type) for field in document.data_in_fields}
    seen: set[str] = set()
    for name in TopologicalSorter({key: step.needs for key, step in steps.items()}).static_order():
        step = steps[name]
        wires = translate.inputs(specs[step.service_slug or ""])
        assert len(step.inputs) <= len(wires)
        for reference, wire in zip(step.inputs, wires, strict=False):
            origin, field = reference.split(".")
            assert origin == "pipeline" or origin in seen & set(step.needs), reference
            given = own[reference] if origin == "pipeline" else types(specs, steps[origin].service_slug, field)
            assert given <= set(wire.field.type), reference
        seen.add(name)
    for out in document.data_out_fields:
        origin, field = out.format_hint["pipeline_source"].split(".")  # type: ignore[index,call-overload,union-attr]
        assert set(out.type) == types(specs, steps[origin].service_slug, field)


def types(specs: dict[str, ServiceSpec], slug: str | None, field: str) -> set[str]:
    (found,) = (wire.field.type for wire in translate.outputs(specs[slug or ""]) if wire.field.name == field)
    return set(found)


CASES = {
    "one step": pipeline(),
    "steps with names of several words": pipeline({**SAY, "id": "say_it"}, out="say_it.output"),
    "a branch that joins": pipeline(
        SAY, {"id": "cut", "service": "split", "inputs": {"text": "say.output"}},
        {"id": "join", "service": "join", "inputs": {"texts": "cut.words", "other": "say.output"}}, out="join.output",
    ),
    "a list as an output": pipeline({**SAY, "service": "split"}, words="say.words", mood="say.mood"),
    "a song": pipeline({"id": "a", "service": "listen", "inputs": {"song": "inputs.song"}}, inputs={"song": {"media": "audio/*"}}, out="a.output"),
    "an optional input at the end": pipeline({"id": "a", "service": "mix", "inputs": {"text": "inputs.text"}}, out="a.output"),
    "an optional input before another": pipeline(
        {"id": "a", "service": "mix", "inputs": {"text": "inputs.text", "note": "inputs.text"}}, out="a.output"
    ),
    "a list that is taken whole": pipeline(
        {**SAY, "service": "split", "inputs": {"text": "inputs.text"}},
        {"id": "b", "service": "join", "inputs": {"texts": "say.words"}}, out="b.output",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_that_engine_can_say_comes_back_as_it_was(case: str) -> None:
    document = there(CASES[case])
    accepted_there(document, SPECS)
    back = imported(document, SPECS)
    assert plain(back.pipeline) == plain(CASES[case])
    assert back.problems == ()


def test_and_a_second_time_the_same_goes_out() -> None:
    for each in CASES.values():
        document = there(each)
        assert there(imported(document, SPECS).pipeline) == document


def test_a_condition_of_a_last_step_is_kept() -> None:
    step = {"id": "cut", "service": "split", "when": "say.output != ''", "inputs": {"text": "say.output"}}
    out = exported(pipeline(SAY, step, out="cut.mood"), SPECS)
    assert out.document.steps[1].condition == "(not (say.output == ''))"
    assert told(out.problems) == [("end-untold", "cut", "when")]
    assert imported(out.document, SPECS).pipeline.steps[1].when == '!(say.output == "")'


def test_a_step_that_others_follow_runs_always() -> None:
    cut = {"id": "cut", "service": "split", "inputs": {"text": "say.output"}}
    out = exported(pipeline({**SAY, "when": "inputs.text != ''"}, cut, out="cut.mood"), SPECS)
    assert out.document.steps[0].condition is None
    assert told(out.problems) == [("condition-dropped", "say", "when")]
    assert "`cut` would wait for it for ever" in out.problems[0].message


def test_a_condition_sees_only_inputs_of_its_own_step() -> None:
    step = {"id": "cut", "service": "split", "when": "inputs.text != ''", "inputs": {"text": "say.output"}}
    out = exported(pipeline(SAY, step, out="cut.mood"), SPECS)
    assert out.document.steps[1].condition is None
    assert "`inputs.text` is not an input of the step itself" in out.problems[0].message


def test_a_step_that_is_off_by_default_is_left_out() -> None:
    inputs = {**TEXT, "loud": {"schema": {"type": "boolean"}, "default": False}}
    mixed = {"id": "a", "service": "mix", "inputs": {"text": "inputs.text", "note": "say.output"}}
    out = exported(pipeline({**SAY, "when": "inputs.loud"}, mixed, inputs=inputs, out="a.output"), SPECS)
    assert [step.identifier for step in out.document.steps] == ["a"]
    assert out.document.steps[0].inputs == ("pipeline.text",)
    assert told(out.problems) == [("step-left-out", "say", None), ("input-left-out", "inputs", "loud")]


NOTE: dict[str, Any] = {"media": "text/plain", "optional": True}
MIX = {"id": "a", "service": "mix", "inputs": {"text": "inputs.text", "note": "inputs.note"}}


@pytest.mark.parametrize("note", [NOTE, {"media": "text/plain", "default": ""}])
def test_an_input_that_nobody_gives_is_left_out_at_the_end_of_a_step(note: dict[str, Any]) -> None:
    out = exported(pipeline(MIX, inputs={**TEXT, "note": note}, out="a.output"), SPECS)
    assert out.document.steps[0].inputs == ("pipeline.text",)
    assert [field.name for field in out.document.data_in_fields] == ["text"]
    assert told(out.problems) == [("input-left-out", "inputs", "note")]


KEPT_INPUTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "it says something by default": ({**NOTE, "optional": False, "default": "hm"}, {}),
    "a condition asks for it": (NOTE, {"when": "inputs.note != ''"}),
    "another step needs it": (NOTE, {"needed": True}),
}


@pytest.mark.parametrize("why", KEPT_INPUTS)
def test_an_input_stays_when(why: str) -> None:
    note, more = KEPT_INPUTS[why]
    steps = [{**MIX, **{name: value for name, value in more.items() if name != "needed"}}]
    if more.get("needed"):
        steps.append({**SAY, "inputs": {"text": "inputs.note"}})
    out = exported(pipeline(*steps, inputs={**TEXT, "note": note}, out="a.output"), SPECS)
    assert "note" in [field.name for field in out.document.data_in_fields]
    assert ("input-required", "inputs", "note") in told(out.problems)


def test_what_cannot_be_said_there_is_told() -> None:
    many = {
        "id": "each",
        "service": "shout@1.0",
        "map": "text",
        "params": {"times": 2},
        "inputs": {"text": "inputs.all"},
    }
    inputs = {"all": {"media": "text/plain", "many": True}, "more": {"media": "text/plain", "default": "x"}}
    end = {"id": "end", "service": "join", "inputs": {"texts": "each.output", "other": "inputs.more"}}
    out = exported(pipeline(many, end, inputs=inputs, out="each.output"), SPECS)
    assert set(told(out.problems)) == {
        ("no-parameters", "each", None),
        ("first-only", "each", "text"),
        ("not-pinned", "each", None),
        ("input-required", "inputs", "more"),
        ("first-only", None, "out"),
    }
    assert "halles service shout --set times=2" in str(out.problems)


@pytest.mark.parametrize("name", Pipelines().ids())
def test_the_installed_pipelines_run_there(name: str) -> None:
    services = Services()
    specs = {slug: spec for slug in services.slugs() if (spec := services.find(slug))}
    out = exported(Pipelines().load(name), specs)
    accepted_there(out.document, specs)
    assert check(imported(out.document, specs).pipeline, services) == []


THEIRS: dict[str, Any] = {
    "name": "Face blur",
    "slug": "Face_Blur",
    "summary": "Blurs faces.",
    "data_in_fields": [{"name": "image", "type": ["image/png", "image/jpeg"]}],
    "data_out_fields": [{"name": "result", "type": ["image/png", "image/jpeg"]}],
    "tags": [{"name": "Image Processing", "acronym": "IP"}],
    "steps": [
        {"identifier": "detect-1", "needs": [], "inputs": ["pipeline.image"], "service_slug": "face-detection"},
        {
            "identifier": "Blur",
            "needs": ["detect-1"],
            "condition": "detect-1.result && pipeline.image",
            "inputs": ["pipeline.image", "detect-1.result"],
            "service_slug": "image-blur",
        },
    ],
}


def announced(slug: str, ins: list[str], out: str) -> Announcement:
    fields = [
        {"name": name, "type": ["image/png", "image/jpeg"] if name == "image" else ["application/json"]} for name in ins
    ]
    out_fields = [{"name": "result", "type": [out] if "/" in out else ["image/png", "image/jpeg"]}]
    base = {"name": slug, "slug": slug, "summary": slug, "url": "http://x", "data_in_fields": fields}
    return Announcement.model_validate({**base, "data_out_fields": out_fields})


def test_a_pipeline_of_theirs_becomes_ours() -> None:
    known = {
        "face-detection": announced("face-detection", ["image"], "application/json"),
        "image-blur": announced("image-blur", ["image", "Areas (JSON)"], "image"),
    }
    specs = {slug: translate.specification(each) for slug, each in known.items()}
    found = imported(PipelineDocument.model_validate(THEIRS), specs, known)
    assert plain(found.pipeline) == {
        "id": "face-blur",
        "name": "Face blur",
        "description": "Blurs faces.",
        "tags": ["Image Processing"],
        "inputs": {"image": {"media": "image/*"}},
        "outputs": {"result": "blur.result"},
        "steps": [
            {"id": "detect_1", "service": "face-detection", "inputs": {"image": "inputs.image"}},
            {
                "id": "blur",
                "service": "image-blur",
                "inputs": {"image": "inputs.image", "areas_json": "detect_1.result"},
                "when": "(detect_1.result && inputs.image)",
            },
        ],
    }
    assert found.problems == ()


def test_services_that_are_not_here_keep_their_edges() -> None:
    found = imported(PipelineDocument.model_validate(THEIRS), {})
    assert told(found.problems)[:2] == [("unknown-service", "detect_1", None), ("unknown-service", "blur", None)]
    assert found.pipeline.steps[1].inputs == {"input_1": "inputs.image", "input_2": "detect_1.result"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"condition": "open('x').read() == ''"}, "condition-dropped"),
        ({"needs": ["detect-1"], "inputs": ["pipeline.image"]}, "order-only"),
        ({"service_slug": None, "pipeline_slug": "other"}, "nested-pipeline"),
    ],
)
def test_what_we_cannot_take_over_is_told(change: dict[str, Any], code: str) -> None:
    steps = [THEIRS["steps"][0], {**THEIRS["steps"][1], **change}]
    found = imported(PipelineDocument.model_validate({**THEIRS, "steps": steps}), {})
    assert (code, "blur") in [(problem.code, problem.step) for problem in found.problems]


def test_theirs_are_told_from_ours() -> None:
    assert looks_like_theirs(THEIRS)
    assert not looks_like_theirs(plain(pipeline()))
    assert not looks_like_theirs([])
