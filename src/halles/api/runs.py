"""Runs: begun, listed, watched, stopped, and gone on from."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any, Self

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field, JsonValue, StrictBool, StrictInt, StringConstraints, model_validator
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool

from halles.api import ordering, uploads
from halles.api.access import MarketDep, Runner, Viewer
from halles.api.ordering import Asked
from halles.api.problems import refusals
from halles.api.views import RunHead, RunPage, RunView, run_view
from halles.main import Market
from halles.model import Line, Notes, Part, Plan, Principal, Problem, Problems, Role, Run, Status, Value, digest, say
from halles.runners import anew

router = APIRouter(prefix="/runs", tags=["runs"])

ID = r"^[0-9a-f]{8,64}$"
RunId = Annotated[str, Path(pattern=ID, description="id of the run")]
RunName = Annotated[str, StringConstraints(pattern=ID)]
Once = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, description="sent again, it begins nothing new"),
]


class Edit(BaseModel):
    """A value in the place of what a step gave, or of an input."""

    step: str = Field(description="`inputs`, for an input of the run")
    port: str = Field(description="what the step gave, or the input's name")
    value: JsonValue = Field(default=None, description="plain data, or a list of them")
    artifact: str | list[str] | None = Field(
        default=None, description="hash of an artifact of yours, or a list of them"
    )


class Edits(BaseModel):
    """What is to be changed; the rest of the run follows from it."""

    edits: list[Edit] = Field(min_length=1, max_length=100)


class RunAgain(BaseModel):
    """Where to begin again."""

    step: str | None = Field(
        default=None, description="this step anew and what depends on it; null: what has not finished"
    )
    seed: StrictInt | None = Field(
        default=None, ge=0, le=2**31 - 1,
        description="all of it with this seed, by the services as they are now; what is known comes from the cache",
    )  # fmt: skip

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.step is not None and self.seed is not None:
            raise ValueError(say("a seed is for the whole run, and a step for a part of it; give one of them"))
        return self


class NotesAsked(BaseModel):
    """What is to be said otherwise of a run."""

    title: Line | None = None
    artist: Line | None = None
    liked: dict[Part, StrictBool] = Field(default={}, max_length=200, description="by part: whether it is liked")


@router.post(
    "", summary="Start a run", status_code=202, responses=refusals(404, 409, 413, 415),
    openapi_extra=ordering.body_of(Asked, "an input; several of one name for a list"),
)  # fmt: skip
async def start(request: Request, response: Response, who: Runner, market: MarketDep, key: Once = None) -> RunView:
    """Put a run in the queue. It is durable when this answers; `Location` says where to look at it."""
    async with uploads.received(request, market) as pairs:
        asked, files = ordering.asked(Asked, pairs)
        run = await run_in_threadpool(_start, market, who, asked, files, key)
    response.headers["location"] = f"/runs/{run.id}"
    return await run_in_threadpool(_seen, market, run)


@router.get("", summary="List runs")
def runs(
    who: Viewer, market: MarketDep, *,
    status: Status | None = None,
    pipeline: Annotated[str | None, Query(max_length=200)] = None,
    parent: Annotated[str | None, Query(max_length=64, description="those that go on from this run")] = None,
    batch: Annotated[str | None, Query(max_length=64)] = None,
    owner: Annotated[str | None, Query(max_length=200, description="for operators, who see those of all")] = None,
    text: Annotated[str, Query(max_length=200, description="words in title or pipeline, or the id")] = "",
    since: Annotated[float | None, Query(description="asked for then or later, in seconds since the epoch")] = None,
    until: Annotated[float | None, Query(description="asked for before")] = None,
    id: Annotated[tuple[RunName, ...], Query(max_length=200, description="these alone")] = (),
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> RunPage:  # fmt: skip
    """The newest first."""
    whose = owner if who.role is Role.operator else who.id
    which = who.pipelines if pipeline is None else (pipeline,) if who.may_use(pipeline) else ()
    found = market.ledger.recent(
        limit + 1, before=cursor, status=status, pipeline=which, parent=parent, batch=batch, owner=whose, text=text,
        since=since, until=until, id=id or None,
    )  # fmt: skip
    more = found[limit - 1].cursor if len(found) > limit else None
    return RunPage(items=[RunHead.of(each) for each in found[:limit]], next=more)


@router.get("/{run}", summary="Look at a run", responses=refusals(404))
def run(run: RunId, who: Viewer, market: MarketDep) -> RunView:
    """Where it stands now: steps with timings, and what they gave so far."""
    return _seen(market, market.run(run, who))


@router.get("/{run}/plan", summary="What a run does", responses=refusals(404))
def plan(run: RunId, who: Viewer, market: MarketDep) -> Plan:
    """The pipeline as it was when the run began, its services with versions and weights, and all parameters."""
    return market.run(run, who).plan


@router.post("/{run}/cancel", summary="Stop a run", status_code=202, responses=refusals(404, 409))
def cancel(run: RunId, who: Runner, market: MarketDep) -> RunView:
    """One that waits is stopped at once, one that is executed very soon. What it gave so far is kept."""
    found = market.run(run, who)
    if found.status.done:
        message = say("The run has ended: it is {status}.", status=found.status)
        raise Problems([Problem(code="conflict", message=message)])
    market.ledger.request_cancel(run)
    return _seen(market, market.run(run, who))


@router.post("/{run}/retry", summary="Run again from a step", status_code=202, responses=refusals(404))
def retry(run: RunId, asked: RunAgain, response: Response, who: Runner, market: MarketDep) -> RunView:
    """A new run that takes from this one what need not run again."""
    found = market.run(run, who)
    market.quotas.check(who, pipeline=found.plan.pipeline.id, runs=1)
    return _next(market.again(found, who, step=asked.step, seed=asked.seed), response, market)


@router.post("/{run}/edit", summary="Edit and go on", status_code=202, responses=refusals(404))
def edit(run: RunId, asked: Edits, response: Response, who: Runner, market: MarketDep) -> RunView:
    """A new run with values in the place of what steps gave, or of inputs: only what depends on them runs again."""
    found = market.run(run, who)
    market.quotas.check(who, pipeline=found.plan.pipeline.id, runs=1)
    values = dict(_edited(market, who, found, asked.edits))
    return _next(market.again(found, who, values=values), response, market)


@router.patch("/{run}/notes", summary="Say what a run gave", responses=refusals(404))
def note(run: RunId, asked: NotesAsked, who: Runner, market: MarketDep) -> Notes:
    """What the work is called, by whom it is, and what is liked of it: what is not given stays as it was, also where
    somebody else changed it. Runs that go on from this one begin with the same."""
    found = market.run(run, who)
    return market.notebook.change(found.id, title=asked.title, artist=asked.artist, liked=asked.liked)


@router.put("/{run}/pin", summary="Keep a run", status_code=204, responses=refusals(404))
def pin(run: RunId, who: Runner, market: MarketDep) -> None:
    """Keep it with all its artifacts for ever, whatever the retention policy says."""
    market.keeping.pin(market.run(run, who).id)


@router.delete("/{run}/pin", summary="Keep a run no longer than others", status_code=204, responses=refusals(404))
def unpin(run: RunId, who: Runner, market: MarketDep) -> None:
    """The retention policy counts for it again."""
    market.keeping.unpin(market.run(run, who).id)


@router.delete("/{run}", summary="Delete a run", status_code=204, responses=refusals(404, 409))
def delete(run: RunId, who: Runner, market: MarketDep) -> None:
    """Forget a run that has ended, pinned or not, unless it is shared. Artifacts go when nobody has them any more."""
    found = market.run(run, who)
    if not found.status.done:
        raise Problems([Problem(code="conflict", message="The run has not ended. Cancel it first.")])
    if market.shares.of_run(run):
        raise Problems([Problem(code="conflict", message="The run is shared. Revoke the link first (`GET /shares`).")])
    market.keeping.unpin(run)
    market.ledger.forget(run)


def _start(market: Market, who: Principal, asked: Asked, files: list[tuple[str, Any]], key: str | None) -> Run:
    """The run that is asked for, begun now or the last time. Raises `Problems`, all at once."""
    pipeline = ordering.pipeline_of(market, who, asked)
    name = digest(["run", who.id, key])[:32] if key else None
    known = market.ledger.load(name) if name else None
    if known is None:
        ordering.admit(market, who, pipeline, asked)
    plan, problems = ordering.plan_of(market, pipeline, asked)
    values: dict[str, Value] = {}
    title = ""
    try:
        given = [*asked.inputs.items(), *files]
        title = uploads.title(given, market, who)
        values = uploads.take_inputs(given, pipeline.inputs, market, who)
    except Problems as found:
        problems += found.problems
    if plan is None or problems:
        raise Problems(problems)
    if known is None:
        with suppress(IntegrityError):  # The same request came twice at the same moment.
            order = market.accept(plan, values, owner=who.id, priority=asked.priority, run=name, title=title)
            name = order.run
        known = market.ledger.load(name or "")
    assert known is not None  # noqa: S101 - accepted a moment ago, or by the other request.
    return _same(known, plan, values)


def _same(run: Run, plan: Plan, inputs: dict[str, Value]) -> Run:
    """The run that was begun under a key, if it is the one that is asked for now."""
    if (run.plan.pipeline, run.plan.seed, run.inputs) != (plan.pipeline, plan.seed, inputs):
        message = say("This `Idempotency-Key` began another run, `{id}`. Use a new key for a new request.", id=run.id)
        raise Problems([Problem(code="conflict", message=message)])
    return run


def _edited(market: Market, who: Principal, run: Run, edits: list[Edit]) -> Iterator[tuple[str, Value]]:
    """Values by `step.port`. Raises `Problems`."""
    for each in edits:
        given: Any = each.value
        if isinstance(each.artifact, str):
            given = market.held(each.artifact, who, port=each.port).artifact
        elif each.artifact is not None:
            given = [market.held(sha256, who, port=each.port).artifact for sha256 in each.artifact]
        reference = f"{each.step}.{each.port}"
        yield reference, anew.edited(run, reference, given, market.catalogue, market.objects)


def _next(run: Run, response: Response, market: Market) -> RunView:
    response.headers["location"] = f"/runs/{run.id}"
    return _seen(market, run)


def _seen(market: Market, run: Run) -> RunView:
    return run_view(run, market.notebook.of(run.id), market.queue.place(run.id), pinned=market.keeping.pinned(run.id))
