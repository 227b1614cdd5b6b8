"""Artifacts in a bucket that many servers share, with a bounded folder of verified copies on each."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from halles.model import Artifact, say
from halles.stores.objects import Objects, key_of, lost
from halles.stores.s3 import Bucket
from halles.stores.spool import Spool

FRESH = 3600.0
"""Seconds for which an object counts as new: one that is older and wanted again is written again."""
SPARED = 900.0
"""Seconds since its last use for which a copy is kept, whatever the bound: somebody may be about to read it."""


class BucketObjects(Objects):
    """Content-addressed artifacts in a bucket. The folder holds copies, of which the least recently used go first."""

    def __init__(self, folder: Path, bucket: Bucket, *, bound_bytes: float) -> None:
        super().__init__(folder)
        self._bucket = bucket
        self._bound = bound_bytes
        self._copied = sum(size for _, size, _ in super().all())

    def read(self, artifact: Artifact) -> bytes:
        """The whole content, checked against its hash. A damaged copy is made anew."""
        content = self.path(artifact).read_bytes()
        if hashlib.sha256(content).hexdigest() == artifact.sha256:
            return content
        self._drop(artifact.sha256)
        return self.path(artifact).read_bytes()

    def path(self, artifact: Artifact) -> Path:
        """A verified copy, to be read only, and soon. Raises `CallFailed` when the content is gone or damaged."""
        if self._is_here(artifact):
            place = self._place(artifact.sha256)
            with suppress(FileNotFoundError):  # Another process made room at this moment.
                os.utime(place)
                return place
        return self._copy(artifact)

    def has(self, artifact: Artifact) -> bool:
        """Whether the content is in the bucket."""
        found = self._bucket.head(key_of(artifact.sha256))
        return found is not None and found["size"] == artifact.size

    def open_range(self, artifact: Artifact, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """A part of the content, from the copy if there is one, else from the bucket without making one."""
        if self._is_here(artifact):
            return super().open_range(artifact, start, end)
        try:
            return self._bucket.chunks(self._bucket.get(key_of(artifact.sha256), start, end))
        except FileNotFoundError as error:
            raise lost(artifact) from error

    def all(self) -> Iterator[tuple[str, int, float]]:
        """Hash, size and time of writing of everything in the bucket."""
        for meta in self._bucket.list():
            yield meta["path"].replace("/", ""), meta["size"], meta["last_modified"].timestamp()

    def delete(self, sha256: str, *, before: float = float("inf")) -> bool:
        """Forget one content, unless it was written or wanted at that time or later. Gives whether it is gone."""
        found = self._bucket.head(key_of(sha256))
        if found is None or found["last_modified"].timestamp() >= before:
            return False
        self._bucket.delete(key_of(sha256))
        self._drop(sha256)
        return True

    def sweep(self, *, before: float) -> int:
        """Delete what processes that were killed had half written before a time. Gives the bytes freed on this disk."""
        self._bucket.abort_uploads(before=before)
        return super().sweep(before=before)

    def _save(self, artifact: Artifact, content: bytes | Path | Spool) -> None:
        """Write to the bucket first: what only this folder has is not kept."""
        found = self._bucket.head(key_of(artifact.sha256))
        old = found is None or time.time() - found["last_modified"].timestamp() > FRESH
        if old or (found and found["size"] != artifact.size):
            source = content.path if isinstance(content, Spool) else content
            self._bucket.put(key_of(artifact.sha256), source, artifact.media_type)
        self._cache(artifact, content)

    def _copy(self, artifact: Artifact) -> Path:
        """Copy content of the bucket into the folder, verified."""
        try:
            found = self._bucket.get(key_of(artifact.sha256))
        except FileNotFoundError as error:
            raise lost(artifact) from error
        with Spool(self.folder) as spool:
            for chunk in self._bucket.chunks(found):
                spool.write(chunk)
            spool.close()
            if spool.sha256 != artifact.sha256:
                self.delete(artifact.sha256)
                raise lost(artifact, say("was damaged in the bucket, and is deleted now"))
            self._cache(artifact, spool)
        return self._place(artifact.sha256)

    def _cache(self, artifact: Artifact, content: bytes | Path | Spool) -> None:
        new = 0 if self._is_here(artifact) else artifact.size
        super()._save(artifact, content)
        self._make_room(new)

    def _make_room(self, added: int) -> None:
        """Delete the copies used longest ago when there are more bytes than the bound allows."""
        self._copied += added
        if self._copied <= self._bound:
            return
        copies = sorted(super().all(), key=lambda copy: copy[2])
        self._copied = sum(size for _, size, _ in copies)
        for sha256, size, used in copies:
            if self._copied <= self._bound * 0.9 or time.time() - used < SPARED:
                break
            self._drop(sha256)
            self._copied -= size

    def _drop(self, sha256: str) -> None:
        self._place(sha256).unlink(missing_ok=True)
