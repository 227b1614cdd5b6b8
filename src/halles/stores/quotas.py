"""What an account may use, and what it used. It is asked before something is accepted; what was accepted goes on."""

import os
import time
from collections.abc import Mapping

import sqlalchemy as sql
from pydantic import Field

from halles.model import Model, Principal, Problem, Problems, Quota, Status, say
from halles.stores.accounts import accounts
from halles.stores.holdings import holdings
from halles.stores.runs import runs

DAY = 86400.0
SETTINGS = {
    "runs_a_day": "HALLES_QUOTA_RUNS_A_DAY",
    "runs_queued": "HALLES_QUOTA_RUNS_QUEUED",
    "stored_bytes": "HALLES_QUOTA_STORED_BYTES",
    "compute_seconds_a_day": "HALLES_QUOTA_COMPUTE_SECONDS_A_DAY",
}


class Usage(Model):
    """What an account used."""

    runs_a_day: int = Field(description="runs accepted in the last 24 hours")
    runs_queued: int = Field(description="runs that are not finished")
    stored_bytes: int = Field(description="bytes of uploads that are kept")
    compute_seconds_a_day: float = Field(description="seconds that the runs begun in the last 24 hours took so far")


def defaults(environment: Mapping[str, str] | None = None) -> Quota:
    """The quota of an account that has none of its own, from the environment. Raises `Problems`."""
    environment = os.environ if environment is None else environment
    given = {name: environment[setting] for name, setting in SETTINGS.items() if environment.get(setting)}
    try:
        return Quota.model_validate_strings(given)
    except ValueError as error:
        message = say("{names:, }: a quota is a number that is not negative.", names=(SETTINGS[name] for name in given))
        raise Problems([Problem(code="bad-setting", message=message)]) from error


class Quotas:
    """Quotas by what the database knows of an account."""

    def __init__(self, engine: sql.Engine, default: Quota) -> None:
        self._engine = engine
        self._default = default

    def of(self, account: str) -> Quota:
        """What an account may use."""
        with self._engine.connect() as connection:
            own = connection.execute(sql.select(accounts.c.quota).where(accounts.c.id == account)).scalar()
        return Quota.model_validate_json(own) if own else self._default

    def usage(self, account: str) -> Usage:
        """What an account used."""
        now = time.time()
        taken = sql.func.coalesce(sql.func.sum(runs.c.updated - runs.c.begun), 0.0)
        going = (Status.pending.value, Status.running.value)
        count = sql.select(sql.func.count()).select_from(runs).where(runs.c.owner == account)
        kept = sql.select(holdings.c.sha256, holdings.c.size).where(holdings.c.owner == account).distinct().subquery()
        spent = sql.select(taken).where(runs.c.owner == account, runs.c.begun > now - DAY)
        with self._engine.connect() as connection:
            return Usage(
                runs_a_day=connection.execute(count.where(runs.c.created > now - DAY)).scalar_one(),
                runs_queued=connection.execute(count.where(runs.c.status.in_(going))).scalar_one(),
                stored_bytes=int(connection.execute(sql.select(sql.func.sum(kept.c.size))).scalar() or 0),
                compute_seconds_a_day=max(0.0, connection.execute(spent).scalar_one()),
            )

    def check(self, principal: Principal, *, pipeline: str | None = None, runs: int = 0, size: int = 0) -> None:
        """Call this before accepting runs of a pipeline, or an upload of so many bytes.

        Raises `Problems`: `not-allowed` when the key is for other pipelines, `quota-used-up` otherwise. Two requests at
        the same moment may both pass on the last place: a quota bounds what an account costs, to the odd run.
        """
        if pipeline is not None and not principal.may_use(pipeline):
            message = say(
                "The API key is for other pipelines than `{pipeline}`: {others:, }.",
                pipeline=pipeline,
                others=principal.pipelines or (),
            )
            raise Problems([Problem(code="not-allowed", message=message)])
        quota = self.of(principal.id)
        if quota == Quota():
            return
        problems = list(_exceeded(quota, self.usage(principal.id), runs, size))
        if problems:
            raise Problems(problems)


def _exceeded(quota: Quota, usage: Usage, runs: int, size: int) -> list[Problem]:
    asked = (
        ("runs_a_day", runs, say("runs in 24 hours")),
        ("runs_queued", runs, say("runs at once")),
        ("stored_bytes", size, say("bytes of uploads")),
        ("compute_seconds_a_day", runs and 1e-9, say("seconds of computing in 24 hours")),
    )
    return [
        Problem(
            code="quota-used-up",
            message=say(
                "Your account may have {allowed:,} {what}, and has {used:,.0f}. An operator can allow more.",
                allowed=allowed,
                what=what,
                used=used,
            ),
        )
        for name, more, what in asked
        if more and (allowed := getattr(quota, name)) is not None and (used := getattr(usage, name)) + more > allowed
    ]
