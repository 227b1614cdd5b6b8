"""How often calls of trained models had which traits, by the hour: counts of all processes, and nothing of a call."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite

from halles.stores.database import tables

HOUR = 3600
ENOUGH = 1000
"""Calls that are looked at, the newest ones; an hour counts whole."""
KEPT_HOURS = 24 * 30
"""What is older is forgotten, however few calls there were since."""

observations = sql.Table(
    "observations",
    tables,
    sql.Column("version", sql.String(200), primary_key=True, comment="of the model"),
    sql.Column("subject", sql.String(64), primary_key=True, comment="what the places of the numbers are counted by"),
    sql.Column("hour", sql.Integer, primary_key=True, autoincrement=False, comment="since the epoch"),
    sql.Column("trait", sql.String(100), primary_key=True),
    sql.Column("place", sql.String(200), primary_key=True),
    sql.Column("count", sql.Integer, nullable=False),
)


@dataclass(frozen=True)
class Seen:
    """The newest calls: how many of them had which trait at which place."""

    calls: int = 0
    since: float | None = None
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Observations:
    """The counts, in the database that all processes of a server share."""

    def __init__(self, engine: sql.Engine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now
        self._hour = 0

    def add(self, version: str, subject: str, places: Mapping[str, str]) -> None:
        """Count one call. In one statement, whose rows come in the same order from everybody, so nobody waits long."""
        hour = int(self._now() // HOUR)
        known = {"version": version, "subject": subject, "hour": hour, "count": 1}
        rows = [known | {"trait": trait, "place": place} for trait, place in sorted(places.items())]
        with self._engine.begin() as connection:
            connection.execute(_one_more(connection.dialect.name, rows))
            if hour != self._hour:
                connection.execute(observations.delete().where(observations.c.hour < hour - KEPT_HOURS))
        self._hour = hour

    def read(self, version: str, subject: str, enough: int = ENOUGH) -> Seen:
        """What the newest calls were like."""
        here = (observations.c.version == version) & (observations.c.subject == subject)
        here &= observations.c.hour >= int(self._now() // HOUR) - KEPT_HOURS
        hour, trait, place = (observations.c[name] for name in ("hour", "trait", "place"))
        total = sql.func.sum(observations.c.count)
        with self._engine.connect() as connection:
            hours = connection.execute(sql.select(hour, trait, total).where(here).group_by(hour, trait)).all()
            calls, first = _newest(hours, enough)
            if not calls:
                return Seen()
            query = sql.select(trait, place, total).where(here, hour >= first).group_by(trait, place)
            counts: dict[str, dict[str, int]] = {}
            for name, where, count in connection.execute(query):
                counts.setdefault(name, {})[where] = int(count)
        return Seen(calls, float(first * HOUR), counts)


def _newest(hours: Sequence[Any], enough: int) -> tuple[int, int]:
    """How many calls the newest hours had until there were enough, and the first of these hours.

    Not every call has every trait: the one that most have tells the number of calls.
    """
    most: Counter[int] = Counter()
    for hour, _, count in hours:
        most[hour] = max(most[hour], int(count))
    calls, first = 0, 0
    for hour in sorted(most, reverse=True):
        if calls >= enough:
            break
        calls, first = calls + most[hour], hour
    return calls, first


def _one_more(dialect: str, rows: Sequence[Mapping[str, Any]]) -> Any:
    insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(observations).values(rows)
    more = {"count": observations.c.count + insert.excluded.count}
    return insert.on_conflict_do_update(index_elements=list(observations.primary_key), set_=more)
