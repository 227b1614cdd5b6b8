"""How the server is: for supervisors, load balancers and Prometheus."""

import logging
import uuid
from collections.abc import Callable, Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from halles import __version__
from halles.api.access import Anybody, MarketDep, granted
from halles.main import Market
from halles.model import CallFailed, Model, Problems, Role
from halles.telemetry import drift, metrics

router = APIRouter(tags=["operation"])
log = logging.getLogger("halles.server")

PROBE = b"halles"
"""What is kept to see whether the object store keeps anything. It is always the same, so it is kept once."""


NOWHERE = f"{uuid.UUID(int=0)}.txt"
"""A key under which nothing ever lies."""


class Life(Model):
    """Who answers."""

    status: Literal["alive"] = "alive"
    product: Literal["Halles"] = "Halles"
    version: str = __version__


class Readiness(Model):
    """Whether requests can be served, and which part is in the way; the server's log says why."""

    status: Literal["ready", "stopping", "failing"]
    parts: dict[str, Literal["ok", "failing"]]


@router.get("/health/live", summary="Whether the process answers")
def live() -> Life:
    """For a supervisor: restart the process when this fails."""
    return Life()


@router.get("/health/ready", summary="Whether requests can be served", responses={503: {"model": Readiness}})
def ready(request: Request, response: Response, market: MarketDep) -> Readiness:
    """For a load balancer: send no requests while this answers 503."""
    checks: dict[str, Callable[[], object]] = {
        "database": lambda: market.ledger.recent(1),
        "objects": lambda: market.objects.put(PROBE, "text/plain"),
        "exchange": lambda: _answers(market),
    }
    if request.app.state.settings.workers:
        checks["worker"] = lambda: _alive(market)
    parts = {name: _check(name, look) for name, look in checks.items()}
    stopping = request.app.state.stopping.is_set()
    status = "stopping" if stopping else "ready" if set(parts.values()) == {"ok"} else "failing"
    response.status_code = 200 if status == "ready" else 503
    return Readiness(status=status, parts=parts)


def _check(name: str, look: Callable[[], object]) -> Literal["ok", "failing"]:
    try:
        look()
    except (CallFailed, Problems, OSError) as failure:
        log.warning("not ready: %s: %s", name, failure)
        return "failing"
    return "ok"


def _answers(market: Market) -> None:
    """Ask the exchange for what was never there: it says so, when it is well."""
    try:
        market.exchange.load(NOWHERE)
    except CallFailed as failure:
        if failure.problem.code != "missing-output":
            raise


def _alive(market: Market) -> None:
    if not market.standing().workers:
        raise OSError("no worker has given a sign of life in time")


def _may_scrape(request: Request, principal: Anybody) -> None:
    """Everybody, where the operator allows it; otherwise operators."""
    if request.app.state.settings.metrics != "everybody":
        granted(principal, Role.operator)


@router.get(
    "/metrics",
    summary="Counts and times, for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def scrape(market: MarketDep, _: Annotated[None, Depends(_may_scrape)]) -> Response:
    """What this process counted, and how the runs of all processes stand."""
    stock = CollectorRegistry()
    stock.register(_Stock(market))
    return Response(generate_latest(metrics.registry) + generate_latest(stock), media_type=CONTENT_TYPE_LATEST)


class _Stock(Collector):
    """What the database knows, for all processes of a server."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def collect(self) -> Iterator[Metric]:
        now = self._market.standing()
        yield InfoMetricFamily("halles", "The product", value={"version": __version__})
        runs = GaugeMetricFamily("halles_runs", "Runs, by where they stand", labels=["status"])
        for status, count in now.runs.items():
            runs.add_metric([status], count)
        yield runs
        yield GaugeMetricFamily("halles_queue_depth", "Runs that wait", value=now.runs["pending"])
        yield GaugeMetricFamily(
            "halles_queue_oldest_seconds", "How long the first of them has waited", value=now.waited
        )
        yield GaugeMetricFamily("halles_workers", "Workers that are alive", value=now.workers)
        yield GaugeMetricFamily("halles_worker_leases", "Runs that they execute", value=now.leases)
        yield from drift.families(self._market.drifts())
