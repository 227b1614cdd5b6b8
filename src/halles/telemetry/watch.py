"""Follows the execution of a run: its events become log lines, metrics and spans."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from halles.model import Event, Order, Run, RunFinished, RunStarted, Status, StepChanged, StepState, Task
from halles.telemetry import metrics, traces
from halles.telemetry.context import about

if TYPE_CHECKING:
    from opentelemetry.trace import Span

log = logging.getLogger("halles.runs")

_now: ContextVar["Watch | None"] = ContextVar("halles_watch", default=None)


@contextmanager
def watching(order: Order | Run) -> "Iterator[Watch]":
    """Watch an execution, in the task that executes the run: what it starts knows the run, and is part of its span.

    The run's span goes on with the trace of the request that ordered it.
    """
    run = order.run if isinstance(order, Order) else order.id
    watch = Watch(run, {task.id: task for task in order.plan.tasks})
    pipeline = order.plan.pipeline.id
    parent = {"traceparent": order.trace} if order.trace else None
    token = _now.set(watch)
    try:
        with about(run=run, pipeline=pipeline, owner=order.owner), traces.span(
            f"run {pipeline}", kind="consumer", parent=parent, halles_run=run, halles_pipeline=pipeline,
            enduser_id=order.owner,
        ) as span:  # fmt: skip
            watch.span = span
            yield watch
    finally:
        watch.close()
        _now.reset(token)


def current() -> "Watch | None":
    """The watch of the run that is executed in this task, if there is one."""
    return _now.get()


class Watch:
    """One execution, as it is watched."""

    def __init__(self, run: str, tasks: dict[str, Task]) -> None:
        self.run = run
        self.span: Span | None = None
        self._tasks = tasks
        self._begun = 0.0
        self._steps: dict[str, Span] = {}

    def take(self, event: Event) -> None:
        """Tell of an event, once it is written down."""
        match event:
            case RunStarted():
                self._begun = event.at
            case StepChanged(step=state) if state.done_since(self._begun):
                self._tell_step(state)
            case RunFinished():
                self._tell_end(event)
            case _:
                pass

    def step(self, task: Task, at: float | None = None) -> "Span":
        """The span of a step, begun when it is first asked for. Only where there are traces."""
        if task.id not in self._steps:
            self._steps[task.id] = traces.start(
                f"step {task.id}", parent=self.span, at=at, halles_step=task.id, halles_service=task.service,
                halles_version=task.version,
            )  # fmt: skip
        return self._steps[task.id]

    def close(self) -> None:
        """End the spans of steps whose end nobody told: the run was cut off."""
        for span in self._steps.values():
            span.end()
        self._steps.clear()

    def _tell_step(self, state: StepState) -> None:
        task = self._tasks[state.id]
        seconds = state.spent or state.seconds or 0.0
        metrics.steps.labels(task.service, state.status.value).inc()
        metrics.retries.labels(task.service).inc(max(0, state.attempt - 1))
        if state.cached:
            metrics.cache_hits.labels(task.service).inc()
        elif state.status is not Status.skipped:
            metrics.step_seconds.labels(task.service).observe(seconds)
        facts = {
            "status": state.status.value,
            "seconds": round(seconds, 3),
            "cached": state.cached,
            "attempt": state.attempt,
        }
        with about(step=state.id, service=task.service):
            level = logging.WARNING if state.problem else logging.INFO
            what = f": {state.problem}" if state.problem else ""
            log.log(level, "step %s %s%s", state.id, state.status.value, what, extra={"facts": facts})
        if traces.on() and self.span is not None:
            span = self.step(task, at=state.started)
            span.set_attributes({f"halles.{name}": value for name, value in facts.items()})
            _judge(span, None if state.problem is None else state.problem.message)
            span.end(traces.nanoseconds(state.finished))
            del self._steps[state.id]

    def _tell_end(self, event: RunFinished) -> None:
        metrics.runs.labels(event.status.value).inc()
        log.info("run %s %s", self.run, event.status.value, extra={"facts": {"status": event.status.value}})
        if self.span is not None:
            self.span.set_attribute("halles.status", event.status.value)
            _judge(self.span, event.problems[0].message if event.problems else None)


def _judge(span: "Span", fault: str | None) -> None:
    if fault is not None:
        from opentelemetry.trace import StatusCode

        span.set_status(StatusCode.ERROR, fault)
