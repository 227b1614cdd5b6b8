"""Schemathesis against the real application over HTTP: all checks, all phases, also sequences of requests."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from halles.main import Market
from halles.model import Role
from tests import shelf
from tests.marketplace import served
from tests.people import OPEN, person

CONFIG = Path(__file__).with_name("schemathesis.toml")
UNLIMITED = {f"HALLES_RATE_LIMIT{which}": "none" for which in ("", "_ADDRESS", "_FAILURES")}


@contextmanager
def target(home: Path) -> Iterator[tuple[str, dict[Role, str]]]:
    """A server with toy services that executes runs and asks for a login: its address, and a key for each role."""
    market = Market(home, services=shelf.SERVICES)
    keys = {role: person(market, f"a {role}", role)[1]["Authorization"] for role in Role}
    with served(market, **OPEN, **UNLIMITED, HALLES_WORKERS="2", HALLES_LOG_LEVEL="error") as address:
        yield address, keys


def fuzz(
    address: str, authorization: str, folder: Path, *, examples: int, seed: int, more: tuple[str, ...] = ()
) -> str:
    """What is wrong with the API, as Schemathesis tells it; empty when it finds nothing."""
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", f"{address}/openapi.json",
        "--header", f"Authorization: {authorization}", "--max-examples", str(examples), "--seed", str(seed),
        "--continue-on-failure", "--no-shrink", "--warnings", "off", *more,
    ]  # fmt: skip
    environment = os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"), "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stdout + done.stderr).partition(" FAILURES ")[2] or done.stdout
