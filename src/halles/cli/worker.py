"""`halles worker`: executes what is queued."""

import asyncio
import os
import signal
import sys

from halles.api.settings import Settings
from halles.cli.guard import CANCELLED
from halles.main import Market
from halles.runners.worker import Worker
from halles.sdk.values import sweep
from halles.telemetry import logs, traces


def run(runs: int | None, log_format: str | None) -> None:
    """Work until a signal comes, then hand over in good order. A second signal ends the process at once."""
    settings = Settings.read(workers=runs, log_format=log_format)
    logs.configure(settings.log_format, settings.log_level)
    traces.configure()
    market = Market()
    market.models  # noqa: B018 - a wrong setting is said before anything is taken.
    asyncio.run(_work(market.worker(max(1, settings.workers), drain=settings.drain_seconds)))
    traces.end()
    sweep()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # A model may still compute in a thread, for a run that another worker goes on with.


async def _work(worker: Worker) -> None:
    signalled = False

    def stop() -> None:
        nonlocal signalled
        if signalled:
            os._exit(CANCELLED)
        signalled = True
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    print(f"Halles worker {worker.name} takes runs. Ctrl-C stops it.", flush=True)
    await worker.run()
