"""What the engine needs of the outside, and nothing more."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from halles.model import Artifact, Result, ServiceSpec, Task, Value

Report = Callable[[float, str], None]
"""Takes the progress of a call: a fraction and a message. May be called from any thread."""


class Catalogue(Protocol):
    """The services that there are."""

    def slugs(self) -> Iterable[str]:
        """All of them, by slug."""
        ...

    def find(self, slug: str) -> ServiceSpec | None:
        """The specification of one."""
        ...


class Caller(Protocol):
    """A way to call services."""

    async def call(self, task: Task, inputs: Mapping[str, Value], report: Report) -> dict[str, Value]:
        """The outputs of one call. Raises `halles.model.CallFailed`; stops when it is cancelled."""
        ...


class Cache(Protocol):
    """Results by key. What it once held it may have lost: the step then runs again."""

    def get(self, key: str) -> Result | None:
        """The result under a key, if all its artifacts are still there."""
        ...

    def put(self, result: Result) -> None:
        """Keep a result; durable when this returns."""
        ...


class Reader(Protocol):
    """Reads artifacts, for conditions."""

    def read(self, artifact: Artifact) -> bytes:
        """The whole content."""
        ...
