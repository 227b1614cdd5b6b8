"""The endpoint of each pipeline: to be run, described, and called from other programs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool

from halles.api import calling, page, problems, uploads
from halles.api.access import MarketDep, Runner, Viewer
from halles.api.calling import Called
from halles.api.endpoint import Endpoint, describe
from halles.api.multipart import Part
from halles.api.openapi import openapi
from halles.api.pipelines import Slug
from halles.api.problems import refusals
from halles.api.snippets import Snippets, snippets
from halles.main import Market
from halles.model import Order, PipelineVersion, Principal, Status

router = APIRouter(prefix="/pipelines/{slug}", tags=["pipelines"])

FORM = "application/x-www-form-urlencoded"
ANYTHING: dict[str, Any] = {"type": "object", "description": "inputs by name, and parameters as `step.parameter`"}
BODY: dict[str, Any] = {
    "requestBody": {"content": {"multipart/form-data": {"schema": ANYTHING}, "application/json": {"schema": ANYTHING}}}
}
LATER: dict[int | str, dict[str, Any]] = {202: {"model": Called, "description": "Under way; `Location` is the run"}}
Number = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="of one's own pipeline: this version of it")]


@router.post(
    "/run", summary="Run a pipeline", response_model=Called, openapi_extra=BODY,
    responses={**LATER, **refusals(400, 404, 408, 413, 415, 424)},
)  # fmt: skip
async def run(
    *,
    request: Request,
    market: MarketDep,
    who: Runner,
    slug: Slug,
    wait: Annotated[float, Query(ge=0, le=600, description="seconds to wait for the outputs")] = 0,
    seed: Annotated[int, Query(ge=0, le=2**31 - 1, description="the same seed gives the same result")] = 0,
    priority: Annotated[int, Query(ge=-10, le=10, description="higher is sooner; above 0 is for operators")] = 0,
    version: Number = None,
) -> Response:
    """The published version, of one's own pipeline also another one. The body has one field an input: a form with
    files and texts, or a JSON object. `openapi.json` beside this path says which fields there are."""
    called = await run_in_threadpool(_called, market, slug, who, version)
    async with pairs_of(request, market) as given:
        order = await calling.begin(market, who, called, given, seed=seed, priority=priority)
    return await answer(request, market, order, wait)


@asynccontextmanager
async def pairs_of(request: Request, market: Market) -> AsyncIterator[list[tuple[str, Any]]]:
    """What a body gives, by name. Texts of a plain form count like those of a form with files."""
    form = request.headers.get("content-type", "").startswith(FORM)
    async with uploads.received(request, market) as pairs:
        yield [(name, Part(name, value)) for name, value in pairs] if form else pairs


async def answer(request: Request, market: Market, order: Order, wait: float) -> Response:
    """What a run gave, if it ends within some seconds, or that it is under way."""
    headers = {"Location": f"/runs/{order.run}"}
    done = await calling.ended(market, request.app.state.feed, order.run, wait) if wait else None
    if done is None:
        return _answer(Called(run=order.run, status=Status.pending), 202, headers)
    if done.status is not Status.finished:
        return problems.respond(calling.failure(done), 424, headers)
    return _answer(await run_in_threadpool(calling.given, market, done), 200, headers)


@router.get("/openapi.json", summary="Describe the endpoint of a pipeline", responses=refusals(404))
def described(request: Request, market: MarketDep, who: Viewer, slug: Slug, version: Number = None) -> dict[str, Any]:
    """A complete OpenAPI document of the pipeline's endpoint: its inputs, parameters and outputs with their types."""
    return openapi(_endpoint(market, slug, who, version), address(request))


@router.get(
    "/docs", summary="Read about the endpoint of a pipeline", response_class=HTMLResponse, responses=refusals(404)
)
def documented(request: Request, market: MarketDep, who: Viewer, slug: Slug, version: Number = None) -> HTMLResponse:
    """A page for people: what goes in, what comes out, and how to call it."""
    endpoint, server = _endpoint(market, slug, who, version), address(request)
    return HTMLResponse(page.show(endpoint, snippets(endpoint, server, market.examples)), headers=page.HEADERS)


@router.get("/snippets", summary="Get code that calls a pipeline", responses=refusals(404))
def code(request: Request, market: MarketDep, who: Viewer, slug: Slug, version: Number = None) -> Snippets:
    """For the shell, Python and TypeScript, with the inputs that must be given."""
    return snippets(_endpoint(market, slug, who, version), address(request), market.examples)


def _called(market: Market, slug: str, who: Principal, version: int | None) -> PipelineVersion:
    return market.library.called(slug, who) if version is None else market.library.version(slug, version, who)


def _endpoint(market: Market, slug: str, who: Principal, version: int | None) -> Endpoint:
    return describe(_called(market, slug, who, version))


def address(request: Request) -> str:
    """Where the server was asked, as those who ask know it."""
    return str(request.base_url).rstrip("/")


def _answer(called: Called, status: int, headers: dict[str, str]) -> JSONResponse:
    shown = called.model_dump(mode="json", exclude_none=True, exclude=None if status == 200 else {"outputs"})
    return JSONResponse(shown, status, headers)
