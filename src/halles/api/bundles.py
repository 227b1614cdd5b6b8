"""Runs as bundles: given away with all that made them, verified, and run again on another server."""

from contextlib import ExitStack
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from halles.api.access import Author, MarketDep, Runner, Viewer
from halles.api.artifacts import BODY, Sha256, received
from halles.api.problems import refusals
from halles.api.runs import RunId
from halles.api.views import RunView, run_view
from halles.main import Market
from halles.model import Order, Principal, Problem, Problems, say
from halles.runners import bundle, replay, zipped
from halles.runners.replay import ReplayComparison
from halles.runners.verify import Bundle, BundleVerdict, verify
from halles.stores.spool import Spool

router = APIRouter(tags=["bundles"])

ZIP = "application/zip"
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"description": "a zip", "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}},
    **refusals(404),
}


class BundleView(BaseModel):
    """A bundle that was verified and kept, as an artifact of yours."""

    sha256: str = Field(description="its id")
    size: int
    verdict: BundleVerdict


@router.get("/runs/{run}/bundle", summary="Export a run", response_class=StreamingResponse, responses=CONTENT)
def export(run: RunId, who: Viewer, market: MarketDep) -> StreamingResponse:
    """The log, the plan, every call and every artifact in one zip, with hashes of all and signed by this server."""
    found = market.run(run, who)
    notes = market.notebook.of(run)
    files = bundle.entries(
        found, market.ledger.events(run), market.objects, market.results, market.signing_key, notes=notes
    )
    headers = {"content-disposition": f'attachment; filename="{found.plan.pipeline.id}-{run}.zip"'}
    return StreamingResponse(zipped.stream(files), headers=headers, media_type=ZIP)


@router.post(
    "/bundles", summary="Verify a bundle", status_code=201, openapi_extra=BODY, responses=refusals(400, 408, 413, 507)
)
async def take(request: Request, who: Runner, market: MarketDep) -> BundleView:
    """Check every hash, compute the key of every call anew, add the log up again. A bundle that was tampered with is
    refused with all that is wrong; a right one is kept, so that it can be run again."""
    with ExitStack() as stack:
        part = await received(request, market, stack)
        return await run_in_threadpool(_take, market, who, part.content)


@router.post("/bundles/{sha256}/replay", summary="Run a bundle again", status_code=202, responses=refusals(404))
def run_again(sha256: Sha256, who: Author, market: MarketDep, response: Response) -> RunView:
    """A run of the same plan over the same inputs, with nothing taken from the cache. Refused where services here are
    not the same: version, code and weights. A bundle brings a pipeline of its own, which only authors may run."""
    if who.pipelines is not None:
        message = "A bundle brings a pipeline of its own, and your key is for others."
        raise Problems([Problem(code="not-allowed", message=message)])
    path = market.objects.path(market.held(sha256, who).artifact)
    with Bundle(path) as opened:
        notes = opened.manifest.notes
    known, plan, given = replay.prepare(path, market.catalogue, market.objects)
    market.quotas.check(who, pipeline=plan.pipeline.id, runs=1)
    order: Order = market.accept(plan, known.inputs, owner=who.id, given=given, title=known.title)
    response.headers["location"] = f"/runs/{order.run}"
    market.notebook.change(order.run, title=notes.title, artist=notes.artist, liked=dict.fromkeys(notes.liked, True))
    return run_view(market.run(order.run, who), notes, market.queue.place(order.run))


@router.get("/bundles/{sha256}/replays/{run}", summary="Compare a replay", responses=refusals(404, 409))
def compare(sha256: Sha256, run: RunId, who: Viewer, market: MarketDep) -> ReplayComparison:
    """What the replay gave that the run in the bundle did not, step by step."""
    now = market.run(run, who)
    if not now.status.done:
        raise Problems([Problem(code="conflict", message=say("The run `{run}` has not ended yet.", run=run))])
    with Bundle(market.objects.path(market.held(sha256, who).artifact)) as opened:
        was = opened.run()
    if was.plan.pipeline != now.plan.pipeline:
        raise Problems([Problem(code="conflict", message=say("The run `{run}` is of another pipeline.", run=run))])
    return replay.compare(was, now)


def _take(market: Market, who: Principal, spool: str | Spool) -> BundleView:
    assert isinstance(spool, Spool)  # noqa: S101 - `received` gives nothing else.
    verdict = verify(spool.path)
    if not verdict.ok:
        raise Problems(verdict.problems[:100])
    market.quotas.check(who, size=spool.size)
    artifact = market.objects.keep(spool, ZIP)
    market.holdings.hold(artifact, who.id, f"{verdict.pipeline}-{verdict.run}.zip")
    return BundleView(sha256=artifact.sha256, size=artifact.size, verdict=verdict)
