"""Storage: what clients lay out for pipelines and services, and what they take away."""

from collections.abc import Callable
from contextlib import ExitStack

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from halles.api.access import MarketDep, Runner, Viewer
from halles.api.core_engine.shapes import StoredKey, not_found
from halles.api.problems import refusals
from halles.api.uploads import read_form
from halles.main import Market
from halles.model import CallFailed, Problem, Problems
from halles.stores.exchange import Loaded
from halles.stores.objects import chunks_of
from halles.stores.spool import Spool

router = APIRouter()

SMALL = 1 << 16
"""Bytes that are sent at once."""


@router.post("/storage", summary="Store a file", responses=refusals(413))
async def store(request: Request, market: MarketDep, who: Runner) -> StoredKey:
    """Keep a `file` of a form for a while. The extension of its name is its type, and that of the key."""
    return await received(request, market)


@router.get("/storage/{key}", summary="Fetch a file", responses=refusals(404))
def fetch(key: str, market: MarketDep, who: Viewer) -> Response:
    """What lies under a key: what was stored here, given to a service or pipeline, or made by it."""
    known = market.executions.under(key)
    if known is not None and known[0] == key:
        artifact = known[1]
        loaded = Loaded(artifact.media_type.partition(";")[0], artifact.size, market.objects.open_range(artifact))
        return _streamed(loaded, key)
    return sent_out(market, key)


@router.delete("/storage/{key}", summary="Delete a file", status_code=204, responses=refusals(404))
def delete(key: str, market: MarketDep, who: Runner) -> Response:
    """Forget what lies under a key."""
    _loaded(market, key)
    market.exchange.delete(key)
    return Response(status_code=204)


async def received(request: Request, market: Market, charge: Callable[[int], bool] = lambda _: True) -> StoredKey:
    """Keep the file of a form. Raises `Problems` when `charge` does not allow so many bytes."""
    with ExitStack() as stack:
        parts = await read_form(request, market, stack)
        file = next((part for part in parts if part.name == "file" and isinstance(part.content, Spool)), None)
        if file is None or not isinstance(file.content, Spool):
            raise Problems([Problem(code="bad-form", port="file", message="The form has no `file`.")])
        return await run_in_threadpool(_kept, market, file.filename or "", file.content, charge)


def sent_out(market: Market, key: str) -> Response:
    """What lies under a key of the exchange, as it comes."""
    return _streamed(_loaded(market, key), key)


def _streamed(loaded: Loaded, key: str) -> Response:
    """As it comes, or at once when it is small: each chunk costs a turn in a thread."""
    headers = {"Content-Length": str(loaded.size), "Content-Disposition": f'attachment; filename="{key}"'}
    if loaded.size <= SMALL:
        return Response(b"".join(loaded.chunks), media_type=loaded.media_type, headers=headers)
    return StreamingResponse(loaded.chunks, media_type=loaded.media_type, headers=headers)


def _kept(market: Market, name: str, spool: Spool, charge: Callable[[int], bool]) -> StoredKey:
    if not charge(spool.size):
        raise Problems([Problem(code="too-large", message="That is more than the outputs of this task may have.")])
    return StoredKey(key=market.exchange.store(name, chunks_of(spool.path), spool.size))


def _loaded(market: Market, key: str) -> Loaded:
    try:
        return market.exchange.load(key)
    except CallFailed as failure:
        if failure.problem.code in ("missing-output", "bad-key"):
            raise not_found("File") from failure
        raise
