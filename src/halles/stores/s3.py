"""A bucket of an S3 server (SeaweedFS, MinIO, AWS …), with every fault explained."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

import httpx
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from halles.model import CallFailed, Problem, Problems, say
from halles.stores.sigv4 import Signer

if TYPE_CHECKING:  # These are types only.
    from obstore import GetResult, ObjectMeta

PART, AT_ONCE = 8 << 20, 3
"""What is larger than a part, in bytes, is uploaded in parts, a few at once, so that memory stays small."""

PATIENCE = 10.0
"""Seconds for which a request that fails is sent again."""


@dataclass(frozen=True)
class Bucket:
    """A bucket, or the part of one under a prefix.

    Methods raise `CallFailed` when the server cannot be used, and `FileNotFoundError` when an object is not there.
    """

    name: str
    endpoint: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    region: str = "us-east-1"
    prefix: str = ""

    @cached_property
    def _store(self) -> S3Store:
        return S3Store(
            self.name,
            prefix=self.prefix or None,
            endpoint=self.endpoint,
            region=self.region,
            access_key_id=self.access_key_id,
            secret_access_key=self.secret_access_key,
            client_options={
                "allow_http": True,
                "connect_timeout": timedelta(seconds=5),
                "read_timeout": timedelta(seconds=30),
                "timeout": timedelta(hours=1),  # Of a whole transfer; the client's own 30 s are too few for a film.
            },
            retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=PATIENCE)},
        )

    @cached_property
    def signer(self) -> Signer:
        """For requests that the store has no method for."""
        return Signer(self.access_key_id, self.secret_access_key, self.region)

    def put(self, key: str, content: bytes | Path, media_type: str = "application/octet-stream") -> None:
        """Write an object, whole or not at all."""
        with self._explained():
            size = len(content) if isinstance(content, bytes) else content.stat().st_size
            attributes = {"Content-Type": media_type}
            self._store.put(
                key, content, attributes=attributes, use_multipart=size > PART, chunk_size=PART, max_concurrency=AT_ONCE
            )

    def put_new(self, key: str, content: bytes) -> bool:
        """Write an object that is not there yet (`If-None-Match: *`). False when there is one, which stays."""
        try:
            with self._explained():
                self._store.put(key, content, mode="create", use_multipart=False)
        except FileExistsError:
            return False
        return True

    def get(self, key: str, start: int = 0, end: int | None = None) -> "GetResult":
        """An object, or the part of it from `start` up to and without `end`, to be streamed."""
        with self._explained():
            if end is not None:
                return self._store.get(key, options={"range": (start, end)})
            return self._store.get(key, options={"range": {"offset": start}} if start else None)

    def chunks(self, found: "GetResult") -> Iterator[bytes]:
        """The bytes of an object that is being got, a few at a time."""
        with self._explained():
            for chunk in found.stream(min_chunk_size=1 << 18):
                yield bytes(chunk)

    def head(self, key: str) -> "ObjectMeta | None":
        """Size and time of an object, or None when there is none."""
        try:
            with self._explained():
                return self._store.head(key)
        except FileNotFoundError:
            return None

    def list(self, prefix: str = "") -> Iterator["ObjectMeta"]:
        """All objects, or those below a prefix, with keys as the other methods take them."""
        with self._explained():
            for batch in self._store.list(prefix or None):
                yield from batch

    def delete(self, key: str) -> None:
        """Delete an object; that there is none is no error."""
        with self._explained():
            self._store.delete(key)

    def create(self) -> None:
        """Make the bucket; that it is there is no error."""
        answer = self._send("PUT", "")
        if answer.status_code not in (200, 409):
            raise self.failure(answer.text)

    def expire(self, *, before: float) -> int:
        """Delete what was written before a time, and uploads that were begun before it and never ended."""
        old = [meta["path"] for meta in self.list() if meta["last_modified"].timestamp() < before]
        for key in old:
            self.delete(key)
        return len(old) + self.abort_uploads(before=before)

    def abort_uploads(self, *, before: float) -> int:
        """Give up uploads in parts that were begun before a time and never ended. Gives the count."""
        answer = self._send("GET", f"?{urlencode({'prefix': self.prefix, 'uploads': ''})}")
        uploads = re.findall(r"<Upload>(.*?)</Upload>", answer.text, re.DOTALL)
        begun = [[_field(name, upload) for name in ("Key", "UploadId", "Initiated")] for upload in uploads]
        old = [(key, upload) for key, upload, at in begun if datetime.fromisoformat(at).timestamp() < before]
        for key, upload in old:
            self._send("DELETE", f"/{quote(key)}?{urlencode({'uploadId': upload})}")
        return len(old)

    def _send(self, method: str, rest: str) -> httpx.Response:
        try:
            return self.signer.send(method, f"{self.endpoint}/{self.name}{rest}")
        except httpx.HTTPError as error:
            raise self.failure(str(error)) from error

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What the store raises, as `CallFailed`; what is (not) there stays a `File…Error`."""
        try:
            yield
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise self.failure(str(error)) from error
            raise
        except AlreadyExistsError as error:
            raise FileExistsError(str(error)) from error
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise self.failure(f"AccessDenied {error}") from error
        except BaseError as error:
            raise self.failure(str(error)) from error

    def failure(self, what: str) -> CallFailed:
        """What to raise when the server, or the transport, said that."""
        bucket = {"bucket": self.name, "endpoint": self.endpoint}
        if "NoSuchBucket" in what:
            message = say("The bucket `{bucket}` of {endpoint} is not there. Make it, or name another.", **bucket)
            problem = Problem(code="no-bucket", message=message)
        elif re.search("AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|Forbidden", what):
            message = say(
                "The bucket `{bucket}` of {endpoint} refuses the credentials `{access_key_id}`. Check "
                "HALLES_S3_ACCESS_KEY_ID and HALLES_S3_SECRET_ACCESS_KEY.",
                access_key_id=self.access_key_id,
                **bucket,
            )
            problem = Problem(code="s3-refused", message=message)
        else:
            message = say(
                "The bucket `{bucket}` of {endpoint} cannot be used now: {error}. Is the server up? `halles storage` "
                "starts one.",
                error=_brief(what),
                **bucket,
            )
            return CallFailed(Problem(code="s3-unavailable", message=message), retry=True)
        return CallFailed(problem, retry=False)


def bucket_at(url: str) -> Bucket:
    """The bucket of `s3://name/prefix`, with endpoint and credentials of the environment. Raises `Problems`."""
    parts = urlsplit(url)
    wanted = ("HALLES_S3_ENDPOINT", "HALLES_S3_ACCESS_KEY_ID", "HALLES_S3_SECRET_ACCESS_KEY")
    endpoint, access, secret = (os.environ.get(name, "") for name in wanted)
    problems = [
        Problem(code="bad-setting", message=say("`{url}` is in an S3 bucket: set {name} too.", url=url, name=name))
        for name in wanted
        if not os.environ.get(name)
    ]
    if parts.scheme != "s3" or not parts.netloc:
        message = say("`{url}` is not a bucket. One is `s3://bucket`, or `s3://bucket/prefix`.", url=url)
        problems.append(Problem(code="bad-setting", message=message))
    if endpoint and urlsplit(endpoint).scheme not in ("http", "https"):
        message = say(
            "HALLES_S3_ENDPOINT is `{endpoint}`; it must be a URL, such as `http://127.0.0.1:8333`.", endpoint=endpoint
        )
        problems.append(Problem(code="bad-setting", message=message))
    if problems:
        raise Problems(problems)
    region = os.environ.get("HALLES_S3_REGION") or "us-east-1"
    return Bucket(parts.netloc, endpoint.rstrip("/"), access, secret, region, parts.path.strip("/"))


def _field(name: str, xml: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", xml)
    return unescape(found[1]) if found else ""


def _brief(what: str) -> str:
    """The innermost cause that an error tells, in one line."""
    causes = re.findall(r'(?:message|error): "(.*?)"|<Message>(.*?)</Message>', what)
    last = "".join(causes[-1]) if causes else what.partition("Debug source")[0].rpartition(" - ")[2]
    return " ".join(last.split())[:200].rstrip(".")
