"""Services that are served in a thread, and an engine for them."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from halles.sdk import Service
from halles.serving.served import Served
from halles.serving.server import Server, listen
from halles.serving.settings import Settings
from halles.serving.stand import Stand
from tests.serving.engine import Engine, wait


class Serving:
    """A service on loopback, in a thread."""

    def __init__(self, service: Service, params: dict[str, Any], **settings: Any) -> None:
        listener = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        quick = {"heartbeat": 0.05, "announce_delay": 0.05, "drain": 1.0}
        self.stand = Stand(Served(service, params), Settings(url=self.url, **(quick | settings)))
        self.server = Server(self.stand)
        self._thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        wait(lambda: self.server.started, "the service to start")

    def leave(self) -> None:
        """As a signal would have it."""
        self.server.handle_exit(15, None)

    def stop(self) -> None:
        """Leave, and wait for the end."""
        if self._thread.is_alive():
            self.leave()
            self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture(autouse=True)
def _short_goodbyes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for callbacks to engines that are away."""
    monkeypatch.setattr("halles.serving.stand.GOODBYE", 0.5)


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    made.web.start()
    yield made
    made.web.stop()


@pytest.fixture
def serve() -> Iterator[Callable[..., Serving]]:
    """Serve a service; the engines to announce to, and any setting, by name."""
    made: list[Serving] = []

    def start(service: Service, *, params: dict[str, Any] | None = None, **settings: Any) -> Serving:
        made.append(Serving(service, params or {}, **settings))
        return made[-1]

    yield start
    for serving in made:
        serving.stop()
