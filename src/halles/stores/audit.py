"""Who did what, on which object, when, from where, and how it ended. It is written once and never changed."""

import time

import sqlalchemy as sql
from pydantic import Field

from halles.model import Model
from halles.stores.database import tables

DAY = 86400.0
REFUSED = 400
"""The least outcome of what was refused, or failed."""
WORDS = 10
"""The most words that are looked for."""

audit = sql.Table(
    "audit",
    tables,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("at", sql.Float, nullable=False, index=True),
    sql.Column("who", sql.String(32), nullable=False, index=True),
    sql.Column("key", sql.String(32)),
    sql.Column("action", sql.String(300), nullable=False),
    sql.Column("object", sql.String(500), nullable=False),
    sql.Column("address", sql.String(64), nullable=False),
    sql.Column("outcome", sql.Integer, nullable=False),
)


class Entry(Model):
    """One line of the log."""

    id: int
    at: float = Field(description="seconds since the epoch")
    who: str = Field(description="id of the account, or `anonymous`")
    key: str | None = Field(default=None, description="id of the API key that was used")
    action: str = Field(description="method and route, or a command")
    object: str = Field(description="what it was done to")
    address: str = Field(description="where the request came from")
    outcome: int = Field(description="the HTTP status")


class Audit:
    """The audit log in a database."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine

    def append(
        self, who: str, action: str, object: str, *, outcome: int, key: str | None = None, address: str = ""
    ) -> None:
        """Write down what happened; it survives the process when this returns."""
        row = {"at": time.time(), "who": who[:32], "key": key, "action": action[:300], "object": object[:500]}
        with self._engine.begin() as connection:
            connection.execute(audit.insert(), {**row, "address": address[:64], "outcome": outcome})

    def query(
        self, *, before: int | None = None, who: str | None = None, object: str | None = None, words: str = "",
        refused: bool | None = None, since: float | None = None, until: float | None = None, limit: int = 100,
    ) -> list[Entry]:  # fmt: skip
        """The newest lines first; `before` is the id where the last page ended.

        Each of the `words` is in the action, the object or the address. `refused`: only what was, or only what was not.
        """
        query = sql.select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        if who is not None:
            query = query.where(audit.c.who == who)
        if object is not None:
            query = query.where(audit.c.object == object)
        if since is not None:
            query = query.where(audit.c.at >= since)
        if until is not None:
            query = query.where(audit.c.at < until)
        if refused is not None:
            query = query.where(audit.c.outcome >= REFUSED if refused else audit.c.outcome < REFUSED)
        for word in words.split()[:WORDS]:
            places = (audit.c.action, audit.c.object, audit.c.address)
            query = query.where(sql.or_(*(place.icontains(word, autoescape=True) for place in places)))
        with self._engine.connect() as connection:
            return [Entry.model_validate(dict(row)) for row in connection.execute(query).mappings()]

    def forget(self, *, days: float) -> int:
        """Delete the lines that are older, as retention asks. Gives how many they were."""
        with self._engine.begin() as connection:
            return connection.execute(audit.delete().where(audit.c.at < time.time() - days * DAY)).rowcount
