"""One loop that runs a plan and yields its events.

A step starts when the events of all steps that it needs were taken from the generator, so whoever writes each
event down before asking for the next never has a step whose causes are not on record. Results are cached by what
made them, so the cache is the checkpoint: the same plan, executed again, pays only for what had not finished.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping

from halles.engine import condition
from halles.engine.calls import Calls, Outside
from halles.model import (
    INPUTS,
    CallFailed,
    Event,
    Plan,
    Problem,
    RunFinished,
    RunStarted,
    Status,
    StepChanged,
    StepState,
    Task,
    Value,
    said_of,
    say,
    split,
)


async def execute(
    plan: Plan,
    inputs: Mapping[str, Value],
    outside: Outside,
    *,
    run: str,
    seq: int = 0,
    given: Mapping[str, StepState] | None = None,
    cancelled: asyncio.Event | None = None,
) -> AsyncGenerator[Event, None]:
    """Run a plan. `seq` is the number of events already on record; `cancelled` ends the run when it is set.

    `given` are steps whose outcome is taken as it is, whatever the cache knows: they do not run.
    """
    execution = _Execution(plan, inputs, outside, given or {}, cancelled or asyncio.Event())
    async for change in execution.changes():
        seq += 1
        match change:
            case StepState():
                yield StepChanged(run=run, seq=seq, at=time.time(), step=change)
            case None:
                known = execution.given
                yield RunStarted(run=run, seq=seq, at=time.time(), plan=plan, inputs=dict(inputs), given=known)
    yield execution.finish(run, seq + 1)


class _Execution:
    """The state of one execution: which steps wait, which work, and what they gave."""

    def __init__(
        self, plan: Plan, inputs: Mapping[str, Value], outside: Outside, given: Mapping[str, StepState],
        cancelled: asyncio.Event,
    ) -> None:  # fmt: skip
        self.plan = plan
        self.outside = outside
        self.cancelled = cancelled
        self.tasks = {task.id: task for task in plan.tasks}
        self.given = {task.id: given[task.id] for task in plan.tasks if task.id in given}
        self.states = {task.id: self.given.get(task.id) or StepState(id=task.id) for task in plan.tasks}
        self.values: dict[str, Mapping[str, Value]] = {INPUTS: inputs}
        self.waiting = {task.id: len(task.needs) for task in plan.tasks}
        self.after: dict[str, list[str]] = {task.id: [] for task in plan.tasks}
        for task in plan.tasks:
            for origin in task.needs:
                self.after[origin].append(task.id)
        self.ready = deque(task.id for task in plan.tasks if not task.needs and task.id not in given)
        self.working: dict[str, asyncio.Task[None]] = {}
        self.broken: set[str] = set()
        self.queue: asyncio.Queue[StepState] = asyncio.Queue()

    async def changes(self) -> AsyncIterator[StepState | None]:
        """None for the start, then each new state of a step, in the order in which they come about."""
        yield None
        watch = asyncio.create_task(self._stop_when_cancelled())
        try:
            for state in self.given.values():
                self._release(state)
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
            if self.waiting[name] == 0 and not self.states[name].status.done:
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
                ended = state.model_copy(update={"status": Status.skipped, "reason": reason, "said": said_of(reason)})
            else:
                ended = await Calls(task, state, self._inputs_of(task), self.outside, self.queue.put_nowait).result()
        except CallFailed as failure:
            problem = failure.problem.model_copy(update={"step": task.id})
            ended = self._last(state).model_copy(update={"status": Status.failed, "problem": problem})
        except asyncio.CancelledError:
            ended = self._last(state).model_copy(update={"status": Status.cancelled})
        except Exception as error:
            problem = Problem(
                code="internal", step=task.id, message=say("{kind}: {error}", kind=type(error).__name__, error=error)
            )
            ended = self._last(state).model_copy(update={"status": Status.failed, "problem": problem})
        self.queue.put_nowait(ended.model_copy(update={"finished": time.time(), "progress": None}))

    def _last(self, state: StepState) -> StepState:
        known = self.states[state.id]
        return known if known.status is Status.running else state

    def _reason_to_skip(self, task: Task) -> str:
        """Why a step has nothing to do, or an empty string. Raises `CallFailed` for a condition that breaks."""
        if origin := next((origin for origin in task.needs if origin in self.broken), None):
            self.broken.add(task.id)
            return say("`{origin}` did not finish", origin=origin)
        if task.when is not None:
            try:
                if not condition.evaluate(task.when, self.values, self.outside.reader):
                    return say("the condition `{when}` is false", when=task.when)
            except condition.ConditionError as error:
                skipped = [o for o in condition.references(task.when) if o in self.states and not self.values[o]]
                if skipped:
                    return say("the condition reads `{step}`, which was skipped", step=skipped[0])
                raise CallFailed(Problem(code="bad-condition", message=str(error)), retry=False) from error
        for port in task.required:
            origin, name = split(task.inputs[port])
            if name not in self.values[origin]:
                return say("there is no `{reference}`", reference=task.inputs[port])
        return ""

    def _inputs_of(self, task: Task) -> dict[str, Value]:
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
