"""What must be kept, and what may go: runs that are shared or pinned, and the artifacts that something refers to."""

import time

import sqlalchemy as sql

from halles.model import Status
from halles.stores.batches import batches
from halles.stores.database import insert_ignore, tables
from halles.stores.holdings import holdings
from halles.stores.results import made, results
from halles.stores.runs import events, runs
from halles.stores.shares import live, shares
from halles.stores.used import used

SLICE = 500
"""Runs that are forgotten in one transaction."""
DONE = [status.value for status in Status if status.done]

pins = sql.Table(
    "pins",
    tables,
    sql.Column("run", sql.String(64), primary_key=True),
    sql.Column("created", sql.Float, nullable=False),
)
doomed = sql.Table(
    "doomed",
    tables,
    sql.Column("sha256", sql.String(64), primary_key=True),
    sql.Column("since", sql.Float, nullable=False, comment="when nothing was found to refer to it"),
)


class Keeping:
    """Forgets what is old and nobody needs. Times are seconds since the epoch."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine

    def pin(self, run: str) -> None:
        """Keep a run for ever."""
        with self._engine.begin() as connection:
            insert_ignore(connection, pins, {"run": run, "created": time.time()})

    def unpin(self, run: str) -> None:
        """Keep it no longer than others."""
        with self._engine.begin() as connection:
            connection.execute(pins.delete().where(pins.c.run == run))

    def pinned(self, run: str) -> bool:
        """Whether it is kept for ever."""
        with self._engine.connect() as connection:
            return connection.execute(sql.select(pins.c.run).where(pins.c.run == run)).first() is not None

    def forget_runs(self, before: float) -> int:
        """Forget runs that ended before a time, unless they are shared or pinned. Gives how many."""
        stale = sql.select(runs.c.id).where(runs.c.status.in_(DONE), runs.c.updated < before, runs.c.id.not_in(_kept()))
        count = 0
        while True:
            with self._engine.begin() as connection:
                names = connection.execute(stale.limit(SLICE)).scalars().all()
                for table, column in ((events, events.c.run), (used, used.c.run), (runs, runs.c.id)):
                    connection.execute(table.delete().where(column.in_(names)))
                if not names:
                    empty = batches.c.id.not_in(sql.select(runs.c.batch).where(runs.c.batch.is_not(None)))
                    connection.execute(batches.delete().where(batches.c.created < before, empty))
                    return count
            count += len(names)

    def forget_uploads(self, before: float) -> int:
        """Forget uploads of before a time. Runs that used them, and links to them, keep the content."""
        with self._engine.begin() as connection:
            return connection.execute(holdings.delete().where(holdings.c.created < before)).rowcount

    def forget_results(self, before: float) -> int:
        """Forget results of before a time, unless they tell how an artifact of a run or a link was made."""
        told = sql.union(
            sql.select(used.c.sha256), sql.select(shares.c.sha256).where(shares.c.sha256.is_not(None), live())
        )
        needed = sql.select(made.c.key).where(made.c.sha256.in_(told))
        old = sql.select(results.c.key).where(results.c.created < before, results.c.key.not_in(needed))
        with self._engine.begin() as connection:
            keys = connection.execute(old).scalars().all()
            for start in range(0, len(keys), SLICE):
                some = keys[start : start + SLICE]
                connection.execute(made.delete().where(made.c.key.in_(some)))
                connection.execute(results.delete().where(results.c.key.in_(some)))
        return len(keys)

    def referenced(self) -> set[str]:
        """The artifacts that a run, an upload, a result or a link refers to."""
        every = sql.union(*(sql.select(table.c.sha256) for table in (used, holdings, made)), _linked())
        with self._engine.connect() as connection:
            return set(connection.execute(every).scalars())

    def shared(self) -> set[str]:
        """The artifacts that a link leads to, and those of runs that are shared or pinned."""
        every = sql.union(sql.select(used.c.sha256).where(used.c.run.in_(_kept())), _linked())
        with self._engine.connect() as connection:
            return set(connection.execute(every).scalars())

    def doom(self, found: set[str], *, now: float, before: float) -> set[str]:
        """Remember which artifacts nothing refers to now. Gives those of which that was so before a time already."""
        with self._engine.begin() as connection:
            known = {row.sha256: row.since for row in connection.execute(sql.select(doomed))}
            saved = sorted(known.keys() - found)
            for start in range(0, len(saved), SLICE):
                connection.execute(doomed.delete().where(doomed.c.sha256.in_(saved[start : start + SLICE])))
            insert_ignore(connection, doomed, [{"sha256": each, "since": now} for each in sorted(found - known.keys())])
        return {sha256 for sha256 in found if known.get(sha256, now) <= before}


def _kept() -> sql.CompoundSelect[tuple[str]]:
    """The runs that are pinned or shared."""
    return sql.union(sql.select(pins.c.run), sql.select(shares.c.run).where(shares.c.run.is_not(None), live()))


def _linked() -> sql.Select[tuple[str]]:
    """The artifacts that links lead to."""
    return sql.select(shares.c.sha256).where(shares.c.sha256.is_not(None), live())
