"""The tables, and the SQLite database that holds them by default."""

from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.pool import StaticPool

from halles.model import CallFailed, Problem
from halles.stores import folder

PATIENCE = 30.0
"""Seconds to wait for another process that writes."""
ADVICE = (
    ("full", "disk-full", "cannot grow: the disk is full. Free some space, or run `halles cache prune`."),
    ("disk I/O", "disk-failed", "cannot be read or written: the disk is full or fails."),
    ("not a database", "damaged", "is damaged, or is none. Move it away: a new one is made, runs are forgotten."),
    ("malformed", "damaged", "is damaged. Move it away: a new one is made, runs are forgotten."),
    ("readonly", "not-writable", "may not be written by this user. Give HALLES_HOME a folder of your own."),
    ("unable to open", "no-database", "cannot be opened. Give HALLES_HOME a folder that can be written."),
    ("locked", "busy", f"is held by another process for more than {PATIENCE:g} seconds. Try again when it has ended."),
    ("column", "other-version", "is of another version of Halles. Move it away: a new one is made."),
)  # fmt: skip

tables = sql.MetaData()

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
results = sql.Table(
    "results",
    tables,
    sql.Column("key", sql.String(64), primary_key=True),
    sql.Column("body", sql.Text, nullable=False),
    sql.Column("created", sql.Float, nullable=False, index=True),
)
made = sql.Table(
    "made",
    tables,
    sql.Column("sha256", sql.String(64), primary_key=True),
    sql.Column("key", sql.String(64), primary_key=True),
)


def connect(file: Path) -> sql.Engine:
    """Open a SQLite database, made when it is not there. What goes wrong with it is raised as `CallFailed`.

    Write-ahead logging with `synchronous=NORMAL` loses nothing that was committed when the process is killed.
    """
    folder.make(file.parent)
    arguments = {"check_same_thread": False, "timeout": PATIENCE}
    engine = sql.create_engine(f"sqlite:///{file}", poolclass=StaticPool, connect_args=arguments)

    @sql.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    @sql.event.listens_for(engine, "handle_error")
    def _explain(context: sql.engine.ExceptionContext) -> None:
        raise CallFailed(_problem(file, str(context.original_exception)), retry=False)

    with engine.begin() as connection:
        for table in tables.sorted_tables:  # Another process may make the same tables at the same moment.
            connection.execute(sql.schema.CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(sql.schema.CreateIndex(index, if_not_exists=True))
    return engine


def _problem(file: Path, what: str) -> Problem:
    """What SQLite says, with what to do about it."""
    for words, code, advice in ADVICE:
        if words in what:
            return Problem(code=code, message=f"The database `{file}` {advice}")
    return Problem(code="database-failed", message=f"The database `{file}` failed: {what}.")
