"""What the owners of runs say of what came out: it stands with the run, and the runs that go on from it begin so."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sql

from halles.model import Notes, Problem, Problems, say
from halles.stores.runs import runs

MOST = 200
"""Parts that are liked of one run."""
columns = (runs.c.work, runs.c.artist, runs.c.liked)


class Notebook:
    """Notes on runs. Of those that change them at the same time none takes away what another one wrote elsewhere."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine

    def of(self, run: str) -> Notes:
        """What is said of a run."""
        with self._engine.connect() as connection:
            row = connection.execute(sql.select(*columns).where(runs.c.id == run)).mappings().one_or_none()
        return read(row) if row else Notes()

    def change(
        self, run: str, *, title: str | None = None, artist: str | None = None, liked: Mapping[str, bool] | None = None
    ) -> Notes:
        """Say otherwise what is given, each liked thing by itself, and leave the rest. Raises `Problems`."""
        with self._engine.begin() as connection:
            query = sql.select(*columns).where(runs.c.id == run).with_for_update()
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                raise Problems([Problem(code="unknown-run", message=say("There is no run `{run}`.", run=run))])
            before, now = read(row), liked or {}
            kept = [name for name in before.liked if now.get(name, True)]
            names = (*kept, *(name for name, on in now.items() if on and name not in kept))
            if len(names) > MOST:
                message = say(
                    "At most {most} parts are liked of a run; these would be {count}.", most=MOST, count=len(names)
                )
                raise Problems([Problem(code="too-many", message=message)])
            notes = Notes(
                title=before.title if title is None else title, artist=before.artist if artist is None else artist,
                liked=names,
            )  # fmt: skip
            connection.execute(runs.update().where(runs.c.id == run).values(written(notes)))
        return notes


def read(row: Mapping[str, Any] | sql.RowMapping) -> Notes:
    """The notes in the row of a run."""
    return Notes(title=row["work"], artist=row["artist"], liked=json.loads(row["liked"]))


def written(notes: Notes) -> dict[str, str]:
    """The columns in which they stand."""
    return {"work": notes.title, "artist": notes.artist, "liked": json.dumps(notes.liked)}


def inherited(connection: sql.Connection, parent: str | None) -> dict[str, str]:
    """The notes with which a run begins that goes on from another one, as columns."""
    row = parent and connection.execute(sql.select(*columns).where(runs.c.id == parent)).mappings().one_or_none()
    return dict(row) if row else {}
