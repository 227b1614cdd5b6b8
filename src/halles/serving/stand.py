"""A service alone: its queue, its callbacks, and the engines that know it."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from halles.net import Transport
from halles.sdk import Context
from halles.serving.callbacks import Callbacks
from halles.serving.engines import Presence
from halles.serving.exchange import Exchanges
from halles.serving.metrics import Metrics
from halles.serving.served import Served
from halles.serving.settings import Settings
from halles.serving.tasks import Tasks, in_thread

GOODBYE = 5.0
"""Seconds to tell engines that the service goes, and again to deliver the last callbacks."""

log = logging.getLogger(__name__)


class Stand:
    """Everything that lives in the event loop of one service; clients are opened once."""

    def __init__(self, served: Served, settings: Settings, version: Callable[[], str] = str) -> None:
        """`version` says which version of its model the service uses now, if it has one."""
        self.served = served
        self._version = version
        self.settings = settings
        self.metrics = Metrics(served.spec, settings.environment)
        self._background: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the clients, begin to work, load the model."""
        agent = {"User-Agent": "halles"}
        # Engines are named by the operator. All other addresses come in messages, from whoever can reach the service.
        self._engines = httpx.AsyncClient(follow_redirects=True, headers=agent)
        self._named = httpx.AsyncClient(transport=Transport(self.settings.guard), follow_redirects=True, headers=agent)
        self._callbacks = Callbacks(self._named)
        exchanges = Exchanges(self._named, self.settings.guard)
        self.tasks = Tasks(self.served, exchanges, self._callbacks, self.metrics, capacity=self.settings.capacity)
        announcement = self.served.announcement(self.settings.url)
        self._presences = [Presence(url, announcement, self._engines, self.settings) for url in self.settings.engines]
        self._watch()
        self.tasks.start()
        self._go(self._prepare())
        self._go(self._renew())

    def announce(self) -> None:
        """Make the service known; to be called when it is listening, because engines look at once."""
        for presence in self._presences:
            self._go(presence.keep())

    async def stop(self) -> None:
        """Say goodbye, give back what waits, end what is worked on, and deliver the last callbacks."""
        end = time.monotonic() + self.settings.drain
        for work in self._background:
            work.cancel()
        if self._presences:
            await asyncio.wait([asyncio.create_task(presence.sleep()) for presence in self._presences], timeout=GOODBYE)
        await self.tasks.drain(end - time.monotonic())
        await self._callbacks.drain(GOODBYE if self.tasks.hurried else max(GOODBYE, end - time.monotonic()))

    async def close(self) -> None:
        """Close the clients."""
        await self._engines.aclose()
        await self._named.aclose()

    async def _prepare(self) -> None:
        """Load the model before the first task asks for it; what is wrong with it each task will say."""
        try:
            await in_thread(lambda: self.served.service.setup(Context()))
            log.info("%s %s is ready", self.served.spec.slug, self.served.spec.version)
        except Exception as error:
            log.error("%s", self.served.explain(error))

    async def _renew(self) -> None:
        """Tell the engines when another version of the model serves: they keep results until then."""
        told = await asyncio.to_thread(self._version)
        while told:
            await asyncio.sleep(1)
            if (now := self._version()) != told:
                told = now
                log.info("%s answers with %s", self.served.spec.slug, now)
                await asyncio.gather(*(presence.renew() for presence in self._presences))

    def _watch(self) -> None:
        watch = self.metrics.watch
        watch("load", "Tasks that wait or are worked on", lambda: len(self.tasks))
        watch("capacity", "Tasks that are taken at most", lambda: self.settings.capacity)
        watch("callbacks_waiting", "Callbacks that engines have not accepted yet", lambda: len(self._callbacks))
        watch("engines", "Engines that know the service", lambda: sum(p.known for p in self._presences))

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
