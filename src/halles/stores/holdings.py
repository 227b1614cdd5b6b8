"""Whose artifacts are: knowing a hash is no right to the content."""

import time
from typing import Any

import sqlalchemy as sql

from halles.model import Artifact
from halles.model.base import Model
from halles.stores.database import tables, upsert
from halles.stores.runs import runs
from halles.stores.used import used

holdings = sql.Table(
    "holdings",
    tables,
    sql.Column("sha256", sql.String(64), primary_key=True),
    sql.Column("owner", sql.String(200), primary_key=True),
    sql.Column("media_type", sql.String(200), primary_key=True),
    sql.Column("size", sql.BigInteger, nullable=False),
    sql.Column("name", sql.String(200), nullable=False, comment="what its owner called it"),
    sql.Column("created", sql.Float, nullable=False),
    sql.Index("holdings_of_owner", "owner", "created"),
    sql.Index("holdings_by_age", "created"),
)


class Holding(Model):
    """An artifact as somebody has it. `run` is the run that used or made it, None when it was uploaded."""

    artifact: Artifact
    owner: str
    name: str = ""
    created: float
    run: str | None = None


class Holdings:
    """The right to artifacts: who uploaded one has it, and so has the owner of a run that used or made it."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine

    def hold(self, artifact: Artifact, owner: str, name: str = "") -> Holding:
        """Somebody uploaded this. Uploading it again makes it new again."""
        held = Holding(artifact=artifact, owner=owner, name=name[:200], created=time.time())
        row = {**artifact.model_dump(), **held.model_dump(include={"owner", "name", "created"})}
        with self._engine.begin() as connection:
            upsert(connection, holdings, row)
        return held

    def find(self, sha256: str, owner: str | None) -> Holding | None:
        """How somebody has an artifact, or None when they have not; with no owner, how anybody has it."""
        mine = [holdings.c.sha256 == sha256, *([] if owner is None else [holdings.c.owner == owner])]
        uploaded = sql.select(holdings).where(*mine).order_by(holdings.c.created.desc()).limit(1)
        theirs = [used.c.sha256 == sha256, *([] if owner is None else [runs.c.owner == owner])]
        columns: list[Any] = [used, runs.c.owner, runs.c.created]
        made = sql.select(*columns).join(runs, runs.c.id == used.c.run).where(*theirs).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(uploaded).mappings().first() or connection.execute(made).mappings().first()
        return None if row is None else _holding(row)

    def list(self, owner: str | None, *, limit: int = 100, before: float | None = None) -> list[Holding]:
        """What somebody uploaded, the newest first; with no owner, what anybody did."""
        query = sql.select(holdings).order_by(holdings.c.created.desc()).limit(limit)
        if owner is not None:
            query = query.where(holdings.c.owner == owner)
        if before is not None:
            query = query.where(holdings.c.created < before)
        with self._engine.connect() as connection:
            return [_holding(row) for row in connection.execute(query).mappings()]

    def newest_run(self, sha256: str, owner: str | None) -> str | None:
        """The newest run of somebody, or of anybody, that used or made an artifact."""
        query = sql.select(runs.c.id).join(used, runs.c.id == used.c.run).where(used.c.sha256 == sha256)
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        with self._engine.connect() as connection:
            return connection.execute(query.order_by(runs.c.created.desc()).limit(1)).scalar()

    def stored_bytes(self, owner: str) -> int:
        """Bytes of the uploads that somebody has."""
        once = sql.select(holdings.c.sha256, holdings.c.size).where(holdings.c.owner == owner).distinct().subquery()
        with self._engine.connect() as connection:
            return int(connection.execute(sql.select(sql.func.sum(once.c.size))).scalar() or 0)

    def drop(self, sha256: str, owner: str) -> bool:
        """Forget an upload of somebody. Gives whether there was one. Runs that used it have it still."""
        query = holdings.delete().where(holdings.c.sha256 == sha256, holdings.c.owner == owner)
        with self._engine.begin() as connection:
            return connection.execute(query).rowcount > 0


def _holding(row: sql.RowMapping) -> Holding:
    artifact = Artifact(sha256=row["sha256"], media_type=row["media_type"], size=row["size"])
    return Holding(
        artifact=artifact, owner=row["owner"], name=row.get("name", ""), created=row["created"], run=row.get("run")
    )
