"""What was used, by day, owner, pipeline and service: sums over the events of all runs.

Each event is counted once: the place up to which the log was counted is written down together with the sums. The sums
stay when runs are forgotten.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sql

from halles.model import (
    Event,
    Run,
    RunAccepted,
    RunFinished,
    RunStarted,
    Status,
    StepChanged,
    StepState,
    artifacts,
    fold,
)
from halles.stores import failures
from halles.stores.database import insert_ignore, tables
from halles.stores.failures import Failure
from halles.stores.ledger import Ledger

BATCH = 1000
"""Events that are counted at once."""
KEYS = ("day", "owner", "pipeline", "service")
SUMMED = ("count", "cached", "failed", "seconds", "bytes")
LAST = "9999-12-31"
"""The last day of all."""
RUN = ""
"""In the place of a service: the runs themselves."""

Key = Literal["day", "owner", "pipeline", "service"]

usage = sql.Table(
    "usage",
    tables,
    sql.Column("day", sql.String(10), primary_key=True, comment="of the end, UTC"),
    sql.Column("owner", sql.String(200), primary_key=True),
    sql.Column("pipeline", sql.String(200), primary_key=True),
    sql.Column("service", sql.String(200), primary_key=True),
    sql.Column("count", sql.Integer, nullable=False),
    sql.Column("cached", sql.Integer, nullable=False),
    sql.Column("failed", sql.Integer, nullable=False),
    sql.Column("seconds", sql.Float, nullable=False),
    sql.Column("bytes", sql.BigInteger, nullable=False),
)
counted = sql.Table(
    "counted",
    tables,
    sql.Column("what", sql.String(32), primary_key=True),
    sql.Column("position", sql.BigInteger, nullable=False),
)
seen = sql.Table(
    "versions_seen",
    tables,
    sql.Column("service", sql.String(200), primary_key=True),
    sql.Column("version", sql.String(64), primary_key=True),
    sql.Column("first", sql.Float, nullable=False),
    sql.Column("last", sql.Float, nullable=False),
)
_where = sql.and_(*(usage.c[name] == sql.bindparam(f"of_{name}") for name in KEYS))
_add = usage.update().where(_where).values({name: usage.c[name] + sql.bindparam(f"by_{name}") for name in SUMMED})


@dataclass
class Sum:
    """What was used. `count` is of steps, or of runs where the service is `RUN`; `seconds` and `bytes` of what was
    computed, not of what came from the cache."""

    count: int = 0
    cached: int = 0
    failed: int = 0
    seconds: float = 0.0
    bytes: int = 0


@dataclass
class _Known:
    """What must be known of a run to count its events."""

    owner: str
    pipeline: str
    services: Mapping[str, tuple[str, str]]
    begun: float


@dataclass
class _Batch:
    sums: dict[tuple[str, str, str, str], Sum] = field(default_factory=lambda: defaultdict(Sum))
    versions: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)


class Usage:
    """The sums, in the database of the runs."""

    def __init__(self, engine: sql.Engine, ledger: Ledger) -> None:
        self._engine = engine
        self._ledger = ledger
        self._runs: dict[str, _Known] = {}
        self._last = 0
        self._turn = threading.Lock()

    def count(self) -> int:
        """Count what has happened since the last time, whichever process counted then. Gives the number of events."""
        whole = 0
        with self._turn:
            while (number := self._count_batch()) > 0:
                whole += number
        return whole

    def _count_batch(self) -> int:
        after = self._position()
        if after != self._last:
            self._runs.clear()  # Another process counted, and may know better how these runs stand.
        log = self._ledger.tail(after, BATCH)
        if not log:
            return 0
        batch = _Batch()
        for _, event in log:
            self._take(event, batch)
        with self._engine.begin() as connection:
            insert_ignore(connection, counted, {"what": "events", "position": 0})
            turn = counted.update().where(counted.c.what == "events", counted.c.position == after)
            if not connection.execute(turn, {"position": log[-1][0]}).rowcount:
                self._runs.clear()
                return 0  # Another process counted meanwhile.
            _write(connection, batch)
        self._last = log[-1][0]
        return len(log)

    def _position(self) -> int:
        with self._engine.connect() as connection:
            return connection.execute(sql.select(counted.c.position).where(counted.c.what == "events")).scalar() or 0

    def _take(self, event: Event, batch: _Batch) -> None:
        match event:
            case RunAccepted() | RunStarted():
                self._begin(event)
            case StepChanged(step=state) if state.status.done:
                self._step(event, state, batch)
            case RunFinished():
                if known := self._known(event):
                    total = batch.sums[_day(event.at), known.owner, known.pipeline, RUN]
                    total.count += 1
                    total.failed += event.status is Status.failed
                    total.seconds += max(0.0, event.at - known.begun)
                    del self._runs[event.run]
            case _:
                pass

    def _begin(self, event: RunAccepted | RunStarted) -> None:
        if isinstance(event, RunAccepted):
            self._runs[event.run] = _known(Run(event))
        elif known := self._known(event):
            known.begun = event.at

    def _step(self, event: StepChanged, state: StepState, batch: _Batch) -> None:
        known = self._known(event)
        if known is None or state.status is Status.skipped or not state.done_since(known.begun):
            return
        service, version = known.services[state.id]
        total = batch.sums[_day(event.at), known.owner, known.pipeline, service]
        total.count += 1
        total.cached += state.cached
        total.failed += state.status is Status.failed
        if state.problem:
            told = {"message": state.problem.message, "said": state.problem.said}
            batch.failed.append(Failure(service=service, at=event.at, run=event.run, step=state.id, **told))
        if not state.cached:
            total.seconds += state.spent or state.seconds or 0.0
            total.bytes += sum(each.size for value in state.outputs.values() for each in artifacts(value))
        first, _ = batch.versions.get((service, version), (event.at, event.at))
        batch.versions[service, version] = first, event.at

    def _known(self, event: Event) -> _Known | None:
        """The run of an event, as it stood before; None when it was forgotten."""
        if event.run not in self._runs:
            before = [each for each in self._ledger.events(event.run) if each.seq < event.seq]
            first = before[:1] or [event]
            if not isinstance(first[0], RunAccepted | RunStarted):
                return None
            self._runs[event.run] = _known(fold([*first, *before[1:]]))
        return self._runs[event.run]

    def sums(
        self, by: Sequence[Key], since: str = "", until: str = LAST, *, runs: bool = False, **of: str | None
    ) -> list[tuple[dict[Key, str], Sum]]:
        """Sums by these keys, in their order, from one day to another (`YYYY-MM-DD`, both included).

        Of steps, or of runs. `of` gives values of keys that are wanted alone; None is any.
        """
        keys = [usage.c[name] for name in by]
        totals = [sql.func.coalesce(sql.func.sum(usage.c[name]), 0).label(name) for name in SUMMED]
        which = usage.c.service == RUN if runs else usage.c.service != RUN
        query = sql.select(*keys, *totals).where(which, usage.c.day.between(since, until))
        query = query.where(*(usage.c[name] == value for name, value in of.items() if value is not None))
        with self._engine.connect() as connection:
            rows = connection.execute(query.group_by(*keys).order_by(*keys)).all()
        split = len(keys)
        return [(dict(zip(by, row[:split], strict=True)), Sum(*_numbers(row[split:]))) for row in rows]

    def failures(self) -> dict[str, Failure]:
        """How each service failed last, of those that ever did."""
        return failures.latest(self._engine)

    def versions(self, service: str) -> list[tuple[str, float, float]]:
        """The versions of a service that runs used, when first and when last, the newest first."""
        query = sql.select(seen.c.version, seen.c.first, seen.c.last).where(seen.c.service == service)
        with self._engine.connect() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query.order_by(seen.c.last.desc()))]


def _known(run: Run) -> _Known:
    services = {task.id: (task.service, task.version) for task in run.plan.tasks}
    return _Known(run.owner, run.plan.pipeline.id, services, run.begun or run.created)


def _numbers(row: Sequence[Any]) -> tuple[int, int, int, float, int]:
    count, cached, failed, seconds, size = row  # PostgreSQL sums whole numbers up to decimals.
    return int(count), int(cached), int(failed), float(seconds), int(size)


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(at))


def _write(connection: sql.Connection, batch: _Batch) -> None:
    _sum_up(connection, batch.sums.items())
    failures.note(connection, batch.failed)
    for (service, version), (first, last) in sorted(batch.versions.items()):
        row = {"service": service, "version": version, "first": first, "last": last}
        if not insert_ignore(connection, seen, row):
            this = (seen.c.service == service) & (seen.c.version == version)
            connection.execute(seen.update().where(this), {"last": last})


def _sum_up(connection: sql.Connection, sums: Iterable[tuple[tuple[str, ...], Sum]]) -> None:
    zero: dict[str, Any] = vars(Sum())
    for key, total in sorted(sums, key=lambda each: each[0]):
        insert_ignore(connection, usage, {**dict(zip(KEYS, key, strict=True)), **zero})
        names = {f"of_{name}": value for name, value in zip(KEYS, key, strict=True)}
        connection.execute(_add, {**names, **{f"by_{name}": value for name, value in vars(total).items()}})
