"""The routes of the Swiss AI Center's engine, so that its services and its clients work with this server unchanged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter

from halles.api.core_engine import executions, pipelines, services, socket, storage, tasks
from halles.api.core_engine.door import PREFIX, Door
from halles.main import Market

__all__ = ["Door", "looking_after", "router"]

router = APIRouter(prefix=PREFIX)
router.include_router(services.router, tags=["core engine: services"])
router.include_router(tasks.router, tags=["core engine: tasks"])
router.include_router(storage.router, tags=["core engine: storage"])
router.include_router(pipelines.router, tags=["core engine: pipelines"])
router.include_router(socket.router)
router.include_router(executions.router, tags=["core engine: executions"])  # Last: it takes any slug.


@asynccontextmanager
async def looking_after(market: Market) -> AsyncIterator[None]:
    """Meanwhile, services that do not say that they live are asked."""
    watch = asyncio.create_task(market.abroad.watch(), name="services")
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        await asyncio.to_thread(market.abroad.close)
