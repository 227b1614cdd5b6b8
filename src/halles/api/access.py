"""Who asks, and whether they may. What comes before, for every path alike, is in `guard.py`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, cast

from fastapi import Depends, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.requests import HTTPConnection

from halles.api.credentials import COOKIE
from halles.main import Market
from halles.model import Principal, Problem, Problems, Role, say


async def market_of(connection: HTTPConnection) -> Market:  # A plain function would wait for a thread.
    """The market that this application serves."""
    return cast("Market", connection.app.state.market)


MarketDep = Annotated[Market, Depends(market_of)]


async def anybody(connection: HTTPConnection) -> Principal | None:
    """Who asks, as far as the request proves it. For the few routes that are open to all."""
    return cast("Principal | None", connection.state.principal)


_key = HTTPBearer(scheme_name="key", description="an API key, or a token of the sign-in provider", auto_error=False)
_cookie = APIKeyCookie(name=COOKIE, scheme_name="session", description="of who signed in", auto_error=False)
_Key = Annotated[object, Security(_key)]
_Cookie = Annotated[object, Security(_cookie)]


def granted(principal: Principal | None, role: Role) -> Principal:
    """Who asks, when they may do what a role may. Raises `Problems`: `not-signed-in`, `not-allowed`."""
    if principal is None:
        message = "This needs a login. Send `Authorization: Bearer` with an API key, or sign in at `/auth/login`."
        raise Problems([Problem(code="not-signed-in", message=message)])
    if not principal.role.covers(role):
        message = say(
            "This needs the role `{role}`; yours is `{yours}`. Ask an operator.", role=role, yours=principal.role
        )
        raise Problems([Problem(code="not-allowed", message=message)])
    return principal


def asks(role: Role) -> Callable[..., Awaitable[Principal]]:
    """The dependency that gives who asks, and refuses who may do less than a role.

    The guard has judged the proof by now; that there are keys and cookies is said here for OpenAPI.
    """

    async def allowed(principal: Annotated[Principal | None, Depends(anybody)], _: _Key, __: _Cookie) -> Principal:
        return granted(principal, role)

    return allowed


Anybody = Annotated[Principal | None, Depends(anybody)]
Viewer = Annotated[Principal, Depends(asks(Role.viewer))]
Runner = Annotated[Principal, Depends(asks(Role.runner))]
Author = Annotated[Principal, Depends(asks(Role.author))]
Operator = Annotated[Principal, Depends(asks(Role.operator))]
