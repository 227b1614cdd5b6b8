"""The server under load: how soon it is there, how fast it answers, what 200 watchers and a large upload cost."""

import asyncio
import http.client
import json
import math
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bench.report import Table
from bench.serving import Connection, Served, serving

WATCHERS = 200
RUNS = 2
"""As many as are computed at once on two cores."""
UPLOAD = 300_000_000


def run(*, quick: bool) -> Table:
    table = Table("Server: one process, API and worker; the clients share its cores")
    with tempfile.TemporaryDirectory(prefix="halles-bench-") as folder:
        settings = {"HALLES_WORKERS": str(RUNS), "HALLES_LOG_LEVEL": "warning"}
        with serving(Path(folder), **settings) as server:
            table.add("from the command to the first answer", server.start, "s", 2.0)
            asyncio.run(_catalogue(table, server, seconds=3 if quick else 15))
            asyncio.run(_watchers(table, server, seconds=3 if quick else 10))
            _upload(table, server)
    return table


async def _catalogue(table: Table, server: Served, seconds: float) -> None:
    """`GET /services` at a steady rate, then as fast as it goes."""
    await _rests(server)
    await _asking(server, 0.0, 0.5)
    steady = [
        each for some in await asyncio.gather(*(_asking(server, 0.02, seconds) for _ in range(4))) for each in some
    ]
    note = f"{len(steady) / seconds:.0f} requests a second on 4 connections"
    table.add("GET /services, median", statistics.median(steady) * 1e3, "ms", note=note)
    table.add("GET /services, p99", statistics.quantiles(steady, n=100)[98] * 1e3, "ms", 20.0)
    before, begun = server.cpu, time.perf_counter()
    full = [
        each for some in await asyncio.gather(*(_asking(server, 0.0, seconds / 3) for _ in range(8))) for each in some
    ]
    passed = time.perf_counter() - begun
    worst = statistics.quantiles(full, n=100)[98] * 1e3
    note = f"{(server.cpu - before) / len(full) * 1e3:.2f} CPU ms each; p99 {worst:.0f} ms"
    table.add("GET /services, as fast as 8 connections go", len(full) / passed, "/s", note=note)


async def _rests(server: Served) -> None:
    """Wait until what is loaded after the start is there: the server rests."""
    before, now = -1.0, server.cpu
    while now - before > 0.02:
        await asyncio.sleep(1.0)
        before, now = now, server.cpu


async def _asking(server: Served, pause: float, seconds: float) -> list[float]:
    times = []
    async with Connection(server.url) as connection:
        until = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < until:
            status, _ = await connection.ask("GET", "/services")
            assert status == 200, status
            times.append(time.perf_counter() - begun)
            await asyncio.sleep(pause)
    return times


async def _watchers(table: Table, server: Served, seconds: float) -> None:
    """Runs that tell how far they are all the time, each with watchers who must see every event."""
    async with Connection(server.url) as connection:
        runs = [await _begin(connection, number, seconds) for number in range(RUNS)]
    before, begun = server.cpu, time.perf_counter()
    seen = await asyncio.gather(*(_watch(server, runs[number % RUNS]) for number in range(WATCHERS)))
    passed, cpu = time.perf_counter() - begun, server.cpu - before
    missed = 0
    for run, told in zip(runs * (WATCHERS // RUNS), seen, strict=True):
        last = max(number for number, _ in told)
        missed += set(range(1, last + 1)) != {number for number, _ in told}
        assert run
    late = [delay for told in seen for _, delay in told if delay is not None]
    table.add("watchers that missed an event", missed, f"of {WATCHERS}", 0)
    note = f"{sum(map(len, seen)) / passed:,.0f} events a second to {WATCHERS} watchers of {RUNS} runs"
    table.add("an event, from written to seen: median", statistics.median(late) * 1e3, "ms", note=note)
    table.add("an event, from written to seen: p99", statistics.quantiles(late, n=100)[98] * 1e3, "ms")
    table.add("CPU of the server meanwhile", cpu / passed * 100, "% of a core", note="it executes the runs, too")
    table.add("memory of the server", server.rss, "MB")


async def _begin(connection: Connection, number: int, seconds: float) -> str:
    body = {"text": f"run {number}", "seconds": seconds}
    status, content = await connection.ask("POST", "/services/linger/call", body)
    assert status == 202, content
    return str(json.loads(content)["run"])


async def _watch(server: Served, run: str) -> list[tuple[int, float | None]]:
    """The number of each event, and the seconds from its writing; None for those written before this watched."""
    told: list[tuple[int, float | None]] = []
    since = math.inf
    async with Connection(server.url) as connection:
        async for line in connection.lines(f"/runs/{run}/events"):
            since = min(since, time.time())
            if line.startswith("data:"):
                event = json.loads(line.removeprefix("data:"))
                told.append((event["seq"], time.time() - event["at"] if event["at"] > since else None))
    return told


def _upload(table: Table, server: Served) -> None:
    """A large file, and the most memory that the server has meanwhile."""
    before, peak = server.rss, [0.0]
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            peak[0] = max(peak[0], server.rss)

    watch = threading.Thread(target=look)
    watch.start()
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=120)
    begun, cpu = time.perf_counter(), server.cpu
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(UPLOAD)}
    connection.request("POST", "/artifacts", _zeros(UPLOAD), headers)
    answer = connection.getresponse()
    assert answer.status == 201, answer.read()
    passed = time.perf_counter() - begun
    over.set()
    watch.join()
    table.add("memory that an upload of 300 MB adds", max(0.0, peak[0] - before), "MB", 50.0)
    table.add("an upload of 300 MB", passed, "s", note=f"{server.cpu - cpu:.2f} CPU s")


def _zeros(size: int) -> Iterator[bytes]:
    chunk = bytes(1 << 18)
    for _ in range(size // len(chunk)):
        yield chunk
    yield bytes(size % len(chunk))
