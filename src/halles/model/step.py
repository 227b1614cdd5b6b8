"""Where a step of a run stands."""

from enum import StrEnum

from pydantic import Field, model_validator

from halles.model.artifact import Value
from halles.model.base import Model
from halles.model.problem import Problem
from halles.model.saying import Said, remembers


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
    said: Said | None = None

    _remember = model_validator(mode="before")(remembers("message"))


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
    said: Said | None = Field(default=None, description="how the reason was put together")
    edited: bool = Field(default=False, description="outputs were put in by hand: no service made them all")
    problem: Problem | None = None
    spent: float | None = Field(default=None, description="seconds that its calls took, added up; waiting left out")

    def done_since(self, begun: float) -> bool:
        """Whether it was done by the execution that began then, and not before, or by hand."""
        return self.status.done and not self.edited and self.started is not None and self.started >= begun

    @property
    def seconds(self) -> float | None:
        """How long the step took."""
        return None if self.started is None or self.finished is None else self.finished - self.started
