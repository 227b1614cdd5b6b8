"""Edges are derived from the steps' references and conditions, so they cannot disagree with them."""

from contextlib import suppress
from graphlib import TopologicalSorter

from halles.engine import condition
from halles.model import INPUTS, Pipeline, Step, split


def needs(step: Step) -> set[str]:
    """The steps whose results a step reads, as inputs or in its condition."""
    origins = {split(reference)[0] for reference in step.inputs.values()}
    if step.when is not None:
        with suppress(condition.ConditionError):  # The check reports it at its place.
            origins |= set(condition.references(step.when))
    return origins - {INPUTS}


def order(pipeline: Pipeline) -> list[Step]:
    """The steps so that each comes after those it needs. Raises `graphlib.CycleError`."""
    steps = {step.id: step for step in pipeline.steps}
    sorter = TopologicalSorter({name: sorted(needs(step) & steps.keys()) for name, step in steps.items()})
    return [steps[name] for name in sorter.static_order()]
