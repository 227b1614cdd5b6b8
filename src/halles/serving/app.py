"""The routes of a service: what the contract asks for, and its figures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halles.csia.messages import Compute, Detail, Status
from halles.serving.stand import Stand
from halles.serving.tasks import Busy

TRACE = ("traceparent", "tracestate")
MOST = 1 << 20
"""Bytes of a message; values travel elsewhere."""


def create_app(stand: Stand) -> FastAPI:
    """The application of one service."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await stand.start()
        yield
        await stand.close()

    spec = stand.served.spec
    app = FastAPI(
        title=spec.name, summary=spec.summary, description=spec.description, version=spec.version, lifespan=life
    )
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
    app.add_middleware(Bounded)

    @app.get("/", include_in_schema=False)
    async def root() -> RedirectResponse:
        return RedirectResponse("/docs", status_code=301)

    @app.get("/status", summary="Whether the service is available", tags=["Service"])
    async def status() -> Status:
        return Status(status="Service is available")

    @app.post(
        "/compute", summary="Put a task into the queue", tags=["Tasks"],
        responses={503: {"model": Detail, "description": "The queue is full, or the service is shutting down"}},
    )  # fmt: skip
    async def compute(message: Compute, request: Request) -> Status:
        try:
            stand.tasks.take(message, {name: request.headers[name] for name in TRACE if name in request.headers})
        except Busy as busy:
            raise HTTPException(503, str(busy)) from busy
        return Status(status="Task added to the queue")

    @app.get(
        "/tasks/{task_id}/status", summary="Where a task stands", tags=["Tasks"],
        responses={404: {"model": Detail, "description": "The task is not known, or not any more"}},
    )  # fmt: skip
    async def task_status(task_id: str) -> Status:
        state = stand.tasks.state(task_id)
        if state is None:
            raise HTTPException(404, f"Task {task_id} not found")
        return Status(status=state.value)

    @app.get("/metrics", summary="Figures for Prometheus", tags=["Service"], response_class=Response)
    async def metrics() -> Response:
        return Response(stand.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return app


class Bounded:
    """Refuses bodies that are larger than any message."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes; a body over the limit ends as if it had broken off."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if not stated.isdigit() or int(stated) > MOST:
            answer = Response('{"detail": "The body is larger than any message"}', 413, media_type="application/json")
            return await answer(scope, receive, send)
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            return message if size <= MOST else {"type": "http.disconnect"}

        return await self._app(scope, counted, send)
