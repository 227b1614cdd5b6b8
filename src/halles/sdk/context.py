"""What a service is given besides its inputs, and the two ways in which it may stop early."""

import os
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

from halles.model import say

if TYPE_CHECKING:
    from halles.sdk.trained import Release
    from halles.weights import Recipe


class InputRefused(Exception):
    """The input is bad: says what was wrong and what would be right. The call is not made again."""

    def __init__(self, message: str, *, port: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.port = port


class Cancelled(Exception):
    """The run was cancelled while the service worked."""


def _never() -> bool:
    return False


def _silent(fraction: float, message: str) -> None:
    pass


class Context:
    """A service's view of the process that runs it."""

    def __init__(
        self,
        *,
        threads: int | None = None,
        report: Callable[[float, str], None] = _silent,
        cancelled: Callable[[], bool] = _never,
    ) -> None:
        self.threads = threads or os.cpu_count() or 1
        self._report = report
        self._cancelled = cancelled
        self._model: Release | None = None
        self.observed: dict[str, str | float] = {}

    def progress(self, fraction: float, message: str = "") -> None:
        """Say how far the work is, in [0, 1]. Raises `Cancelled` when the run was cancelled."""
        if self._cancelled():
            raise Cancelled
        self._report(min(max(fraction, 0.0), 1.0), message)

    def observe(self, **traits: str | float) -> None:
        """Say how this input, or the answer to it, is: numbers, or words of which there are few.

        They are compared with what the service's trained model learned from; only how often they occur is kept.
        """
        self.observed |= traits

    @property
    def model(self) -> "Release":
        """The version of the service's trained model that is to be used."""
        if self._model is None:
            raise LookupError("The service has no model: give `@service` one, `model=Trained(…)`.")
        return self._model

    def using(self, model: "Release | None") -> "Context":
        """The same view for one call, with a version of the model."""
        other = copy(self)
        other._model = model
        other.observed = {}
        return other

    def weights(self, recipe: "Recipe") -> Path:
        """The directory with the verified files of a recipe, fetched on first use."""
        from halles.weights import ensure

        def progress(done: int, total: int | None, what: str) -> None:
            self.progress(done / total if total else 0.0, say("fetching {what}", what=what))

        return ensure(recipe, progress=progress)
