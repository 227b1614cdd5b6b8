"""Follows tasks at services until their callback comes, or until it is clear that none will.

A callback may arrive at another process, so the store is looked at for all tasks at once, several times a second; one
that arrives at this process wakes who waits for it at once. Meanwhile the service is asked how the task stands, since
one that was killed, or has forgotten its tasks, will never call back.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum

from pydantic import ValidationError

from halles.csia.messages import Status, TaskState
from halles.model import CallFailed
from halles.net import Outgoing
from halles.stores.tasks import Sent, Tasks

Report = Callable[[float, str], None]

LOOK = 0.25
"""Seconds between two looks at the store for callbacks that arrived at other processes."""
PAUSES = (2.0, 3.0, 5.0)
"""Seconds before the service is asked how a task stands: the first times, and from then on."""
AGAIN = 1.5
"""Seconds before it is asked again when an answer was no good one."""
ANSWER = 4.0
"""Seconds that it may take to answer."""
LOST = 6
"""The weight of bad signs in a row at which a task counts as lost: 4 s to 22 s after the service died."""
UNCALLED = 30.0
"""Seconds after which a task that its service calls finished, but never called back for, counts as lost."""
FRACTIONS = {TaskState.pending: 0.0, TaskState.fetching: 0.05, TaskState.processing: 0.1, TaskState.saving: 0.9}


class Sign(Enum):
    """What became of asking a service for a task."""

    alive = "alive"
    over = "over"
    unknown = "unknown"
    unreachable = "unreachable"
    silent = "silent"


WEIGHTS = {Sign.unknown: 3, Sign.unreachable: 3, Sign.silent: 2}


class Watch:
    """Waits for tasks, in one event loop."""

    def __init__(self, tasks: Tasks, outgoing: Outgoing) -> None:
        self._tasks = tasks
        self._outgoing = outgoing
        self._waiting: dict[str, list[asyncio.Event]] = {}
        self._looking: asyncio.Task[None] | None = None

    def wake(self, task: str) -> None:
        """The callback of a task was taken, so who waits for it may go on."""
        for event in self._waiting.get(task, ()):
            event.set()

    @contextmanager
    def expecting(self, task: str) -> Iterator[asyncio.Event]:
        """Be ready for a callback from before the task is sent: it may come before the service's answer."""
        event = asyncio.Event()
        self._waiting.setdefault(task, []).append(event)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield event
        finally:
            self._waiting[task].remove(event)
            if not self._waiting[task]:
                del self._waiting[task]

    async def follow(self, sent: Sent, event: asyncio.Event, report: Report, *, polls: bool) -> Sent | None:
        """The task when it is over, or None when it is lost. `polls`: its service tells the states of tasks."""
        signs = _Signs()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(signs.pause):
                    await event.wait()
            if not event.is_set():
                signs.add(await self._ask(sent, report, polls=polls))
            if event.is_set() or signs.lost:
                now = self._tasks.get(sent.id)
                if now is None or now.state.done or signs.lost:
                    return now if now and now.state.done else None
                event.clear()

    async def _look(self) -> None:
        while self._waiting:
            for task in self._tasks.done(self._waiting):
                self.wake(task)
            await asyncio.sleep(LOOK)

    async def _ask(self, sent: Sent, report: Report, *, polls: bool) -> Sign:
        """Ask for the task's state, or only whether the service is there when it tells no states."""
        path = f"tasks/{sent.id}/status" if polls else "status"
        try:
            answer = await self._outgoing.ask("GET", f"{sent.url}/{path}", seconds=ANSWER)
        except CallFailed as failure:
            return Sign.unreachable if failure.problem.code == "unreachable" else Sign.silent
        if answer.status == 404:
            return Sign.unknown
        if answer.status != 200:
            return Sign.silent
        try:
            state = TaskState(Status.model_validate_json(answer.content).status)
        except (ValidationError, ValueError):
            return Sign.alive
        if state in FRACTIONS:
            report(FRACTIONS[state], f"{state.value} at {sent.url}")
        return Sign.over if state.done else Sign.alive


class _Signs:
    """The signs of life of a task so far."""

    def __init__(self) -> None:
        self._asked = 0
        self._bad = 0
        self._over: float | None = None

    @property
    def pause(self) -> float:
        """Seconds until it is worth asking again."""
        return AGAIN if self._bad else PAUSES[min(self._asked, len(PAUSES) - 1)]

    @property
    def lost(self) -> bool:
        """Whether no callback will come."""
        uncalled = self._over is not None and time.monotonic() - self._over > UNCALLED
        return uncalled or self._bad >= LOST

    def add(self, sign: Sign) -> None:
        """Take another sign into account."""
        self._asked += 1
        self._bad = self._bad + WEIGHTS[sign] if sign in WEIGHTS else 0
        if sign is Sign.over:
            self._over = self._over or time.monotonic()
