"""How runs look over HTTP."""

from urllib.parse import quote

from pydantic import BaseModel, Field

from halles.model import (
    Artifact,
    Notes,
    Problem,
    Progress,
    Run,
    RunSummary,
    Said,
    Status,
    StepState,
    Task,
    Value,
    picture,
)
from halles.runners.export import named


class FileView(BaseModel):
    """A value: its content is behind the link."""

    sha256: str
    media_type: str
    size: int = Field(description="bytes")
    name: str = Field(description="what it could be called as a file")
    url: str

    @classmethod
    def of(cls, artifact: Artifact, name: str) -> "FileView":
        """An artifact under a name."""
        return cls(
            **artifact.model_dump(), name=name, url=f"/artifacts/{artifact.sha256}?filename={quote(name, safe='')}"
        )


Files = FileView | list[FileView]
"""What a port holds: one value, or several."""


class StepView(BaseModel):
    """A step of a run. Times are seconds since the epoch."""

    id: str
    service: str
    version: str
    status: Status
    attempt: int
    started: float | None
    finished: float | None
    seconds: float | None = Field(description="how long it took, waiting included")
    spent: float | None = Field(description="seconds that its calls took, added up")
    progress: Progress | None
    cached: bool = Field(description="known from before: nothing was computed")
    edited: bool = Field(description="outputs were put in by hand")
    reason: str = Field(description="why it was skipped")
    said: Said | None = Field(default=None, description="how the reason was put together")
    problem: Problem | None
    outputs: dict[str, Files]


class RunHead(BaseModel):
    """A run as lists show it. Times are seconds since the epoch."""

    id: str
    pipeline: str
    status: Status
    owner: str
    created: float
    begun: float | None = Field(description="when it left the queue")
    updated: float
    priority: int
    parent: str | None = Field(description="the run that this one goes on from")
    batch: str | None
    title: str = Field(description="what it is about: names of files and texts that were given")
    progress: float = Field(ge=0, le=1, description="the share of its steps that are done")
    picture: str | None = Field(description="hash of the first picture that came out")
    notes: Notes = Field(description="what its owner says of it")

    @classmethod
    def of(cls, summary: RunSummary) -> "RunHead":
        """As lists show it."""
        return cls(**summary.model_dump())


class RunView(RunHead):
    """All that is known of a run now."""

    seed: int
    pinned: bool = Field(description="kept for ever")
    place: int | None = Field(description="where it stands in the queue, the next one at 1; null: it does not wait")
    seq: int = Field(description="number of its last event; watch on from there")
    inputs: dict[str, Files]
    outputs: dict[str, Files]
    steps: list[StepView]
    problems: list[Problem]


class RunPage(BaseModel):
    """A page of runs."""

    items: list[RunHead]
    next: str | None = Field(description="`cursor` of the next page, when there is one")


def run_view(run: Run, notes: Notes, place: int | None = None, *, pinned: bool = False) -> RunView:
    """A run as it is now."""
    done = sum(state.status.done for state in run.steps.values())
    return RunView(
        id=run.id, pipeline=run.plan.pipeline.id, status=run.status, owner=run.owner, created=run.created,
        begun=run.begun, updated=run.updated, priority=run.priority, parent=run.parent, batch=run.batch,
        title=run.title, picture=picture(run.outputs), notes=notes,
        progress=done / len(run.steps) if run.steps else 1, seed=run.plan.seed, pinned=pinned, place=place, seq=run.seq,
        inputs=_files(run.inputs), outputs=_files(run.outputs),
        steps=[_step(task, run.steps[task.id]) for task in run.plan.tasks], problems=list(run.problems),
    )  # fmt: skip


def _step(task: Task, state: StepState) -> StepView:
    known = {name: getattr(state, name) for name in StepView.model_fields if hasattr(state, name)}
    outputs = _files(state.outputs, f"{task.id}-")
    return StepView(**{**known, "service": task.service, "version": task.version, "outputs": outputs})


def _files(values: dict[str, Value], prefix: str = "") -> dict[str, Files]:
    return {name: _views(f"{prefix}{name}", value) for name, value in values.items()}


def _views(name: str, value: Value) -> Files:
    files = [FileView.of(artifact, file) for file, artifact in named(name, value)]
    return files if isinstance(value, tuple) else files[0]
