"""How the runs stand, all together: for those who watch a server."""

import time
from typing import NamedTuple

import sqlalchemy as sql

from halles.model import Status
from halles.stores.database import clock
from halles.stores.runs import runs, workers


class Standing(NamedTuple):
    """Counts of runs by status, how long the first that waits has waited (seconds), the workers that are alive, and
    the runs that those execute."""

    runs: dict[str, int]
    waited: float
    workers: int
    leases: int


def standing(engine: sql.Engine) -> Standing:
    """Look now."""
    by_status = sql.select(runs.c.status, sql.func.count()).group_by(runs.c.status)
    first = sql.select(sql.func.min(runs.c.created)).where(runs.c.status == Status.pending.value)
    with engine.connect() as connection:
        live = sql.select(workers.c.name).where(workers.c.expires >= clock(connection))
        held = sql.select(sql.func.count()).select_from(runs)
        held = held.where(runs.c.status == Status.running.value, runs.c.worker.in_(live))
        counts = {row[0]: int(row[1]) for row in connection.execute(by_status)}
        oldest = connection.execute(first).scalar()
        alive = len(connection.execute(live).all())
        leases = connection.execute(held).scalar_one()
    known = {status.value: counts.get(status.value, 0) for status in Status if status is not Status.skipped}
    return Standing(known, 0.0 if oldest is None else max(0.0, time.time() - oldest), alive, leases)
