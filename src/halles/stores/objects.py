"""Artifacts under the hash of their content, in a local folder or any other object store."""

import errno
import hashlib
import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from obstore.exceptions import BaseError
from obstore.store import LocalStore

from halles.model import Artifact, CallFailed, Problem
from halles.stores import folder as home


class Objects:
    """Content-addressed artifacts in a folder. What is written is whole or absent, whatever interrupts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = home.make(folder)
        self._store = LocalStore(folder, mkdir=True)

    def put(self, content: bytes | Path, media_type: str) -> Artifact:
        """Keep content, without a second copy of what is there already. Raises `CallFailed` when the disk is full."""
        sha256, size = _hash(content)
        artifact = Artifact(sha256=sha256, media_type=media_type, size=size)
        try:
            if self.has(artifact):
                os.utime(self._place(artifact))  # It is wanted again, so it counts as new when old ones are pruned.
            else:
                self._store.put(_key(artifact), content)
        except (OSError, BaseError) as error:
            raise self._failure(error, size) from error
        return artifact

    def read(self, artifact: Artifact) -> bytes:
        """The whole content, checked against its hash. What is damaged is deleted, so that it can be made again."""
        content = self.path(artifact).read_bytes()
        if hashlib.sha256(content).hexdigest() != artifact.sha256:
            self.delete(artifact.sha256)
            raise _lost(artifact, "was damaged on the disk, and is deleted now")
        return content

    def path(self, artifact: Artifact) -> Path:
        """A file with the content, to be read only. Raises `CallFailed` when it is gone."""
        if not self.has(artifact):
            raise _lost(artifact, "is not here any more: it was pruned, or deleted by hand")
        return self._place(artifact)

    def has(self, artifact: Artifact) -> bool:
        """Whether the content is here."""
        try:
            return self._place(artifact).stat().st_size == artifact.size
        except FileNotFoundError:
            return False

    def _place(self, artifact: Artifact) -> Path:
        return self.folder / _key(artifact)

    def all(self) -> Iterator[tuple[str, int, float]]:
        """Hash, size and time of writing (seconds since the epoch) of everything that is kept."""
        for batch in self._store.list():
            for meta in batch:
                yield meta["path"].replace("/", ""), meta["size"], meta["last_modified"].timestamp()

    def delete(self, sha256: str, *, before: float = math.inf) -> bool:
        """Forget one content, unless it was written or wanted at that time or later. Gives whether it is gone."""
        place = self.folder / sha256[:2] / sha256[2:]
        if place.stat().st_mtime >= before:
            return False
        place.unlink()
        return True

    def sweep(self, *, before: float) -> int:
        """Delete what a process that was killed had half written before a time. Gives the bytes freed."""
        freed = 0
        for part in self.folder.glob("*/*#*"):  # The object store writes here, and renames what is whole.
            status = part.stat()
            if status.st_mtime < before:
                part.unlink()
                freed += status.st_size
        return freed

    def _failure(self, error: Exception, size: int) -> CallFailed:
        free = shutil.disk_usage(self.folder).free
        full = getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error) or free < size
        if full:
            message = f"The disk is full: {size:,} bytes are to be written to {self.folder}, {free:,} are free. "
            message += "Free some space, or run `halles cache prune`."
            return CallFailed(Problem(code="disk-full", message=message), retry=False)
        return CallFailed(Problem(code="store-failed", message=f"Writing to {self.folder} failed: {error}"), retry=True)


def _key(artifact: Artifact) -> str:
    return f"{artifact.sha256[:2]}/{artifact.sha256[2:]}"


def _lost(artifact: Artifact, what: str) -> CallFailed:
    message = f"A value of type {artifact.media_type} ({artifact.sha256[:12]}) {what}. "
    message += "Run the pipeline again, with its inputs: what is missing is made anew."
    return CallFailed(Problem(code="lost", message=message), retry=False)


def _hash(content: bytes | Path) -> tuple[str, int]:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest(), len(content)
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), content.stat().st_size
