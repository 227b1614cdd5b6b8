"""The server as people start it: a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVE = [sys.executable, "-c", "from halles.cli import app; app()", "serve"]


@contextmanager
def started(home: Path, **settings: str) -> Iterator[tuple[str, int]]:
    """Where it listens; it ends in good order."""
    environment = os.environ | {"HALLES_HOME": str(home), "HALLES_PORT": "0", "HALLES_WORKERS": "0"} | settings
    process = subprocess.Popen(SERVE, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        line = process.stdout.readline()
        found = re.search(r"http://(127\.0\.0\.1):(\d+)", line)
        assert found, line
        yield found[1], int(found[2])
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
