"""Where agents find the pipelines: `/mcp`.

What speaks with them (`agents.py`) is loaded while the server answers already: its libraries take about as long to load
as all the rest.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from fastapi import APIRouter, FastAPI, Response
from starlette.types import Receive, Scope, Send

from halles.api.access import Runner

router = APIRouter()


@asynccontextmanager
async def speaking(app: FastAPI) -> AsyncIterator[None]:
    """Agents are answered while this is entered. Who comes before the libraries are loaded waits."""
    app.state.agents = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(_speak(app))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _speak(app: FastAPI) -> None:
    await app.state.started.wait()
    try:
        agents = await asyncio.to_thread(import_module, "halles.api.agents")
        manager = agents.manager(app)
        async with manager.run():
            app.state.agents.set_result(manager)
            await asyncio.get_running_loop().create_future()  # Until this is cancelled.
    except Exception as error:
        app.state.agents.set_exception(error)


class _Handover(Response):
    """Lets the MCP server answer a request that was let in."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        manager = await asyncio.shield(scope["app"].state.agents)
        await manager.handle_request(scope, receive, send)


@router.post("/mcp", include_in_schema=False)
def speak(_: Runner) -> Response:
    """A message of MCP, which is no REST: its own protocol describes it."""
    return _Handover()
