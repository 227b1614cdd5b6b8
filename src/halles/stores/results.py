"""Results by key: the cache of calls, which is the checkpoint of runs and the provenance of artifacts."""

from collections.abc import Collection

import sqlalchemy as sql

from halles.model import Result, artifacts
from halles.stores.database import insert_ignore, tables, upsert
from halles.stores.history import History
from halles.stores.objects import Objects

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

_get = sql.select(results.c.body).where(results.c.key == sql.bindparam("key"))


class Results:
    """What calls gave, for as long as their artifacts are kept."""

    def __init__(self, engine: sql.Engine, objects: Objects, history: History | None = None) -> None:
        self._engine = engine
        self._objects = objects
        self._history = history or History(engine, objects)

    def get(self, key: str) -> Result | None:
        """The result under a key, unless an artifact of it is gone."""
        with self._engine.connect() as connection:
            body = connection.execute(_get, {"key": key}).scalar()
        if body is None:
            return None
        result = Result.model_validate_json(body)
        whole = all(self._objects.has(a) for value in result.outputs.values() for a in artifacts(value))
        return result if whole else None

    def put(self, result: Result) -> None:
        """Keep a result; it survives the process when this returns."""
        hashes = {a.sha256 for value in result.outputs.values() for a in artifacts(value)}
        with self._engine.begin() as connection:
            row = {"key": result.key, "body": result.model_dump_json(), "created": result.created}
            upsert(connection, results, row)
            self._history.write(connection, result)
            insert_ignore(connection, made, [{"sha256": sha256, "key": result.key} for sha256 in sorted(hashes)])

    def makers(self, sha256: str) -> list[Result]:
        """The results that an artifact is an output of: how it was made."""
        query = sql.select(results.c.body).join(made, made.c.key == results.c.key).where(made.c.sha256 == sha256)
        with self._engine.connect() as connection:
            return [Result.model_validate_json(body) for body in connection.execute(query).scalars()]

    def prune(self, *, before: float, keep: Collection[str] = ()) -> tuple[int, int]:
        """Forget the results made before a time (seconds since the epoch), and the artifacts older than it.

        The artifacts of the hashes to `keep` stay, whatever their age.
        Runs keep their history; their artifacts can be computed again. Gives the count of results and bytes freed.
        Not for times at which a run is executed: it may use results of any age.
        """
        with self._engine.begin() as connection:
            old = connection.execute(sql.select(results.c.key).where(results.c.created < before)).scalars().all()
            connection.execute(
                made.delete().where(made.c.key.in_(sql.select(results.c.key).where(results.c.created < before)))
            )
            connection.execute(results.delete().where(results.c.created < before))
            kept = {*connection.execute(sql.select(made.c.sha256)).scalars(), *keep}
        freed = self._objects.sweep(before=before)
        for sha256, size, written in list(self._objects.all()):
            if sha256 not in kept and written < before and self._objects.delete(sha256, before=before):
                freed += size
        return len(old), freed
