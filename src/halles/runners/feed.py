"""Tells watchers what happens in runs: one look at the log for all of them, however many they are.

A watcher holds nothing but its place. What came last is kept once a run; who is further behind reads the log. So a slow
watcher costs no memory, and a new one sees the same as one that was there all along.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import NamedTuple

from halles.model import CallFailed, Event
from halles.stores.ledger import Ledger

RECENT = 100
"""Events of a watched run that are held in memory."""
SLICE = 20
"""Events that a watcher takes at once, and so the most that it holds while its client does not read."""
READERS = 4
"""Watchers that read the log at the same moment."""
PAUSE = 0.25
"""Seconds between looks at the log, which other processes write too. What this one writes wakes the feed at once."""
GAP = 0.01
"""Seconds between looks at least: what comes meanwhile is taken together."""

log = logging.getLogger("halles.runs")


class Line(NamedTuple):
    """An event as text, written once for all who watch."""

    seq: int
    type: str
    body: str

    @property
    def last(self) -> bool:
        """Whether the run has ended."""
        return self.type == "run-finished"


class _Channel:
    """A run that is watched: its newest events, and a bell."""

    def __init__(self) -> None:
        self.recent: deque[Line] = deque(maxlen=RECENT)
        self.bell = asyncio.Event()
        self.watchers = 0

    def push(self, event: Event) -> None:
        self.recent.append(_line(event))
        self.ring()

    def ring(self) -> None:
        self.bell.set()
        self.bell = asyncio.Event()

    def after(self, seq: int) -> list[Line] | None:
        """What follows an event, a slice of it, or None when that is not held any more."""
        if self.recent and self.recent[0].seq > seq + 1:
            return None
        return list(islice((line for line in self.recent if line.seq > seq), SLICE))


class Feed:
    """The events of runs as they come, for the watchers of one event loop."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._channels: dict[str, _Channel] = {}
        self._news = asyncio.Event()
        self._wanted = asyncio.Event()
        self._position = 0
        self._placed = asyncio.Event()
        self._reading = asyncio.Semaphore(READERS)
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        ledger.listen(self._wake)

    @asynccontextmanager
    async def running(self, stopping: asyncio.Event) -> AsyncIterator[None]:
        """Look at the log while this is entered. Watchers are let go as soon as `stopping` is set."""
        self._loop = asyncio.get_running_loop()
        tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._close(stopping))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def watch(self, run: str, after: int = 0, pause: float = 15.0) -> AsyncIterator[Line | None]:
        """The events of a run that follow a number, until it has ended. None when nothing came for `pause` seconds."""
        channel = self._channels.setdefault(run, _Channel())
        channel.watchers += 1
        self._wanted.set()
        try:
            await self._placed.wait()  # What is written after this read is passed on.
            lines = await self._read(run, after)
            while not self._closed:
                for line in lines:
                    yield line
                    after = line.seq
                bell = channel.bell
                ended = bool(lines) and lines[-1].last
                found = channel.after(after)
                if not found and (found is None or len(lines) == SLICE):  # There may be more in the log.
                    found = await self._read(run, after)
                if not found and ended:
                    return
                lines = found
                if not lines and not await _rings(bell, pause):
                    yield None
        finally:
            channel.watchers -= 1
            if not channel.watchers:
                self._channels.pop(run, None)

    async def _read(self, run: str, after: int) -> list[Line]:
        async with self._reading:
            return await asyncio.to_thread(lambda: [_line(event) for event in self._ledger.events(run, after, SLICE)])

    async def _look(self) -> None:
        while True:
            try:
                if not self._channels:
                    self._placed.clear()
                    self._wanted.clear()
                    await self._wanted.wait()
                self._news.clear()
                await self._take()
            except CallFailed as failure:
                log.warning("the log of runs is out of reach: %s", failure.problem)
            except Exception:
                log.exception("watching runs failed; the next try is in %g s", PAUSE)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), PAUSE)
            await asyncio.sleep(GAP)

    async def _take(self) -> None:
        """Pass on what is new in the log."""
        if not self._placed.is_set():
            self._position = await asyncio.to_thread(self._ledger.position)
            self._placed.set()
        while events := await asyncio.to_thread(self._ledger.tail, self._position, RECENT):
            for position, event in events:
                self._position = position
                if channel := self._channels.get(event.run):
                    channel.push(event)

    async def _close(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._closed = True
        self._placed.set()
        for channel in self._channels.values():
            channel.ring()

    def _wake(self) -> None:
        if self._channels and self._loop is not None:
            with suppress(RuntimeError):  # The loop has ended meanwhile.
                self._loop.call_soon_threadsafe(self._news.set)


def _line(event: Event) -> Line:
    return Line(event.seq, event.type, event.model_dump_json())


async def _rings(bell: asyncio.Event, pause: float) -> bool:
    try:
        await asyncio.wait_for(bell.wait(), pause)
    except TimeoutError:
        return False
    return True
