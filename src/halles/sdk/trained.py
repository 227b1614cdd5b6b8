"""A model that is trained again and again, and the versions of it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from halles.model import WeightsRef

BUILT_IN = "built-in"


@dataclass(frozen=True)
class Release:
    """A version of a model that can be loaded. `name` is as people say it, `music-style@3`."""

    name: str
    identity: str
    file: Path
    licence: str = ""

    @property
    def reference(self) -> WeightsRef:
        """How a specification, and so the provenance of a result, names it."""
        return WeightsRef(name=self.name, identity=self.identity, licence=self.licence, origin="model registry")


def _everything(outputs: Mapping[str, Any]) -> Any:
    return outputs


@dataclass(frozen=True)
class Trained:
    """The model of a service: the version in production, or the one that comes with the service when there is none.

    `decision` is what counts of the outputs, by port, when two versions are compared on the same input. `baseline` is
    a file that says what the model that comes with the service was trained on, by traits of `context.observe`;
    `predictions` one with what it said of its validation clips, so that the first version has something to beat.
    """

    name: str
    file: Path
    decision: Callable[[Mapping[str, Any]], Any] = _everything
    baseline: Path | None = None
    predictions: Path | None = None

    @cached_property
    def built_in(self) -> Release:
        """The version that comes with the service."""
        with self.file.open("rb") as file:
            return Release(f"{self.name}@{BUILT_IN}", hashlib.file_digest(file, "sha256").hexdigest(), self.file)
