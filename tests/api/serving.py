"""A real server of toy services, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.shelf import SERVICES

ROOT = Path(__file__).parents[2]


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[tuple[str, psutil.Process]]:
    """Its URL and its process; it is killed at the end. Its home is `home` in the folder."""
    info = folder / "site" / "shelf-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shelf\nVersion: 1.0\n")
    names = "".join(f"{service.slug} = tests.shelf:{service.slug}\n" for service in SERVICES)
    (info / "entry_points.txt").write_text(f"[halles.services]\n{names}")
    path = os.pathsep.join([str(folder / "site"), str(ROOT)])
    home = {"HALLES_HOME": str(folder / "home"), "HALLES_LOG_LEVEL": "error", "PYTHONPATH": path}
    command = [sys.executable, "-c", "from halles.cli import app; app()", "serve", "--port", "0"]
    environment = {**os.environ, **home, **settings}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield line.split("listens on ")[1].split(" ")[0], psutil.Process(process.pid)
        finally:
            process.kill()
