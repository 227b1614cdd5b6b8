"""Prefect beside us: the same steps, in an environment of its own that is made once in the user's cache."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from bench.process import measure

VERSION = "3.8.8"
REQUIREMENTS = (f"prefect=={VERSION}", "fastapi<0.151")  # A newer FastAPI breaks this Prefect at import.
SCRIPT = Path(__file__).with_name("rival_flow.py")


def times(steps: int, *, quick: bool) -> Iterator[tuple[str, float, float]]:
    """What was run, and milliseconds a step: by the clock, and of CPU time in the flow's process."""
    with tempfile.TemporaryDirectory(prefix="prefect-bench-", ignore_cleanup_errors=True) as home:
        settings = {
            "PREFECT_HOME": home,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",  # On a busy machine 20 s are too few.
            "PREFECT_LOGGING_LEVEL": "ERROR",
        }
        cost = measure([str(python()), str(SCRIPT), str(steps), "1" if quick else "3"], settings)
    yield from json.loads(cost.output.splitlines()[-1])


def python() -> Path:
    """The interpreter of Prefect's environment, made with uv where it is not there."""
    place = platformdirs.user_cache_path("halles") / "bench" / f"prefect-{VERSION}"
    interpreter = place / "bin" / "python"
    if not (place / "complete").exists():
        uv = str(Path(sys.executable).parent / "uv")
        print(f"Making an environment for Prefect in {place} (once) …", file=sys.stderr)
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place)], check=True)
        environment = {**os.environ, "VIRTUAL_ENV": str(place)}
        subprocess.run([uv, "pip", "install", "--quiet", *REQUIREMENTS], check=True, env=environment)
        (place / "complete").touch()
    return interpreter
