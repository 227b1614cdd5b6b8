"""Calls services of other servers over the Swiss AI Center's contract: this server is the engine."""

import asyncio
import math
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress

from halles.callers.content import complaint
from halles.callers.dispatch import Dispatch
from halles.callers.watch import Report, Watch
from halles.csia import media
from halles.csia.messages import TaskState
from halles.model import (
    Artifact,
    CallFailed,
    PortSpec,
    Problem,
    ServiceSpec,
    Task,
    Value,
    artifacts,
    digest,
    extension,
    say,
)
from halles.net import Background, Outgoing
from halles.stores.directory import Directory, Entry
from halles.stores.exchange import Exchange
from halles.stores.objects import Objects
from halles.stores.tasks import Sent, Tasks

LOST = "The service that had this task was killed or restarted."
FRESH = 0.5
"""Seconds for which what is known of a service is not looked up again."""
TRIES = 3
"""Times that a task is given to a service when each time it was lost there."""


class RemoteCaller:
    """Calls announced services. All its work is done in one event loop, in a thread of its own."""

    def __init__(
        self,
        *,
        directory: Directory,
        tasks: Tasks,
        exchange: Exchange,
        objects: Objects,
        outgoing: Outgoing,
        background: Background,
        address: Callable[[], str],
        limit: Callable[[], float],
    ) -> None:
        """`address` is where services reach the routes of this engine, `limit` the bytes that an output may have."""
        self._directory = directory
        self._tasks = tasks
        self._exchange = exchange
        self._objects = objects
        self._background = background
        self._limit = limit
        self._dispatch = Dispatch(directory, tasks, exchange, outgoing, address)
        self._watch = Watch(tasks, outgoing)
        self._lately: dict[str, tuple[float, Entry | None]] = {}

    async def call(self, task: Task, inputs: Mapping[str, Value], report: Report) -> dict[str, Value]:
        """One call. A task of the same call that is under way or finished, maybe from before a crash, is used."""
        return await self._background.call(self._call(task, inputs, report))

    def arrived(self, task: str) -> None:
        """The callback of a task was taken by this process."""
        self._background.soon(self._watch.wake, task)

    async def _call(self, task: Task, inputs: Mapping[str, Value], report: Report) -> dict[str, Value]:
        entry = self._entry(task)
        key = _key(task, inputs)
        done = await self._earlier(entry, task, key, report) if task.cacheable else None
        if done is None:
            data_in = await asyncio.to_thread(self._lay_out, entry.spec, inputs)
            done = await self._compute(entry, key, data_in, report)
        if done.state is not TaskState.finished:
            message = say("`{slug}` failed: {error}", slug=entry.slug, error=done.error or say("it does not say why"))
            raise CallFailed(Problem(code="service-failed", message=message), retry=True)
        return await asyncio.to_thread(self._take, entry.spec, done)

    def _entry(self, task: Task) -> Entry:
        entry = self._known(task.service)
        if entry is None or entry.spec.identity != task.identity:
            message = say(
                "`{service}`, with which this run was planned, is gone. Start a new run.", service=task.service
            )
            if entry is not None:
                message = say(
                    "`{service}` takes or gives other things than when this run was planned. Start a new run.",
                    service=task.service,
                )
            raise CallFailed(Problem(code="service-changed", message=message), retry=False)
        return entry

    def _known(self, slug: str) -> Entry | None:
        """The entry as it was lately: many calls at once need not look each."""
        looked, entry = self._lately.get(slug, (0.0, None))
        if entry is None or time.monotonic() - looked > FRESH:
            entry = self._directory.entry(slug)
            self._lately[slug] = (time.monotonic(), entry)
        return entry

    async def _earlier(self, entry: Entry, task: Task, key: str, report: Report) -> Sent | None:
        """A finished task of the same call whose outputs can still be had."""
        known = self._tasks.latest(key)
        if known is not None and not known.state.done:
            known = await self._join(entry, known, report) if time.time() - known.created < task.timeout else None
        if known is None or known.state is not TaskState.finished:
            return None
        if known.created < (self._directory.since(entry.slug) or math.inf):
            return None  # It announced itself since then, and may have another model.
        if known.outputs is not None:
            kept = all(self._objects.has(each) for value in known.outputs.values() for each in artifacts(value))
            return known if kept else None
        return known

    async def _join(self, entry: Entry, sent: Sent, report: Report) -> Sent | None:
        """Wait for a task that is under way already, unless nobody has accepted it yet."""
        if not sent.url:
            return None
        with self._watch.expecting(sent.id) as event:
            done = await self._watch.follow(sent, event, report, polls=self._polls(entry, sent.url))
        if done is None:
            self._tasks.change(sent.id, TaskState.archived, error=LOST)
        return done

    async def _compute(self, entry: Entry, key: str, data_in: list[str], report: Report) -> Sent:
        avoid: set[str] = set()
        for _ in range(TRIES):
            likely = self._dispatch.likely(entry, avoid)
            sent = self._tasks.add(str(uuid.uuid4()), key, entry.slug, likely, data_in)
            with self._watch.expecting(sent.id) as event:
                try:
                    async with self._dispatch.given(entry, sent, avoid) as sent:
                        done = await self._watch.follow(sent, event, report, polls=self._polls(entry, sent.url))
                except CallFailed as failure:
                    self._tasks.change(sent.id, TaskState.error, error=failure.problem.message)
                    raise
            if done is not None:
                return done
            self._tasks.change(sent.id, TaskState.archived, error=LOST)
            avoid.add(sent.url)
        message = say(
            "`{slug}` lost the task {tries} times: it was killed or restarted while it worked, last at {url}.",
            slug=entry.slug,
            tries=TRIES,
            url=sent.url,
        )
        raise CallFailed(Problem(code="service-lost", message=message), retry=True)

    def _polls(self, entry: Entry, url: str) -> bool:
        return next((instance.polls for instance in entry.instances if instance.url == url), True)

    def _lay_out(self, spec: ServiceSpec, inputs: Mapping[str, Value]) -> list[str]:
        """The keys of the inputs, one a field, in order. An absent optional one is an empty file."""
        return [self._lay(port, inputs.get(port.name)) for port in spec.inputs]

    def _lay(self, port: PortSpec, value: Value | None) -> str:
        if value is None:
            return self._exchange.store(f"absent{extension(port.media[0])}", [], 0)
        return self._exchange.put(artifacts(value)[0])

    def _take(self, spec: ServiceSpec, done: Sent) -> dict[str, Value]:
        """The outputs, taken in from the exchange once, and checked."""
        if done.outputs is not None:
            return done.outputs
        try:
            outputs = self._checked(spec, done)
        except CallFailed as failure:
            self._tasks.refuse(done.id, failure.problem.message)
            raise
        self._tasks.keep(done.id, outputs)
        for key in (*done.data_in, *done.data_out):
            with suppress(CallFailed):  # What stays is swept later.
                self._exchange.delete(key)
        return outputs

    def _checked(self, spec: ServiceSpec, done: Sent) -> dict[str, Value]:
        if len(done.data_out) != len(spec.outputs):
            message = say(
                "`{slug}` gave {count} outputs; it announced {announced}: {names:, }.",
                slug=spec.slug,
                count=len(done.data_out),
                announced=len(spec.outputs),
                names=(port.name for port in spec.outputs),
            )
            raise CallFailed(Problem(code="bad-output", message=message), retry=False)
        found = {
            port.name: self._output(spec, port, key) for port, key in zip(spec.outputs, done.data_out, strict=True)
        }
        return {name: artifact for name, artifact in found.items() if artifact is not None}

    def _output(self, spec: ServiceSpec, port: PortSpec, key: str) -> Artifact | None:
        """What lies under a key; nothing for an optional output that is an empty file."""
        try:
            said = media.type_of(key)
        except ValueError as error:
            raise _bad(spec, port, say("is under a bad key: {error}", error=error)) from error
        wanted = next((each for each in port.media if each.partition(";")[0] == said), None)
        if wanted is None:
            raise _bad(spec, port, say("is {found}; it announced {port}", found=said, port=port))
        artifact = self._exchange.get(key, self._limit())
        if port.optional and artifact.size == 0:
            return None
        if wrong := complaint(self._objects.path(artifact), said):
            raise _bad(spec, port, say("should be {wanted}, but {wrong}", wanted=said, wrong=wrong))
        return artifact.model_copy(update={"media_type": wanted})


def _bad(spec: ServiceSpec, port: PortSpec, what: str) -> CallFailed:
    message = say("Output `{name}` of `{slug}` {what}.", name=port.name, slug=spec.slug, what=what)
    return CallFailed(Problem(code="bad-output", port=port.name, message=message), retry=False)


def _key(task: Task, inputs: Mapping[str, Value]) -> str:
    """What makes two calls the same one."""
    values = {port: [[each.sha256, each.media_type] for each in artifacts(value)] for port, value in inputs.items()}
    return digest([task.identity, task.params, values])
