"""The WebSocket on which the engine's clients are told how what they began goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from halles.api.access import MarketDep
from halles.api.core_engine import views
from halles.api.core_engine.shapes import TaskRecord
from halles.csia.messages import TaskState
from halles.main import Market
from halles.model import Principal, Run, Status
from halles.runners.feed import Feed
from halles.stores.executions import PIPELINE, STEP, Execution

router = APIRouter()

NOBODY = 1008
"""The code with which a socket is closed on somebody who is not signed in."""
WORDS = {
    TaskState.processing: "processing", TaskState.finished: "finished", TaskState.error: "failed",
    TaskState.skipped: "skipped",
}  # fmt: skip
KINDS = {
    TaskState.processing: "success", TaskState.finished: "success", TaskState.error: "error",
    TaskState.unavailable: "warning",
}  # fmt: skip


class Link(BaseModel):
    """What a client asks to be told of."""

    linked_id: UUID
    execution_type: Literal["service", "pipeline"] | None = None


@router.websocket("/ws")
async def watch(socket: WebSocket, market: MarketDep) -> None:
    """A client names the task or execution that it wants to be told of; naming another one ends the first."""
    who = cast("Principal | None", socket.state.principal)
    if who is None:
        await socket.close(NOBODY)
        return
    await socket.accept()
    await socket.send_json(_connection("Connected to the backend's WebSocket", None))
    telling: asyncio.Task[None] | None = None
    with suppress(WebSocketDisconnect):
        try:
            while True:
                link = _link(await socket.receive_text())
                await socket.send_json(_connection("Connection linked" if link else "That is no link", link))
                if link is not None:
                    await _end(telling)
                    telling = asyncio.create_task(_tell(socket, market, who, str(link.linked_id)))
        finally:
            await _end(telling)


async def _tell(socket: WebSocket, market: Market, who: Principal, name: str) -> None:
    known = await run_in_threadpool(market.executions.get, name)
    if known is None or not who.may_see(known.owner):
        return
    async for message in _messages(market, cast("Feed", socket.app.state.feed), known):
        await socket.send_json(message)


async def _messages(market: Market, feed: Feed, known: Execution) -> AsyncIterator[dict[str, Any]]:
    """What happens, from where it stands now to its end. Each task is told once a state."""
    told: dict[str, TaskState] = {}
    async for line in feed.watch(known.run):
        if line is None or line.type == "run-accepted":
            continue
        run, tasks = await run_in_threadpool(_now, market, known)
        for name, task in tasks:
            if told.get(task.id) is not task.status:
                told[task.id] = task.status
                yield _told(f"Task for {name} {WORDS.get(task.status, 'created')}", task)
        if line.last and run is not None and known.kind == PIPELINE:
            yield await run_in_threadpool(_whole, market, known, run, tasks[-1][1])


def _now(market: Market, known: Execution) -> tuple[Run | None, list[tuple[str, TaskRecord]]]:
    run = market.ledger.load(known.run)
    tasks = [each for each in market.executions.of(known.run) if each.kind == STEP] or [known]
    return run, [(each.name, views.task(market, each, run)) for each in tasks]


def _whole(market: Market, known: Execution, run: Run, last: TaskRecord) -> dict[str, Any]:
    """The end of a pipeline, as the engine tells it: its last task, with the outputs of all."""
    text = "Execution finished" if run.status is Status.finished else "Execution stopped"
    message = _told(text, last.model_copy(update={"data_out": views.results(market, known, run)}))
    message["message"]["data"]["general_status"] = views.STATES[run.status].value
    return message


def _told(text: str, task: TaskRecord) -> dict[str, Any]:
    words = f"{text}\n\n {task.error_message}" if task.error_message else text
    data = task.model_dump(mode="json", exclude={"service"})
    return {"message": {"text": words, "data": data}, "type": KINDS.get(task.status, "info"), "subject": "execution"}


def _connection(text: str, link: Link | None) -> dict[str, Any]:
    data = link.model_dump(mode="json") if link else {"linked_id": None, "execution_type": None}
    return {"message": {"text": text, "data": data}, "type": "success", "subject": "connection"}


def _link(text: str) -> Link | None:
    try:
        return Link.model_validate_json(text)
    except ValidationError:
        return None


async def _end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
