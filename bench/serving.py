"""A real server of trivial services, and a client that costs little: both run on the same two cores."""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from bench.stall import SERVICES
from bench.startup import HALLES

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Served:
    """A server that listens, and the seconds that it took to."""

    url: str
    process: psutil.Process
    start: float

    @property
    def cpu(self) -> float:
        """CPU seconds so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    @property
    def rss(self) -> float:
        """Resident memory, MB."""
        return float(self.process.memory_info().rss / 1e6)


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Served]:
    """A server whose home is in a folder; it is killed at the end."""
    info = folder / "site" / "stall-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stall\nVersion: 1.0\n")
    names = "".join(f"{service.slug} = bench.stall:{service.slug}\n" for service in SERVICES)
    (info / "entry_points.txt").write_text(f"[halles.services]\n{names}")
    path = os.pathsep.join([str(folder / "site"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "HALLES_HOME": str(folder / "home"), **settings}
    begun = time.perf_counter()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [HALLES, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "listens on" in line, (folder / "log").read_text()
        yield Served(line.split("listens on ")[1].split()[0], psutil.Process(process.pid), time.perf_counter() - begun)
    finally:
        process.kill()
        process.wait()


class Connection:
    """A connection that is kept, for one request after the other."""

    def __init__(self, url: str) -> None:
        self._host, self._port = urlsplit(url).hostname, urlsplit(url).port

    async def __aenter__(self) -> "Connection":
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Status and content."""
        status, headers = await self._send(method, path, b"" if body is None else json.dumps(body).encode())
        return status, await self._reader.readexactly(int(headers.get("content-length", 0)))

    async def lines(self, path: str) -> AsyncIterator[str]:
        """The lines of a stream, to its end."""
        _, headers = await self._send("GET", path, b"")
        assert headers["transfer-encoding"] == "chunked"
        rest = b""
        while size := int(await self._reader.readline(), 16):
            rest += await self._reader.readexactly(size)
            await self._reader.readline()
            *whole, rest = rest.split(b"\n")
            for line in whole:
                yield line.decode()

    async def _send(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str]]:
        kind = "Content-Type: application/json\r\n" if body else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n{kind}Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        status = int((await self._reader.readline()).split()[1])
        headers = {}
        while line := (await self._reader.readline()).decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return status, headers
