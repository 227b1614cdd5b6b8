"""The client for addresses that others named: it connects only where the guard lets it, and reads only so much."""

import asyncio
import hashlib
import ipaddress
import json
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpcore
import httpx

from halles.model import CallFailed, Problem, say
from halles.net.addresses import Address, Guard, refused
from halles.telemetry import traces

CONNECTIONS = 200
"""Connections at once; more requests wait for one of them."""
TIMEOUT = httpx.Timeout(30.0)
"""Seconds for each read and write; every request has a time for the whole of it besides."""
IDLE = 4.0
"""Seconds that an unused connection is kept: servers of Python close theirs after 5, maybe under a request."""
SMALL = 1 << 20
"""Bytes of an answer that is a message, not a file."""


@dataclass(frozen=True)
class Answer:
    """A response that was read to its end."""

    url: str
    status: int
    headers: httpx.Headers
    content: bytes

    def json(self) -> Any:
        """What it says, as JSON. Raises `CallFailed` when it is none."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            message = say(
                "`{url}` answered something that is not JSON: {content}.", url=self.url, content=self.content[:80]
            )
            raise CallFailed(Problem(code="bad-answer", message=message), retry=True) from error


class Outgoing:
    """One pool of connections for all requests of an event loop. Redirects are answers like others: never followed."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self._client = httpx.AsyncClient(
            transport=Transport(guard), follow_redirects=False, trust_env=False, timeout=TIMEOUT,
            headers={"User-Agent": "halles", "Accept-Encoding": "identity"},
        )  # fmt: skip

    async def ask(self, method: str, url: str, *, body: Any = None, seconds: float = 5.0, limit: int = SMALL) -> Answer:
        """Send a request, with a body of JSON when there is one, and read the answer within a time.

        Raises `CallFailed`: `address-refused`, `bad-url`, `unreachable`, `too-slow` or `too-large`.
        """
        async with self._open(method, url, body, seconds) as response:
            parts = [part async for part in _bounded(response, limit)]
            return Answer(url, response.status_code, response.headers, b"".join(parts))

    async def download(self, url: str, target: Path, *, seconds: float, limit: int) -> str:
        """Stream a file to a path, and give its sha256. Raises `CallFailed` like `ask`, and for any status but 200.

        What was written of a download that failed is left to whoever owns the folder.
        """
        digest = hashlib.sha256()
        async with self._open("GET", url, None, seconds) as response:
            if response.status_code != 200:
                raise CallFailed(_status(url, response.status_code), retry=response.status_code >= 500)
            with target.open("wb") as file:
                async for part in _bounded(response, limit):
                    file.write(part)
                    digest.update(part)
        return digest.hexdigest()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    @asynccontextmanager
    async def _open(self, method: str, url: str, body: Any, seconds: float) -> AsyncIterator[httpx.Response]:
        checked = self.guard.check(url)
        stream = self._client.stream(method, checked, json=body, headers=traces.headers())
        try:
            async with asyncio.timeout(seconds), stream as response:
                yield response
        except TimeoutError as error:
            message = say("`{url}` did not answer within {seconds:g} s.", url=url, seconds=seconds)
            raise CallFailed(Problem(code="too-slow", message=message), retry=True) from error
        except httpx.HTTPError as error:
            message = say("`{url}` cannot be reached: {error}.", url=url, error=str(error) or type(error).__name__)
            raise CallFailed(Problem(code="unreachable", message=message), retry=True) from error


async def _bounded(response: httpx.Response, limit: int) -> AsyncIterator[bytes]:
    """The bytes as they come; compressed ones stay so, since none were asked for and a few can become many."""
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(response, limit)
    read = 0
    async for part in response.aiter_raw():
        read += len(part)
        if read > limit:
            raise _too_large(response, limit)
        yield part


def _too_large(response: httpx.Response, limit: int) -> CallFailed:
    return refused(
        "too-large",
        say("`{url}` answered with more than {limit:,} bytes, which is the limit here.", url=response.url, limit=limit),
    )


def _status(url: str, status: int) -> Problem:
    message = say("`{url}` answered {status}.", url=url, status=status)
    if 300 <= status < 400:
        message = say(
            "`{url}` answered {status}. Redirects are not followed: give the address that it leads to.",
            url=url,
            status=status,
        )
    return Problem(code="bad-answer", message=message)


class Transport(httpx.AsyncHTTPTransport):
    """Connections of HTTP over a network that the guard watches."""

    def __init__(self, guard: Guard) -> None:
        # The system's certificates (and SSL_CERT_FILE), because company networks add their own.
        context = ssl.create_default_context()
        super().__init__(verify=context)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=IDLE, network_backend=_Network(guard),
        )  # fmt: skip


class _Network(httpcore.AsyncNetworkBackend):
    """Resolves a name once, and connects to an address that was found and judged.

    Whoever checks the name first and lets the client resolve it again can be sent elsewhere by the second answer.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await _resolve(host, port)
        open_ones = [address for address in found if self._guard.permits(address)]
        if not open_ones:
            raise self._guard.refusal(host, found)
        for address in open_ones[:-1]:
            try:
                return await self._backend.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return await self._backend.connect_tcp(str(open_ones[-1]), port, timeout, local_address, socket_options)


async def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(say("`{host}` has no address", host=host)) from error
    return list(dict.fromkeys(ipaddress.ip_address(each[4][0]) for each in found))
