"""Writes the events of many runs down: those that come while one transaction is under way share the next."""

import asyncio
import logging
from typing import NamedTuple

from halles.model import CallFailed, Event
from halles.stores.ledger import Ledger
from halles.stores.runs import Lease, LeaseLost

PAUSES = (0.1, 0.3, 1.0, 3.0)
"""Seconds between tries when the database does not take the events; the last one again and again."""

log = logging.getLogger("halles.runs")


class _Entry(NamedTuple):
    event: Event
    lease: Lease
    written: asyncio.Future[None]


class Journal:
    """The ledger, for runs that are executed side by side in one event loop."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: list[_Entry] = []
        self._writer: asyncio.Task[None] | None = None

    def write(self, event: Event, lease: Lease) -> asyncio.Future[None]:
        """Write an event down, after those that came before. It survives the process when the future is done.

        While the database is away, that waits. The future raises `LeaseLost` when the run is another worker's by now;
        so do those of later events of the run, so it may be left alone.
        """
        entry = _Entry(event, lease, asyncio.get_running_loop().create_future())
        entry.written.add_done_callback(lambda written: written.cancelled() or written.exception())
        self._waiting.append(entry)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return entry.written

    async def _write(self) -> None:
        while self._waiting:
            entries, self._waiting = self._waiting, []
            try:
                lost = await self._commit(entries)
            except Exception as error:  # A mistake of ours: whoever waits must know.
                for entry in entries:
                    _settle(entry, error)
                continue
            for entry in entries:
                _settle(entry, LeaseLost(entry.event.run) if entry.event.run in lost else None)

    async def _commit(self, entries: list[_Entry]) -> set[str]:
        tries = 0
        while True:
            try:
                return await asyncio.to_thread(self._ledger.append_all, [(e.event, e.lease) for e in entries])
            except CallFailed as failure:
                pause = PAUSES[min(tries, len(PAUSES) - 1)]
                log.warning("events are not written down: %s The next try is in %g s.", failure.problem, pause)
            await asyncio.sleep(pause)
            tries += 1


def _settle(entry: _Entry, error: Exception | None) -> None:
    if entry.written.done():  # Whoever waited was cancelled.
        return
    if error is None:
        entry.written.set_result(None)
    else:
        entry.written.set_exception(error)
