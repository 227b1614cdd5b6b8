"""What a service alone costs: `python -m bench.alone`. A trivial task, and a large value, through a real S3 server."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import psutil

from bench.report import Table, show
from bench.startup import HALLES
from halles.sdk import File, Port, service

ROOT = Path(__file__).parents[1]
TASKS = 300
LARGE = 300 << 20
PAUSE = 0.02
"""Seconds between two looks at the memory."""


@service("bench-shout", version="1.0", licence="Apache-2.0")
def shout(text: str) -> str:
    """Say it louder."""
    return text.upper()


@service("bench-copy", version="1.0", licence="Apache-2.0")
def copy(file: Annotated[File, Port(media="application/zip")]) -> Annotated[File, Port(media="application/zip")]:
    """Give back what came."""
    return file


def run(*, quick: bool = False) -> Table:
    """Measure both, with an engine that takes the callbacks."""
    from tests.serving.engine import Engine

    from halles.stores.seaweed import EXCHANGE, Seaweed

    table = Table("A service alone")
    with tempfile.TemporaryDirectory() as folder:
        store, engine = Seaweed(Path(folder)), Engine()
        store.start()
        engine.web.start()
        bucket = store.bucket(EXCHANGE)
        access = {
            "s3_access_key_id": bucket.access_key_id, "s3_secret_access_key": bucket.secret_access_key,
            "s3_region": bucket.region, "s3_host": bucket.endpoint, "s3_bucket": bucket.name,
        }  # fmt: skip
        try:
            bucket.put("in.txt", b"hello")
            count = TASKS // (10 if quick else 1)
            with serving("shout") as served:
                for name, key, where in (
                    ("S3", "in.txt", access), ("storage_url", engine.keep(b"hello", ".txt"), {})
                ):  # fmt: skip
                    tasks(table, engine, served, name=name, key=key, access=where, count=count)
            content = Path(folder) / "large.zip"
            content.write_bytes(os.urandom(1 << 20) * (LARGE >> 20))
            bucket.put("large.zip", content)
            with serving("copy") as (url, process):
                large(table, engine, url, process, access)
        finally:
            engine.web.stop()
            store.kill()
    return table


def tasks(
    table: Table, engine: Any, served: tuple[str, psutil.Process], *, name: str, key: str, access: dict[str, str],
    count: int,
) -> None:  # fmt: skip
    """Send trivial tasks as fast as they are taken."""
    url, process = served
    engine.outcome(engine.submit(url, [key], **access))
    before, begin = cpu(process), time.perf_counter()
    for task in [engine.submit(url, [key], **access) for _ in range(count)]:
        engine.outcome(task)
    table.add(
        f"a trivial task, {name}: CPU of the service",
        (cpu(process) - before) / count * 1000,
        "ms",
        note="the reference takes 391 ms",
    )
    table.add(f"a trivial task, {name}: wall", (time.perf_counter() - begin) / count * 1000, "ms")


def large(table: Table, engine: Any, url: str, process: psutil.Process, access: dict[str, str]) -> None:
    """Send a value through, and watch the memory meanwhile."""
    idle = peak = process.memory_info().rss
    begin = time.perf_counter()
    task = engine.submit(url, ["large.zip"], **access)
    while task not in engine.callbacks:
        peak = max(peak, process.memory_info().rss)
        time.sleep(PAUSE)
    assert engine.outcome(task)["status"] == "finished", engine.outcome(task)
    table.add("300 MB in and out, S3: wall", time.perf_counter() - begin, "s")
    table.add("300 MB in and out, S3: memory beyond the idle service", (peak - idle) / 1e6, "MB", 50)


def cpu(process: psutil.Process) -> float:
    """CPU seconds so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def serving(name: str) -> Iterator[tuple[str, psutil.Process]]:
    """`halles service` with one of the services above: its address, and its process."""
    settings = {"MAX_TASKS": str(2 * TASKS), "LOG_LEVEL": "error"}
    command = [HALLES, "service", f"bench.alone:{name}", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1], psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    show(run())
