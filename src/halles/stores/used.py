"""Which artifacts a run used or made: written down with its events, so that ownership and retention need no search."""

from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sql

from halles.model import Artifact, Event, RunAccepted, RunFinished, RunStarted, StepChanged, Value, artifacts
from halles.stores.database import insert_ignore, tables

used = sql.Table(
    "used",
    tables,
    sql.Column("run", sql.String(64), primary_key=True),
    sql.Column("sha256", sql.String(64), primary_key=True),
    sql.Column("media_type", sql.String(200), nullable=False),
    sql.Column("size", sql.BigInteger, nullable=False),
    sql.Index("used_by_artifact", "sha256"),
)


def note(connection: sql.Connection, log: Iterable[Event]) -> None:
    """Write down the artifacts of events, in the transaction that appends them."""
    rows = {
        (event.run, each.sha256): {"run": event.run, **each.model_dump()} for event in log for each in _artifacts(event)
    }
    insert_ignore(connection, used, list(rows.values()))


def _artifacts(event: Event) -> Iterator[Artifact]:
    match event:
        case RunAccepted():
            yield from _all(event.order.inputs)
            for state in event.order.given.values():
                yield from _all(state.outputs)
        case RunStarted():
            yield from _all(event.inputs)
        case StepChanged():
            yield from _all(event.step.outputs)
        case RunFinished():  # Its outputs are those of steps, or inputs.
            return


def _all(values: Mapping[str, Value]) -> Iterator[Artifact]:
    return (each for value in values.values() for each in artifacts(value))
