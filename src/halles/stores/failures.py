"""The last failure of each service, for those who look after it."""

import json
from collections.abc import Iterable

import sqlalchemy as sql
from pydantic import Field, model_validator

from halles.model import Model, Said
from halles.model.saying import remembers
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
    sql.Column("said", sql.Text, comment="how the message was put together, as JSON"),
)


class Failure(Model):
    """How a service failed last."""

    service: str
    at: float = Field(description="seconds since the epoch")
    run: str
    step: str
    message: str
    said: Said | None = None

    _remember = model_validator(mode="before")(remembers("message"))


def note(connection: sql.Connection, found: Iterable[Failure]) -> None:
    """Write down failures, in the order in which they happened."""
    for failure in found:
        whole = len(failure.message) <= LONGEST
        said = failure.said.model_dump_json() if failure.said and whole else None
        upsert(connection, failures, failure.model_dump() | {"message": failure.message[:LONGEST], "said": said})


def latest(engine: sql.Engine) -> dict[str, Failure]:
    """The last failure of each service that ever failed."""
    with engine.connect() as connection:
        rows = connection.execute(sql.select(failures)).mappings()
        return {row["service"]: Failure(**{**row, "said": json.loads(row["said"] or "null")}) for row in rows}
