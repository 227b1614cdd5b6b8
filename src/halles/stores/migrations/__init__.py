"""Brings databases up to date, a numbered step at a time. `python -m halles.stores.migrations` drafts the next one."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sql

from halles.model import CallFailed, Problem
from halles.stores.database import one_at_a_time

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
KNOWN = sorted(file.stem.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*.py"))
"""The versions that this code knows, the newest last."""


def version(connection: sql.Connection) -> str | None:
    """Which version a database is of; None for an empty one, and for those of before there were versions."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.execute(sql.text("SELECT version_num FROM alembic_version")).scalar()
    return found


def up_to_date(connection: sql.Connection, name: str) -> bool:
    """Whether nothing is missing. Raises `CallFailed` for a database of a newer version, which is left as it is."""
    found = version(connection)
    if found is not None and found not in KNOWN:
        message = f"The database `{name}` was made by a newer version of Halles: it is at {found}, this one knows "
        message += f"{KNOWN[-1]}. Update Halles, or give it another database."
        raise CallFailed(Problem(code="other-version", message=message), retry=False)
    return found == KNOWN[-1]


def bring_up_to_date(connection: sql.Connection, name: str) -> None:
    """Apply what is missing, in the transaction of the connection; processes that start together take turns."""
    one_at_a_time(connection, "halles-schema")
    if not up_to_date(connection, name):
        from alembic import command

        command.upgrade(configuration(connection), "head")


def configuration(connection: sql.Connection) -> "Config":
    """Alembic's, for a connection that is open."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    return made
