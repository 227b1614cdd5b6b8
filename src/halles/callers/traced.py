"""Calls, told of: a span around each, and the step in all that is logged meanwhile."""

from collections.abc import Callable, Mapping

from halles.engine import Caller
from halles.model import Task, Value
from halles.telemetry import traces, watch
from halles.telemetry.context import about


class TracedCaller:
    """A caller around another one."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def call(
        self, task: Task, inputs: Mapping[str, Value], report: Callable[[float, str], None]
    ) -> dict[str, Value]:
        """The other one's call."""
        with about(step=task.id, service=task.service):
            watched = watch.current()
            if watched is None or watched.span is None:
                return await self._caller.call(task, inputs, report)
            with traces.within(watched.step(task)), traces.span(f"call {task.service}", kind="client"):
                return await self._caller.call(task, inputs, report)
