"""Ends requests whose body does not come. Headers that do not come are the server's business (`server.py`)."""

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halles.api import problems
from halles.model import Problem, Problems

RATE = 1024
"""Bytes a second that keep a body from being too slow."""


class Patience:
    """Around the application. What the application itself takes to look at a body is not counted."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with a limit on how long its body is waited for."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        body = _Body(receive, send, self._seconds)
        try:
            await self._app(scope, body.receive, body.send)
        except Problems:
            if not body.late:
                raise
        if body.late and not body.answered:
            await problems.respond([_late()], 408, {"connection": "close"})(scope, receive, send)


class _Body:
    def __init__(self, receive: Receive, send: Send, seconds: float) -> None:
        self.late = False
        self.answered = False
        self._receive = receive
        self._send = send
        self._left = seconds
        self._whole = False

    async def receive(self) -> Message:
        """The next piece. Raises `Problems` when it does not come in time."""
        if self._whole:  # What comes now is the news that the client has left.
            return await self._receive()
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._left):
                message = await self._receive()
        except TimeoutError:
            self.late = True
            raise Problems([_late()]) from None
        self._left += len(message.get("body", b"")) / RATE - (time.monotonic() - begun)
        self._whole = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on, unless it is one to a body that was given up: that is answered alike for all routes."""
        if self.late and not self.answered:
            return
        self.answered = True
        await self._send(message)


def _late() -> Problem:
    return Problem(code="too-slow", message="The body of the request did not come. Send it again, without pauses.")
