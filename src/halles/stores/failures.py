"""The last failure of each service, for those who look after it."""

from collections.abc import Iterable

import sqlalchemy as sql
from pydantic import Field

from halles.model import Model
from halles.stores.database import tables, upsert

LONGEST = 2000
"""Characters of a message that are kept."""

failures = sql.Table(
    "failures",
    tables,
    sql.Column("service", sql.String(200), primary_key=True),
    sql.Column("at", sql.Float, nullable=False),
    sql.Column("run", sql.String(64), nullable=False),
    sql.Column("step", sql.String(200), nullable=False),
    sql.Column("message", sql.Text, nullable=False),
)


class Failure(Model):
    """How a service failed last."""

    service: str
    at: float = Field(description="seconds since the epoch")
    run: str
    step: str
    message: str


def note(connection: sql.Connection, found: Iterable[Failure]) -> None:
    """Write down failures, in the order in which they happened."""
    for failure in found:
        upsert(connection, failures, failure.model_dump() | {"message": failure.message[:LONGEST]})


def latest(engine: sql.Engine) -> dict[str, Failure]:
    """The last failure of each service that ever failed."""
    with engine.connect() as connection:
        rows = connection.execute(sql.select(failures)).mappings()
        return {row["service"]: Failure.model_validate(dict(row)) for row in rows}
