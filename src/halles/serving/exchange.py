"""Where the values of a task lie: in a bucket (generation 1) or behind an address (generation 2)."""

import asyncio
import socket
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote

import httpx
import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store
from pydantic import ValidationError

from halles.csia import media
from halles.csia.messages import ComputeS3, ComputeStorage, StoredKey
from halles.model import CallFailed, Problem, extension
from halles.net import Guard

KEPT = 32
"""Buckets whose connections stay open."""
STALL = 60.0
"""Seconds without a byte after which a transfer is given up."""
PATIENCE = httpx.Timeout(STALL, connect=5.0)
WHOLE = 1800.0
"""Seconds that one value may take on its way out."""
CHUNK = 1 << 20
PARTS = 2
"""Parts of 5 MiB that are uploaded at once, and held in memory."""
PAUSE, LONGEST = 0.5, 10.0
"""Seconds between two tries."""
MESSAGE = 500
"""The most characters of an error that are passed on."""

T = TypeVar("T")


class Exchange(Protocol):
    """Fetches inputs and stores outputs, streamed from and to disk. Raises `CallFailed` that says which and why."""

    async def fetch(self, key: str, target: Path, limit: float) -> None:
        """Write the content of a key to a file; not more than `limit` bytes."""
        ...

    async def store(self, source: Path, media_type: str) -> str:
        """Keep a file's content under a new key."""
        ...


class Exchanges:
    """The places of the engines that send tasks; what is opened for one stays open for the next."""

    def __init__(self, http: httpx.AsyncClient, guard: Guard) -> None:
        self._http = http
        self._guard = guard
        self._buckets: OrderedDict[tuple[str, ...], Bucket] = OrderedDict()

    def of(self, message: ComputeS3 | ComputeStorage) -> Exchange:
        """The place that a message names."""
        if isinstance(message, ComputeStorage):
            return Storage(self._http, message.storage_url)
        name = (
            message.s3_host, message.s3_bucket, message.s3_region, message.s3_access_key_id,
            message.s3_secret_access_key,
        )  # fmt: skip
        if name not in self._buckets:
            self._buckets[name] = Bucket(message, self._guard)
        self._buckets.move_to_end(name)
        while len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
        return self._buckets[name]


class Bucket:
    """A bucket of any S3 server, with the credentials of a message."""

    def __init__(self, message: ComputeS3, guard: Guard) -> None:
        self._guard = guard
        self._host = guard.check(message.s3_host)
        self._where = f"bucket `{message.s3_bucket}` at {message.s3_host}"
        self._store = S3Store(
            message.s3_bucket,
            endpoint=message.s3_host,
            region=message.s3_region or "us-east-1",
            access_key_id=message.s3_access_key_id,
            secret_access_key=message.s3_secret_access_key,
            virtual_hosted_style_request=False,
            client_options={"allow_http": True, "connect_timeout": "5s", "timeout": f"{WHOLE:.0f}s"},
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=5)},
        )

    async def fetch(self, key: str, target: Path, limit: float) -> None:
        """Stream an object to a file."""
        with _explained(key, self._where):
            await self._judge()
            async with asyncio.timeout(STALL):
                found = await obstore.get_async(self._store, key)
            await _write(aiter(found.stream(min_chunk_size=CHUNK)), key, target, limit, found.meta["size"])

    async def store(self, source: Path, media_type: str) -> str:
        """Upload a file, in parts when it is large."""
        key = media.key(media_type)
        with _explained(key, self._where, verb="write"):
            await self._judge()
            async with asyncio.timeout(WHOLE):
                await obstore.put_async(
                    self._store, key, source, attributes={"Content-Type": media_type}, max_concurrency=PARTS
                )
        return key

    async def _judge(self) -> None:
        """Refuse a name that leads where nobody may be sent. All its addresses count: the store resolves it again."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._host.host, self._host.port, type=socket.SOCK_STREAM)
        addresses = [ip_address(each[4][0]) for each in found]
        if not all(map(self._guard.permits, addresses)):
            raise self._guard.refusal(self._host.host, addresses)


class Storage:
    """The storage of an engine, by HTTP."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url
        self._where = f"the storage at {url}"

    async def fetch(self, key: str, target: Path, limit: float) -> None:
        """Stream `GET {storage_url}/{key}` to a file."""
        with self._told(key, "read"):
            async with self._http.stream("GET", f"{self._url}/{quote(key, safe='')}", timeout=PATIENCE) as answer:
                if answer.status_code in (404, 410):
                    raise _missing(key, self._where)
                answer.raise_for_status()
                stated = int(answer.headers.get("content-length", 0))
                await _write(answer.aiter_bytes(CHUNK), key, target, limit, stated)

    async def store(self, source: Path, media_type: str) -> str:
        """Send `POST {storage_url}` with the file; the key is the engine's to choose."""
        name = f"output{extension(media_type)}"
        with self._told(name, "write"), source.open("rb") as file:
            answer = await self._http.post(self._url, files={"file": (name, file, media_type)}, timeout=PATIENCE)
            answer.raise_for_status()
            return StoredKey.model_validate_json(answer.content).key

    @contextmanager
    def _told(self, what: str, verb: str) -> Iterator[None]:
        """Say of an error of HTTP what was to be done, and whether it may go better later."""
        try:
            yield
        except httpx.HTTPStatusError as error:
            code = error.response.status_code
            later = code >= httpx.codes.INTERNAL_SERVER_ERROR or code == httpx.codes.TOO_MANY_REQUESTS
            raise _failed(what, self._where, f"it answered {code}", verb=verb, retry=later) from error
        except (httpx.HTTPError, OSError) as error:
            raise _failed(what, self._where, error, verb=verb) from error
        except ValidationError as error:
            raise _failed(what, self._where, "its answer has no `key`", verb=verb, retry=False) from error


async def patiently(once: Callable[[], Awaitable[T]], seconds: float) -> T:
    """Try again what may go better later, with growing pauses, for a time. Raises `CallFailed`."""
    end, pause = time.monotonic() + seconds, PAUSE
    while True:
        try:
            return await once()
        except CallFailed as failure:
            if not failure.retry or time.monotonic() + pause > end:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST)


async def _write(
    chunks: AsyncIterator[bytes | obstore.Bytes], key: str, target: Path, limit: float, stated: int
) -> None:
    """Write what comes, not more than is taken, and not waiting for ever for the next part."""
    if stated > limit:
        raise _too_large(key, limit)
    size = 0
    with target.open("wb") as file:
        while True:
            async with asyncio.timeout(STALL):
                chunk = await anext(chunks, None)
            if chunk is None:
                return
            size += len(chunk)
            if size > limit:
                raise _too_large(key, limit)
            file.write(chunk)


@contextmanager
def _explained(key: str, where: str, *, verb: str = "read") -> Iterator[None]:
    """Say of an error of the bucket what was to be done there."""
    try:
        yield
    except FileNotFoundError as error:
        if "NoSuchBucket" in str(error):
            raise _failed(key, where, "there is no such bucket", verb=verb, retry=False) from error
        raise _missing(key, where) from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise _failed(key, where, "the credentials of the message are refused there", verb=verb, retry=False) from error
    except (BaseError, ValueError, OSError) as error:
        raise _failed(key, where, error, verb=verb) from error


def _missing(key: str, where: str) -> CallFailed:
    message = f"There is nothing under the key `{key}` in {where}: it was never stored there, or is deleted by now."
    return CallFailed(Problem(code="missing-input", message=message), retry=False)


def _too_large(key: str, limit: float) -> CallFailed:
    message = f"`{key}` is larger than the {limit:,.0f} bytes that are taken (HALLES_MAX_INPUT_BYTES)."
    return CallFailed(Problem(code="too-large", message=message), retry=False)


def _failed(key: str, where: str, why: object, *, verb: str = "read", retry: bool = True) -> CallFailed:
    reason = " ".join(str(why).partition("Debug source")[0].split())[:MESSAGE] or type(why).__name__
    message = f"`{key}` could not be {'read from' if verb == 'read' else 'written to'} {where}: {reason}"
    return CallFailed(Problem(code="exchange-failed", message=message), retry=retry)
