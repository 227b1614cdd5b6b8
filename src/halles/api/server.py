"""The HTTP server around the application: one process, one port, an orderly end.

Granian is run inside this process, because a second process would outlive a `kill -9` of the first. It was taken
because it, unlike uvicorn, ends connections whose headers do not come.
"""

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

from fastapi import FastAPI
from granian.constants import HTTPModes, Interfaces
from granian.errors import FatalError
from granian.http import HTTP1Settings
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.embed import Server
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from halles.api.settings import Settings
from halles.main import Market
from halles.model import Problem, Problems
from halles.sdk.values import sweep

HANDOVER = 10.0
"""Seconds that it may take to hand over what has not ended in time; then the process ends without."""

log = logging.getLogger("halles.server")

BACKLOG = 1024
"""Connections that the kernel keeps waiting."""


def bind(host: str, port: int) -> socket.socket:
    """Listen, or say what is in the way. Raises `Problems`."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise Problems([_in_the_way(host, port, error)]) from error
    listener.setblocking(False)
    return listener


def _in_the_way(host: str, port: int, error: OSError) -> Problem:
    match error.errno:
        case errno.EADDRINUSE:
            message = f"Port {port} of {host} is taken by another program; `ss -ltnp 'sport = :{port}'` shows which. "
            message += "End that one, or give this server another port with `--port`."
        case errno.EACCES:
            message = f"This user may not listen on port {port}. Give a port from 1024 on with `--port`."
        case _:
            message = f"{host} is no address of this machine that can be listened on: {error.strerror}. "
            message += "Give one with `--host`, such as 127.0.0.1."
    return Problem(code="cannot-listen", message=message)


class _Embedded(Server):
    """Granian on a socket of ours. It would open its own, and share a port that another server has."""

    def __init__(self, app: object, listener: socket.socket, settings: Settings) -> None:
        http1 = HTTP1Settings(header_read_timeout=int(settings.header_seconds * 1000))
        super().__init__(
            app, interface=Interfaces.ASGI, http=HTTPModes.http1, websockets=True, log_enabled=False,
            backpressure=settings.max_connections, http1_settings=http1,
        )  # fmt: skip
        self._listener = listener

    def _init_shared_socket(self) -> None:
        self._ssp: Any = None
        self._shd: Any = SocketHolder(self._listener.detach(), False, BACKLOG)  # type: ignore[call-arg]


async def serve(app: FastAPI, listener: socket.socket, settings: Settings, started: Callable[[], None]) -> None:
    """Serve until a signal; then let what is under way come to its end. A second signal ends the process at once."""
    trusted = [each.strip() for each in settings.trusted_proxies.split(",") if each.strip()]
    server = _Embedded(wrap_asgi_with_proxy_headers(app, trusted) if trusted else app, listener, settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, app.state.stopping, number)
    serving = loop.create_task(server.serve())
    up = loop.create_task(app.state.started.wait())
    await asyncio.wait([serving, up], return_when=asyncio.FIRST_COMPLETED)
    if not serving.done():
        started()
        settled = loop.create_task(asyncio.to_thread(_settle, app.state.market))
        settled.add_done_callback(_told)
        stop = loop.create_task(app.state.stopping.wait())
        await asyncio.wait([serving, stop], return_when=asyncio.FIRST_COMPLETED)
        patience = threading.Timer(settings.drain_delay + settings.drain_seconds + HANDOVER, os._exit, [1])
        patience.daemon = True
        patience.start()
        await asyncio.sleep(settings.drain_delay)
        server.stop()  # type: ignore[no-untyped-call]
    try:
        await serving
    except FatalError:
        raise app.state.failure or RuntimeError("The server could not be started.") from None


def _settle(market: Market) -> None:
    """Load what is slow to load, while requests are answered already.

    Then leave all that is loaded out of garbage collections: each would hold all requests up, for about 0.1 s.
    """
    market.offers.all()
    import_module("halles.api.agents")
    gc.collect()
    gc.freeze()


def _told(settled: "asyncio.Task[None]") -> None:
    if not settled.cancelled() and (error := settled.exception()):
        log.error("loading the services failed", exc_info=error)


def _stop(stopping: asyncio.Event, number: int) -> None:
    if stopping.is_set():
        sweep()
        os._exit(128 + number)
    stopping.set()
