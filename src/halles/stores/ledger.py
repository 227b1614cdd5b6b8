"""The log of all runs: events are appended and never changed, a run is what its events add up to."""

from collections.abc import Iterator

import sqlalchemy as sql

from halles.model import Event, Run, RunFinished, RunStarted, RunSummary, Status, event_adapter, fold
from halles.stores.database import tables

runs = sql.Table(
    "runs",
    tables,
    sql.Column("id", sql.String(32), primary_key=True),
    sql.Column("pipeline", sql.String(200), nullable=False),
    sql.Column("status", sql.String(16), nullable=False),
    sql.Column("created", sql.Float, nullable=False, index=True),
    sql.Column("updated", sql.Float, nullable=False),
    sql.Column("cancel", sql.Boolean, nullable=False, default=False),
)
events = sql.Table(
    "events",
    tables,
    sql.Column("run", sql.String(32), primary_key=True),
    sql.Column("seq", sql.Integer, primary_key=True),
    sql.Column("body", sql.Text, nullable=False),
)

_append = events.insert()
_cancelled = sql.select(runs.c.cancel).where(runs.c.id == sql.bindparam("run"))


class Ledger:
    """Runs in a database."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine

    def append(self, event: Event) -> None:
        """Write an event down; it survives the process when this returns."""
        with self._engine.begin() as connection:
            connection.execute(_append, {"run": event.run, "seq": event.seq, "body": event.model_dump_json()})
            if isinstance(event, RunStarted):
                connection.execute(runs.delete().where(runs.c.id == event.run))
                row = {"id": event.run, "pipeline": event.plan.pipeline.id, "status": Status.running.value}
                connection.execute(runs.insert(), {**row, "created": event.at, "updated": event.at, "cancel": False})
            elif isinstance(event, RunFinished):
                change = runs.update().where(runs.c.id == event.run)
                connection.execute(change, {"status": event.status.value, "updated": event.at, "cancel": False})

    def events(self, run: str, after: int = 0) -> Iterator[Event]:
        """The events of a run that follow a sequence number, in order."""
        query = sql.select(events.c.body).where(events.c.run == run, events.c.seq > after).order_by(events.c.seq)
        with self._engine.connect() as connection:
            bodies = connection.execute(query).scalars().all()
        for body in bodies:
            yield event_adapter.validate_json(body)

    def load(self, run: str) -> Run | None:
        """A run rebuilt from its log, or None when there is none of that id."""
        log = list(self.events(run))
        return fold(log) if log else None

    def recent(self, limit: int = 100) -> list[RunSummary]:
        """The newest runs first."""
        query = sql.select(runs).order_by(runs.c.created.desc()).limit(limit)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [RunSummary.model_validate({key: row[key] for key in RunSummary.model_fields}) for row in rows]

    def unfinished(self) -> list[str]:
        """The runs whose end is not on record: those being executed, and those that were cut off."""
        query = sql.select(runs.c.id).where(runs.c.status == Status.running.value)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def find(self, beginning: str) -> list[str]:
        """The ids that begin so, for who types only the first letters."""
        query = sql.select(runs.c.id).where(runs.c.id.startswith(beginning, autoescape=True)).limit(10)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def request_cancel(self, run: str) -> None:
        """Ask whoever executes a run to stop."""
        with self._engine.begin() as connection:
            connection.execute(runs.update().where(runs.c.id == run), {"cancel": True})

    def cancel_requested(self, run: str) -> bool:
        """Whether somebody asked."""
        with self._engine.connect() as connection:
            return bool(connection.execute(_cancelled, {"run": run}).scalar())
