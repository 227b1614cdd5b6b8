"""Content on its way into a store: hashed, counted and bounded while it is written to a file, never held in memory."""

import asyncio
import hashlib
import math
import uuid
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from halles.model import Problem, Problems, say
from halles.stores.folder import failure

T = TypeVar("T")


class Spool:
    """A temporary file that takes content chunk by chunk; it is deleted at the end unless it was moved away.

    Its name is one that `Objects.sweep` knows, so that what a killed process leaves is deleted later.
    """

    def __init__(self, folder: Path, limit_bytes: float = math.inf) -> None:
        self.path = folder / "spool" / f"{uuid.uuid4().hex}#0"
        self.size = 0
        self._folder = folder
        self._limit = limit_bytes
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Hex hash of what was written."""
        return self._hash.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Take a chunk. Raises `Problems` at the first byte over the limit, `CallFailed` when the disk is full."""
        self.size += len(chunk)
        if self.size > self._limit:
            message = say(
                "The content is larger than the {limit:,.0f} bytes that are taken here. Make it smaller.",
                limit=self._limit,
            )
            raise Problems([Problem(code="too-large", message=message)])
        self._hash.update(chunk)
        try:
            self._file.write(chunk)
        except OSError as error:
            raise failure(self._folder, error, self.size) from error

    def close(self) -> None:
        """Everything is in the file when this returns."""
        try:
            self._file.close()
        except OSError as error:
            raise failure(self._folder, error, self.size) from error

    def __enter__(self) -> "Spool":
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("xb")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._file.close()
        finally:
            self.path.unlink(missing_ok=True)


def fill(spool: Spool, chunks: Iterable[bytes] | AsyncIterable[bytes], keep: Callable[[Spool], T]) -> T | Awaitable[T]:
    """Write all chunks, then keep the whole. With asynchronous chunks the work is done when the result is awaited.

    Keeping may take long (an upload), so it does not block the event loop.
    """
    if isinstance(chunks, AsyncIterable):
        return _fill(spool, chunks, keep)
    with spool:
        for chunk in chunks:
            spool.write(chunk)
        spool.close()
        return keep(spool)


async def _fill(spool: Spool, chunks: AsyncIterable[bytes], keep: Callable[[Spool], T]) -> T:
    with spool:
        async for chunk in chunks:
            spool.write(chunk)  # A write to the page cache; a thread for each would cost more than it saves.
        spool.close()
        return await asyncio.to_thread(keep, spool)
