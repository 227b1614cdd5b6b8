"""How many queued runs of a trivial pipeline a second, embedded and over HTTP services; memory over many."""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.crash import begin, databases, free_port
from bench.process import measure
from bench.report import Table, show
from bench.toys import SERVICES, environment
from halles.engine import parse
from halles.main import Market
from halles.model import Order, Status
from halles.runners import intake

RUNS = 1000
MANY = 10_000
REMOTE = 300
AT_ONCE = 8
PATIENCE = 600
"""Seconds until a measurement gives up."""


def pipeline(first: str = "bench-echo", second: str = "bench-echo") -> dict[str, Any]:
    """Two steps in a row."""
    steps = [
        {"id": "a", "service": first, "inputs": {"text": "inputs.text"}},
        {"id": "b", "service": second, "inputs": {"text": "a.output"}},
    ]
    inputs = {"text": {"media": "text/plain"}}
    return {"id": "throughput", "inputs": inputs, "steps": steps, "outputs": {"out": "b.output"}}


def embedded(runs: int) -> dict[str, Any]:
    """Queue runs in this process, then execute them all."""
    import psutil

    with tempfile.TemporaryDirectory(prefix="halles-bench-") as folder:
        market = Market(Path(folder), services=SERVICES)
        what = parse(pipeline())
        plan = market.plan(what)
        clock, cpu = time.perf_counter(), time.process_time()
        for number in range(runs):
            inputs = intake.admit([("text", f"t{number}")], what.inputs, market.objects)
            market.ledger.accept(Order(run=f"r{number}", plan=plan, inputs=inputs, owner=f"o{number % 7}"))
        accepting = time.perf_counter() - clock
        cpu_accepting = time.process_time() - cpu
        worker = market.worker(AT_ONCE)
        thread = threading.Thread(target=lambda: asyncio.run(worker.run()))
        clock, cpu = time.perf_counter(), time.process_time()
        thread.start()
        memory: list[tuple[int, float]] = []
        while left := market.queue.depth() + len(market.ledger.unfinished()):
            memory.append((runs - left, psutil.Process().memory_info().rss / 1e6))
            time.sleep(0.5)
        wall, cpu = time.perf_counter() - clock, time.process_time() - cpu
        worker.stop()
        thread.join()
        ended = Counter(summary.status for summary in market.ledger.recent(runs))
        assert ended == {Status.finished: runs}, ended
    return {
        "rate": runs / wall, "cpu": cpu / runs * 1000, "accept": accepting / runs * 1000,
        "accept_cpu": cpu_accepting / runs * 1000, "slope": slope(memory, runs / 5),
    }  # fmt: skip


def slope(samples: list[tuple[int, float]], begin: float) -> float:
    """MB a thousand runs, by least squares, from when everything was in use for a while."""
    points = [(runs / 1000, size) for runs, size in samples if runs >= begin]
    if len(points) < 3:
        return 0.0
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def child(runs: int, database: str | None) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.throughput", "--embedded", str(runs)]
    return dict(json.loads(measure(command, {"HALLES_DATABASE_URL": database or ""}).output))


@contextmanager
def service(slug: str, engine: str, folder: Path) -> Iterator[None]:
    """A service of ours alone, as any service of the Swiss AI Center would be."""
    variables = environment(folder, ENGINE_URLS=json.dumps([engine]), LOG_LEVEL="ERROR")
    code = "from halles.cli import app; app()"
    command = [sys.executable, "-c", code, "service", f"bench.toys:{slug}", "--port", str(free_port())]
    with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def remote(runs: int) -> float:
    """Runs a second through two HTTP services, from the first order until the last run has ended."""
    with tempfile.TemporaryDirectory(prefix="halles-bench-") as name, ExitStack() as stack:
        folder, port = Path(name), free_port()
        hall = folder / "hall"
        variables = {**os.environ, "HALLES_HOME": str(hall), "HALLES_LOG_LEVEL": "error", "HALLES_WORKERS": "16"}
        server = begin(port, variables)
        stack.callback(server.wait)
        stack.callback(server.terminate)
        url = f"http://127.0.0.1:{port}"
        for number, slug in enumerate(("upper", "lower")):
            stack.enter_context(service(slug, f"{url}/core-engine", folder / str(number)))
        http = stack.enter_context(httpx.Client(base_url=url, timeout=60))
        what = pipeline("bench-upper", "bench-lower")
        wait(lambda: all(http.get(f"/services/{slug}").status_code == 200 for slug in ("bench-upper", "bench-lower")))
        orders = [{"pipeline": what, "inputs": {"text": f"t{number}"}} for number in range(runs)]
        clock = time.perf_counter()
        names = [ordered(http.post("/runs", json=order)) for order in orders]
        going = [{"status": "pending"}, {"status": "running"}]
        wait(lambda: not any(http.get("/runs", params=state).json()["items"] for state in going))
        wall = time.perf_counter() - clock
        ended = Counter(http.get(f"/runs/{run}").json()["status"] for run in names)
        assert ended == {"finished": runs}, ended
    return runs / wall


def ordered(answer: httpx.Response) -> str:
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def wait(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def run(*, quick: bool = False) -> Table:
    runs, many, far = (200, 1000, 40) if quick else (RUNS, MANY, REMOTE)
    table = Table(f"Throughput: {runs:,} queued runs of a trivial pipeline of two steps")
    with databases() as urls:
        for name, url in urls.items():
            figures = child(runs, url)
            note = f"{figures['rate']:.0f} runs a second; target 50"
            table.add(f"{name}: a run, embedded", 1000 / figures["rate"], "ms", 20, note)
            table.add(f"{name}: a run, embedded, CPU", figures["cpu"], "ms")
            table.add(f"{name}: to accept a run", figures["accept"], "ms", note=f"{figures['accept_cpu']:.3g} ms CPU")
    figures = child(many, None)
    table.add(f"memory over {many:,} runs", figures["slope"], "MB a thousand", 0.5)
    rate = remote(far)
    table.add(f"a run through two HTTP services ({far} runs)", 1000 / rate, "ms", 50, f"{rate:.0f} a second; target 20")
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--embedded", type=int, help="so many runs in this process, figures as JSON")
    arguments = parser.parse_args()
    if arguments.embedded:
        print(json.dumps(embedded(arguments.embedded)))
    else:
        show(run(quick=arguments.quick))
