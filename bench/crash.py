"""A server under load is killed again and again: does every run that it accepted end once, and is nothing done twice?

`python -m bench.crash --kills 100` is the full form.
"""

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine

from bench.report import Table, show
from bench.toys import environment
from halles.model import RunFinished, RunStarted, Status, StepChanged
from halles.stores.database import connect
from halles.stores.ledger import Ledger

KILLS = 20
PAUSE = 0.02
"""Seconds between two orders."""
LIFE = 3.0
"""Seconds after its start until a server is killed, at most."""
PATIENCE = 300
"""Seconds until those that wait for the end of all runs give up."""


def pipeline(marks: Path, seconds: float = 0.03) -> dict[str, Any]:
    """Two branches that meet: each step leaves a mark. None is cached: only the log says what was finished."""

    def step(name: str, origin: str) -> dict[str, Any]:
        params = {"step": name, "file": str(marks), "seconds": seconds}
        return {"id": name, "service": "bench-mark", "params": params, "inputs": {"text": origin}}

    steps = [step("a", "inputs.text"), step("b", "a.output"), step("c", "a.output"), step("d", "c.output")]
    inputs = {"text": {"media": "text/plain"}}
    return {"id": "crash", "inputs": inputs, "steps": steps, "outputs": {"b": "b.output", "d": "d.output"}}


def faults(ledger: Ledger, accepted: Iterable[tuple[str, str]], marks: Path) -> list[str]:
    """What went wrong with runs, by id and text."""
    executed: dict[tuple[str, str], list[float]] = {}
    for line in marks.read_text().splitlines() if marks.exists() else ():
        text, step, begun = line.split(" ")
        executed.setdefault((text, step), []).append(float(begun))
    found = []
    for run, text in accepted:
        log = list(ledger.events(run))
        ends = [event for event in log if isinstance(event, RunFinished)]
        if not log:
            found.append(f"run {run} is lost")
            continue
        if [event.status for event in ends] != [Status.finished] or log[-1] is not ends[-1]:
            found.append(f"run {run} ended as {[event.status.value for event in ends]}: {log[-1]}")
        if [event.seq for event in log] != list(range(1, len(log) + 1)):
            found.append(f"the log of run {run} has gaps")
        finished: dict[str, float] = {}
        for event in log:
            if isinstance(event, StepChanged) and event.step.status is Status.finished:
                finished.setdefault(event.step.id, event.at)
        for step, at in finished.items():
            if any(begun > at for begun in executed.get((text, step), ())):
                found.append(f"step {step} of run {run} was run again after it had finished")
        found += [
            f"step {step} of run {run} is on record, but was not executed"
            for step in finished
            if (text, step) not in executed
        ]
    return found


def noticed(ledger: Ledger, accepted: Iterable[tuple[str, str]], killed: list[float]) -> float:
    """The longest that a run waited after its server was killed until another one went on with it, in seconds."""
    longest = 0.0
    for run, _ in accepted:
        begun = [event.at for event in ledger.events(run) if isinstance(event, RunStarted)]
        for first, second in pairwise(begun):
            death = min((at for at in killed if at > first), default=second)
            longest = max(longest, second - death)
    return longest


class Client(threading.Thread):
    """Orders runs all the time, and remembers those that were accepted."""

    def __init__(self, url: str, marks: Path) -> None:
        super().__init__(daemon=True)
        self.accepted: list[tuple[str, str]] = []
        self.stopped = threading.Event()
        self._url = url
        self._pipeline = pipeline(marks)

    def run(self) -> None:
        number = 0
        with httpx.Client(base_url=self._url, timeout=10) as http:
            while not self.stopped.wait(PAUSE):
                text = f"t{number}"
                number += 1
                try:
                    answer = http.post("/runs", json={"pipeline": self._pipeline, "inputs": {"text": text}})
                except httpx.TransportError:
                    continue
                if answer.status_code != 202:
                    raise SystemExit(f"The server refuses: {answer.text}")
                self.accepted.append((answer.json()["id"], text))


def begin(port: int, variables: dict[str, str]) -> subprocess.Popen[str]:
    """A server, once it listens."""
    command = [sys.executable, "-c", "from halles.cli import app; app()", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "listens" in line, line
    return process


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def crash(database: str | None, kills: int, seed: int = 0) -> dict[str, float]:
    """Kill a server at random moments under load; then see what became of all that it accepted."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="halles-crash-") as name:
        folder = Path(name)
        marks = folder / "marks"
        variables = environment(folder, **({"HALLES_DATABASE_URL": database} if database else {}))
        port = free_port()
        client = Client(f"http://127.0.0.1:{port}", marks)
        client.start()
        killed = []
        for _ in range(kills):
            server = begin(port, variables)
            time.sleep(chance.uniform(0, LIFE))
            os.kill(server.pid, signal.SIGKILL)
            killed.append(time.time())
            server.wait()
        server = begin(port, variables)
        client.stopped.set()
        client.join()
        engine = connect(database or folder / "home" / "halles.db")
        seconds = settled(engine)
        ledger = Ledger(engine)
        found = faults(ledger, client.accepted, marks)
        waited = noticed(ledger, client.accepted, killed)
        begun = Counter(sum(isinstance(e, RunStarted) for e in ledger.events(run)) for run, _ in client.accepted)
        server.terminate()
        server.wait()
        engine.dispose()
    for fault in found[:10]:
        print(fault, file=sys.stderr)
    interrupted = sum(count for times, count in begun.items() if times > 1)
    return {
        "accepted": len(client.accepted),
        "faults": len(found),
        "interrupted": interrupted,
        "noticed": waited,
        "settled": seconds,
    }


def settled(engine: Engine) -> float:
    """Wait until no run waits or is executed. Gives the seconds that it took."""
    start = time.monotonic()
    ledger = Ledger(engine)
    while ledger.unfinished() and time.monotonic() - start < PATIENCE:
        time.sleep(0.1)
    return time.monotonic() - start


@contextmanager
def databases() -> Iterator[dict[str, str | None]]:
    """SQLite in the server's home, and a PostgreSQL server."""
    from tests.databases import fresh, server

    with server() as url:
        yield {"SQLite": None, "PostgreSQL": fresh(url)}


def run(*, quick: bool = False, kills: int | None = None) -> Table:
    times = kills or (4 if quick else KILLS)
    table = Table(f"Crash safety: a server under load killed {times} times at random moments")
    with databases() as urls:
        for name, url in urls.items():
            figures = crash(url, times)
            table.add(
                f"{name}: accepted runs that were lost, failed, ended twice, or did a finished step again",
                figures["faults"],
                "",
                0,
            )
            table.add(
                f"{name}: accepted runs",
                figures["accepted"],
                "",
                note=f"{figures['interrupted']:.0f} were cut off at least once",
            )
            table.add(
                f"{name}: longest until a run that was cut off went on, with a queue and further kills between",
                figures["noticed"],
                "s",
            )
            table.add(f"{name}: last start until all runs had ended", figures["settled"], "s")
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    show(run(kills=parser.parse_args().kills))
