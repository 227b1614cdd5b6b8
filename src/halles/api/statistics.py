"""What was used, and what it cost."""

import re
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BeforeValidator, Field

from halles.api.access import MarketDep, Viewer
from halles.model import Model, Role, say
from halles.stores.usage import LAST, Key, Sum

router = APIRouter(tags=["operation"])


class Used(Model):
    """A sum. The keys that were not asked for are null: the sum is over all their values."""

    day: str | None = Field(default=None, description="of the end, UTC: `2026-11-22`")
    owner: str | None = None
    pipeline: str | None = None
    service: str | None = None
    count: int = Field(description="steps, or runs, that came to an end")
    cached: int = Field(description="of these, taken from the cache")
    failed: int = Field(description="of these, failed")
    seconds: float = Field(description="that what was computed took; of runs: from their start to their end")
    bytes: int = Field(description="that were computed")
    cost: float | None = Field(description="seconds × the rate that the operator set; null for runs: their steps cost")


class Statistics(Model):
    """Sums of steps and of runs."""

    currency: str
    cost_per_second: float
    steps: list[Used]
    runs: list[Used]


def _written(day: Any) -> Any:
    """A day is written as such: pydantic would take seconds, too."""
    if isinstance(day, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
        raise ValueError(say("a day is written like 2026-11-22"))
    return day


Day = Annotated[date, BeforeValidator(_written)]


class Asked(Model):
    """Which sums."""

    by: list[Key] = Field(default=["service"], description="what the sums are split by; several are allowed")
    since: Day | None = Field(default=None, description="first day, UTC")
    until: Day | None = Field(default=None, description="last day, UTC")
    pipeline: str | None = Field(default=None, description="of this pipeline only")
    service: str | None = Field(default=None, description="of this service only; runs are then left out")
    owner: str | None = Field(default=None, description="of this account only, for operators; else it is your own")


@router.get("/statistics", summary="What was used, and what it cost")
def statistics(request: Request, market: MarketDep, principal: Viewer, asked: Annotated[Asked, Query()]) -> Statistics:
    """Your own sums; an operator's are everybody's."""
    market.usage.count()
    settings = request.app.state.settings
    owner = asked.owner if principal.role is Role.operator else principal.id
    keys = list(dict.fromkeys(asked.by))
    since, until = str(asked.since or ""), str(asked.until or LAST)
    steps = market.usage.sums(keys, since, until, owner=owner, pipeline=asked.pipeline, service=asked.service)
    split: list[Key] = [key for key in keys if key != "service"]
    runs = market.usage.sums(split, since, until, runs=True, owner=owner, pipeline=asked.pipeline)
    return Statistics(
        currency=settings.currency,
        cost_per_second=settings.cost_per_second,
        steps=[_used(names, total, settings.cost_per_second) for names, total in steps],
        runs=[] if asked.service else [_used(names, total, None) for names, total in runs],
    )


def _used(names: dict[Key, str], total: Sum, rate: float | None) -> Used:
    cost = None if rate is None else round(total.seconds * rate, 6)
    return Used.model_validate({**names, **vars(total), "cost": cost})
