"""The cover pipeline of the documentation, held against the rules by which that engine takes a pipeline."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from halles.csia import translate
from halles.csia.messages import Announcement
from halles.main import Market

PAGE = Path(__file__).parents[2] / "docs/architecture/7-swiss-ai-center.md"


@pytest.fixture(scope="module")
def pipeline() -> dict[str, Any]:
    (text,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return dict(json.loads(text))


@pytest.fixture(scope="module")
def announced(pipeline: dict[str, Any]) -> dict[str, Announcement]:
    """What each step's service announces."""
    services = Market().services
    return {
        step["identifier"]: translate.announcement(services.load(step["service_slug"]).spec, "http://host")
        for step in pipeline["steps"]
    }


def source(pipeline: dict[str, Any], announced: dict[str, Announcement], reference: str) -> set[str]:
    """The types of what a reference such as `step.field` names."""
    owner, _, name = reference.partition(".")
    if owner == "pipeline":
        return set(next(field["type"] for field in pipeline["data_in_fields"] if field["name"] == name))
    return set(next(field.type for field in announced[owner].data_out_fields if field.name == name))


def test_each_input_takes_every_type_that_it_may_be_given(
    pipeline: dict[str, Any], announced: dict[str, Announcement]
) -> None:
    for step in pipeline["steps"]:
        fields = announced[step["identifier"]].data_in_fields
        for reference, field in zip(step["inputs"], fields, strict=False):
            assert source(pipeline, announced, reference) <= set(field.type), reference


def test_inputs_that_are_left_out_are_optional(pipeline: dict[str, Any], announced: dict[str, Announcement]) -> None:
    services = Market().services
    for step in pipeline["steps"]:
        wires = translate.inputs(services.load(step["service_slug"]).spec)
        assert len(step["inputs"]) <= len(wires)
        assert all(wire.port.optional for wire in wires[len(step["inputs"]) :])


def test_a_step_needs_the_steps_whose_outputs_it_takes(pipeline: dict[str, Any]) -> None:
    for step in pipeline["steps"]:
        assert {reference.partition(".")[0] for reference in step["inputs"]} - {"pipeline"} == set(step["needs"])


def test_outputs_are_of_the_types_that_are_promised(
    pipeline: dict[str, Any], announced: dict[str, Announcement]
) -> None:
    for field in pipeline["data_out_fields"]:
        assert source(pipeline, announced, field["format_hint"]["pipeline_source"]) == set(field["type"])
