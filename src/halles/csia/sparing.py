"""Inputs that a pipeline of ours need not ask for on the Swiss AI Center's engine, which knows no optional ones."""

import re
from collections.abc import Iterator, Set

from halles.csia.pipelines import Fields
from halles.model import INPUTS, Pipeline, PipelineInput, Step, split


def spared(pipeline: Pipeline, fields: Fields, left_out: Set[str]) -> set[str]:
    """The inputs of a pipeline that steps take, and that nobody needs to give there.

    By default they say nothing, and every step that takes them can do without: inputs go by position, so what a step
    is not given stands at the end of its fields. `left_out` are the steps that are not there.
    """
    steps = [step for step in pipeline.steps if step.id not in left_out]
    taken = {reference for step in steps for reference in step.inputs.values()}
    found = {
        name
        for name, given in pipeline.inputs.items()
        if f"{INPUTS}.{name}" in taken - set(pipeline.outputs.values())
        and _says_nothing(given)
        and not any(_asks(step, name) for step in steps)
    }
    while needed := {name for step in steps for name in _needed(step, fields, left_out, found)} & found:
        found -= needed
    return found


def _needed(step: Step, fields: Fields, left_out: Set[str], found: Set[str]) -> Iterator[str]:
    """The inputs of the pipeline that a step must be given: its field needs them, or one behind it is given."""
    wires = fields.inputs(step.service.partition("@")[0])
    if wires is None:
        yield from (name for origin, name in map(split, step.inputs.values()) if origin == INPUTS)
        return
    given = False
    for wire in reversed(wires):
        origin, name = split(step.inputs.get(wire.port.name, ""))
        if origin == INPUTS and (given or not wire.port.optional):
            yield name
        absent = not origin or origin in left_out or (origin == INPUTS and name in found)
        given = given or not absent


def _says_nothing(given: PipelineInput) -> bool:
    """Whether leaving it away is the same there as an absent value."""
    return given.default in ({}, "") or (given.default is None and given.optional)


def _asks(step: Step, name: str) -> bool:
    """Whether the condition of a step speaks of an input of the pipeline."""
    return step.when is not None and re.search(rf"\b{INPUTS}\.{name}\b", step.when) is not None
