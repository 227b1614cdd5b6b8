"""Batches: one pipeline over many inputs. The runs are ordinary ones; here is only what they have in common."""

import time

import sqlalchemy as sql

from halles.model import Status
from halles.model.base import Model
from halles.stores.database import tables
from halles.stores.runs import runs

batches = sql.Table(
    "batches",
    tables,
    sql.Column("id", sql.String(64), primary_key=True),
    sql.Column("owner", sql.String(200), nullable=False),
    sql.Column("pipeline", sql.String(200), nullable=False),
    sql.Column("name", sql.String(200), nullable=False),
    sql.Column("created", sql.Float, nullable=False),
    sql.Column("total", sql.Integer, nullable=False),
    sql.Index("batches_of_owner", "owner", "created"),
    sql.Index("batches_by_age", "created"),
)


class Batch(Model):
    """Runs that were ordered together. `counts` says how many are in which state; deleted ones are in none."""

    id: str
    owner: str
    pipeline: str
    name: str = ""
    created: float
    total: int
    counts: dict[Status, int] = {}


class Batches:
    """Batches in a database."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine

    def add(self, name: str, owner: str, pipeline: str, total: int, title: str = "") -> None:
        """Write a batch down, before its runs. Raises `IntegrityError` when there is one of that id."""
        row = {"id": name, "owner": owner, "pipeline": pipeline, "name": title, "created": time.time(), "total": total}
        with self._engine.begin() as connection:
            connection.execute(batches.insert(), row)

    def find(self, name: str) -> Batch | None:
        """A batch with its counts, or None when there is none."""
        found = self._load(sql.select(batches).where(batches.c.id == name))
        return found[0] if found else None

    def recent(self, owner: str | None, *, limit: int = 50, before: float | None = None) -> list[Batch]:
        """The newest ones of somebody, or of everybody, first."""
        query = sql.select(batches).order_by(batches.c.created.desc()).limit(limit)
        if owner is not None:
            query = query.where(batches.c.owner == owner)
        return self._load(query if before is None else query.where(batches.c.created < before))

    def runs(self, name: str, *statuses: Status) -> list[str]:
        """The runs of a batch, in order; only those in some states when these are given."""
        query = sql.select(runs.c.id).where(runs.c.batch == name).order_by(runs.c.created, runs.c.turn, runs.c.id)
        if statuses:
            query = query.where(runs.c.status.in_([status.value for status in statuses]))
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def _load(self, query: sql.Select[tuple[object, ...]]) -> list[Batch]:
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
            names = [row["id"] for row in rows]
            states = sql.select(runs.c.batch, runs.c.status, sql.func.count()).where(runs.c.batch.in_(names))
            counted = connection.execute(states.group_by(runs.c.batch, runs.c.status)).all()
        counts: dict[str, dict[Status, int]] = {name: {} for name in names}
        for name, status, count in counted:
            counts[name][Status(status)] = count
        return [Batch(**row, counts=counts[row["id"]]) for row in rows]
