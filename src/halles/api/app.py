"""The application: the routes of every subject, and what they have in common."""

from typing import Any

from fastapi import FastAPI

from halles import __version__
from halles.api import problems
from halles.main import Market

DESCRIPTION = """\
A market hall of small AI services, which are assembled into pipelines.

What goes wrong is answered as `application/problem+json` (RFC 9457); `problems` lists everything that was found wrong.
"""


def create_app(market: Market) -> FastAPI:
    """The server of a market."""
    app = FastAPI(
        title="Halles", version=__version__, summary="An AI marketplace", description=DESCRIPTION,
        redirect_slashes=False, responses=problems.refusals(401, 403, 422, 429),
    )  # fmt: skip
    app.state.market = market
    problems.install(app)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Refusals are documented under the media type that they have."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            for path in schema.get("paths", {}).values():
                for operation in path.values():
                    for status, response in operation.get("responses", {}).items():
                        content = response.get("content", {})
                        if int(status) >= 400 and "application/json" in content:
                            content[problems.MEDIA_TYPE] = content.pop("application/json")
        return app.openapi_schema or schema

    app.openapi = openapi  # type: ignore[method-assign]
