"""Exchange through a bucket, which services of both generations reach."""

from collections.abc import AsyncIterable, Awaitable, Iterable
from typing import overload

from halles.model import Artifact
from halles.stores.exchange import Loaded, S3Access, checked, file_name, missing, new_key, taken, type_of
from halles.stores.exchange_keys import Keys
from halles.stores.objects import Objects
from halles.stores.s3 import Bucket
from halles.stores.spool import Spool, fill


class BucketExchange:
    """Exchange in a bucket of its own. `host` is where services reach the S3 server, if that is elsewhere for them."""

    def __init__(self, bucket: Bucket, keys: Keys, objects: Objects, *, host: str | None = None) -> None:
        self._bucket = bucket
        self._keys = keys
        self._objects = objects
        self._host = host or bucket.endpoint

    def put(self, artifact: Artifact) -> str:
        """Lay an artifact out."""
        key = new_key(file_name(artifact))
        self._bucket.put(key, self._objects.path(artifact), type_of(key))
        return key

    def get(self, key: str, limit_bytes: float) -> Artifact:
        """Take in what lies under a key."""
        return taken(self.load(key), key, limit_bytes, self._objects)

    def delete(self, key: str) -> None:
        """Forget what lies under a key."""
        self._bucket.delete(checked(key))

    def load(self, key: str) -> Loaded:
        """Read what lies under a key."""
        kind = type_of(checked(key))
        try:
            found = self._bucket.get(key)
        except FileNotFoundError as error:
            raise missing(key) from error
        return Loaded(kind, found.meta["size"], self._bucket.chunks(found))

    @overload
    def store(self, name: str, chunks: AsyncIterable[bytes], limit_bytes: float) -> Awaitable[str]: ...
    @overload
    def store(self, name: str, chunks: Iterable[bytes], limit_bytes: float) -> str: ...
    def store(
        self, name: str, chunks: Iterable[bytes] | AsyncIterable[bytes], limit_bytes: float
    ) -> str | Awaitable[str]:
        """Keep what comes under a new key."""
        key = new_key(name)

        def keep(spool: Spool) -> str:
            self._bucket.put(key, spool.path, type_of(key))
            return key

        return fill(Spool(self._objects.folder, limit_bytes), chunks, keep)

    def access(self) -> S3Access:
        """What a generation-1 message carries."""
        key = self._keys.current()
        return S3Access(*key, self._bucket.region, self._host, self._bucket.name)

    def sweep(self, *, before: float) -> int:
        """Forget what was laid out before a time, and uploads that were begun before it and never ended."""
        return self._bucket.expire(before=before)
