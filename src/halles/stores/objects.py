"""Artifacts under the hash of their content, in a local folder or any other object store."""

import errno
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from obstore.exceptions import BaseError
from obstore.store import LocalStore

from halles.model import Artifact, CallFailed, Problem

CHUNK = 1024 * 1024


class Objects:
    """Content-addressed artifacts in a folder. What is written is whole or absent, whatever interrupts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._store = LocalStore(folder, mkdir=True)

    def put(self, content: bytes | Path, media_type: str) -> Artifact:
        """Keep content, without a second copy of what is there already. Raises `CallFailed` when the disk is full."""
        sha256, size = _hash(content)
        artifact = Artifact(sha256=sha256, media_type=media_type, size=size)
        if not self.has(artifact):
            try:
                self._store.put(_key(artifact), content)
            except (OSError, BaseError) as error:
                raise self._failure(error, size) from error
        return artifact

    def read(self, artifact: Artifact) -> bytes:
        """The whole content, checked against its hash."""
        content = self.path(artifact).read_bytes()
        if hashlib.sha256(content).hexdigest() != artifact.sha256:
            raise CallFailed(
                Problem(code="damaged", message=f"Artifact {artifact.sha256[:12]} is damaged."), retry=False
            )
        return content

    def path(self, artifact: Artifact) -> Path:
        """A file with the content, to be read only."""
        return self.folder / _key(artifact)

    def has(self, artifact: Artifact) -> bool:
        """Whether the content is here."""
        try:
            return self.path(artifact).stat().st_size == artifact.size
        except FileNotFoundError:
            return False

    def all(self) -> Iterator[tuple[str, int, float]]:
        """Hash, size and time of writing (seconds since the epoch) of everything that is kept."""
        for batch in self._store.list():
            for meta in batch:
                yield meta["path"].replace("/", ""), meta["size"], meta["last_modified"].timestamp()

    def delete(self, sha256: str) -> None:
        """Forget one content."""
        self._store.delete(f"{sha256[:2]}/{sha256[2:]}")

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


def _hash(content: bytes | Path) -> tuple[str, int]:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest(), len(content)
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), content.stat().st_size
