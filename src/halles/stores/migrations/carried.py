"""Version 0.1 kept its runs without migrations, in a SQLite file: they are carried over when it is first opened."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sql

OLD = {"runs": "ix_runs_created", "events": None, "results": "ix_results_created", "made": None}
"""The tables of 0.1, with their indexes."""


def set_aside(connection: sql.Connection) -> bool:
    """Give the tables of 0.1 other names. Gives whether there are any."""
    if not connection.dialect.has_table(connection, "runs"):
        return False
    for table, index in OLD.items():
        if index:
            connection.execute(sql.text(f"DROP INDEX IF EXISTS {index}"))
        connection.execute(sql.text(f"ALTER TABLE {table} RENAME TO old_{table}"))
    return True


def bring_over(connection: sql.Connection) -> None:
    """Fill the new tables from those that were set aside, and drop these."""
    _do(connection, "INSERT INTO results (key, body, created) SELECT key, body, created FROM old_results")
    _do(connection, "INSERT INTO made (sha256, key) SELECT sha256, key FROM old_made")
    _do(
        connection,
        "INSERT INTO events (run, seq, body) SELECT e.run, e.seq, e.body FROM old_events e "
        "LEFT JOIN old_runs r ON r.id = e.run ORDER BY r.created, e.run, e.seq",
    )
    for run in connection.execute(sql.text("SELECT * FROM old_runs ORDER BY created")).mappings().all():
        _bring_run(connection, dict(run))
    for table in OLD:
        _do(connection, f"DROP TABLE old_{table}")


def _bring_run(connection: sql.Connection, run: dict[str, Any]) -> None:
    query = sql.text("SELECT body FROM events WHERE run = :run ORDER BY seq")
    log = [json.loads(body) for body in connection.execute(query, {"run": run["id"]}).scalars()]
    steps = next((len(event["plan"]["tasks"]) for event in log if event["type"] == "run-started"), 0)
    done = steps if run["status"] == "finished" else 0
    row = run | {"begun": run["created"], "seq": len(log), "steps": steps, "done": done, "cancel": False}
    _do(
        connection,
        "INSERT INTO runs (id, pipeline, status, created, begun, updated, cancel, owner, rank, turn, seq, steps, "
        "done, furthest, fence, lost) VALUES (:id, :pipeline, :status, :created, :begun, :updated, :cancel, 'local', "
        "0, 0, :seq, :steps, :done, :done, 0, 0)",
        row,
    )
    for artifact in {each["sha256"]: each for each in _artifacts(log)}.values():
        _do(
            connection,
            "INSERT INTO used (run, sha256, media_type, size) VALUES (:run, :sha256, :media_type, :size)",
            {"run": run["id"], **artifact},
        )


def _artifacts(body: Any) -> Iterator[dict[str, Any]]:
    """All artifacts in an event, however deep."""
    if isinstance(body, dict) and body.keys() == {"sha256", "media_type", "size"}:
        yield body
    elif isinstance(body, dict | list):
        for each in body.values() if isinstance(body, dict) else body:
            yield from _artifacts(each)


def _do(connection: sql.Connection, statement: str, values: dict[str, Any] | None = None) -> None:
    connection.execute(sql.text(statement), values or {})
