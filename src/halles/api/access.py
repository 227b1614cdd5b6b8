"""Who asks, and whether they may. What comes before, for every path alike, is in `guard.py`."""

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from halles.main import Market
from halles.model import Principal, Problem, Problems, Role


def market_of(connection: HTTPConnection) -> Market:
    """The market that this application serves."""
    return cast("Market", connection.app.state.market)


MarketDep = Annotated[Market, Depends(market_of)]


def anybody(connection: HTTPConnection) -> Principal | None:
    """Who asks, as far as the request proves it. For the few routes that are open to all."""
    return cast("Principal | None", connection.state.principal)


def identify(principal: Annotated[Principal | None, Depends(anybody)]) -> Principal:
    """Who asks. Raises `Problems` (`not-signed-in`) when nobody is signed in."""
    if principal is None:
        message = "This needs a login. Send `Authorization: Bearer` with an API key, or sign in at `/auth/login`."
        raise Problems([Problem(code="not-signed-in", message=message)])
    return principal


def asks(role: Role) -> Callable[..., Principal]:
    """The dependency that gives who asks, and refuses who may do less than a role."""

    def allowed(principal: Annotated[Principal, Depends(identify)]) -> Principal:
        if not principal.role.covers(role):
            message = f"This needs the role `{role}`; yours is `{principal.role}`. Ask an operator."
            raise Problems([Problem(code="not-allowed", message=message)])
        return principal

    return allowed


Anybody = Annotated[Principal | None, Depends(anybody)]
Viewer = Annotated[Principal, Depends(asks(Role.viewer))]
Runner = Annotated[Principal, Depends(asks(Role.runner))]
Author = Annotated[Principal, Depends(asks(Role.author))]
Operator = Annotated[Principal, Depends(asks(Role.operator))]
