"""`python -m tests.callers.engine HOME PORT RUN`: a server that executes a run of the loud service, to be killed."""

import asyncio
import sys
from pathlib import Path

from halles.api.app import create_app
from halles.main import Market
from halles.runners import intake
from tests import shelf
from tests.running import pipeline
from tests.serving.engine import Web

LOUD = [{"id": "loud", "service": "loud", "inputs": {"text": "inputs.text"}}]


def open_at(home: Path, port: int) -> tuple[Market, Web]:
    """A market and its routes at a port."""
    market = Market(home, services=shelf.SERVICES)
    web = Web(create_app(market))
    web.port, web.url = port, f"http://127.0.0.1:{port}"
    market.address = web.url
    web.start()
    return market, web


async def follow(market: Market, run: str) -> None:
    what = pipeline(LOUD, result="loud.result")
    inputs = intake.admit([("text", "hello")], what.inputs, market.objects)
    async for _ in market.runner.start(market.plan(what), inputs, run=run):
        pass


if __name__ == "__main__":
    home, port, run = sys.argv[1:]
    asyncio.run(follow(open_at(Path(home), int(port))[0], run))
