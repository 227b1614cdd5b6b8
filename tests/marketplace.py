"""A real server on loopback, for clients that want a network."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from halles.api.app import create_app
from halles.api.settings import Settings
from halles.main import Market


@contextmanager
def served(market: Market, **settings: str) -> Iterator[str]:
    """The address of a server on a free port; it stops at the end."""
    config = uvicorn.Config(create_app(market, Settings.read(settings)), host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server could not start"
            thread.join(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
