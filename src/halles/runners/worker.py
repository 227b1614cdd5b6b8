"""Takes runs from the queue and executes them, several at once in one event loop.

A worker says in time that it is alive. When it dies, or is too slow to say so, others take its runs over, and what it
still writes is refused. When it is stopped it takes no more, lets its runs end for a while, and hands over the rest.
"""

import asyncio
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from halles.engine import Outside, execute
from halles.engine.again import resume
from halles.model import Artifact, CallFailed, Event, Problem, RunFinished, Status, StepChanged, Task, say
from halles.runners.journal import Journal
from halles.stores.ledger import Ledger
from halles.stores.queue import HOPELESS, Claim, Queue
from halles.stores.runs import Lease, LeaseLost
from halles.telemetry.watch import watching

GAP = 0.005
"""Seconds between two looks into the queue at least: what comes meanwhile is taken together."""
PAUSES = (0.05, 0.1, 0.2, 0.5)
"""Seconds between looks while nothing comes; the last one again and again. Orders of this process wake it sooner."""
CANCEL_PAUSE = 0.5
"""Seconds between looks at whether somebody asked for a run to stop."""

log = logging.getLogger("halles.runs")


class Shelf(Protocol):
    """Says which artifacts are kept."""

    def has(self, artifact: Artifact) -> bool:
        """Whether the content is there."""
        ...


@dataclass
class _Execution:
    """A run that is executed now."""

    claim: Claim
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    seq: int = 0
    task: asyncio.Task[None] | None = None


class Worker:
    """Executes runs of the queue until it is stopped."""

    def __init__(
        self, ledger: Ledger, queue: Queue, outside: Outside, shelf: Shelf, *, runs: int = 4, steps: int | None = None,
        here: Callable[[Task], bool] = lambda _: True, drain: float = 30.0,
    ) -> None:  # fmt: skip
        """`runs` at once; of all their calls, those that compute in this process (`here`) are `steps` at once.

        `drain`: seconds that runs get to end when the worker is stopped.
        """
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._queue = queue
        self._shelf = shelf
        self._runs = runs
        self._here = here
        self._drain = drain
        self._turns = asyncio.Semaphore(steps or max(2, os.cpu_count() or 1))
        self._outside = replace(outside, turn=self._turn)
        self._journal = Journal(ledger)
        self._executing: dict[Lease, _Execution] = {}
        self._unsure = False
        self._stopping = False
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        ledger.listen(self.wake)

    def wake(self) -> None:
        """Look into the queue now. From any thread."""
        with suppress(RuntimeError):  # The loop has ended meanwhile.
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._news.set)

    def stop(self) -> None:
        """Take no more runs, and end. From any thread."""
        self._stopping = True
        self.wake()

    async def run(self) -> None:
        """Work until `stop`; then let runs end for a while, and hand over the others."""
        self._loop = asyncio.get_running_loop()
        regular = ((self._queue.seconds / 3, self._say_alive), (CANCEL_PAUSE, self._look_for_cancels))
        beside = [asyncio.create_task(_again(pause, work)) for pause, work in regular]
        try:
            await self._take_runs()
            await self._let_runs_end()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            with suppress(CallFailed):  # Without the word the others wait until the lease is over.
                await asyncio.to_thread(self._queue.leave, self.name)

    async def _take_runs(self) -> None:
        idle = 0
        while not self._stopping:
            self._news.clear()
            idle = 0 if await self._claim() else idle + 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), PAUSES[min(idle, len(PAUSES)) - 1] if idle else 0)
            await asyncio.sleep(GAP)

    async def _claim(self) -> int:
        """Take as many runs as there is room for. Gives how many."""
        free = self._runs - len(self._executing)
        if free <= 0 or any(each.claim.suspect for each in self._executing.values()):
            return 0
        try:
            if self._unsure:
                await asyncio.to_thread(self._queue.give_back, self.name, [lease.run for lease in self._executing])
                self._unsure = False
            claims = await asyncio.to_thread(self._queue.claim, self.name, free, idle=not self._executing)
        except Exception as error:
            log.warning("the queue is out of reach: %s", error, exc_info=not isinstance(error, CallFailed))
            self._unsure = True  # What was asked for may have been done, without an answer.
            return 0
        for claim in claims:
            execution = self._executing[claim.lease] = _Execution(claim)
            execution.task = asyncio.create_task(self._execute(execution))
        return len(claims)

    async def _let_runs_end(self) -> None:
        tasks = [each.task for each in self._executing.values() if each.task]
        if tasks:
            log.info("stopping: %d runs get %g s to end", len(tasks), self._drain)
            _, late = await asyncio.wait(tasks, timeout=self._drain)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _execute(self, execution: _Execution) -> None:
        """Bring one run to its end, as far as this worker may."""
        lease = execution.claim.lease
        try:
            with watching(execution.claim.run) as watch:
                async with aclosing(self._events(execution)) as events:
                    async for event in events:
                        written = self._journal.write(event, lease)
                        if not _in_passing(event):
                            await written
                        execution.seq = event.seq
                        watch.take(event)
        except LeaseLost:
            log.warning("run %s is not this worker's any more", lease.run)
        except Exception as error:
            log.exception("run %s broke", lease.run)
            await self._break(execution, error)
        finally:
            del self._executing[lease]
            self._news.set()

    async def _events(self, execution: _Execution) -> AsyncGenerator[Event, None]:
        claim, run = execution.claim, execution.claim.run
        execution.seq = run.seq
        if claim.lost >= HOPELESS:
            yield _hopeless(claim)
            return
        given = await asyncio.to_thread(resume, run, self._shelf.has)
        stream = execute(
            run.plan, run.inputs, self._outside, run=run.id, seq=run.seq, given=given, cancelled=execution.cancelled
        )
        async with aclosing(stream) as events:
            async for event in events:
                yield event

    async def _break(self, execution: _Execution, error: Exception) -> None:
        """End a run that met a mistake of ours: it would meet it again."""
        problem = Problem(code="internal", message=say("{kind}: {error}", kind=type(error).__name__, error=error))
        lease = execution.claim.lease
        end = RunFinished(
            run=lease.run, seq=execution.seq + 1, at=time.time(), status=Status.failed, problems=(problem,)
        )
        with suppress(LeaseLost):
            await self._journal.write(end, lease)

    def _turn(self, task: Task) -> AbstractAsyncContextManager[None]:
        """First come, first served: a run has no more calls waiting here than it may have at once."""
        return self._turns if self._here(task) else nullcontext()

    async def _say_alive(self) -> None:
        await asyncio.to_thread(self._queue.renew, self.name)

    async def _look_for_cancels(self) -> None:
        if self._executing:
            for lease in await asyncio.to_thread(self._queue.cancelled, self.name):
                if execution := self._executing.get(lease):
                    execution.cancelled.set()


async def _again(pause: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do something now and then, for ever."""
    while True:
        try:
            await work()
        except CallFailed as failure:
            log.warning("the database is out of reach: %s", failure.problem)
        except Exception:
            log.exception("a worker's regular work failed")
        await asyncio.sleep(pause)


def _in_passing(event: Event) -> bool:
    """Whether nothing follows from an event: that a step runs is written together with what comes next."""
    return isinstance(event, StepChanged) and event.step.status is Status.running


def _hopeless(claim: Claim) -> RunFinished:
    busy = [name for name, state in claim.run.steps.items() if state.status is Status.running]
    message = say(
        "The process that executed this run died {lost} times without a step done in between.", lost=claim.lost
    )
    if busy:
        message = say("{message} It was at {steps}.", message=message, steps=busy)
    problem = Problem(code="kills-workers", step=busy[0] if len(busy) == 1 else None, message=message)
    return RunFinished(
        run=claim.run.id, seq=claim.run.seq + 1, at=time.time(), status=Status.failed, problems=(problem,)
    )


@asynccontextmanager
async def in_thread(worker: Worker, stopping: asyncio.Event) -> AsyncIterator[None]:
    """A worker beside the requests of a server, in a thread and an event loop of its own.

    It takes no more runs as soon as the server is `stopping`; leaving this waits until it has ended in good order.
    """

    async def stop() -> None:
        await stopping.wait()
        worker.stop()

    thread = threading.Thread(target=lambda: asyncio.run(worker.run()), name="halles-worker", daemon=True)
    thread.start()
    watch = asyncio.create_task(stop())
    try:
        yield
    finally:
        watch.cancel()
        worker.stop()
        await asyncio.to_thread(thread.join)
