"""Calls services wherever they are."""

from collections.abc import Callable, Iterable, Mapping

from halles.engine import Caller, Report
from halles.model import Task, Value


class EitherCaller:
    """Calls what is installed here in this process, and everything else where it is."""

    def __init__(self, installed: Iterable[str], here: Caller, there: Callable[[], Caller]) -> None:
        self._installed = frozenset(installed)
        self._here = here
        self._there = there

    async def call(self, task: Task, inputs: Mapping[str, Value], report: Report) -> dict[str, Value]:
        """One call."""
        caller = self._here if task.service in self._installed else self._there()
        return await caller.call(task, inputs, report)
