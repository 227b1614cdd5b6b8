"""The log of all runs: events are appended and never changed, a run is what its events add up to."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sql

from halles.model import (
    LOCAL,
    Event,
    Order,
    Problem,
    Problems,
    Run,
    RunAccepted,
    RunFinished,
    RunStarted,
    RunSummary,
    Status,
    StepChanged,
    event_adapter,
    fold,
    picture,
    say,
)
from halles.stores import notes
from halles.stores.runs import Lease, LeaseLost, about, events, new_row, runs, write
from halles.stores.used import used
from halles.telemetry import traces

DONE = tuple(status.value for status in Status if status.done)

_shown = [runs.c[name] for name in RunSummary.model_fields if name in runs.c]
_shown += [runs.c.rank, runs.c.steps, runs.c.done, *notes.columns]
_cancelled = sql.select(runs.c.cancel).where(runs.c.id == sql.bindparam("run"))
_in_line = (runs.c.status == Status.pending.value) & (runs.c.rank == sql.bindparam("level"))
_first_turn = sql.select(sql.func.min(runs.c.turn)).where(_in_line)
_last_turn = sql.select(sql.func.max(runs.c.turn)).where(_in_line, runs.c.owner == sql.bindparam("whose"))


class Ledger:
    """Runs in a database."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Call this, from any thread, after events of this process were written: a reason to look, no more."""
        self._listeners.append(listener)

    def accept(self, *orders: Order) -> None:
        """Put runs into the queue; they survive the process when this returns.

        Runs of equal priority go in turns between their owners: the turn of a run follows its owner's last one that
        waits, and is not before the first of all that wait.
        """
        now = time.time()
        trace = traces.headers().get("traceparent")
        with self._engine.begin() as connection:
            last: dict[tuple[str, int], int] = {}
            rows = []
            log: list[Event] = []
            for ordered in orders:
                order = ordered.model_copy(update={"trace": trace}) if trace else ordered
                line = (order.owner, order.priority)
                last[line] = last[line] + 1 if line in last else _turn(connection, *line)
                accepted = RunAccepted(run=order.run, seq=1, at=now, order=order)
                known = {name: getattr(order, name) for name in ("owner", "parent", "batch", "title")}
                said = notes.inherited(connection, order.parent)
                rows.append(new_row(accepted, turn=last[line], rank=-order.priority, **known, **said))
                log.append(accepted)
            connection.execute(runs.insert(), rows)
            write(connection, log)
        self._tell()

    def append(self, event: Event, lease: Lease | None = None) -> None:
        """Write an event down; it survives the process when this returns.

        Raises `LeaseLost` where the run is another worker's by now, or forgotten. The command line, which has a lock
        of its own, comes without a lease.
        """
        if self.append_all([(event, lease)]):
            raise LeaseLost(event.run)

    def append_all(self, entries: Sequence[tuple[Event, Lease | None]]) -> set[str]:
        """Write events of several runs down in one transaction. Gives the runs that are not the caller's any more."""
        lost: set[str] = set()
        log: list[Event] = []
        with self._engine.begin() as connection:
            for event, lease in entries:
                if event.run in lost or not _account(connection, event, lease):
                    lost.add(event.run)
                else:
                    log.append(event)
            write(connection, log)
        self._tell()
        return lost

    def events(self, run: str, after: int = 0, limit: int | None = None) -> Iterator[Event]:
        """The events of a run that follow a sequence number, in order, all or so many."""
        query = sql.select(events.c.body).where(events.c.run == run, events.c.seq > after).order_by(events.c.seq)
        query = query.limit(limit)
        with self._engine.connect() as connection:
            bodies = connection.execute(query).scalars().all()
        for body in bodies:
            yield event_adapter.validate_json(body)

    def position(self) -> int:
        """The position of the last event of all runs; 0 when there is none."""
        with self._engine.connect() as connection:
            return connection.execute(sql.select(sql.func.max(events.c.position))).scalar() or 0

    def tail(self, after: int, limit: int = 1000) -> list[tuple[int, Event]]:
        """The events of all runs that follow a position, in order, each with its own.

        Nothing ever appears before what was given here: reading on from the last position misses no event.
        """
        query = sql.select(events.c.position, events.c.body).where(events.c.position > after)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(events.c.position).limit(limit)).all()
        return [(position, event_adapter.validate_json(body)) for position, body in rows]

    def load(self, run: str) -> Run | None:
        """A run rebuilt from its log, or None when there is none of that id."""
        log = list(self.events(run))
        return fold(log) if log else None

    def summary(self, run: str) -> RunSummary | None:
        """A run as lists show it, or None when there is none of that id."""
        with self._engine.connect() as connection:
            row = connection.execute(sql.select(*_shown).where(runs.c.id == run)).mappings().one_or_none()
        return _summary(row) if row else None

    def recent(
        self, limit: int = 100, *, before: str | None = None, text: str = "", since: float | None = None,
        until: float | None = None, **matching: str | tuple[str, ...] | None,
    ) -> list[RunSummary]:  # fmt: skip
        """The newest runs first.

        `matching` are values of `id`, `owner`, `pipeline`, `status`, `parent` and `batch`, one or several of each; None
        matches all. `text` are words, as `about` looks for them; `since` and `until` bound when a run was asked for.
        `before` is the cursor of the last run of the page before. Raises `Problems` for what is none.
        """
        query = sql.select(*_shown).order_by(runs.c.created.desc(), runs.c.id.desc()).limit(limit)
        for name, value in matching.items():
            if value is not None:
                query = query.where(runs.c[name].in_(value) if isinstance(value, tuple) else runs.c[name] == value)
        if text:
            query = query.where(about(text))
        if since is not None:
            query = query.where(runs.c.created >= since)
        if until is not None:
            query = query.where(runs.c.created < until)
        if before is not None:
            query = query.where(sql.tuple_(runs.c.created, runs.c.id) < sql.tuple_(*_cursor(before)))
        with self._engine.connect() as connection:
            return [_summary(row) for row in connection.execute(query).mappings().all()]

    def unfinished(self) -> list[str]:
        """The runs whose end is not on record: those that wait, those being executed, those that were cut off."""
        query = sql.select(runs.c.id).where(runs.c.status.in_((Status.pending.value, Status.running.value)))
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def find(self, beginning: str) -> list[str]:
        """The ids that begin so, for who types only the first letters."""
        query = sql.select(runs.c.id).where(runs.c.id.startswith(beginning, autoescape=True)).limit(10)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def request_cancel(self, run: str) -> None:
        """End a run that waits; ask whoever executes a run to stop."""
        query = runs.update().where(runs.c.id == run, runs.c.status == Status.pending.value)
        query = query.values(status=Status.cancelled.value, seq=runs.c.seq + 1).returning(runs.c.seq)
        with self._engine.begin() as connection:
            if seq := connection.execute(query).scalar():
                write(connection, [RunFinished(run=run, seq=seq, at=time.time(), status=Status.cancelled)])
            else:
                connection.execute(runs.update().where(runs.c.id == run).values(cancel=True))
        self._tell()

    def cancel_requested(self, run: str) -> bool:
        """Whether somebody asked."""
        with self._engine.connect() as connection:
            return bool(connection.execute(_cancelled, {"run": run}).scalar())

    def stale(self, before: float, limit: int = 1000) -> list[str]:
        """Runs that ended before a time (seconds since the epoch), the oldest first."""
        query = sql.select(runs.c.id).where(runs.c.status.in_(DONE), runs.c.updated < before).order_by(runs.c.updated)
        with self._engine.connect() as connection:
            return list(connection.execute(query.limit(limit)).scalars())

    def forget(self, *names: str) -> None:
        """Delete runs with their logs. Results and artifacts are not theirs alone: they stay."""
        with self._engine.begin() as connection:
            connection.execute(events.delete().where(events.c.run.in_(names)))
            connection.execute(used.delete().where(used.c.run.in_(names)))
            connection.execute(runs.delete().where(runs.c.id.in_(names)))

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _turn(connection: sql.Connection, owner: str, priority: int) -> int:
    line = {"whose": owner, "level": -priority}
    return max(
        connection.execute(_first_turn, line).scalar() or 1, (connection.execute(_last_turn, line).scalar() or 0) + 1
    )


def _account(connection: sql.Connection, event: Event, lease: Lease | None) -> bool:
    """Bring a run's row up to date with an event. Gives whether whoever sends it may."""
    values: dict[str, Any] = {"run": event.run, "number": event.seq, "now": event.at}
    if lease is not None:
        values |= {"holder": lease.worker, "held": lease.fence}
    kind: str = event.type
    if isinstance(event, StepChanged) and event.step.status.done:
        kind = "step-done"
    elif isinstance(event, RunFinished):
        values |= {"end": event.status.value, "shows": picture(event.outputs)}
    elif isinstance(event, RunStarted):
        values["given"] = len(event.given)
    if connection.execute(_change(kind, lease is not None), values).rowcount:
        return True
    if lease is None and isinstance(event, RunStarted):
        row = new_row(event, owner=LOCAL, rank=0) | {"status": Status.running.value, "begun": event.at}
        connection.execute(runs.insert(), row)
        return True
    return False


@lru_cache(maxsize=16)
def _change(kind: str, leased: bool) -> sql.Update:
    """What an event changes in the row of its run."""
    param = sql.bindparam
    whose = [runs.c.worker == param("holder"), runs.c.fence == param("held")] if leased else []
    change = runs.update().where(runs.c.id == param("run"), *whose).values(seq=param("number"), updated=param("now"))
    match kind:
        case "run-started":
            begun = change.values(status=Status.running.value, begun=param("now"), done=param("given"))
            return begun if leased else begun.values(cancel=False)  # What was asked of a run that waits still counts.
        case "step-done":
            further = runs.c.done + 1 > runs.c.furthest
            furthest = sql.case((further, runs.c.done + 1), else_=runs.c.furthest)
            return change.values(
                done=runs.c.done + 1, furthest=furthest, lost=sql.case((further, 0), else_=runs.c.lost)
            )
        case "run-finished":
            return change.values(status=param("end"), cancel=False, worker=None, picture=param("shows"))
        case _:
            return change


def _summary(row: sql.RowMapping) -> RunSummary:
    progress = min(row["done"] / row["steps"], 1) if row["steps"] else 0
    known = {name: row[name] for name in RunSummary.model_fields if name in row}
    said = {"priority": -row["rank"], "progress": progress, "notes": notes.read(row)}
    return RunSummary.model_validate({**known, **said})


def _cursor(text: str) -> tuple[float, str]:
    created, colon, run = text.partition(":")
    try:
        return float(created if colon else ""), run
    except ValueError as error:
        message = say(
            "`{text}` is no place in the list of runs. Take the cursor that came with the page before.", text=text
        )
        raise Problems([Problem(code="bad-cursor", message=message)]) from error
