"""The queue of a service: tasks wait their turn, and whatever one of them does, the next one runs."""

import asyncio
import contextvars
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from halles.csia import media
from halles.csia.messages import Callback, ComputeS3, ComputeStorage, TaskState
from halles.csia.translate import Wire
from halles.model import CallFailed, Problem, extension
from halles.sdk import Cancelled, Context, File, settings
from halles.sdk.values import scratch
from halles.serving.callbacks import Callbacks
from halles.serving.exchange import Exchange, Exchanges, patiently
from halles.serving.metrics import Metrics
from halles.serving.served import Served
from halles.telemetry import about, traces

REMEMBERED = 10_000
"""Tasks whose end is still known when somebody asks."""
FETCHING, SAVING = 5.0, 120.0
"""Seconds for which a place of values may be away: what was computed is worth waiting for."""
MESSAGE = 4_000
"""The most characters of an error message."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class Busy(Exception):
    """No more tasks are taken now."""


@dataclass
class Job:
    """A task that was taken."""

    message: ComputeS3 | ComputeStorage
    trace: Mapping[str, str] = field(default_factory=dict)
    """The headers of the request: what is done for it is a part of the sender's trace."""
    state: TaskState = TaskState.pending
    started: float = field(default_factory=time.monotonic)

    @property
    def id(self) -> str:
        """The id of its task."""
        return self.message.task.id


class Tasks:
    """Takes tasks, runs them one after the other, and says how each ended.

    One more worker than calls that run at once: the inputs of the next task come while the model computes.
    """

    def __init__(
        self, served: Served, exchanges: Exchanges, callbacks: Callbacks, metrics: Metrics, *, capacity: int
    ) -> None:
        self._served = served
        self._exchanges = exchanges
        self._callbacks = callbacks
        self._metrics = metrics
        self._capacity = capacity
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._jobs: dict[str, Job] = {}
        self._ended: OrderedDict[str, TaskState] = OrderedDict()
        self._turn = asyncio.Semaphore(1)
        self._workers: list[asyncio.Task[None]] = []
        self._closed = False
        self.hurried = False

    def __len__(self) -> int:
        """How many wait or are worked on."""
        return len(self._jobs)

    def start(self) -> None:
        """Begin to work."""
        self._workers = [asyncio.create_task(self._work()) for _ in range(2)]

    def take(self, message: ComputeS3 | ComputeStorage, trace: Mapping[str, str] | None = None) -> None:
        """Put a task into the queue; one that is in it already is not done twice. Raises `Busy`."""
        if message.task.id in self._jobs:
            return
        if self._closed:
            raise Busy("The service is shutting down")
        if len(self) >= self._capacity:
            raise Busy("Queue is full")
        job = Job(message, trace or {})
        self._jobs[job.id] = job
        self._queue.put_nowait(job)

    def state(self, task: str) -> TaskState | None:
        """Where a task stands, or None for one that is not known, or not any more."""
        job = self._jobs.get(task)
        return job.state if job else self._ended.get(task)

    async def drain(self, seconds: float) -> None:
        """Take no more tasks, give back those that wait, and let those that are worked on end within a time."""
        self._closed = True
        while not self._queue.empty():
            self._end(self._queue.get_nowait(), _error("The service shut down before the task's turn. Send it again."))
        end = time.monotonic() + seconds
        while self._jobs and time.monotonic() < end and not self.hurried:
            await asyncio.sleep(0.05)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def hurry(self) -> None:
        """Wait no longer for what is worked on."""
        self.hurried = True

    async def _work(self) -> None:
        while True:
            job = await self._queue.get()
            try:
                with about(task=job.id), traces.span(f"task {self._served.spec.slug}", kind="server", parent=job.trace):
                    callback = await self._outcome(job)
            except asyncio.CancelledError:
                self._end(job, _error("The service was stopped while it worked on the task. Send it again."))
                raise
            except BaseException as error:  # Whatever a task does, the next one runs.
                log.exception("task %s failed", job.id)
                callback = _error(self._served.explain(error))
            self._end(job, callback)

    async def _outcome(self, job: Job) -> Callback:
        """Fetch, compute, save. Every fault of the task is an error that says what was wrong."""
        try:
            exchange = self._exchanges.of(job.message)
            job.state = TaskState.fetching
            with traces.span("fetch"):
                fetched = await self._fetch(exchange, job)
            async with self._turn:
                job.state = TaskState.processing
                with traces.span("compute"):
                    outputs = await self._compute(fetched)
            job.state = TaskState.saving
            with traces.span("save"):
                return Callback(status=TaskState.finished, data_out=await self._save(exchange, outputs))
        except Exception as error:
            message = self._served.explain(error)
            log.warning("task %s: %s", job.id, message)
            return _error(message)

    async def _fetch(self, exchange: Exchange, job: Job) -> list[tuple[Wire, File]]:
        """The inputs on disk, with the types that their keys say."""
        found = []
        for wire, key in self._served.expected(job.message.task):
            kind = _type(wire, key)
            file = File.adopt(scratch(extension(kind)), kind)
            file.label = wire.port.name
            fetch = partial(exchange.fetch, key, file.path, settings.number("HALLES_MAX_INPUT_BYTES", 2 * 1024**3))
            await patiently(fetch, FETCHING)
            found.append((wire, file))
        return found

    async def _compute(self, fetched: list[tuple[Wire, File]]) -> list[tuple[Wire, File]]:
        """Call the service in a thread of its own: a model that hangs holds up nobody after its time."""
        stop = threading.Event()
        context = Context(cancelled=stop.is_set)
        limit = settings.number("HALLES_MAX_INPUT_BYTES", 2 * 1024**3)
        time_limit = asyncio.timeout(self._served.spec.timeout)
        try:
            with self._metrics.computing.time():
                async with time_limit:
                    return await in_thread(lambda: self._served.call(fetched, context, limit))
        except TimeoutError as error:
            if not time_limit.expired():
                raise
            message = f"`{self._served.spec.slug}` gave no result within {self._served.spec.timeout:g} s."
            raise CallFailed(Problem(code="timeout", message=message), retry=True) from error
        finally:
            stop.set()

    async def _save(self, exchange: Exchange, outputs: list[tuple[Wire, File]]) -> tuple[str, ...]:
        keys = []
        for _, file in outputs:
            store = partial(exchange.store, file.path, file.media_type.partition(";")[0])
            keys.append(await patiently(store, SAVING))
        return tuple(keys)

    def _end(self, job: Job, callback: Callback) -> None:
        del self._jobs[job.id]  # With its message: credentials are kept no longer than needed.
        self._ended[job.id] = callback.status
        self._ended.move_to_end(job.id)
        while len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)
        self._metrics.ended(callback.status, time.monotonic() - job.started)
        log.info("task %s: %s after %.2f s", job.id, callback.status.value, time.monotonic() - job.started)
        self._callbacks.send(job.message.callback_url, callback)


def _type(wire: Wire, key: str) -> str:
    """The type of a key, which must be one of its field. Raises `CallFailed`."""
    name, types = wire.field.name, wire.field.type
    try:
        found = media.type_of(key)
    except ValueError as error:
        raise CallFailed(Problem(code="bad-key", port=name, message=str(error)), retry=False) from error
    if found not in types:
        message = f"The key `{key}` is {found}, but `{name}` takes {' or '.join(types)}."
        raise CallFailed(Problem(code="wrong-type", port=name, message=message), retry=False)
    return found


def _error(message: str) -> Callback:
    return Callback(status=TaskState.error, error_message=message[:MESSAGE])


async def in_thread(function: Callable[[], T]) -> T:
    """Run in a new thread, which ends by itself when nobody waits any more."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        outcome: tuple[T | None, BaseException | None]
        try:
            outcome = function(), None
        except BaseException as error:  # It is somebody's code, and may raise anything.
            plain = isinstance(error, Exception) and not isinstance(error, Cancelled | StopIteration)
            outcome = None, error if plain else RuntimeError(f"{type(error).__name__}: {error}")
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, *outcome)

    context = contextvars.copy_context()  # What is logged there is about the same task.
    threading.Thread(target=context.run, args=(run,), name="halles-call", daemon=True).start()
    return await future
