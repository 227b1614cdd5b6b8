"""Who asks, and whether they may."""

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Request

from halles.main import Market
from halles.model import LOCAL, Principal, Problem, Problems, Role


def market_of(request: Request) -> Market:
    """The market that this application serves."""
    return cast("Market", request.app.state.market)


MarketDep = Annotated[Market, Depends(market_of)]


def identify(request: Request) -> Principal:
    """Who asks. On loopback that is whoever works on this machine."""
    return Principal(id=LOCAL, name="this machine", role=Role.operator)


def asks(role: Role) -> Callable[..., Principal]:
    """The dependency that gives who asks, and refuses who may do less than a role."""

    def allowed(principal: Annotated[Principal, Depends(identify)]) -> Principal:
        if not principal.role.covers(role):
            message = f"This needs the role `{role}`; yours is `{principal.role}`. Ask an operator."
            raise Problems([Problem(code="not-allowed", message=message)])
        return principal

    return allowed


Viewer = Annotated[Principal, Depends(asks(Role.viewer))]
Runner = Annotated[Principal, Depends(asks(Role.runner))]
Author = Annotated[Principal, Depends(asks(Role.author))]
Operator = Annotated[Principal, Depends(asks(Role.operator))]
