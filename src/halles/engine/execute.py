"""One loop that runs a plan and yields its events.

A step starts when the events of all steps that it needs were taken from the generator, so whoever writes each
event down before asking for the next never has a step whose causes are not on record. Results are cached by what
made them, so the cache is the checkpoint: the same plan, executed again, pays only for what had not finished.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from halles.engine import condition
from halles.engine.contracts import Cache, Caller, Reader
from halles.model import (
    INPUTS,
    CallFailed,
    Event,
    Plan,
    Problem,
    Progress,
    Result,
    RunFinished,
    RunStarted,
    Status,
    StepChanged,
    StepState,
    Task,
    Value,
    artifacts,
    digest,
    split,
)

PROGRESS_PAUSE = 0.25
"""Seconds between two progress events of a step; what comes sooner is dropped."""


@dataclass(frozen=True)
class Outside:
    """What an execution reaches: the services, the results so far, and the artifacts for conditions."""

    caller: Caller
    cache: Cache
    reader: Reader
    workers: int = 4


async def execute(
    plan: Plan,
    inputs: Mapping[str, Value],
    outside: Outside,
    *,
    run: str,
    seq: int = 0,
    cancelled: asyncio.Event | None = None,
) -> AsyncIterator[Event]:
    """Run a plan. `seq` is the number of events already on record; `cancelled` ends the run when it is set."""
    execution = _Execution(plan, inputs, outside, cancelled or asyncio.Event())
    async for change in execution.changes():
        seq += 1
        match change:
            case StepState():
                yield StepChanged(run=run, seq=seq, at=time.time(), step=change)
            case None:
                yield RunStarted(run=run, seq=seq, at=time.time(), plan=plan, inputs=dict(inputs))
    yield execution.finish(run, seq + 1)


class _Execution:
    """The state of one execution: which steps wait, which work, and what they gave."""

    def __init__(self, plan: Plan, inputs: Mapping[str, Value], outside: Outside, cancelled: asyncio.Event) -> None:
        self.plan = plan
        self.outside = outside
        self.cancelled = cancelled
        self.tasks = {task.id: task for task in plan.tasks}
        self.states = {task.id: StepState(id=task.id) for task in plan.tasks}
        self.values: dict[str, Mapping[str, Value]] = {INPUTS: inputs}
        self.waiting = {task.id: len(task.needs) for task in plan.tasks}
        self.after: dict[str, list[str]] = {task.id: [] for task in plan.tasks}
        for task in plan.tasks:
            for origin in task.needs:
                self.after[origin].append(task.id)
        self.ready = deque(task.id for task in plan.tasks if not task.needs)
        self.working: dict[str, asyncio.Task[None]] = {}
        self.broken: set[str] = set()
        self.queue: asyncio.Queue[StepState] = asyncio.Queue()

    async def changes(self) -> AsyncIterator[StepState | None]:
        """None for the start, then each new state of a step, in the order in which they come about."""
        yield None
        watch = asyncio.create_task(self._stop_when_cancelled())
        try:
            self._start()
            while self.working:
                state = await self.queue.get()
                self.states[state.id] = state
                yield state
                if state.status.done:
                    self._release(state)
                    self._start()
        finally:
            watch.cancel()
            for work in self.working.values():
                work.cancel()
            await asyncio.gather(watch, *self.working.values(), return_exceptions=True)

    def _start(self) -> None:
        while self.ready and len(self.working) < self.outside.workers and not self.cancelled.is_set():
            name = self.ready.popleft()
            self.working[name] = asyncio.create_task(self._work(self.tasks[name]))

    def _release(self, state: StepState) -> None:
        self.working.pop(state.id, None)
        self.values[state.id] = state.outputs
        if state.status in (Status.failed, Status.cancelled):
            self.broken.add(state.id)
        for name in self.after[state.id]:
            self.waiting[name] -= 1
            if self.waiting[name] == 0:
                self.ready.append(name)

    async def _stop_when_cancelled(self) -> None:
        await self.cancelled.wait()
        for work in self.working.values():
            work.cancel()

    async def _work(self, task: Task) -> None:
        """Bring one step to an end, whatever it is. Every way out puts a done state in the queue."""
        state = StepState(id=task.id, started=time.time())
        try:
            if reason := self._reason_to_skip(task):
                ended = state.model_copy(update={"status": Status.skipped, "reason": reason})
            else:
                ended = await _Calls(task, state, self).result()
        except CallFailed as failure:
            problem = failure.problem.model_copy(update={"step": task.id})
            ended = self._last(state).model_copy(update={"status": Status.failed, "problem": problem})
        except asyncio.CancelledError:
            ended = self._last(state).model_copy(update={"status": Status.cancelled})
        except Exception as error:
            problem = Problem(code="internal", step=task.id, message=f"{type(error).__name__}: {error}")
            ended = self._last(state).model_copy(update={"status": Status.failed, "problem": problem})
        self.queue.put_nowait(ended.model_copy(update={"finished": time.time(), "progress": None}))

    def _last(self, state: StepState) -> StepState:
        known = self.states[state.id]
        return known if known.status is Status.running else state

    def _reason_to_skip(self, task: Task) -> str:
        """Why a step has nothing to do, or an empty string. Raises `CallFailed` for a condition that breaks."""
        if origin := next((origin for origin in task.needs if origin in self.broken), None):
            self.broken.add(task.id)
            return f"`{origin}` did not finish"
        if task.when is not None:
            try:
                if not condition.evaluate(task.when, self.values, self.outside.reader):
                    return f"the condition `{task.when}` is false"
            except condition.ConditionError as error:
                skipped = [o for o in condition.references(task.when) if o in self.states and not self.values[o]]
                if skipped:
                    return f"the condition reads `{skipped[0]}`, which was skipped"
                raise CallFailed(Problem(code="bad-condition", message=str(error)), retry=False) from error
        for port in task.required:
            origin, name = split(task.inputs[port])
            if name not in self.values[origin]:
                return f"there is no `{task.inputs[port]}`"
        return ""

    def inputs_of(self, task: Task) -> dict[str, Value]:
        """The values on the ports of a step; absent optional ones are left out."""
        found = {port: split(reference) for port, reference in task.inputs.items()}
        return {port: self.values[o][n] for port, (o, n) in found.items() if n in self.values[o]}

    def finish(self, run: str, seq: int) -> RunFinished:
        """The last event, from the states of all steps."""
        problems = tuple(state.problem for state in self.states.values() if state.problem)
        if self.cancelled.is_set() and any(
            not s.status.done or s.status is Status.cancelled for s in self.states.values()
        ):
            status = Status.cancelled
        else:
            status = Status.failed if problems else Status.finished
        outputs = {}
        for name, reference in self.plan.pipeline.outputs.items():
            origin, port = split(reference)
            if port in self.values.get(origin, {}):
                outputs[name] = self.values[origin][port]
        return RunFinished(run=run, seq=seq, at=time.time(), status=status, outputs=outputs, problems=problems)


class _Calls:
    """The calls of one step: one, or one an item when it maps over a list."""

    def __init__(self, task: Task, state: StepState, execution: _Execution) -> None:
        self.task = task
        self.state = state.model_copy(update={"status": Status.running})
        self.outside = execution.outside
        self.queue = execution.queue
        self.inputs = execution.inputs_of(task)
        self.loop = asyncio.get_running_loop()
        self.reported = 0.0
        self.fractions: list[float] = []
        self.over = False

    async def result(self) -> StepState:
        """The finished state of the step. Raises `CallFailed`."""
        task, inputs = self.task, self.inputs
        calls = [{**inputs, task.map: item} for item in artifacts(inputs[task.map])] if task.map else [inputs]
        keys = [self._key(call) for call in calls]
        found = [self.outside.cache.get(key) if task.cacheable else None for key in keys]
        self.fractions = [float(result is not None) for result in found]
        cached = all(result is not None for result in found)
        if not cached:
            self._show(attempt=1)
        at_once = asyncio.Semaphore(self.outside.workers)

        async def get(index: int) -> Mapping[str, Value]:
            known = found[index]
            if known is not None:
                return known.outputs
            async with at_once:
                return await self._try(index, calls[index], keys[index])

        try:
            outputs = await _all([get(index) for index in range(len(calls))])
        finally:
            self.over = True
        merged = _merge(task, outputs) if task.map else dict(outputs[0])
        return self.state.model_copy(
            update={"status": Status.finished, "outputs": merged, "cached": cached, "keys": tuple(keys)}
        )

    def _key(self, inputs: Mapping[str, Value]) -> str:
        values = {port: [[a.sha256, a.media_type] for a in artifacts(value)] for port, value in inputs.items()}
        return digest([self.task.identity, self.task.params, values])

    async def _try(self, index: int, inputs: Mapping[str, Value], key: str) -> Mapping[str, Value]:
        retry = self.task.retry
        pause = retry.pause
        for attempt in range(1, retry.attempts + 1):
            if attempt > 1:
                self._show(attempt=attempt)
            try:
                return await self._call(index, inputs, key)
            except CallFailed as failure:
                if not failure.retry or attempt == retry.attempts:
                    raise
            await asyncio.sleep(pause)
            pause *= retry.factor
        raise AssertionError("attempts is at least one")

    async def _call(self, index: int, inputs: Mapping[str, Value], key: str) -> Mapping[str, Value]:
        task, started = self.task, time.time()

        def report(fraction: float, message: str) -> None:
            if not self.over:
                self.loop.call_soon_threadsafe(self._progress, index, fraction, message)

        try:
            async with asyncio.timeout(task.timeout):
                outputs = await self.outside.caller.call(task, inputs, report)
        except TimeoutError as error:
            message = f"`{task.service}` gave no answer within {task.timeout:g} s."
            raise CallFailed(Problem(code="timeout", message=message), retry=True) from error
        result = Result(
            key=key, service=task.service, version=task.version, identity=task.identity, weights=task.weights,
            params=task.params, inputs=dict(inputs), outputs=outputs, created=started, seconds=time.time() - started,
        )  # fmt: skip
        self.outside.cache.put(result)
        self.fractions[index] = 1.0
        return outputs

    def _progress(self, index: int, fraction: float, message: str) -> None:
        self.fractions[index] = fraction
        now = time.monotonic()
        if not self.over and now - self.reported >= PROGRESS_PAUSE:
            self.reported = now
            whole = sum(self.fractions) / len(self.fractions)
            self._show(progress=Progress(fraction=whole, message=message))

    def _show(self, **update: object) -> None:
        self.state = self.state.model_copy(update=update)
        self.queue.put_nowait(self.state)


async def _all(calls: Sequence[Coroutine[Any, Any, Mapping[str, Value]]]) -> list[Mapping[str, Value]]:
    """Await all; when one fails the others are cancelled, and have ended when this raises."""
    if len(calls) == 1:
        return [await calls[0]]
    tasks = [asyncio.create_task(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _merge(task: Task, outputs: list[Mapping[str, Value]]) -> dict[str, Value]:
    """The outputs of a mapped step: on each port the list of what its calls gave, in order."""
    return {port: tuple(a for each in outputs if port in each for a in artifacts(each[port])) for port in task.outputs}
