"""How the server stands, for those who look after it: queue, workers, services, storage."""

import os
import shutil
import time
from collections import Counter
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from halles.api.access import MarketDep, Operator
from halles.main import Market
from halles.model import Model, Status
from halles.model.offer import Health, Kind, Offer
from halles.runners.retention import Policy
from halles.stores.failures import Failure
from halles.stores.history import predict
from halles.stores.places import exchange_seconds
from halles.stores.room import Room

router = APIRouter(prefix="/operation", tags=["operation"])

DAY = 86400.0
LOOKED_AT = 100
"""Runs at work that are looked at for what their steps wait for."""


class QueueView(Model):
    """The queue of runs."""

    waiting: int
    running: int
    oldest_seconds: float = Field(description="how long the first of those that wait has waited")


class WorkerView(Model):
    """A worker that is alive."""

    name: str
    started: float = Field(description="seconds since the epoch")
    runs: list[str] = Field(description="that it executes: its leases")


class ServiceView(Model):
    """A service, and what it has to do."""

    slug: str
    name: str
    version: str
    kind: Kind
    health: Health
    problem: str = Field(description="why it is not available")
    id: str | None = Field(description="at `/core-engine/services`, where its state is changed; null: it is built in")
    running: int = Field(description="steps at work")
    waiting: int = Field(description="steps still to come of runs that are executed")
    typical_seconds: float | None = Field(description="half of its newest calls took less")
    slow_seconds: float | None = Field(description="one of ten took more")
    count: int = Field(description="steps today and yesterday, UTC")
    failed: int = Field(description="of these, failed")
    last_failure: Failure | None


class Condition(Model):
    """How everything stands now."""

    queue: QueueView
    workers: list[WorkerView]
    services: list[ServiceView]


class Kept(Model):
    """Days for which things are kept; null is for ever."""

    runs: float | None
    uploads: float | None
    results: float | None
    unused: float | None
    audit: float | None
    exchanged: float | None


class Storage(Model):
    """What is kept, where, and for how long."""

    room: Room
    objects: str = Field(description="where artifacts lie")
    free_bytes: int = Field(description="on the disk of this server's home")
    kept_days: Kept


@router.get("", summary="How the server stands")
def condition(_: Operator, market: MarketDep) -> Condition:
    """The queue, the workers with their runs, and every service with what it has to do. Ask for it as often as it is
    looked at."""
    market.usage.count()
    standing = market.standing()
    executed = market.queue.executed()
    return Condition(
        queue=QueueView(
            waiting=standing.runs[Status.pending.value], running=standing.runs[Status.running.value],
            oldest_seconds=standing.waited,
        ),
        workers=[
            WorkerView(name=name, started=started, runs=executed.get(name, []))
            for name, started in sorted(market.queue.workers().items())
        ],
        services=_services(market, [run for runs in executed.values() for run in runs][:LOOKED_AT]),
    )  # fmt: skip


@router.get("/storage", summary="What is kept, and for how long")
def storage(request: Request, _: Operator, market: MarketDep) -> Storage:
    """This counts everything that is kept."""
    policy, days = Policy.read(), request.app.state.settings.audit_days
    return Storage(
        room=market.room(),
        objects=os.environ.get("HALLES_OBJECTS") or str(market.objects.folder),
        free_bytes=shutil.disk_usage(market.home).free,
        kept_days=Kept.model_validate(
            {name: _finite(value) for name, value in policy}
            | {"audit": _finite(days), "exchanged": _finite(exchange_seconds() / DAY)}
        ),
    )


def _services(market: Market, at_work: list[str]) -> list[ServiceView]:
    now = _steps(market, at_work)
    since = time.strftime("%Y-%m-%d", time.gmtime(time.time() - DAY))
    used = {keys["service"]: total for keys, total in market.usage.sums(["service"], since)}
    failures = market.usage.failures()
    abroad = {entry.slug: entry.id for entry in market.abroad.directory.entries()}

    def view(offer: Offer) -> ServiceView:
        took = predict(market.history.calls(offer.slug, offer.version), None)
        total = used.get(offer.slug)
        return ServiceView(
            slug=offer.slug, name=offer.name, version=offer.version, kind=offer.kind, health=offer.health,
            problem=offer.problem, id=abroad.get(offer.slug),
            running=now[offer.slug, Status.running], waiting=now[offer.slug, Status.pending],
            typical_seconds=took.expected if took else None, slow_seconds=took.high if took else None,
            count=total.count if total else 0, failed=total.failed if total else 0,
            last_failure=failures.get(offer.slug),
        )  # fmt: skip

    return [view(offer) for offer in market.offers.all()]


def _steps(market: Market, at_work: list[str]) -> Counter[tuple[str, Status]]:
    """How many steps of each service are at work, or still to come, in these runs."""
    found: Counter[tuple[str, Status]] = Counter()
    for name in at_work:
        if run := market.ledger.load(name):
            services = {task.id: task.service for task in run.plan.tasks}
            found.update((services[id], state.status) for id, state in run.steps.items())
    return found


def _finite(days: float) -> Any:
    return None if days == float("inf") else days
