"""What a run will take, asked before it is begun."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from halles.api import ordering, uploads
from halles.api.access import MarketDep, Runner
from halles.api.ordering import Asked
from halles.api.problems import refusals
from halles.main import Market
from halles.model import Principal, Problems
from halles.runners.estimate import Estimate, estimate

router = APIRouter(tags=["runs"])


@router.post(
    "/estimates", summary="Estimate a run", responses=refusals(404, 413, 415),
    openapi_extra=ordering.body_of(Asked, "an input; several of one name for a list"),
)  # fmt: skip
async def ask(request: Request, who: Runner, market: MarketDep) -> Estimate:
    """Time, memory and price of a run, from past calls of the same services: the same body as for a run, of which
    inputs may be left out. Nothing is begun. What is not known is said to be so."""
    async with uploads.received(request, market) as pairs:
        asked, files = ordering.asked(Asked, pairs)
        rate = request.app.state.settings.cost_per_second
        return await run_in_threadpool(_estimate, market, who, asked, files, rate)


def _estimate(market: Market, who: Principal, asked: Asked, files: list[tuple[str, object]], rate: float) -> Estimate:
    pipeline = ordering.pipeline_of(market, who, asked)
    plan, problems = ordering.plan_of(market, pipeline, asked)
    pairs = [*asked.inputs.items(), *files]
    given = {name for name, _ in pairs}
    wanted = {name: spec for name, spec in pipeline.inputs.items() if name in given or spec.default is not None}
    values = {}
    try:
        values = uploads.take_inputs(pairs, wanted, market, who)
    except Problems as found:
        problems += found.problems
    if plan is None or problems:
        raise Problems(problems)
    return estimate(plan, values, market.history, market.results, market.objects, rate=rate or None)
