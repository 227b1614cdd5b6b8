"""What clients of the Swiss AI Center's engine began here: the tasks and executions that they know, by run and step."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sql

from halles.model import Artifact
from halles.stores.database import insert_ignore
from halles.stores.runs import runs
from halles.stores.wire import executions, laid

TASK, PIPELINE, STEP = "task", "pipeline", "step"


@dataclass(frozen=True)
class Execution:
    """A task of a service (`task`), the execution of a pipeline (`pipeline`), or a task of one (`step`)."""

    id: str
    kind: str
    run: str
    step: str
    name: str
    owner: str
    created: float


class Executions:
    """Their ids, and the keys under which they find what was given and made."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine

    def add(self, kind: str, run: str, name: str, owner: str, steps: Iterable[tuple[str, str, str]]) -> None:
        """Write an execution down with its tasks, each an id, a step and a service. The first one is it itself."""
        now = time.time()
        rows = [
            {"id": id, "kind": STEP if number else kind, "run": run, "step": step, "name": service, "owner": owner,
             "created": now + number * 1e-6}
            for number, (id, step, service) in enumerate(steps)
        ]  # fmt: skip
        with self._engine.begin() as connection:
            insert_ignore(connection, executions, rows)

    def get(self, name: str) -> Execution | None:
        """One by its id."""
        return next(iter(self._found(executions.c.id == name)), None)

    def of(self, run: str) -> list[Execution]:
        """Those of a run, in order."""
        return self._found(executions.c.run == run)

    def recent(self, *kinds: str, owner: str | None, limit: int, skip: int = 0) -> list[Execution]:
        """The newest first, of one owner or of everybody."""
        whose = sql.true() if owner is None else executions.c.owner == owner
        query = sql.select(executions).where(executions.c.kind.in_(kinds), whose)
        query = query.order_by(executions.c.created.desc()).limit(limit).offset(skip)
        with self._engine.connect() as connection:
            return [Execution(**row) for row in connection.execute(query).mappings()]

    def counts(self, owner: str | None) -> list[tuple[str, str, int]]:
        """How many tasks there are, by service and status of their run."""
        whose = sql.true() if owner is None else executions.c.owner == owner
        query = sql.select(executions.c.name, runs.c.status, sql.func.count()).join(runs, runs.c.id == executions.c.run)
        query = query.where(executions.c.kind != PIPELINE, whose).group_by(executions.c.name, runs.c.status)
        with self._engine.connect() as connection:
            return [(name, status, count) for name, status, count in connection.execute(query)]

    def lay(self, key: str, artifact: Artifact) -> None:
        """Let an artifact be found under a key."""
        with self._engine.begin() as connection:
            insert_ignore(connection, laid, {"key": key, "created": time.time(), **artifact.model_dump()})

    def under(self, beginning: str) -> tuple[str, Artifact] | None:
        """The key that begins so, and what lies under it."""
        query = sql.select(laid).where(laid.c.key.startswith(beginning, autoescape=True)).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        return row["key"], Artifact(sha256=row["sha256"], media_type=row["media_type"], size=row["size"])

    def sweep(self, *, before: float) -> None:
        """Forget the executions whose run is forgotten, and keys of before a time: those still asked for come back."""
        with self._engine.begin() as connection:
            connection.execute(executions.delete().where(executions.c.run.not_in(sql.select(runs.c.id))))
            connection.execute(laid.delete().where(laid.c.created < before))

    def _found(self, wanted: sql.ColumnElement[bool]) -> list[Execution]:
        with self._engine.connect() as connection:
            rows = connection.execute(sql.select(executions).where(wanted).order_by(executions.c.created)).mappings()
            return [Execution(**row) for row in rows]
