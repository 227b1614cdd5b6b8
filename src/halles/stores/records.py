"""Small documents that are written once and never changed, in a folder or a bucket.

`create` is atomic among all processes and machines: of several that create the same key, one does. Everything that
must not happen twice is built on it, because it is all that a folder and any S3 server have in common.
"""

from pathlib import Path
from typing import Protocol

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore

from halles.stores import folder as home
from halles.stores.s3 import Bucket


class Records(Protocol):
    """Documents by key. Methods raise `CallFailed` when the place cannot be used."""

    def create(self, key: str, content: bytes) -> bool:
        """Write a document, whole or not at all. False when another one is there already."""
        ...

    def read(self, key: str) -> bytes | None:
        """A document, or None when there is none."""
        ...

    def list(self, prefix: str = "") -> list[str]:
        """The keys below a prefix, which ends with `/`, sorted."""
        ...


class FolderRecords:
    """Documents in a folder, which is made with the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, key: str, content: bytes) -> bool:
        """The store writes beside the place and links: what is there is whole."""
        store = LocalStore(home.make(self._folder), mkdir=True)
        try:
            store.put(key, content, mode="create")
        except AlreadyExistsError:
            return self.read(key) == content
        except (OSError, BaseError) as error:
            raise home.failure(self._folder, error, len(content)) from error
        return True

    def read(self, key: str) -> bytes | None:
        """Read the file."""
        try:
            return (self._folder / key).read_bytes()
        except FileNotFoundError:
            return None

    def list(self, prefix: str = "") -> list[str]:
        """Leave out what is half written."""
        found = (file for file in (self._folder / prefix).rglob("*") if file.is_file() and "#" not in file.name)
        return sorted(file.relative_to(self._folder).as_posix() for file in found)


class BucketRecords:
    """Documents in a bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def create(self, key: str, content: bytes) -> bool:
        """A request whose answer was lost is sent again, and then finds what it wrote itself."""
        return self._bucket.put_new(key, content) or self.read(key) == content

    def read(self, key: str) -> bytes | None:
        """Get the object."""
        try:
            return bytes(self._bucket.get(key).bytes())
        except FileNotFoundError:
            return None

    def list(self, prefix: str = "") -> list[str]:
        """List the objects."""
        return sorted(meta["path"] for meta in self._bucket.list(prefix))
