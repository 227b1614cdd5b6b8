"""What is wrong, as RFC 9457 says it: `application/problem+json` with all problems at once."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from halles.api import web
from halles.model import CallFailed, Problem, Problems, fault_of, say

MEDIA_TYPE = "application/problem+json"

STATUS = {
    "not-signed-in": 401,
    "bad-credentials": 401,
    "not-allowed": 403,
    "wrong-host": 403,
    "cross-origin": 403,
    "login-needed": 403,
    "unknown-run": 404,
    "unknown-service": 404,
    "unknown-pipeline": 404,
    "unknown-pipeline-version": 404,
    "unknown-artifact": 404,
    "unknown-account": 404,
    "unknown-key": 404,
    "unknown-model": 404,
    "unknown-model-version": 404,
    "not-found": 404,
    "method-not-allowed": 405,
    "already-running": 409,
    "conflict": 409,
    "still-published": 409,
    "gate-refused": 409,
    "already-in-production": 409,
    "no-candidate": 409,
    "nothing-before": 409,
    "damaged-model": 500,
    "broken-off": 400,
    "gone": 410,
    "lost": 410,
    "precondition-failed": 412,
    "too-large": 413,
    "unsupported-media-type": 415,
    "too-many-requests": 429,
    "quota-used-up": 429,
    "provider-failed": 503,
    "service-unreachable": 503,
    "address-refused": 422,
    "bad-content-type": 400,
    "inconsistent-pipeline": 400,
    "bad-url": 422,
    "disk-full": 507,
}
"""The status of the problems that are not simply a bad request (422)."""


class ProblemDetail(BaseModel):
    """An RFC 9457 problem. `problems` lists everything that was found wrong, addressed to step and port."""

    type: str = Field(description="`urn:halles:problem:` and the code of the first problem")
    title: str
    status: int
    detail: str
    problems: list[Problem] = []


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may refuse with these statuses."""
    return {status: {"model": ProblemDetail, "description": HTTPStatus(status).phrase} for status in statuses}


def respond(problems: Sequence[Problem], status: int | None = None, headers: dict[str, str] | None = None) -> Response:
    """The response that says what is wrong."""
    first = problems[0]
    # What is wrong at a step is wrong in the document that was sent, not at the address it was sent to.
    number = status or (422 if first.step else STATUS.get(first.code, 422))
    detail = ProblemDetail(
        type=f"urn:halles:problem:{first.code}",
        title=HTTPStatus(number).phrase,
        status=number,
        detail="\n".join(map(str, problems)),
        problems=list(problems),
    )
    # As ASCII, so that what was sent can be told of even when it is no text that can be written.
    return Response(json.dumps(detail.model_dump()), number, media_type=MEDIA_TYPE, headers=headers)


def install(app: FastAPI) -> None:
    """Turn everything that is raised into a problem response."""

    @app.exception_handler(Problems)
    async def _problems(_: Request, error: Problems) -> Response:
        return respond(error.problems)

    @app.exception_handler(CallFailed)
    async def _failed(_: Request, error: CallFailed) -> Response:
        return respond([error.problem], STATUS.get(error.problem.code, 503 if error.retry else 500))

    @app.exception_handler(UnicodeEncodeError)
    async def _no_text(_: Request, error: UnicodeEncodeError) -> Response:
        character = f"\\u{ord(error.object[error.start]):04x}"
        message = say(
            "There is half of a character in what was sent, `{character}`: JSON can write it, but it is no text.",
            character=character,
        )
        return respond([Problem(code="no-text", message=message)])

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> Response:
        return respond([_described(item) for item in error.errors()], 422)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404 and (page := web.lost(request)):
            return page
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        problem = Problem(code=code, message=_phrase(error))
        headers = dict(error.headers or {})
        if error.status_code == 405:  # The framework names the methods of the first route of that path alone.
            headers["Allow"] = ", ".join(sorted(_methods(app, request.scope["path"])))
        return respond([problem], error.status_code, headers)


def _methods(app: FastAPI, path: str) -> set[str]:
    """All methods that a path has; one that is a route by itself is not one of another route's names."""
    found = [route for route in iter_route_contexts(app.routes) if route.methods and route.path_regex.match(path)]
    exact = [route for route in found if route.path == path]
    return set().union(*(route.methods or () for route in exact or found))


def _phrase(error: HTTPException) -> str:
    """What the framework has to say, which is little."""
    if error.status_code == 404:
        return say("There is nothing at this address.")
    if error.status_code == 405:
        return say("This address does not take such requests.")
    return say("The request cannot be read: {error}.", error=str(error.detail).rstrip("."))


def _described(item: Any) -> Problem:
    where, *path = (str(part) for part in item["loc"])
    place = ".".join(path)
    what = fault_of(item)
    what = what.rstrip(".") if what.endswith(".") else what
    message = say("The {where}: {what}.", where=say(where), what=what)
    if place:
        message = say("`{place}` in the {where}: {what}.", place=place, where=say(where), what=what)
    return Problem(code="invalid-request", message=message, port=place or None)
