"""The queue: runs that wait, the workers that execute them, and what becomes of the runs of a worker that died.

A worker is alive for as long as it says so in time, by the clock of the database. Its runs are its own by a fence: a
number that grows when somebody else takes the run, so that a worker that only slept cannot write into it any more.
"""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sql

from halles.model import Problem, Problems, Run, RunFinished, Status, event_adapter, fold, say
from halles.stores.database import clock, upsert
from halles.stores.runs import Lease, events, runs, workers, write

SUSPECT = 2
"""A run that lost so many workers, without a step done in between, may be what kills them: it is tried alone."""
HOPELESS = SUSPECT + 3
"""A run that lost so many, three of them alone, is not tried again. Fewer would condemn who only had bad luck."""
FORGOTTEN = 3600
"""Seconds for which a worker that died stays in the list."""

_live = sql.select(workers.c.name).where(workers.c.expires >= sql.bindparam("now", type_=sql.Float))
_waits = runs.c.status == Status.pending.value
_orphaned = (runs.c.status == Status.running.value) & runs.c.worker.is_not(None) & runs.c.worker.not_in(_live)
_order = (runs.c.rank, runs.c.turn, runs.c.created)


class Claim(NamedTuple):
    """A run that a worker has taken: as its log says, with the workers that it lost since a step was done last."""

    lease: Lease
    run: Run
    lost: int

    @property
    def suspect(self) -> bool:
        """Whether it should be alone in its worker."""
        return self.lost >= SUSPECT


class Queue:
    """Who executes which run."""

    def __init__(self, engine: sql.Engine, seconds: float) -> None:
        """`seconds` without a word, and a worker counts as dead."""
        self._engine = engine
        self.seconds = seconds

    def renew(self, worker: str) -> None:
        """Say that a worker is alive, the first time or again."""
        with self._engine.begin() as connection:
            self._renew(connection, worker)

    def _renew(self, connection: sql.Connection, worker: str) -> None:
        now = clock(connection)
        row = {"expires": now + self.seconds}
        if not connection.execute(workers.update().where(workers.c.name == worker), row).rowcount:
            connection.execute(workers.delete().where(workers.c.expires < now - FORGOTTEN))
            upsert(connection, workers, {"name": worker, "started": time.time(), **row})

    def give_back(self, worker: str, keep: Sequence[str] = ()) -> None:
        """Let others go on at once with the runs of a worker, except those that it keeps."""
        mine = runs.update().where(runs.c.worker == worker, runs.c.status == Status.running.value)
        with self._engine.begin() as connection:
            connection.execute(mine.where(runs.c.id.not_in(keep)).values(worker=""))

    def leave(self, worker: str) -> None:
        """A worker ends in good order: it gives back all its runs, and is not in the list any more."""
        self.give_back(worker)
        with self._engine.begin() as connection:
            connection.execute(workers.delete().where(workers.c.name == worker))

    def claim(self, worker: str, limit: int, *, idle: bool) -> list[Claim]:
        """Take runs: first those whose worker died, then those that wait, by priority, in turns between owners.

        A suspect is taken only by a worker that is idle, and then nothing else.
        """
        anything = sql.select(runs.c.id).where(_waits | _orphaned).limit(1)
        with self._engine.connect() as connection:  # Most looks find nothing, and should not keep others from writing.
            if connection.execute(anything, {"now": clock(connection)}).first() is None:
                return []
        with self._engine.begin() as connection:
            self._renew(connection, worker)
            found = self._orphans(connection, limit, idle)
            if not any(lost >= SUSPECT for lost in found.values()):
                query = sql.select(runs.c.id, runs.c.lost).where(_waits).order_by(*_order).limit(limit - len(found))
                found |= _pairs(connection, query.with_for_update(skip_locked=True))
            leases = [_take(connection, worker, run, lost) for run, lost in found.items()]
        claims = [self._claim(lease, found[lease.run]) for lease in leases]
        return [claim for claim in claims if claim is not None]

    def _claim(self, lease: Lease, lost: int) -> Claim | None:
        query = sql.select(events.c.body).where(events.c.run == lease.run).order_by(events.c.seq)
        with self._engine.connect() as connection:
            bodies = connection.execute(query).scalars().all()
        try:
            return Claim(lease, fold(map(event_adapter.validate_json, bodies)), lost)
        except ValueError:
            self._end_unread(lease)
            return None

    def _end_unread(self, lease: Lease) -> None:
        """End a run whose log cannot be read, so that it does not come back for ever."""
        message = "What was written down of this run cannot be read: another version of Halles wrote it. Start it anew."
        problem = Problem(code="unreadable-run", message=message)
        change = runs.update().where(runs.c.id == lease.run, runs.c.fence == lease.fence)
        change = change.values(status=Status.failed.value, worker=None, seq=runs.c.seq + 1).returning(runs.c.seq)
        with self._engine.begin() as connection:
            if seq := connection.execute(change).scalar():
                end = RunFinished(run=lease.run, seq=seq, at=time.time(), status=Status.failed, problems=(problem,))
                write(connection, [end])

    def _orphans(self, connection: sql.Connection, limit: int, idle: bool) -> dict[str, int]:
        lost = runs.c.lost + sql.case((runs.c.worker == "", 0), else_=1)
        query = sql.select(runs.c.id, lost).where(_orphaned).order_by(*_order).with_for_update(skip_locked=True)
        query = query.params(now=clock(connection))
        innocent = _pairs(connection, query.where(lost < SUSPECT).limit(limit))
        return innocent if innocent or not idle else _pairs(connection, query.where(lost >= SUSPECT).limit(1))

    def cancelled(self, worker: str) -> list[Lease]:
        """The runs of a worker that somebody asked to stop."""
        query = sql.select(runs.c.id, runs.c.worker, runs.c.fence)
        query = query.where(runs.c.status == Status.running.value, runs.c.worker == worker, runs.c.cancel)
        with self._engine.connect() as connection:
            return [Lease(*row) for row in connection.execute(query)]

    def take_out(self, run: str) -> None:
        """Take a run out of the workers' hands, for the command line. Raises `Problems` while it waits, or has one."""
        free = runs.c.worker.is_(None) | runs.c.worker.not_in(_live)
        out = runs.update().where(runs.c.id == run, ~_waits, free).values(worker=None, fence=runs.c.fence + 1)
        with self._engine.begin() as connection:
            if not connection.execute(out, {"now": clock(connection)}).rowcount:
                message = say(
                    "Run `{run}` waits in the queue of the server, or is being executed by one of its workers.", run=run
                )
                raise Problems([Problem(code="already-running", message=message)])

    def executing(self, run: str) -> bool:
        """Whether a worker executes a run now."""
        query = sql.select(runs.c.id).where(runs.c.id == run, runs.c.status == Status.running.value)
        with self._engine.connect() as connection:
            alive = connection.execute(query.where(runs.c.worker.in_(_live)), {"now": clock(connection)})
            return alive.first() is not None

    def depth(self, owner: str | None = None) -> int:
        """How many runs wait, of everybody or of one owner."""
        query = sql.select(sql.func.count()).select_from(runs).where(_waits)
        with self._engine.connect() as connection:
            mine = query if owner is None else query.where(runs.c.owner == owner)
            return int(connection.execute(mine).scalar_one())

    def place(self, run: str) -> int | None:
        """Where a run stands among those that wait, the next one at 1; None when it does not wait."""
        this = sql.select(runs.c.rank, runs.c.turn, runs.c.created).where(runs.c.id == run, _waits)
        with self._engine.connect() as connection:
            row = connection.execute(this).one_or_none()
            if row is None:
                return None
            later = sql.tuple_(runs.c.turn, runs.c.created) < sql.tuple_(row.turn, row.created)
            before = (runs.c.rank < row.rank) | ((runs.c.rank == row.rank) & later)
            return (
                int(
                    connection.execute(
                        sql.select(sql.func.count()).select_from(runs).where(_waits, before)
                    ).scalar_one()
                )
                + 1
            )

    def executed(self) -> dict[str, list[str]]:
        """The runs that each worker executes, the oldest first."""
        query = sql.select(runs.c.worker, runs.c.id).order_by(runs.c.begun)
        query = query.where(runs.c.status == Status.running.value, runs.c.worker.in_(_live))
        found: dict[str, list[str]] = {}
        with self._engine.connect() as connection:
            for worker, run in connection.execute(query, {"now": clock(connection)}):
                found.setdefault(worker, []).append(run)
        return found

    def workers(self) -> dict[str, float]:
        """The workers that are alive, and since when (seconds since the epoch)."""
        with self._engine.connect() as connection:
            query = sql.select(workers.c.name, workers.c.started).where(workers.c.expires >= clock(connection))
            return _pairs(connection, query)


def _pairs(connection: sql.Connection, query: sql.Select[Any]) -> dict[str, Any]:
    return {row[0]: row[1] for row in connection.execute(query)}


def _take(connection: sql.Connection, worker: str, run: str, lost: int) -> Lease:
    change = runs.update().where(runs.c.id == run).returning(runs.c.fence)
    change = change.values(status=Status.running.value, worker=worker, fence=runs.c.fence + 1, lost=lost)
    return Lease(run, worker, connection.execute(change).scalar_one())
