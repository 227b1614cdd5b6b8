"""Ends requests whose body does not come, or does not end, and answers that nobody takes.

Headers that do not come are the server's business.
"""

import asyncio
import time

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halles.api import problems
from halles.model import Problem, Problems, say

RATE = 1024
"""Bytes a second that keep a body from being too slow."""
UPLOAD = "upload"
"""In the state of a request: its route takes the body as a stream, and bounds what it keeps of it."""


class Patience:
    """Around the application. What the application itself takes to look at a body is not counted."""

    def __init__(self, app: ASGIApp, seconds: float, size: int) -> None:
        self._app = app
        self._seconds = seconds
        self._size = size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, bounding how long its body is waited for, and its bytes unless it is an upload."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        body = _Body(scope, receive, send, self._seconds, self._size)
        try:
            await self._app(scope, body.receive, body.send)
        except Problems:
            if not body.refusal:
                raise
        except ClientDisconnect:
            if not body.stuck:
                raise
        if body.refusal and not body.answered:
            status = 408 if body.refusal.code == "too-slow" else 413
            await problems.respond([body.refusal], status, {"connection": "close"})(scope, receive, send)


def is_upload(request: Request) -> None:
    """Say that a request's body is taken as a stream."""
    setattr(request.state, UPLOAD, True)


class _Body:
    def __init__(self, scope: Scope, receive: Receive, send: Send, seconds: float, size: int) -> None:
        self.refusal: Problem | None = None
        self.answered = False
        self.stuck = False
        self._seconds = seconds
        self._scope = scope
        self._receive = receive
        self._send = send
        self._left = seconds
        self._size = size
        declared = Headers(scope=scope).get("content-length", "")
        self._declared = int(declared) if declared.isdecimal() and len(declared) < 20 else 0
        self._read = 0
        self._whole = False

    async def receive(self) -> Message:
        """The next piece. Raises `Problems` when it does not come in time, or when it is too much."""
        if self._whole:  # What comes now is the news that the client has left.
            return await self._receive()
        self._bound(self._declared)
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._left):
                message = await self._receive()
        except TimeoutError:
            raise self._refused(
                "too-slow", say("The body of the request did not come. Send it again, without pauses.")
            ) from None
        self._read += len(message.get("body", b""))
        self._bound(self._read)
        self._left += len(message.get("body", b"")) / RATE - (time.monotonic() - begun)
        self._whole = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on, unless it is one to a body that was given up: that is answered alike for all routes.

        Raises `ClientDisconnect` when the client takes nothing of it for too long.
        """
        if self.refusal and not self.answered:
            return
        self.answered = True
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(message)
        except TimeoutError:
            self.stuck = True
            raise ClientDisconnect from None

    def _bound(self, size: int) -> None:
        if size > self._size and not self._scope.get("state", {}).get(UPLOAD):
            raise self._refused(
                "too-large",
                say("The body of the request has more than {size:,} bytes, which is the limit.", size=self._size),
            )

    def _refused(self, code: str, message: str) -> Problems:
        self.refusal = Problem(code=code, message=message)
        return Problems([self.refusal])
