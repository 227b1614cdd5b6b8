"""What runs beside the requests: started before the first one, stopped after the last one."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

Task: TypeAlias = AbstractAsyncContextManager[None]
"""Something that is there while it is entered."""

log = logging.getLogger("halles.server")


@asynccontextmanager
async def every(seconds: float, work: Callable[[], object], *, name: str) -> AsyncIterator[None]:
    """Do something again and again, in a thread. What goes wrong is logged, and tried again at the next turn."""

    async def turns() -> None:
        while True:
            await _tried(work, name)
            await asyncio.sleep(seconds)

    async with _going(turns()):
        yield


async def _tried(work: Callable[[], object], name: str) -> None:
    try:
        await asyncio.to_thread(work)
    except Exception:
        log.exception("%s failed", name)


@asynccontextmanager
async def _going(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
