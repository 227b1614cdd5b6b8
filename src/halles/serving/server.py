"""Serves a service over HTTP until it is told to stop, and lets it leave in order."""

import asyncio
import socket
from types import FrameType

import uvicorn

from halles.model import Problem, Problems
from halles.serving.app import create_app
from halles.serving.stand import Stand

BACKLOG = 2048
"""Connections that wait to be taken."""


class Server(uvicorn.Server):
    """Announces when it listens; answers go on while tasks come to their end."""

    def __init__(self, stand: Stand) -> None:
        app = create_app(stand)
        super().__init__(
            uvicorn.Config(app, log_config=None, access_log=False, timeout_keep_alive=30, timeout_graceful_shutdown=5)
        )
        self._stand = stand
        self._leaving: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then be announced."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._stand.announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Leave in order at the first signal, and without waiting for work at the second."""
        self._loop.call_soon_threadsafe(self.leave)

    def leave(self) -> None:
        """Drain, then stop; asked again, drain no longer."""
        if self._leaving is not None:
            self._stand.tasks.hurry()
            return
        self._leaving = asyncio.create_task(self._stand.stop())
        self._leaving.add_done_callback(self._left)

    def _left(self, _: "asyncio.Task[None]") -> None:
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, so that who connects from now on is served; port 0 lets the system choose.

    Raises `Problems` when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it, answers come 40 ms late.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        message = f"The service cannot listen on {host} port {port}: {error.strerror}. Give another --host or --port."
        raise Problems([Problem(code="cannot-listen", message=message)]) from error
    return listener


def serve(stand: Stand, listener: socket.socket) -> None:
    """Serve until a signal comes and all is in order."""
    asyncio.run(Server(stand).serve([listener]))
