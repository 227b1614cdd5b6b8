"""`halles storage`: an S3 server in the foreground."""

import shlex
import signal
import time
from pathlib import Path

from halles.main import default_home
from halles.model import CallFailed, Problem
from halles.stores.places import exchange_seconds
from halles.stores.seaweed import EXCHANGE, Seaweed

EVERY = 600.0
"""Seconds between two sweeps of the exchange bucket."""


def run(folder: Path | None, host: str, port: int) -> None:
    """Serve until a signal comes. Raises `Problems` or `CallFailed` when the server does not start, or ends."""
    server = Seaweed(folder or default_home() / "storage", host=host, port=port)
    kept = exchange_seconds()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.start()
        _tell(server)
        while (code := server.wait(EVERY)) is None:
            server.bucket(EXCHANGE).expire(before=time.time() - kept)
    except KeyboardInterrupt:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("Stopping; this takes some seconds.", flush=True)
        server.stop()
        return
    server.kill()
    message = f"The S3 server ended by itself, with exit code {code}. See `{server.folder}/log`."
    raise CallFailed(Problem(code="storage-failed", message=message), retry=True)


def _tell(server: Seaweed) -> None:
    """Say where it is. The settings with the credentials go to a file that only this user can read."""
    file = shlex.quote(str(server.write_environment()))
    print(f"S3 server at {server.endpoint}, data in {server.folder}. Ctrl-C stops it.")
    for name, value in server.environment().items():
        print(f"  {name}={value if 'SECRET' not in name else '…'}")
    print(f"To use it: set -a; . {file}; set +a; halles serve", flush=True)
