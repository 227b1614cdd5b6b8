"""What is asked for when a run is put in the queue."""

from pydantic import Field

from halles.model.artifact import Value
from halles.model.base import Model
from halles.model.identity import LOCAL
from halles.model.plan import Plan
from halles.model.step import StepState


class Order(Model):
    """A run to be: everything that a worker needs, written down before the answer is given."""

    run: str
    plan: Plan
    inputs: dict[str, Value]
    owner: str = LOCAL
    priority: int = Field(default=0, ge=-10, le=10, description="higher is sooner; equal ones in fair turns by owner")
    given: dict[str, StepState] = Field(
        default={}, description="steps whose outcome is taken as it is: finished before, or edited by hand"
    )
    parent: str | None = Field(default=None, description="the run that this one goes on from")
    batch: str | None = Field(default=None, description="the batch that this run belongs to")
    title: str = Field(
        default="", max_length=200, description="what it is about: names of files, texts that were given"
    )
    trace: str | None = Field(default=None, description="W3C traceparent of the request that the run came with")
