"""Drafts the next migration: `python -m halles.stores.migrations "what changes"`. Read it before you commit it."""

import importlib
import pkgutil
import sys
import tempfile

import sqlalchemy as sql
from alembic import command

from halles import stores
from halles.stores.migrations import KNOWN, bring_up_to_date, configuration


def declare() -> None:
    """Import all stores, so that all tables are known."""
    for module in pkgutil.iter_modules(stores.__path__, f"{stores.__name__}."):
        if not module.ispkg:
            importlib.import_module(module.name)


def main() -> None:
    """Compare what the tables are with what the migrations so far make."""
    declare()
    number = f"{int(KNOWN[-1]) + 1:04}" if KNOWN else "0001"
    with tempfile.TemporaryDirectory() as folder:
        engine = sql.create_engine(f"sqlite:///{folder}/halles.db")
        with engine.begin() as connection:
            if KNOWN:
                bring_up_to_date(connection, "new")
            command.revision(configuration(connection), " ".join(sys.argv[1:]), autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    main()
