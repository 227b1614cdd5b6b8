"""The calls that a step is made of: known from the cache, or made, tried again and kept."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from halles.engine.contracts import Cache, Caller, Reader
from halles.model import (
    CallFailed,
    Problem,
    Progress,
    Result,
    Status,
    StepState,
    Task,
    Value,
    artifacts,
    result_key,
    say,
)

PROGRESS_PAUSE = 0.25
"""Seconds between two progress events of a step; what comes sooner is dropped."""


def _at_once(_: Task) -> AbstractAsyncContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class Outside:
    """What an execution reaches: the services, the results so far, and the artifacts for conditions.

    `workers` bounds the steps of a run, and the calls of a step, that are under way at once. `turn` is entered for each
    call, and may let it wait for those of other runs.
    """

    caller: Caller
    cache: Cache
    reader: Reader
    workers: int = 4
    turn: Callable[[Task], AbstractAsyncContextManager[None]] = _at_once


class Calls:
    """The calls of one step: one, or one an item when it maps over a list."""

    def __init__(
        self, task: Task, state: StepState, inputs: Mapping[str, Value], outside: Outside,
        show: Callable[[StepState], None],
    ) -> None:  # fmt: skip
        """`show` takes each new state of the step while it works."""
        self.task = task
        self.state = state.model_copy(update={"status": Status.running})
        self.outside = outside
        self.show = show
        self.inputs = inputs
        self.loop = asyncio.get_running_loop()
        self.reported = 0.0
        self.fractions: list[float] = []
        self.spent: float | None = None
        self.over = False

    async def result(self) -> StepState:
        """The finished state of the step. Raises `CallFailed`."""
        task, inputs = self.task, self.inputs
        calls = [{**inputs, task.map: item} for item in artifacts(inputs[task.map])] if task.map else [inputs]
        keys = [result_key(task.identity, task.params, call) for call in calls]
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
            async with at_once, self.outside.turn(task):
                return await self._try(index, calls[index], keys[index])

        try:
            outputs = await _all([get(index) for index in range(len(calls))])
        finally:
            self.over = True
        merged = _merge(task, outputs) if task.map else dict(outputs[0])
        return self.state.model_copy(
            update={
                "status": Status.finished, "outputs": merged, "cached": cached, "keys": tuple(keys),
                "spent": self.spent,
            }
        )  # fmt: skip

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
            message = say(
                "`{service}` gave no answer within {timeout:g} s.", service=task.service, timeout=task.timeout
            )
            raise CallFailed(Problem(code="timeout", message=message), retry=True) from error
        result = Result(
            key=key, service=task.service, version=task.version, identity=task.identity, weights=task.weights,
            params=task.params, inputs=dict(inputs), outputs=outputs, created=started, seconds=time.time() - started,
        )  # fmt: skip
        self.spent = (self.spent or 0.0) + result.seconds
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
        self.show(self.state)


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
