"""What passes between this server, as an engine, and a service of the Swiss AI Center contract.

Content lies under a key `<uuid4><extension>`, and the extension is the type. It lies in a bucket that the service
reaches with credentials of its own (generation 1), or in this server's storage, which it reaches by URL (generation 2).
"""

import re
import uuid
from collections.abc import AsyncIterable, Awaitable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol, overload

from halles.model import Artifact, CallFailed, Problem, Problems, extension, media_type, say
from halles.stores import folder as home
from halles.stores.objects import Objects, chunks_of
from halles.stores.spool import Spool, fill

KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
"""What a key looks like: flat, so that it cannot lead out of where things lie."""


@dataclass(frozen=True)
class S3Access:
    """What a generation-1 message says of the bucket. The credentials expire, and reach this bucket only."""

    s3_access_key_id: str
    s3_secret_access_key: str
    s3_region: str
    s3_host: str
    s3_bucket: str


@dataclass(frozen=True)
class Loaded:
    """Content that is being read: its type by the key's extension, its size in bytes, and its bytes, once."""

    media_type: str
    size: int
    chunks: Iterator[bytes]


class Exchange(Protocol):
    """Where the inputs and outputs of tasks lie while they are exchanged. Everything in it is forgotten after a while.

    Every method raises `CallFailed`: `retry` says whether the same may succeed later.
    """

    def put(self, artifact: Artifact) -> str:
        """Lay an artifact out for a service. Gives the key."""
        ...

    def get(self, key: str, limit_bytes: float) -> Artifact:
        """Take in what a service laid out, as an artifact of the type that the key's extension stands for.

        Raises `CallFailed` when there is nothing (`missing-output`), when the extension says no type (`bad-key`), and
        at the first byte over the limit (`too-large`).
        """
        ...

    def delete(self, key: str) -> None:
        """Forget content; that there is none is no error."""
        ...

    def load(self, key: str) -> Loaded:
        """Read content in chunks, for `GET /storage/{key}`. Raises `CallFailed` (`missing-output`, `bad-key`)."""
        ...

    @overload
    def store(self, name: str, chunks: AsyncIterable[bytes], limit_bytes: float) -> Awaitable[str]: ...
    @overload
    def store(self, name: str, chunks: Iterable[bytes], limit_bytes: float) -> str: ...
    def store(
        self, name: str, chunks: Iterable[bytes] | AsyncIterable[bytes], limit_bytes: float
    ) -> str | Awaitable[str]:
        """Keep what a service posts, for `POST /storage`: the extension of its file's name is its type. Gives the key.

        Takes plain chunks, or asynchronous ones and must then be awaited. Raises `Problems` (`too-large`) at the first
        byte over the limit, `CallFailed` (`bad-key`) when the extension says no type.
        """
        ...

    def access(self) -> S3Access | None:
        """Scoped, expiring credentials for a generation-1 message, or None when there is no S3 server."""
        ...

    def sweep(self, *, before: float) -> int:
        """Forget what was laid out before a time (seconds since the epoch). Gives the count."""
        ...


class FolderExchange:
    """Exchange without an S3 server: generation 2 only, in a folder that this server serves as `/storage`."""

    def __init__(self, folder: Path, objects: Objects) -> None:
        self.folder = home.make(folder)
        self._objects = objects

    def put(self, artifact: Artifact) -> str:
        """Copy the artifact, so that it can be pruned while a service reads it."""
        return self.store(file_name(artifact), self._objects.open_range(artifact), artifact.size)

    def get(self, key: str, limit_bytes: float) -> Artifact:
        """Take in what lies under a key."""
        return taken(self.load(key), key, limit_bytes, self._objects)

    def delete(self, key: str) -> None:
        """Forget what lies under a key."""
        self._place(key).unlink(missing_ok=True)

    def load(self, key: str) -> Loaded:
        """Read what lies under a key."""
        kind, place = type_of(checked(key)), self._place(key)
        try:
            return Loaded(kind, place.stat().st_size, chunks_of(place))
        except FileNotFoundError as error:
            raise missing(key) from error

    @overload
    def store(self, name: str, chunks: AsyncIterable[bytes], limit_bytes: float) -> Awaitable[str]: ...
    @overload
    def store(self, name: str, chunks: Iterable[bytes], limit_bytes: float) -> str: ...
    def store(
        self, name: str, chunks: Iterable[bytes] | AsyncIterable[bytes], limit_bytes: float
    ) -> str | Awaitable[str]:
        """Keep what comes under a new key."""
        key = new_key(name)
        return fill(Spool(self.folder, limit_bytes), chunks, lambda spool: self._move(spool, key))

    def access(self) -> None:
        """There is no S3 server."""

    def sweep(self, *, before: float) -> int:
        """Forget what was laid out before a time, and what a killed process left half written."""
        count = 0
        for place in [*self.folder.glob("*.*"), *self.folder.glob("spool/*")]:
            with suppress(FileNotFoundError):  # Its reader forgot it meanwhile.
                if place.stat().st_mtime < before:
                    place.unlink()
                    count += 1
        return count

    def _place(self, key: str) -> Path:
        return self.folder / checked(key)

    def _move(self, spool: Spool, key: str) -> str:
        try:
            spool.path.replace(self.folder / key)
        except OSError as error:
            raise home.failure(self.folder, error, spool.size) from error
        return key


def file_name(artifact: Artifact) -> str:
    """A name with the extension that says an artifact's type. Raises `CallFailed` when there is none for it."""
    name = f"content{extension(artifact.media_type)}"
    if media_type(name) is None:
        message = say(
            "A value of type {media_type} cannot be sent to another server's service: no file "
            "extension stands for that type. Convert it before.",
            media_type=artifact.media_type,
        )
        raise CallFailed(Problem(code="unsupported-media-type", message=message), retry=False)
    return name


def new_key(name: str) -> str:
    """A key that nobody can guess, with the extension of a file's name. Raises `CallFailed` when that says no type."""
    type_of(name)
    return f"{uuid.uuid4()}{PurePosixPath(name).suffix.lower()}"


def checked(key: str) -> str:
    """A key that a service gave, if it is one. Raises `CallFailed`."""
    if not KEY.fullmatch(key):
        raise bad_key(key)
    return key


def type_of(key: str) -> str:
    """The media type that a key's extension stands for. Raises `CallFailed` when it stands for none."""
    found = media_type(key)
    if found is None:
        raise bad_key(key)
    return found


def taken(loaded: Loaded, key: str, limit_bytes: float, objects: Objects) -> Artifact:
    """What is being read, as an artifact. Raises `CallFailed` at the first byte over the limit."""
    message = say(
        "`{key}` is larger than the {most:,.0f} bytes that one answer may have.",
        key=key,
        most=limit_bytes,
    )
    too_large = CallFailed(Problem(code="too-large", message=message), retry=False)
    if loaded.size > limit_bytes:
        raise too_large
    try:
        return objects.put_stream(loaded.chunks, loaded.media_type, limit_bytes)
    except Problems as error:
        raise too_large from error


def missing(key: str) -> CallFailed:
    """What to raise when nothing lies under a key."""
    message = say("There is nothing under the key `{key}`: it was never laid out, or is forgotten by now.", key=key)
    return CallFailed(Problem(code="missing-output", message=message), retry=True)


def bad_key(key: str) -> CallFailed:
    """What to raise for a key that is no key, or whose extension says no type."""
    message = say(
        "`{key}` is not a key. One is `<uuid4><extension>`, such as `{uuid}.png`: the extension"
        " is the type, one of .jpg .png .txt .csv .json .pdf .zip .mp3 .ogg.",
        key=key[:80],
        uuid=uuid.UUID(int=0),
    )
    return CallFailed(Problem(code="bad-key", message=message), retry=False)
