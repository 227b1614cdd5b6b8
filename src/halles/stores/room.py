"""What is kept, and how much room it takes: for those who look after the server."""

import sqlalchemy as sql
from pydantic import Field

from halles.model import Model
from halles.stores.holdings import holdings
from halles.stores.results import results
from halles.stores.runs import runs
from halles.stores.used import used


class Room(Model):
    """Counts and bytes. An artifact that several have counts once."""

    runs: int
    results: int = Field(description="of calls, in the cache")
    artifacts: int = Field(description="that runs, or people's uploads, refer to")
    artifact_bytes: int
    uploads: int = Field(description="of these, uploaded")
    upload_bytes: int


def room(engine: sql.Engine) -> Room:
    """Look now. This counts everything, so it is not for looking often."""
    held = sql.select(holdings.c.sha256, holdings.c.size)
    every = held.union(sql.select(used.c.sha256, used.c.size)).subquery()
    own = held.distinct().subquery()
    with engine.connect() as connection:

        def sums(table: sql.Subquery) -> tuple[int, int]:
            row = connection.execute(sql.select(sql.func.count(), sql.func.sum(table.c.size))).one()
            return int(row[0]), int(row[1] or 0)

        def count(table: sql.Table) -> int:
            return int(connection.execute(sql.select(sql.func.count()).select_from(table)).scalar_one())

        artifacts, artifact_bytes = sums(every)
        uploads, upload_bytes = sums(own)
        return Room(
            runs=count(runs), results=count(results), artifacts=artifacts, artifact_bytes=artifact_bytes,
            uploads=uploads, upload_bytes=upload_bytes,
        )  # fmt: skip
