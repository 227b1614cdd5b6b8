"""What a run will take, from what such calls took before: said with the number of calls that it rests on."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from halles.engine import Reader, condition
from halles.model import INPUTS, Model, Plan, Task, Value, artifacts, result_key, split
from halles.stores.history import History, Range, predict
from halles.stores.results import Results

NOTHING = Range(0.0, 0.0, 0.0)


class Seconds(Model):
    """A time. One of ten times it is less than `low`, and one of ten more than `high`."""

    low: float
    expected: float
    high: float


class StepEstimate(Model):
    """What a step will take. `basis` says how that is known."""

    step: str
    service: str
    version: str
    basis: Literal["cache", "skipped", "size", "past", "unknown"] = Field(
        description="it is known what it gives · its condition is false · past calls, by how much goes in · past "
        "calls, as what goes in is not known yet · no past calls, or an unknown number of items"
    )
    calls: int = Field(description="past calls that this rests on")
    seconds: Seconds | None = Field(description="null: unknown")
    memory: int | None = Field(description="bytes that the process had at the end of such calls; null: unknown")


class Estimate(Model):
    """What a run will take. Where steps are `unknown`, times and price are of the others alone."""

    complete: bool = Field(description="whether nothing is unknown")
    seconds: Seconds = Field(description="from begin to end: the longest way through the steps, waiting left out")
    compute: Seconds = Field(description="of all calls, added up")
    memory: int | None = Field(description="bytes; null: unknown")
    price: float | None = Field(description="expected seconds of computing × the operator's rate; null: no rate is set")
    unknown: tuple[str, ...] = Field(description="steps of which nothing is known")
    steps: tuple[StepEstimate, ...]


def estimate(
    plan: Plan, inputs: Mapping[str, Value], history: History, results: Results, reader: Reader, *, rate: float | None
) -> Estimate:
    """What a plan will take. Inputs may be left out: what they decide is then not known."""
    values: dict[str, Mapping[str, Value]] = {INPUTS: inputs}
    steps: list[StepEstimate] = []
    ends: dict[str, Range] = {}
    for task in plan.tasks:
        step = _step(task, values, history, results, reader)
        steps.append(step)
        took = Range(*step.seconds.model_dump().values()) if step.seconds else NOTHING
        before = [ends[name] for name in task.needs]
        ends[task.id] = Range(*(took[i] + max((end[i] for end in before), default=0.0) for i in range(3)))
    known = [step.seconds for step in steps if step.seconds]
    compute = [sum(getattr(each, name) for each in known) for name in Range._fields]
    unknown = tuple(step.step for step in steps if step.basis == "unknown")
    return Estimate(
        complete=not unknown,
        seconds=_seconds(Range(*(max((end[i] for end in ends.values()), default=0.0) for i in range(3)))),
        compute=_seconds(Range(*compute)),
        memory=max((step.memory for step in steps if step.memory), default=None),
        price=None if rate is None else compute[1] * rate,
        unknown=unknown,
        steps=tuple(steps),
    )


def _step(
    task: Task, values: dict[str, Mapping[str, Value]], history: History, results: Results, reader: Reader
) -> StepEstimate:
    """What a step will take; what it is known to give is added to the values."""
    about = {"step": task.id, "service": task.service, "version": task.version}
    if _skipped(task, values, reader):
        values[task.id] = {}
        return StepEstimate(**about, basis="skipped", calls=0, seconds=_seconds(NOTHING), memory=None)
    inputs = _inputs(task, values)
    past = history.calls(task.service, task.version)
    memories = [call.memory for call in past if call.memory]
    memory = max(memories) if memories else None
    if inputs is None:
        told = None if task.map else predict(past, None)
        basis: Literal["past", "unknown"] = "past" if told else "unknown"
        return StepEstimate(**about, basis=basis, calls=len(past), seconds=told and _seconds(told), memory=memory)
    found = [results.get(result_key(task.identity, task.params, call)) if task.cacheable else None for call in inputs]
    if not task.map and found[0] is not None:
        values[task.id] = found[0].outputs
    ahead = [call for call, result in zip(inputs, found, strict=True) if result is None]
    if not ahead:
        return StepEstimate(**about, basis="cache", calls=0, seconds=_seconds(NOTHING), memory=None)
    each = [predict(past, history.size(call)) for call in ahead]
    total = Range(*map(sum, zip(*(one for one in each if one), strict=True))) if None not in each else None
    return StepEstimate(
        **about, basis="size" if total else "unknown", calls=len(past), seconds=total and _seconds(total), memory=memory
    )


def _skipped(task: Task, values: Mapping[str, Mapping[str, Value]], reader: Reader) -> bool:
    """Whether it is known already that a step has nothing to do."""
    required = (split(task.inputs[port]) for port in task.required)
    if any(step in values and step != INPUTS and port not in values[step] for step, port in required):
        return True
    if task.when is None or any(
        step not in values or any(name not in values[step] for name in names)
        for step, names in condition.references(task.when).items()
    ):
        return False
    try:
        return not condition.evaluate(task.when, values, reader)
    except condition.ConditionError:
        return False


def _inputs(task: Task, values: Mapping[str, Mapping[str, Value]]) -> list[dict[str, Value]] | None:
    """What goes into the calls of a step, or None while that is not known."""
    inputs: dict[str, Value] = {}
    for port, reference in task.inputs.items():
        step, name = split(reference)
        if step not in values or (step == INPUTS and name not in values[step] and port in task.required):
            return None
        if name in values[step]:
            inputs[port] = values[step][name]
    if not task.map:
        return [inputs]
    return [{**inputs, task.map: item} for item in artifacts(inputs[task.map])]


def _seconds(times: Range) -> Seconds:
    return Seconds(**{name: round(value, 6) for name, value in times._asdict().items()})
