"""How long the command line takes to answer."""

import statistics
import sys
import time
from pathlib import Path

from bench.process import measure
from bench.report import Table

HALLES = str(Path(sys.executable).parent / "halles")


def run(*, quick: bool) -> Table:
    table = Table("Start-up")
    for arguments, target in ((["--help"], 0.2), (["services"], None)):
        times, cpu = [], []
        measure([HALLES, *arguments])  # The first reads the disk and compiles modules.
        for _ in range(3 if quick else 10):
            cost = measure([HALLES, *arguments])
            times.append(cost.wall)
            cpu.append(cost.cpu)
            time.sleep(0.05)
        note = f"median of {len(times)}; {statistics.median(cpu):.3f} CPU s"
        table.add(f"halles {' '.join(arguments)}", statistics.median(times), "s", target, note)
    return table
