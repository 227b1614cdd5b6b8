"""Pins, and what becomes of a pipeline when its services are of another version."""

from typing import Any

import pytest

from halles.engine import Upgrade, check, parse, pin, upgrade
from halles.model import Pipeline, Problems, ServiceSpec
from halles.sdk import Service, service
from halles.stores.shelf import Services
from tests import shelf


@service("shout", version="2.0", licence="Apache-2.0")
def louder(text: str, *, repeat: int = 1, times: str = "", pitch: int = 3) -> str:
    """Say it louder; `times` is a text now, `pitch` is new."""
    return text


@service("shout", version="3.0", licence="Apache-2.0")
def other_ports(words: str, tone: dict[str, int], *, times: int = 1) -> list[str]:
    """Take and give something else."""
    return [words]


def pipeline(**step: Any) -> Pipeline:
    say = {"id": "say", "service": "shout", "inputs": {"text": "inputs.text"}, **step}
    cut = {"id": "cut", "service": "split", "inputs": {"text": "say.output"}}
    content = {"id": "p", "inputs": {"text": {"media": "text/plain"}}, "steps": [say, cut]}
    return parse({**content, "outputs": {"out": "cut.words"}})


def with_(*other: Service) -> Services:
    return Services([*shelf.SERVICES, *other])


NOW = with_()
THEN = {spec.slug: spec for spec in (shelf.shout.spec, shelf.split.spec)}


def to(new: Service, **step: Any) -> Upgrade:
    return upgrade(pipeline(**step), THEN, with_(new))


def test_pinning_names_the_versions_that_are_here() -> None:
    pinned = pin(pipeline(), NOW)
    assert [step.service for step in pinned.steps] == ["shout@1.0", "split@1.0"]
    assert check(pinned, NOW) == []


def test_a_service_that_is_not_here_cannot_be_pinned() -> None:
    with pytest.raises(Problems, match=r"no service `shuot` to pin `say` to\. Did you mean `shout`"):
        pin(pipeline(service="shuot"), NOW)


def test_a_pinned_pipeline_says_that_its_version_is_gone() -> None:
    (problem,) = check(pin(pipeline(), NOW), with_(louder))
    assert (problem.code, problem.suggestions) == ("unknown-version", ("shout@2.0",))


def test_without_new_versions_nothing_changes() -> None:
    same = upgrade(pipeline(), THEN, NOW)
    assert not same.changes and not same.problems
    assert not any(step.changed for step in same.steps)


def test_edges_that_fit_are_kept_and_the_pin_moves() -> None:
    done = to(louder, service="shout@1.0")
    say = done.steps[0]
    assert (say.old, say.new, say.changed) == ("1.0", "2.0", True)
    assert [(edge.port, edge.source) for edge in say.kept] == [("text", "inputs.text")]
    assert done.pipeline.steps[0].service == "shout@2.0"
    assert done.problems == ()


def test_a_step_that_was_not_pinned_stays_so() -> None:
    assert to(louder).pipeline.steps[0].service == "shout"


def test_parameters_are_kept_dropped_with_the_reason_or_left_to_new_defaults() -> None:
    say = upgrade(pipeline(params={"repeat": 2, "times": 3, "volume": 9}), THEN, with_(louder)).steps[0]
    assert say.params_kept == {"repeat": 2}
    assert {problem.port: problem.code for problem in say.params_dropped} == {
        "times": "bad-param",
        "volume": "unknown-param",
    }
    assert [(each.name, each.old, each.new) for each in say.params_defaulted] == [("pitch", None, 3)]


def test_broken_edges_are_told_where_they_break_and_stay_to_be_mended() -> None:
    done = to(other_ports)
    say, cut = done.steps
    assert {(p.port, p.code) for p in say.broken} == {
        ("text", "unknown-port"),
        ("words", "missing-input"),
        ("tone", "missing-input"),
    }
    assert [(p.port, p.code) for p in cut.broken] == [("text", "list-to-one")], (
        "its service is the same, its source is not"
    )
    assert done.pipeline.steps[0].inputs == {"text": "inputs.text"}


def test_a_service_that_is_gone_keeps_its_step() -> None:
    gone = upgrade(pipeline(service="shuot"), {}, NOW).steps[0]
    assert (gone.old, gone.new) == (None, None)
    assert gone.broken[0].suggestions == ("shout",)


def test_another_service_can_take_the_place() -> None:
    done = upgrade(pipeline(params={"times": 3}), THEN, NOW, {"say": "dice"})
    assert done.pipeline.steps[0].service == "dice"
    assert [edge.source for edge in done.steps[0].kept] == ["inputs.text"]
    assert [problem.port for problem in done.steps[0].params_dropped] == ["times"]
    with pytest.raises(Problems, match=r"no step `sya`\. Did you mean `say`"):
        upgrade(pipeline(), THEN, NOW, {"sya": "dice"})


def test_the_same_version_with_other_code_counts_as_changed() -> None:
    edited: ServiceSpec = shelf.shout.spec.model_copy(update={"code": "other"})
    assert upgrade(pipeline(), {**THEN, "shout": edited}, NOW).steps[0].changed
