"""Runs that go on from other ones: from a step, with an edited value, or with what has not finished."""

import secrets
from collections.abc import Mapping
from typing import Any

from halles.engine import Catalogue, again
from halles.engine import plan as planned
from halles.model import INPUTS, Order, Problem, Problems, Run, StepState, Value, say, split
from halles.runners import intake
from halles.stores.objects import Objects


def order(
    run: Run, owner: str, catalogue: Catalogue, objects: Objects, *, step: str | None = None,
    values: Mapping[str, Value] | None = None, seed: int | None = None,
) -> Order:  # fmt: skip
    """What is to be run: a step anew, or values by `step.port` or `inputs.name` in the place of others, or all of it
    with a seed by the services as they are now, or what has not finished.

    Raises `Problems`.
    """
    inputs = dict(run.inputs)
    given: Mapping[str, StepState] = {}
    if seed is not None:
        plan = planned(run.plan.pipeline, catalogue, seed=seed)
    elif values is not None:
        inputs |= {port: value for (step, port), value in _parted(values) if step == INPUTS}
        plan, given = again.edit(run, values, catalogue)
    elif step is not None:
        plan, given = again.retry(run, step, catalogue)
    else:
        plan, given = run.plan, again.resume(run, objects.has)
    return Order(
        run=secrets.token_hex(8), plan=plan, inputs=inputs, owner=owner, priority=min(run.priority, 0), given=given,
        parent=run.id, title=run.title,
    )  # fmt: skip


def edited(run: Run, reference: str, value: Any, catalogue: Catalogue, objects: Objects) -> Value:
    """A value for what a step gives on a port, checked against what its service promises, or for an input, checked
    against the pipeline. Raises `Problems`."""
    step, port = split(reference)
    if step == INPUTS and port in run.plan.pipeline.inputs:
        return intake.fill(run.plan.pipeline.inputs[port].port(port), value, objects)
    task = next((task for task in run.plan.tasks if task.id == step), None)
    spec = catalogue.find(task.service) if task else None
    promised = spec.output(port) if spec else None
    if task is None or promised is None:
        again.edit(run, {reference: ()}, catalogue)  # Says what is wrong.
        message = say(
            "The service of `{step}` is not here any more, so `{port}` cannot be checked.", step=step, port=port
        )
        raise Problems([Problem(code="service-changed", step=step, port=port, message=message)])
    many = promised.many or task.map is not None
    return intake.fill(promised.model_copy(update={"many": many}), value, objects)


def _parted(values: Mapping[str, Value]) -> list[tuple[tuple[str, str], Value]]:
    return [(split(reference), value) for reference, value in values.items()]
