"""Whether the server lives and can do its work."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Request, Response

from halles import __version__
from halles.api.access import MarketDep
from halles.model import CallFailed, Model

router = APIRouter(prefix="/health", tags=["operation"])


class Life(Model):
    """Who answers."""

    status: Literal["alive"] = "alive"
    product: Literal["Halles"] = "Halles"
    version: str = __version__


class Readiness(Model):
    """Whether requests can be served, and what is in the way."""

    status: Literal["ready", "stopping", "failing"]
    parts: dict[str, str]


@router.get("/live", summary="Whether the process answers")
def live() -> Life:
    """For a supervisor: restart the process when this fails."""
    return Life()


@router.get("/ready", summary="Whether requests can be served", responses={503: {"model": Readiness}})
def ready(request: Request, response: Response, market: MarketDep) -> Readiness:
    """For a load balancer: send no requests while this answers 503."""
    parts = {"database": _check(lambda: market.ledger.recent(1))}
    failing = any(state != "ok" for state in parts.values())
    status = "stopping" if request.app.state.stopping.is_set() else "failing" if failing else "ready"
    response.status_code = 200 if status == "ready" else 503
    return Readiness(status=status, parts=parts)


def _check(look: Callable[[], object]) -> str:
    """ "ok", or what is wrong."""
    try:
        look()
    except CallFailed as failure:
        return str(failure.problem)
    return "ok"
