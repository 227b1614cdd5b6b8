"""The tasks that this server gave to other servers' services, so that their answers find home.

A task is written down before it is sent: its callback may arrive at another process of this server, or after the
server was killed and started again. What waits for it then finds it by the key of the call.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sql
from pydantic import TypeAdapter

from halles.csia.messages import TaskState
from halles.model import Value
from halles.stores.wire import tasks

ABANDONED = 30 * 86_400.0
"""Seconds after which nobody waits any more for a task that never ended."""
AT_ONCE = 500
"""Ids that are asked for in one query."""

_keys: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])
_values: TypeAdapter[dict[str, Value]] = TypeAdapter(dict[str, Value])
OPEN = tuple(state.value for state in TaskState if not state.done)


@dataclass(frozen=True)
class Sent:
    """A task at a service. `outputs` is what was taken in of it."""

    id: str
    key: str
    service: str
    url: str
    state: TaskState
    data_in: tuple[str, ...]
    data_out: tuple[str, ...]
    error: str
    outputs: dict[str, Value] | None
    stored: int
    created: float
    updated: float


class Tasks:
    """Tasks in a database, which all processes of a server share."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine

    def add(self, task: str, key: str, service: str, url: str, data_in: Iterable[str]) -> Sent:
        """Write a task down; it survives the process when this returns."""
        now = time.time()
        row: dict[str, Any] = {
            "id": task, "key": key, "service": service, "url": url, "state": TaskState.pending.value,
            "data_in": _keys.dump_json(tuple(data_in)).decode(), "data_out": "[]", "error": "", "outputs": None,
            "stored": 0, "created": now, "updated": now,
        }  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(tasks.insert(), row)
        return _sent(row)

    def get(self, task: str) -> Sent | None:
        """One by its id."""
        with self._engine.connect() as connection:
            row = connection.execute(sql.select(tasks).where(tasks.c.id == task)).mappings().first()
        return None if row is None else _sent(row)

    def latest(self, key: str) -> Sent | None:
        """The newest task of a call that is under way or was finished."""
        useful = tasks.c.state.in_([*OPEN, TaskState.finished.value])
        query = sql.select(tasks).where(tasks.c.key == key, useful).order_by(tasks.c.created.desc()).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _sent(row)

    def recent(self, limit: int = 100, skip: int = 0) -> list[Sent]:
        """The newest first."""
        query = sql.select(tasks).order_by(tasks.c.created.desc()).limit(limit).offset(skip)
        with self._engine.connect() as connection:
            return [_sent(row) for row in connection.execute(query).mappings()]

    def change(self, task: str, state: TaskState, data_out: Iterable[str] = (), error: str = "") -> bool:
        """Give an open task another state. False for one that is done, or unknown: the first end counts."""
        row = {"state": state.value, "updated": time.time(), "error": error}
        row["data_out"] = _keys.dump_json(tuple(data_out)).decode()
        change = tasks.update().where(tasks.c.id == task, tasks.c.state.in_(OPEN))
        with self._engine.begin() as connection:
            return connection.execute(change.values(row)).rowcount == 1

    def move(self, sent: Sent, url: str) -> Sent:
        """A task that nobody accepted yet goes to this instance."""
        with self._engine.begin() as connection:
            connection.execute(tasks.update().where(tasks.c.id == sent.id).values(url=url))
        return replace(sent, url=url)

    def keep(self, task: str, outputs: dict[str, Value]) -> None:
        """Write down what was taken in of a finished task: it need not be computed or fetched again."""
        body = _values.dump_json(outputs).decode()
        with self._engine.begin() as connection:
            connection.execute(tasks.update().where(tasks.c.id == task).values(outputs=body))

    def charge(self, task: str, size: int, limit: float) -> bool:
        """Count bytes that a service sent for an open task. False when it would be more than a limit."""
        within = tasks.update().where(tasks.c.id == task, tasks.c.state.in_(OPEN), tasks.c.stored + size <= limit)
        with self._engine.begin() as connection:
            return connection.execute(within.values(stored=tasks.c.stored + size)).rowcount == 1

    def refuse(self, task: str, error: str) -> None:
        """A finished task turned out to have no outputs that can be used."""
        row = {"state": TaskState.error.value, "error": error, "updated": time.time()}
        with self._engine.begin() as connection:
            connection.execute(tasks.update().where(tasks.c.id == task).values(row))

    def done(self, ids: Iterable[str]) -> list[str]:
        """Those of them that are over."""
        wanted = list(ids)
        found: list[str] = []
        with self._engine.connect() as connection:
            for first in range(0, len(wanted), AT_ONCE):
                these = tasks.c.id.in_(wanted[first : first + AT_ONCE])
                found += connection.execute(sql.select(tasks.c.id).where(these, tasks.c.state.not_in(OPEN))).scalars()
        return found

    def sweep(self, *, before: float) -> int:
        """Forget the tasks that ended before a time (seconds since the epoch), and very old open ones."""
        ended = (tasks.c.updated < before) & tasks.c.state.not_in(OPEN)
        with self._engine.begin() as connection:
            old = ended | (tasks.c.updated < before - ABANDONED)
            return connection.execute(tasks.delete().where(old)).rowcount


def _sent(row: sql.RowMapping | dict[str, Any]) -> Sent:
    read = {
        "state": TaskState(str(row["state"])),
        "data_in": _keys.validate_json(str(row["data_in"])),
        "data_out": _keys.validate_json(str(row["data_out"])),
        "outputs": None if row["outputs"] is None else _values.validate_json(str(row["outputs"])),
    }
    return Sent(**{**row, **read})
