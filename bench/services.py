"""Each service by itself: loading its models, CPU time, memory.

A real run of the pipeline records what every call was given; the calls are then made again, each in a new process.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.process import measure
from bench.report import Table, show
from bench.song import DEMO, lasting, perform
from bench.startup import HALLES


def run(*, quick: bool, song: Path | None = None) -> Table:
    seconds = 30 if quick else 90
    table = Table(f"Services, each in a process of its own ({(song or DEMO).name}, {seconds} s)")
    with tempfile.TemporaryDirectory(prefix="halles-bench-") as folder:
        place = Path(folder)
        measure([HALLES, "weights", "pull"])
        _, record = perform(lasting(song or DEMO, seconds, place), place / "home", place / "out", extract=True)
        for call in record["provenance"]:
            command = [sys.executable, "-m", "bench.services", "--home", str(place / "home"), "--key", call["key"]]
            cost = json.loads(measure(command).output.splitlines()[-1])
            report(table, call["service"], cost, seconds if "song" in call["inputs"] else None)
    return table


def report(table: Table, service: str, cost: dict[str, float], seconds: int | None) -> None:
    table.add(f"{service}: load", cost["load"], "s", note=f"{cost['load_cpu']:.2f} CPU s")
    if seconds:
        table.add(f"{service}: CPU per second of audio", cost["cpu"] / seconds, "s/s", note=f"{cost['cpu']:.1f} CPU s")
    else:
        table.add(f"{service}: CPU per call", cost["cpu"], "s")
    table.add(f"{service}: peak memory", cost["peak"], "MB")


def child(home: Path, key: str) -> dict[str, Any]:
    """Make one recorded call again in this process: seconds, CPU seconds and peak memory (MB)."""
    import resource

    from halles.main import Market
    from halles.model import artifacts
    from halles.sdk import Context, File

    market = Market(home)
    result = market.results.get(key)
    assert result is not None, key
    files = {
        port: [File(market.objects.path(a), a.media_type, sha256=a.sha256, label=port) for a in artifacts(value)]
        for port, value in result.inputs.items()
    }
    context = Context()
    begin, begin_cpu = time.perf_counter(), time.process_time()
    service = market.services.load(result.service)
    service.setup(context)
    load, load_cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    service.call(files, result.params, context)
    cpu = time.process_time() - begin_cpu - load_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return {"load": load, "load_cpu": load_cpu, "cpu": cpu, "peak": peak}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--song", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--key", help="make one recorded call again and print its cost as JSON")
    arguments = parser.parse_args()
    if arguments.key:
        print(json.dumps(child(arguments.home, arguments.key)))
    else:
        show(run(quick=arguments.quick, song=arguments.song))
