"""Artifacts under the hash of their content, in a local folder or any other object store."""

import hashlib
import math
import os
from collections.abc import AsyncIterable, Awaitable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, overload

from obstore.exceptions import BaseError
from obstore.store import LocalStore

from halles.model import Artifact, CallFailed, Problem, say
from halles.stores import folder as home
from halles.stores.spool import Spool, fill

CHUNK = 1 << 18
"""Bytes that are read at once."""


class Objects:
    """Content-addressed artifacts in a folder. What is written is whole or absent, whatever interrupts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = home.make(folder)
        self._store = LocalStore(folder, mkdir=True)

    def put(self, content: bytes | Path, media_type: str) -> Artifact:
        """Keep content, without a second copy of what is there already. Raises `CallFailed` when the disk is full."""
        sha256, size = _hash(content)
        artifact = Artifact(sha256=sha256, media_type=media_type, size=size)
        self._save(artifact, content)
        return artifact

    @overload
    def put_stream(
        self, chunks: AsyncIterable[bytes], media_type: str, limit_bytes: float = ...
    ) -> Awaitable[Artifact]: ...
    @overload
    def put_stream(self, chunks: Iterable[bytes], media_type: str, limit_bytes: float = ...) -> Artifact: ...
    def put_stream(
        self, chunks: Iterable[bytes] | AsyncIterable[bytes], media_type: str, limit_bytes: float = math.inf
    ) -> Artifact | Awaitable[Artifact]:
        """Keep content that comes in chunks, never in memory as a whole. Asynchronous chunks give an awaitable.

        Raises `Problems` (`too-large`) at the first byte over the limit, `CallFailed` when the disk is full.
        """
        return fill(Spool(self.folder, limit_bytes), chunks, lambda spool: self.keep(spool, media_type))

    def read(self, artifact: Artifact) -> bytes:
        """The whole content, checked against its hash. What is damaged is deleted, so that it can be made again."""
        content = self.path(artifact).read_bytes()
        if hashlib.sha256(content).hexdigest() != artifact.sha256:
            self.delete(artifact.sha256)
            raise lost(artifact, say("was damaged on the disk, and is deleted now"))
        return content

    def path(self, artifact: Artifact) -> Path:
        """A file with the content, to be read only. Raises `CallFailed` when it is gone."""
        if not self._is_here(artifact):
            raise lost(artifact)
        return self._place(artifact.sha256)

    def has(self, artifact: Artifact) -> bool:
        """Whether the content is here."""
        return self._is_here(artifact)

    def open_range(self, artifact: Artifact, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to, and without, `end`, in chunks. Raises `CallFailed` at once when it is gone."""
        return chunks_of(self.path(artifact), start, end)

    def keep(self, spool: Spool, media_type: str) -> Artifact:
        """Keep what was spooled, and maybe looked at since. Raises `CallFailed` when the disk is full."""
        artifact = Artifact(sha256=spool.sha256, media_type=media_type, size=spool.size)
        self._save(artifact, spool)
        return artifact

    def _save(self, artifact: Artifact, content: bytes | Path | Spool) -> None:
        place = self._place(artifact.sha256)
        try:
            if self._is_here(artifact):
                os.utime(place)  # It is wanted again, so it counts as new when old ones are pruned.
            elif isinstance(content, Spool):
                place.parent.mkdir(exist_ok=True)
                content.path.replace(place)
            else:
                self._store.put(key_of(artifact.sha256), content)
        except (OSError, BaseError) as error:
            raise home.failure(self.folder, error, artifact.size) from error

    def _is_here(self, artifact: Artifact) -> bool:
        try:
            return self._place(artifact.sha256).stat().st_size == artifact.size
        except FileNotFoundError:
            return False

    def _place(self, sha256: str) -> Path:
        return self.folder / key_of(sha256)

    def all(self) -> Iterator[tuple[str, int, float]]:
        """Hash, size and time of writing (seconds since the epoch) of everything that is kept."""
        for batch in self._store.list():
            for meta in batch:
                yield meta["path"].replace("/", ""), meta["size"], meta["last_modified"].timestamp()

    def delete(self, sha256: str, *, before: float = math.inf) -> bool:
        """Forget one content, unless it was written or wanted at that time or later. Gives whether it is gone."""
        place = self._place(sha256)
        with suppress(FileNotFoundError):  # Another process forgot it at the same moment.
            if place.stat().st_mtime >= before:
                return False
            place.unlink()
        return True

    def sweep(self, *, before: float) -> int:
        """Delete what a process that was killed had half written before a time. Gives the bytes freed."""
        freed = 0
        for part in self.folder.glob("*/*#*"):  # The object store writes here, and renames what is whole.
            with suppress(FileNotFoundError):  # It became whole meanwhile.
                status = part.stat()
                if status.st_mtime < before:
                    part.unlink()
                    freed += status.st_size
        return freed


def key_of(sha256: str) -> str:
    """Where content of that hash lies in its store."""
    return f"{sha256[:2]}/{sha256[2:]}"


GONE = say("is not here any more: it was pruned, or deleted by hand")


def lost(artifact: Artifact, what: str = GONE) -> CallFailed:
    """What to raise when content is gone."""
    message = say(
        "A value of type {media_type} ({sha256}) {what}. Run the pipeline again, with its inputs: "
        "what is missing is made anew.",
        media_type=artifact.media_type,
        sha256=artifact.sha256[:12],
        what=what,
    )
    return CallFailed(Problem(code="lost", message=message), retry=False)


def _hash(content: bytes | Path) -> tuple[str, int]:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest(), len(content)
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), content.stat().st_size


def chunks_of(path: Path, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """A part of a file, in chunks. The file is opened now: it may be deleted while it is read."""
    return _chunks(path.open("rb"), start, path.stat().st_size if end is None else end)


def _chunks(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while chunk := file.read(min(CHUNK, max(0, end - file.tell()))):
            yield chunk
