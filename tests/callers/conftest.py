"""This server as an engine: its routes on loopback, and runs in the test's own process."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from halles.api.app import create_app
from halles.main import Market
from tests.callers.toys import Toy
from tests.serving.engine import Web


@pytest.fixture
def web(market: Market) -> Iterator[Web]:
    """The routes of the market."""
    server = Web(create_app(market))
    market.address = server.url
    server.start()
    yield server
    end(server)


@pytest.fixture
def engine(web: Web) -> str:
    """The address that services announce themselves at."""
    return f"{web.url}/core-engine"


@pytest.fixture
def toy(engine: str) -> Iterator[Callable[..., Toy]]:
    """Makes services that have announced themselves."""
    made: list[Toy] = []

    def make(slug: str = "loud", **manners: Any) -> Toy:
        made.append(Toy(slug, **manners))
        assert made[-1].announce(engine).status_code == 200
        return made[-1]

    yield make
    for each in made:
        each.go.set()
        each.stop()


def end(server: Web) -> None:
    """Let what is under way come to its end, as an orderly stop does."""
    server._server.should_exit = True
    server._thread.join(10)
