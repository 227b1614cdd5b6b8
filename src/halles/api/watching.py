"""Tells of every request: a line in the log, a span, a count and a time. Addresses are told by their template only,
because what stands in for it, or behind the question mark, may be a secret."""

import logging
import secrets
import time
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halles.api import problems
from halles.model import Problem, say
from halles.telemetry import about, metrics, traces

SHOWN = ("run", "slug", "step", "pipeline", "batch", "version", "task")
"""The parts of addresses that are no secrets, and are worth a word in the log."""
QUIET = ("/health/live", "/health/ready", "/metrics", "/assets/{name}", "/icon.svg", "/services/{slug}/picture")
"""What probes ask all the time, and the files that a page consists of, are logged at the level `debug`."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = logging.getLogger("halles.access")


class Watching:
    """Around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and tell of it."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request = _Request(scope, send)
        carrier = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"] if key in TRACE}
        metrics.requests_under_way.inc()
        try:
            with about(request=request.id), traces.span(request.method, kind="server", parent=carrier) as span:
                await self._answer(request, scope, receive)
                request.tell(span)
        finally:
            metrics.requests_under_way.dec()

    async def _answer(self, request: "_Request", scope: Scope, receive: Receive) -> None:
        try:
            await self._app(scope, receive, request.send)
        except Exception:
            log.exception("a mistake in Halles: %s %s", request.method, request.route)
            if request.status:  # Half an answer is out. It ends here, so that nobody takes it for a whole one.
                request.broken = True
                raise
            message = say("This is a mistake in Halles, please report it with the number {id}.", id=request.id)
            await problems.respond([Problem(code="internal", message=message)], 500)(scope, receive, request.send)


TRACE = (b"traceparent", b"tracestate")


class _Request:
    """What is known of a request, and its way out."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.id = secrets.token_hex(6)
        self.method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self.status = 0
        self.broken = False
        self._scope = scope
        self._send = send
        self._begun = time.perf_counter()
        self._bytes = 0
        self._stream = False

    async def send(self, message: Message) -> None:
        """Look at the answer on its way."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.id
            self._stream = headers.get("content-type", "").startswith("text/event-stream")
        elif message["type"] == "http.response.body":
            self._bytes += len(message.get("body", b""))
        await self._send(message)

    @property
    def route(self) -> str:
        """The template of the address, the same for all things of a kind."""
        scope = self._scope
        mount = str(scope.get("root_path", ""))
        path = getattr(scope.get("route"), "path", None)
        if path is not None:
            return f"{mount}{path}"
        if mount:
            return f"{mount}/…"
        return str(scope["path"]) if "endpoint" in scope and not scope.get("path_params") else "(unknown)"

    def tell(self, span: Any) -> None:
        """Now that the answer is complete."""
        seconds, route = time.perf_counter() - self._begun, self.route
        metrics.requests.labels(self.method, route, str(self.status)).inc()
        if not self._stream:
            metrics.request_seconds.labels(self.method, route).observe(seconds)
        principal = self._scope.get("state", {}).get("principal")
        client = self._scope.get("client")
        params = self._scope.get("path_params", {})
        facts: dict[str, Any] = {"status": self.status, "ms": round(seconds * 1000, 1), "bytes": self._bytes}
        facts |= {"client": client[0]} if client else {}
        facts |= {"principal": principal.id} if principal else {}
        facts |= {name: str(params[name]) for name in SHOWN if name in params}
        level = logging.DEBUG if route in QUIET else logging.INFO
        log.log(level, "%s %s", self.method, route, extra={"facts": facts})
        if span is not None:
            span.update_name(f"{self.method} {route}")
            span.set_attributes({"http.request.method": self.method, "http.route": route})
            span.set_attribute("http.response.status_code", self.status)
            if self.status >= 500:
                from opentelemetry.trace import StatusCode

                span.set_status(StatusCode.ERROR)
