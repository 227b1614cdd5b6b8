"""Batches: one pipeline over many inputs, at once."""

import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, JsonValue
from starlette.concurrency import run_in_threadpool

from halles.api import ordering, uploads
from halles.api.access import MarketDep, Runner, Viewer
from halles.api.ordering import Asked
from halles.api.problems import refusals
from halles.main import Market
from halles.model import Order, Principal, Problem, Problems, Status, say
from halles.runners import export, zipped
from halles.stores.batches import Batch

router = APIRouter(prefix="/batches", tags=["batches"])

MAX_RUNS = 1000
BatchId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="id of the batch")]
ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "a zip, `NUMBER-RUN/OUTPUT.EXT`",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    },
    **refusals(404),
}


class AskedBatch(Asked):
    """What is to be run, and over what: a set of inputs for each run, or a file for each run in the parts of a form."""

    items: list[dict[str, JsonValue]] = Field(
        default=[], max_length=MAX_RUNS, description="inputs of each run, beside those in `inputs` that all have"
    )
    name: str = Field(default="", max_length=200)


class BatchView(BaseModel):
    """A batch. Times are seconds since the epoch."""

    id: str
    name: str
    pipeline: str
    owner: str
    created: float
    total: int = Field(description="runs that were ordered")
    counts: dict[Status, int] = Field(description="how many are in which state")
    progress: float = Field(ge=0, le=1, description="the share that has ended")

    @classmethod
    def of(cls, batch: Batch) -> "BatchView":
        """As the API shows it."""
        waiting = sum(count for status, count in batch.counts.items() if not status.done)
        return cls(**batch.model_dump(), progress=(batch.total - waiting) / batch.total)


class BatchPage(BaseModel):
    """A page of batches."""

    items: list[BatchView]
    next: float | None = Field(description="give this as `before` for the next page; null: this is the last one")


@router.post(
    "", summary="Start a batch", status_code=202, responses=refusals(404, 413, 415),
    openapi_extra=ordering.body_of(AskedBatch, "a file for a run; several of one name are several runs"),
)  # fmt: skip
async def start(request: Request, response: Response, who: Runner, market: MarketDep) -> BatchView:
    """Put a run for each set of inputs in the queue. `GET /runs?batch=` lists them."""
    async with uploads.received(request, market) as pairs:
        asked, files = ordering.asked(AskedBatch, pairs)
        batch = await run_in_threadpool(_start, market, who, asked, files)
    response.headers["location"] = f"/batches/{batch.id}"
    return BatchView.of(batch)


@router.get("", summary="List batches")
def batches(
    who: Viewer, market: MarketDep, *,
    before: Annotated[float | None, Query(ge=0, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> BatchPage:  # fmt: skip
    """Yours, the newest first."""
    page = market.batches.recent(who.id, limit=limit, before=before)
    more = page[-1].created if len(page) == limit else None
    return BatchPage(items=[BatchView.of(batch) for batch in page], next=more)


@router.get("/{batch}", summary="Look at a batch", responses=refusals(404))
def batch(batch: BatchId, who: Viewer, market: MarketDep) -> BatchView:
    """How far it is."""
    return BatchView.of(_find(market, batch, who))


@router.post("/{batch}/cancel", summary="Stop a batch", status_code=202, responses=refusals(404))
def cancel(batch: BatchId, who: Runner, market: MarketDep) -> BatchView:
    """Stop all its runs that have not ended."""
    _find(market, batch, who)
    for run in market.batches.runs(batch, Status.pending, Status.running):
        market.ledger.request_cancel(run)
    return BatchView.of(_find(market, batch, who))


@router.get("/{batch}/outputs", summary="All outputs", response_class=StreamingResponse, responses=ZIP)
def outputs(batch: BatchId, who: Viewer, market: MarketDep) -> StreamingResponse:
    """What the runs that have ended gave, in one zip, which is made while it is sent."""
    found = _find(market, batch, who)
    headers = {"content-disposition": f'attachment; filename="{found.pipeline}-{batch}.zip"'}
    return StreamingResponse(zipped.stream(_files(market, batch)), headers=headers, media_type="application/zip")


def _files(market: Market, batch: str) -> Iterator[zipped.Entry]:
    for number, name in enumerate(market.batches.runs(batch), start=1):
        run = market.ledger.load(name)
        if run is not None and run.status.done:
            for file, artifact in export.file_names(run.outputs).items():
                if market.objects.has(artifact):
                    yield f"{number:04}-{name}/{file}", market.objects.open_range(artifact)


def _start(market: Market, who: Principal, asked: AskedBatch, files: list[tuple[str, Any]]) -> Batch:
    pipeline = ordering.pipeline_of(market, who, asked)
    sets = _sets(asked, files)
    ordering.admit(market, who, pipeline, asked, len(sets))
    plan, problems = ordering.plan_of(market, pipeline, asked)
    name = secrets.token_hex(8)
    orders: list[Order] = []
    for number, given in enumerate(sets):
        try:
            values = uploads.take_inputs(given, pipeline.inputs, market, who)
            if plan is not None:
                run = f"{name}{number:04x}{secrets.token_hex(2)}"
                order = Order(
                    run=run, plan=plan, inputs=values, owner=who.id, priority=asked.priority, batch=name,
                    title=uploads.title(given, market, who),
                )  # fmt: skip
                orders.append(order)
        except Problems as found:
            problems += [_numbered(each, number + 1) for each in found.problems]
    if problems:
        raise Problems(problems[:100])
    market.batches.add(name, who.id, pipeline.id, len(orders), asked.name)
    market.ledger.accept(*orders)
    return _find(market, name, who)


def _sets(asked: AskedBatch, files: list[tuple[str, Any]]) -> list[list[tuple[str, Any]]]:
    """The inputs of each run. Raises `Problems` when it is unclear which belong together."""
    counts = Counter(name for name, _ in files)
    numbers = set(counts.values()) | ({len(asked.items)} if asked.items else set())
    if len(numbers) != 1:
        message = "A batch needs a set of inputs in `items`, or a file in a form, for each run."
        if numbers:
            message = say(
                "It is unclear how many runs there are to be: there are {numbers:, } of the inputs.",
                numbers=map(str, sorted(numbers)),
            )
        raise Problems([Problem(code="bad-batch", message=message)])
    (total,) = numbers
    if total > MAX_RUNS:
        raise Problems([Problem(code="bad-batch", message=say("A batch has at most {most} runs.", most=MAX_RUNS))])
    by_name = {name: [part for n, part in files if n == name] for name in counts}
    items = asked.items or [{}] * total
    return [
        [*{**asked.inputs, **items[number]}.items(), *((name, parts[number]) for name, parts in by_name.items())]
        for number in range(total)
    ]


def _numbered(problem: Problem, number: int) -> Problem:
    message = say("Run {number}: {fault}", number=number, fault=problem.sentence)
    return Problem(**{**dict(problem), "message": message, "said": message.said})


def _find(market: Market, name: str, who: Principal) -> Batch:
    found = market.batches.find(name)
    if found is None or not who.may_see(found.owner):
        raise Problems([Problem(code="not-found", message=say("There is no batch `{name}`.", name=name))])
    return found
