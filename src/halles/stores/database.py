"""The tables, and the SQLite database that holds them by default."""

from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.pool import StaticPool

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
    """Open a SQLite database, made when it is not there.

    Write-ahead logging with `synchronous=NORMAL` loses nothing that was committed when the process is killed.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    arguments = {"check_same_thread": False, "timeout": 30}
    engine = sql.create_engine(f"sqlite:///{file}", poolclass=StaticPool, connect_args=arguments)

    @sql.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    tables.create_all(engine)
    return engine
