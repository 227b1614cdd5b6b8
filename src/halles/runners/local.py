"""Runs plans in this process. Every event is written down before the next thing happens."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from halles.engine import Outside, execute
from halles.engine.again import Given
from halles.engine.again import resume as known_steps
from halles.model import Event, Plan, Problem, Problems, Run, Value, say, suggest
from halles.stores.ledger import Ledger
from halles.stores.queue import Queue

if TYPE_CHECKING:
    from halles.runners.worker import Shelf  # What the worker imports comes with the extra `server`.

CANCEL_POLL = 0.5
"""Seconds between two looks at whether another process asked for the run to be cancelled."""


class LocalRunner:
    """Starts, resumes and cancels runs."""

    def __init__(self, ledger: Ledger, queue: Queue, outside: Outside, shelf: "Shelf", locks: Path) -> None:
        self._ledger = ledger
        self._queue = queue
        self._outside = outside
        self._shelf = shelf
        self._locks = locks

    def start(
        self, plan: Plan, inputs: Mapping[str, Value], *, run: str | None = None,
        cancelled: asyncio.Event | None = None, given: Given | None = None,
    ) -> AsyncIterator[Event]:  # fmt: skip
        """Run a plan under a new id. `given` are steps whose outcome is taken as it is."""
        return self._run(run or secrets.token_hex(8), plan, inputs, cancelled or asyncio.Event(), given=given)

    def resume(self, run: str, *, cancelled: asyncio.Event | None = None) -> AsyncIterator[Event]:
        """Run the rest of a run that was cut off, cancelled or failed.

        Raises `Problems` for an unknown id, and for a run that a server's queue or worker has.
        """
        known = self.load(run)
        given = known_steps(known, self._shelf.has)
        stop = cancelled or asyncio.Event()
        return self._run(known.id, known.plan, known.inputs, stop, seq=known.seq, given=given)

    def load(self, run: str) -> Run:
        """A run by id or by the beginning of it. Raises `Problems` when that names none, or several."""
        found = self._ledger.find(run) if run else []
        if len(found) > 1 and run not in found:
            message = say(
                "`{run}` is the beginning of {count} runs: {found:, }. Give more of it.",
                run=run,
                count=len(found),
                found=found,
            )
            raise Problems([Problem(code="ambiguous-run", message=message)])
        loaded = self._ledger.load(run if run in found else found[0]) if found else None
        if loaded is None:
            recent = [each.id for each in self._ledger.recent()]
            message = say("There is no run `{run}`. `halles runs` lists them.", run=run)
            raise Problems([Problem(code="unknown-run", message=message, suggestions=suggest(run, recent))])
        return loaded

    def cancel(self, run: str) -> None:
        """Ask the process that executes a run to stop it."""
        self._ledger.request_cancel(self.load(run).id)

    def executing(self, run: str) -> bool:
        """Whether a process executes a run now. A killed process executes nothing: its lock went with it."""
        if self._queue.executing(run):
            return True
        lock = FileLock(self._locks / f"{run}.lock")
        try:
            with lock.acquire(blocking=False):
                return False
        except Timeout:
            return True

    async def _run(
        self, run: str, plan: Plan, inputs: Mapping[str, Value], cancelled: asyncio.Event, *, seq: int = 0,
        given: Given | None = None,
    ) -> AsyncIterator[Event]:  # fmt: skip
        self._locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._locks / f"{run}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout as error:
            message = say("Run `{run}` is being executed by another process.", run=run)
            raise Problems([Problem(code="already-running", message=message)]) from error
        watch = asyncio.create_task(self._watch(run, cancelled))
        try:
            if seq:
                self._queue.take_out(run)
            async for event in execute(plan, inputs, self._outside, run=run, seq=seq, given=given, cancelled=cancelled):
                self._ledger.append(event)
                yield event
        finally:
            watch.cancel()
            lock.release()
            Path(lock.lock_file).unlink(missing_ok=True)

    async def _watch(self, run: str, cancelled: asyncio.Event) -> None:
        with suppress(asyncio.CancelledError):
            while not self._ledger.cancel_requested(run):
                await asyncio.sleep(CANCEL_POLL)
            cancelled.set()
