"""The events of a run, and the run that they add up to: `Run = fold(events)`."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from halles.model.artifact import Value
from halles.model.base import Model
from halles.model.identity import LOCAL
from halles.model.order import Order
from halles.model.plan import Plan
from halles.model.problem import Problem
from halles.model.saying import say
from halles.model.step import Status, StepState


class _Event(Model):
    run: str
    seq: int
    at: float


class RunAccepted(_Event):
    """A run was put in the queue."""

    type: Literal["run-accepted"] = "run-accepted"
    order: Order


class RunStarted(_Event):
    """A run was begun, or begun again with the same plan and inputs after it was cut off.

    `given` are the states of the steps that need not run: they come with the beginning, so that there is no moment at
    which the log has forgotten them.
    """

    type: Literal["run-started"] = "run-started"
    plan: Plan
    inputs: dict[str, Value]
    given: dict[str, StepState] = {}


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


Event = Annotated[RunAccepted | RunStarted | StepChanged | RunFinished, Field(discriminator="type")]
event_adapter: TypeAdapter[RunAccepted | RunStarted | StepChanged | RunFinished] = TypeAdapter(Event)


class Run:
    """What the events so far add up to. It changes only by `apply`.

    `begun` is when it was begun last, None while it waits in the queue. Times are seconds since the epoch.
    """

    def __init__(self, first: RunAccepted | RunStarted) -> None:
        self.begun: float | None
        if isinstance(first, RunAccepted):
            order, self.status, self.begun = first.order, Status.pending, None
        else:
            order = Order(run=first.run, plan=first.plan, inputs=first.inputs, given=first.given)
            self.status, self.begun = Status.running, first.at
        self.id = order.run
        self.plan, self.inputs, self.given = order.plan, order.inputs, order.given
        self.owner, self.priority = order.owner, order.priority
        self.parent, self.batch, self.trace = order.parent, order.batch, order.trace
        self.title = order.title
        self.created = first.at
        self.steps = {task.id: self.given.get(task.id) or StepState(id=task.id) for task in self.plan.tasks}
        self.outputs: dict[str, Value] = {}
        self.problems: tuple[Problem, ...] = ()
        self.updated = first.at
        self.seq = first.seq

    def apply(self, event: Event) -> None:
        """Take one more event into account."""
        self.seq, self.updated = event.seq, event.at
        match event:
            case RunStarted():
                self.status, self.outputs, self.problems, self.begun = Status.running, {}, (), event.at
                self.steps = {task.id: event.given.get(task.id) or StepState(id=task.id) for task in event.plan.tasks}
            case StepChanged():
                self.steps[event.step.id] = event.step
            case RunFinished():
                self.status, self.outputs, self.problems = event.status, event.outputs, event.problems
            case RunAccepted():
                raise ValueError(say("it accepts the run later than at its beginning"))


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""What fits on one line."""
Part = Annotated[str, StringConstraints(pattern=r"^[\w.\[\]-]{1,100}$")]
"""The name of a part of what came out of a run, such as `covers[0].palette`."""


class Notes(Model):
    """What the owner of a run says of what came out of it."""

    title: Line = Field(default="", description="what the work is called")
    artist: Line = Field(default="", description="by whom it is")
    liked: tuple[Part, ...] = Field(default=(), max_length=200, description="the parts that are liked")


class RunSummary(Model):
    """A run as lists show it."""

    id: str
    pipeline: str
    status: Status
    created: float
    updated: float
    begun: float | None = None
    owner: str = LOCAL
    priority: int = 0
    parent: str | None = None
    batch: str | None = None
    title: str = ""
    progress: float = Field(default=0, ge=0, le=1, description="the share of its steps that are done")
    picture: str | None = Field(default=None, description="hash of the first picture that came out")
    notes: Notes = Notes()

    @property
    def cursor(self) -> str:
        """Where a list goes on after this run."""
        return f"{self.created!r}:{self.id}"


def fold(events: Iterable[Event]) -> Run:
    """Rebuild a run from its log, which begins with `RunAccepted`, or with `RunStarted` when it never waited."""
    stream = iter(events)
    first = next(stream, None)
    if not isinstance(first, RunAccepted | RunStarted):
        raise ValueError(say("it does not begin with RunAccepted or RunStarted"))
    run = Run(first)
    for event in stream:
        run.apply(event)
    return run
