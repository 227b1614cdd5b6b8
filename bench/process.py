"""Running a command and watching what it costs."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PAUSE = 0.05


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds, CPU seconds (user and system), and the peak memory of its processes in MB."""

    wall: float
    cpu: float
    peak: float
    output: str


class CommandFailedError(Exception):
    """A command that was to be measured failed."""


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end. Raises CommandFailedError with the end of what it printed."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})}
    )
    peaks = [0.0]
    watch = threading.Thread(target=_watch, args=(process.pid, peaks), daemon=True)
    watch.start()
    before = os.times()
    output, errors = process.communicate()
    wall = time.perf_counter() - begin
    after = os.times()
    watch.join()
    if process.returncode:
        raise CommandFailedError(f"`{' '.join(command)}` ended with {process.returncode}:\n{(output + errors)[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(wall, cpu, peaks[0], output)


def _watch(pid: int, peaks: list[float]) -> None:
    """Keep the largest sum of resident memory over a process and its children."""
    import psutil

    try:
        root = psutil.Process(pid)
        while root.is_running() and root.status() != psutil.STATUS_ZOMBIE:
            total = 0
            for process in [root, *root.children(recursive=True)]:
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            peaks[0] = max(peaks[0], total / 1e6)
            time.sleep(PAUSE)
    except psutil.NoSuchProcess:
        return
