"""The application: the routes of every subject, and what they have in common."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI

from halles import __version__
from halles.api import (
    artifacts,
    auditing,
    batches,
    beside,
    bundles,
    condition,
    core_engine,
    estimates,
    events,
    examples,
    exchanging,
    identity,
    languages,
    login,
    mcp,
    models,
    operation,
    pipelines,
    problems,
    publishing,
    runs,
    services,
    shares,
    statistics,
    storefront,
    versions,
    web,
)
from halles.api.guard import Guard
from halles.api.patience import Patience
from halles.api.settings import Settings
from halles.api.watching import Watching
from halles.main import Market
from halles.runners.feed import Feed
from halles.runners.retention import PAUSE
from halles.runners.worker import in_thread

DESCRIPTION = """\
A market hall of small AI services, which are assembled into pipelines.

What goes wrong is answered as `application/problem+json` (RFC 9457); `problems` lists everything that was found wrong.
"""


def create_app(market: Market, settings: Settings | None = None) -> FastAPI:
    """The server of a market. Settings are read from the environment when none are given."""
    app = FastAPI(
        title="Halles", version=__version__, summary="An AI marketplace", description=DESCRIPTION,
        redirect_slashes=False, docs_url=None, redoc_url=None,
        responses=problems.refusals(400, 401, 403, 413, 422, 429), lifespan=_lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # `Watching` tells, and tells no secrets.
    )  # fmt: skip
    app.state.market = market
    app.state.settings = settings or Settings.read()
    app.state.started = asyncio.Event()
    app.state.stopping = asyncio.Event()
    app.state.failure = None
    app.state.feed = Feed(market.ledger)
    app.state.answers = services.Answers()
    app.state.settings.check()
    market.local = not app.state.settings.login_required
    app.include_router(operation.router)
    app.include_router(condition.router)
    app.include_router(statistics.router)
    app.include_router(services.router)
    app.include_router(storefront.router)
    app.include_router(languages.router)
    app.include_router(examples.router)
    app.include_router(identity.router)
    app.include_router(auditing.router)
    app.include_router(login.router)
    app.include_router(artifacts.router)
    app.include_router(shares.router)
    app.include_router(runs.router)
    app.include_router(events.router)
    app.include_router(estimates.router)
    app.include_router(batches.router)
    app.include_router(bundles.router)
    app.include_router(exchanging.router)
    app.include_router(pipelines.router)
    app.include_router(versions.router)
    app.include_router(publishing.router)
    app.include_router(models.router)
    app.include_router(mcp.router)
    app.include_router(core_engine.router)
    app.include_router(web.router)
    problems.install(app)
    app.add_middleware(Patience, seconds=app.state.settings.body_seconds, size=app.state.settings.max_body_bytes)
    app.add_middleware(Guard, market=market, settings=app.state.settings)
    app.add_middleware(Watching)
    app.add_middleware(core_engine.Door)  # The last one is the outermost.
    _describe(app)
    return app


def _beside(app: FastAPI) -> list[beside.Task]:
    """What runs beside the requests, in the order in which it is started; it is stopped in the opposite one."""
    market, settings = app.state.market, app.state.settings
    tasks: list[beside.Task] = [
        app.state.feed.running(app.state.stopping),
        mcp.speaking(app),
        core_engine.looking_after(market),
        beside.every(10.0, market.usage.count, name="counting what is used"),
        beside.every(600.0, market.forget_exchanged, name="forgetting what was exchanged"),
        beside.every(PAUSE, market.sweep, name="forgetting what is old"),
        beside.every(3600.0, lambda: market.audit.forget(days=settings.audit_days), name="forgetting the old audit"),
    ]
    if settings.workers:
        worker = market.worker(settings.workers, drain=settings.drain_seconds)
        tasks.append(in_thread(worker, app.state.stopping))
    return tasks


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start what runs beside the requests. `started` and `stopping` tell others how far the server is."""
    async with AsyncExitStack() as stack:
        try:
            for task in _beside(app):
                await stack.enter_async_context(task)
        except Exception as failure:  # The server says only that it failed; `serve` says why.
            app.state.failure = failure
            raise
        app.state.started.set()
        yield
        app.state.stopping.set()


def _describe(app: FastAPI) -> None:
    """Refusals are documented under the media type that they have."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            for path in schema.get("paths", {}).values():
                for operation in path.values():
                    for status, response in operation.get("responses", {}).items():
                        if int(status) >= 400 and len(said := response.get("content", {})) == 1:
                            response["content"] = {problems.MEDIA_TYPE: said.popitem()[1]}
        return app.openapi_schema or schema

    app.openapi = openapi  # type: ignore[method-assign]
