"""The events of a run, and the run that they add up to: `Run = fold(events)`."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from halles.model.artifact import Value
from halles.model.base import Model
from halles.model.plan import Plan
from halles.model.problem import Problem


class Status(StrEnum):
    """Where a run or a step stands."""

    pending = "pending"
    running = "running"
    finished = "finished"
    skipped = "skipped"
    failed = "failed"
    cancelled = "cancelled"

    @property
    def done(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (Status.pending, Status.running)


class Progress(Model):
    """How far a running step is."""

    fraction: float = Field(ge=0, le=1)
    message: str = ""


class StepState(Model):
    """All that is known of one step now. Times are seconds since the epoch."""

    id: str
    status: Status = Status.pending
    attempt: int = 0
    started: float | None = None
    finished: float | None = None
    progress: Progress | None = None
    outputs: dict[str, Value] = {}
    cached: bool = Field(default=False, description="taken from the cache: nothing was computed")
    keys: tuple[str, ...] = Field(default=(), description="cache keys, one a call: the provenance of the outputs")
    reason: str = Field(default="", description="why the step was skipped")
    problem: Problem | None = None

    @property
    def seconds(self) -> float | None:
        """How long the step took."""
        return None if self.started is None or self.finished is None else self.finished - self.started


class _Event(Model):
    run: str
    seq: int
    at: float


class RunStarted(_Event):
    """A run was begun, or begun again with the same plan and inputs after it was cut off."""

    type: Literal["run-started"] = "run-started"
    plan: Plan
    inputs: dict[str, Value]


class StepChanged(_Event):
    """A step has this new state, which replaces the one before."""

    type: Literal["step-changed"] = "step-changed"
    step: StepState


class RunFinished(_Event):
    """Nothing more will happen."""

    type: Literal["run-finished"] = "run-finished"
    status: Status
    outputs: dict[str, Value] = {}
    problems: tuple[Problem, ...] = ()


Event = Annotated[RunStarted | StepChanged | RunFinished, Field(discriminator="type")]
event_adapter: TypeAdapter[RunStarted | StepChanged | RunFinished] = TypeAdapter(Event)


class Run:
    """What the events so far add up to. It changes only by `apply`."""

    def __init__(self, started: RunStarted) -> None:
        self.id = started.run
        self.plan = started.plan
        self.inputs = started.inputs
        self.created = started.at
        self.status = Status.running
        self.steps = {task.id: StepState(id=task.id) for task in started.plan.tasks}
        self.outputs: dict[str, Value] = {}
        self.problems: tuple[Problem, ...] = ()
        self.updated = started.at
        self.seq = started.seq

    def apply(self, event: RunStarted | StepChanged | RunFinished) -> None:
        """Take one more event into account."""
        self.seq, self.updated = event.seq, event.at
        match event:
            case RunStarted():
                self.status, self.outputs, self.problems = Status.running, {}, ()
                self.steps = {task.id: StepState(id=task.id) for task in event.plan.tasks}
            case StepChanged():
                self.steps[event.step.id] = event.step
            case RunFinished():
                self.status, self.outputs, self.problems = event.status, event.outputs, event.problems


class RunSummary(Model):
    """A run as lists show it."""

    id: str
    pipeline: str
    status: Status
    created: float
    updated: float


def fold(events: Iterable[RunStarted | StepChanged | RunFinished]) -> Run:
    """Rebuild a run from its log, which begins with `RunStarted`."""
    stream = iter(events)
    first = next(stream, None)
    if not isinstance(first, RunStarted):
        raise ValueError("A run's log begins with RunStarted.")
    run = Run(first)
    for event in stream:
        run.apply(event)
    return run
