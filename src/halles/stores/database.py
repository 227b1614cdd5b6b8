"""The database: SQLite by default, PostgreSQL by URL. Each store declares its tables on `tables`.

`engine.begin()` is for writing, `engine.connect()` for reading. On SQLite there is one writer at a time: within a
process they take turns at a lock, between processes at the file, so that a transaction that began always ends well.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, IntegrityError
from sqlalchemy.pool import QueuePool

from halles.model import CallFailed, Problem, Problems
from halles.stores import faults, folder

PATIENCE = 30.0
"""Seconds to wait for others that write, and for a connection that is free."""
REACH = 5
"""Seconds to wait for a server that does not answer."""
CONNECTIONS = 64
"""At once, in a process, at most. They are opened as they are needed; so many threads may ask at once."""
KEPT = 16
"""Connections to a server that stay open when nobody needs them."""

tables = sql.MetaData()

Row = Mapping[str, Any]


def connect(where: Path | str) -> sql.Engine:
    """Open a database by the path of a SQLite file or by URL; its tables are made, or brought up to date.

    What goes wrong with it is raised as `CallFailed`, except `sqlalchemy.exc.IntegrityError`, which tells its caller
    that something is there already. Raises `Problems` for a URL that is none.
    """
    from halles.stores import migrations

    engine, name = _open(where)
    with engine.connect() as connection:
        known = migrations.up_to_date(connection, name)
    if not known:
        with engine.begin() as connection:
            migrations.bring_up_to_date(connection, name)
    return engine


def _open(where: Path | str) -> tuple[sql.Engine, str]:
    url = _url(where)
    name = str(where) if isinstance(where, Path) else url.set(drivername=url.get_backend_name()).render_as_string()
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgres(url)

    @sql.event.listens_for(engine, "handle_error")
    def _explain(context: sql.engine.ExceptionContext) -> None:
        if isinstance(context.original_exception, UnicodeEncodeError):
            return  # It is about a value, which is half of a character, and not about the database.
        if not (context.is_pre_ping or isinstance(context.sqlalchemy_exception, IntegrityError)):
            problem, retry = faults.explain(name, str(context.original_exception), PATIENCE)
            raise CallFailed(problem, retry=retry) from context.original_exception

    return engine, name


def _url(where: Path | str) -> sql.URL:
    if isinstance(where, Path):
        return sql.URL.create("sqlite", database=str(where))
    try:
        url = sql.make_url(where)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in ("sqlite", "postgresql", "postgres"):
        message = "HALLES_DATABASE_URL is none of the databases that are known. "
        message += "It looks like `postgresql://user:password@host:5432/halles`, or `sqlite:////path/to/halles.db`."
        raise Problems([Problem(code="bad-database-url", message=message)])
    return url if url.get_backend_name() == "sqlite" else url.set(drivername="postgresql+psycopg")


def _sqlite(url: sql.URL) -> sql.Engine:
    """Write-ahead logging with `synchronous=NORMAL` loses nothing that was committed when the process is killed."""
    folder.make(Path(url.database or "").absolute().parent)
    arguments = {"check_same_thread": False, "timeout": PATIENCE, "isolation_level": None}
    engine = sql.create_engine(
        url, poolclass=QueuePool, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=PATIENCE, pool_use_lifo=True,
        connect_args=arguments,
    )  # fmt: skip
    writing = engine.execution_options(writing=True)
    turn = threading.Lock()

    @contextmanager
    def begin() -> Iterator[sql.Connection]:
        if not turn.acquire(timeout=PATIENCE):
            raise CallFailed(faults.explain(str(url.database), "locked", PATIENCE)[0], retry=True)
        try:
            with writing.connect() as connection, connection.begin():
                yield connection
        finally:
            turn.release()

    @sql.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        # SQLite's own knows no letter beyond ASCII, so that nobody would find "Étude" by "étude".
        connection.create_function("lower", 1, lambda text: text and str(text).lower(), deterministic=True)

    @sql.event.listens_for(engine, "begin")
    def _begin(connection: sql.Connection) -> None:
        # A transaction that reads before it writes would fail where another one wrote between: writers wait at once.
        immediate = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    engine.begin = begin  # type: ignore[method-assign]
    return engine


def _postgres(url: sql.URL) -> sql.Engine:
    arguments = {
        "connect_timeout": REACH,
        "application_name": "halles",
        "options": f"-c lock_timeout={int(PATIENCE * 1000)} -c timezone=UTC",
    }
    return sql.create_engine(
        url, pool_size=KEPT, max_overflow=CONNECTIONS - KEPT, pool_timeout=PATIENCE, pool_use_lifo=True,
        pool_pre_ping=True, connect_args={**arguments, **url.query},
    )  # fmt: skip


def one_at_a_time(connection: sql.Connection, what: str) -> None:
    """Until this transaction ends, no other one comes past the same words. On SQLite every writer is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sql.select(sql.func.pg_advisory_xact_lock(sql.func.hashtext(what))))


def clock(connection: sql.Connection) -> float:
    """Seconds since the epoch, for all machines that share the database the same."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(sql.select(sql.extract("epoch", sql.func.clock_timestamp()))).scalar_one())
    return time.time()


def upsert(connection: sql.Connection, table: sql.Table, rows: Row | Sequence[Row]) -> None:
    """Insert rows; where a row of that primary key is there, its other columns that are given are replaced."""
    _put(connection, table, rows, replace=True)


def insert_ignore(connection: sql.Connection, table: sql.Table, rows: Row | Sequence[Row]) -> int:
    """Insert rows, except those that are there already by any of the table's keys. Gives how many are new."""
    return _put(connection, table, rows, replace=False)


def _put(connection: sql.Connection, table: sql.Table, rows: Row | Sequence[Row], *, replace: bool) -> int:
    many = [rows] if isinstance(rows, Mapping) else rows
    if not many:
        return 0
    statement = _insertion(connection.dialect.name, table, tuple(sorted(many[0])), replace)
    return connection.execute(statement, many, execution_options={"preserve_rowcount": True}).rowcount


@lru_cache(maxsize=256)
def _insertion(dialect: str, table: sql.Table, columns: tuple[str, ...], replace: bool) -> Any:
    insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: insert.excluded[name] for name in columns if name not in keys}
    if replace and changed:
        return insert.on_conflict_do_update(index_elements=keys, set_=changed)
    return insert.on_conflict_do_nothing()
