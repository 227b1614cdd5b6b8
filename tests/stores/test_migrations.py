"""Databases are brought up to date, and none is lost on the way."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sql
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from halles.main import Market
from halles.model import CallFailed, Status
from halles.stores.database import connect, tables
from halles.stores.migrations import KNOWN
from halles.stores.migrations.__main__ import declare
from tests import shelf
from tests.running import follow

OLD = Path(__file__).with_name("halles-0.1.sql")
"""What version 0.1 itself left after a run that finished and one that failed."""


@pytest.mark.filterwarnings("ignore:autogenerate skipping")  # SQLite does not tell the order within an index.
def test_the_migrations_make_the_tables_that_the_stores_declare(where: Path | str) -> None:
    declare()
    with connect(where).connect() as connection:
        missing = compare_metadata(MigrationContext.configure(connection), tables)
    assert missing == [], 'draft a migration: `.venv/bin/python -m halles.stores.migrations "what changes"`'


def test_a_database_that_is_up_to_date_is_left_alone(where: Path | str) -> None:
    connect(where).dispose()
    with connect(where).connect() as connection:
        assert connection.execute(sql.text("SELECT version_num FROM alembic_version")).scalars().all() == KNOWN[-1:]


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(where: Path | str) -> None:
    engine = connect(where)
    with engine.begin() as connection:
        connection.execute(sql.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CallFailed, match="made by a newer version of Halles: it is at 9999"):
        connect(where)
    with engine.connect() as connection:
        assert connection.execute(sql.text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def test_processes_that_start_together_take_turns(where: Path | str) -> None:
    program = f"from pathlib import Path, PosixPath; from halles.stores.database import connect; connect({where!r})"
    begun = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(3)]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in begun] == [(b"", 0)] * 3


@pytest.fixture
def old(tmp_path: Path) -> Market:
    """A market in the folder of version 0.1."""
    home = tmp_path / "home"
    home.mkdir()
    with sqlite3.connect(home / "halles.db") as database:
        database.executescript(OLD.read_text())
    return Market(home, services=shelf.SERVICES)


def test_the_runs_of_version_0_1_are_carried_over(old: Market) -> None:
    failed, finished = old.ledger.recent()
    assert (finished.status, finished.progress, finished.owner) == (Status.finished, 1, "local")
    assert (failed.status, failed.pipeline) == (Status.failed, "test")
    run = old.ledger.load(finished.id)
    assert run and run.steps["a"].outputs and run.seq == 4


def test_how_things_were_made_in_version_0_1_is_known_still(old: Market) -> None:
    run = old.ledger.load(old.ledger.recent()[1].id)
    assert run
    made = old.results.makers(run.outputs["out"].sha256)
    assert [each.service for each in made] == ["shout"]


def test_a_run_of_version_0_1_goes_on(old: Market) -> None:
    failed = old.ledger.recent()[0]
    old.objects.put(b"no", "text/plain")
    resumed = follow(old.runner.resume(failed.id))
    assert resumed.seq > 6 and resumed.steps["f"].status is not Status.pending
    assert old.ledger.recent()[0].id == failed.id
