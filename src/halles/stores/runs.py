"""The tables of runs: their logs, a row each with where it stands for lists and queue, and who executes them."""

from typing import Any, NamedTuple

import sqlalchemy as sql

from halles.model import Event, RunAccepted, Status
from halles.stores.database import one_at_a_time, tables
from halles.stores.used import note

runs = sql.Table(
    "runs",
    tables,
    sql.Column("id", sql.String(64), primary_key=True),
    sql.Column("pipeline", sql.String(200), nullable=False),
    sql.Column("status", sql.String(16), nullable=False),
    sql.Column("created", sql.Float, nullable=False),
    sql.Column("begun", sql.Float, comment="when it was begun last"),
    sql.Column("updated", sql.Float, nullable=False),
    sql.Column("cancel", sql.Boolean, nullable=False, comment="somebody asked to stop it"),
    sql.Column("owner", sql.String(200), nullable=False),
    sql.Column("rank", sql.Integer, nullable=False, comment="minus its priority: the least is next"),
    sql.Column("parent", sql.String(64)),
    sql.Column("batch", sql.String(64)),
    sql.Column("title", sql.String(200), nullable=False, server_default="", comment="what it is about, in its inputs"),
    sql.Column(
        "work", sql.String(200), nullable=False, server_default="", comment="what its owner calls what came out"
    ),
    sql.Column("artist", sql.String(200), nullable=False, server_default="", comment="by whom that is"),
    sql.Column("liked", sql.Text, nullable=False, server_default="[]", comment="what its owner likes of it, as JSON"),
    sql.Column("picture", sql.String(64), comment="the first picture that came out"),
    sql.Column("turn", sql.BigInteger, nullable=False, comment="the round in which it is its owner's turn"),
    sql.Column("seq", sql.Integer, nullable=False, comment="number of its last event"),
    sql.Column("steps", sql.Integer, nullable=False),
    sql.Column("done", sql.Integer, nullable=False, comment="steps that are done"),
    sql.Column("furthest", sql.Integer, nullable=False, comment="the most steps that were ever done"),
    sql.Column("worker", sql.String(200), comment="who executes it; '': any may; null: no worker may"),
    sql.Column("fence", sql.Integer, nullable=False, comment="counts the leases; what an older one writes is refused"),
    sql.Column("lost", sql.Integer, nullable=False, comment="workers that it lost since a step was done last"),
    sql.Index("runs_by_age", "created", "id"),
    sql.Index("runs_by_owner", "owner", "created"),
    sql.Index("runs_by_pipeline", "pipeline", "created"),
    sql.Index("runs_by_status", "status", "created"),
    sql.Index("runs_by_parent", "parent"),
    sql.Index("runs_by_batch", "batch"),
    sql.Index("runs_queue", "status", "rank", "turn", "created"),
    sql.Index("runs_turns", "status", "owner", "turn"),
)
events = sql.Table(
    "events",
    tables,
    sql.Column("position", sql.BigInteger().with_variant(sql.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sql.Column("run", sql.String(64), nullable=False),
    sql.Column("seq", sql.Integer, nullable=False),
    sql.Column("body", sql.Text, nullable=False),
    sql.Index("events_of_run", "run", "seq", unique=True),
    sqlite_autoincrement=True,  # A position is never used twice, also when the newest events are forgotten.
)
workers = sql.Table(
    "workers",
    tables,
    sql.Column("name", sql.String(200), primary_key=True),
    sql.Column("started", sql.Float, nullable=False),
    sql.Column("expires", sql.Float, nullable=False, comment="by the database's clock: dead, unless renewed before"),
)

WORDS = 10
"""The most words that are looked for."""


class Lease(NamedTuple):
    """The right of a worker to execute a run, for as long as the worker is alive and the fence its own."""

    run: str
    worker: str
    fence: int


class LeaseLost(Exception):
    """Somebody else executes the run, or it is forgotten: what this one did is not wanted any more."""


def new_row(event: Event, **known: Any) -> dict[str, Any]:
    """The row of a run that begins with an event, as far as it does not depend on other runs."""
    plan = event.order.plan if isinstance(event, RunAccepted) else event.plan  # type: ignore[union-attr]
    return {
        "id": event.run, "pipeline": plan.pipeline.id, "status": Status.pending.value, "created": event.at,
        "begun": None, "updated": event.at, "cancel": False, "parent": None, "batch": None, "title": "", "work": "",
        "artist": "", "liked": "[]", "turn": 0,
        "seq": event.seq, "steps": len(plan.tasks), "done": 0, "furthest": 0, "worker": None, "fence": 0, "lost": 0,
        **known,
    }  # fmt: skip


def about(text: str) -> sql.ColumnElement[bool]:
    """A condition on runs: each word is in the name of the pipeline, in the title or in what the owner
    wrote, or begins the run's id."""
    words = [
        runs.c.pipeline.icontains(word, autoescape=True)
        | runs.c.title.icontains(word, autoescape=True)
        | runs.c.work.icontains(word, autoescape=True)
        | runs.c.artist.icontains(word, autoescape=True)
        | runs.c.id.startswith(word.lower(), autoescape=True)
        for word in text.split()[:WORDS]
    ]
    return sql.and_(sql.true(), *words)


def write(connection: sql.Connection, log: list[Event]) -> None:
    """Append events, so that whoever reads on from a position misses none.

    A sequence of PostgreSQL numbers rows before they are committed, so a later number could appear first. Those who
    append therefore take turns, for as long as their last statement and their commit take.
    """
    if log:
        note(connection, log)
        one_at_a_time(connection, "halles-events")
        connection.execute(events.insert(), [{"run": e.run, "seq": e.seq, "body": e.model_dump_json()} for e in log])
