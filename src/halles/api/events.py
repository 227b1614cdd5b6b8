"""What happens in a run, as it happens: server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, cast

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.concurrency import run_in_threadpool

from halles.api.access import MarketDep, Viewer
from halles.api.problems import refusals
from halles.api.runs import RunId
from halles.runners.feed import Feed

router = APIRouter(tags=["runs"])

EVENT = {
    "type": "object", "required": ["id", "event", "data"],
    "properties": {"id": {"type": "string"}, "event": {"type": "string"}, "data": {"type": "string"}},
}  # fmt: skip
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "server-sent events", "content": {"text/event-stream": {"schema": EVENT}}},
    **refusals(404),
}


@router.get(
    "/runs/{run}/events", summary="Watch a run", response_class=StreamingResponse, responses=STREAM,
)  # fmt: skip
async def events(
    request: Request, run: RunId, who: Viewer, market: MarketDep, *,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="only events of a higher number")] = 0,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> StreamingResponse:  # fmt: skip
    """Each event has its number as `id`, its type as `event` and is JSON: `run-accepted`, `run-started`,
    `step-changed` with the whole new state of a step and its outputs, `run-finished`, after which the stream ends.
    A client that lost the connection goes on where it was, by `Last-Event-ID` or `after`."""
    await run_in_threadpool(market.run, run, who)
    if last_event_id and last_event_id.isdecimal():
        after = max(after, int(last_event_id))
    feed = cast("Feed", request.app.state.feed)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_stream(feed, run, after), headers=headers, media_type="text/event-stream")


async def _stream(feed: Feed, run: str, after: int) -> AsyncIterator[bytes]:
    yield format_sse_event(comment=run, retry=1000)  # Sent at once, so that the client knows that it is connected.
    async for line in feed.watch(run, after):
        if line is None:
            yield KEEPALIVE_COMMENT
        else:
            yield format_sse_event(data_str=line.body, event=line.type, id=str(line.seq))
