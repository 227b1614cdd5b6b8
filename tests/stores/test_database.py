"""What goes wrong with the database is said, and said what to do."""

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError

from halles.main import Market
from halles.model import CallFailed, Order, Problems, Result
from halles.stores import database
from halles.stores.database import connect, insert_ignore, upsert
from halles.stores.ledger import Ledger
from halles.stores.objects import Objects
from halles.stores.results import Results, results
from tests.databases import fresh
from tests.running import pipeline


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("mounting a small disk needs root")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def failure(home: Path) -> str:
    with pytest.raises(CallFailed) as failed:
        Market(home).ledger.recent()
    return failed.value.problem.message


def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    (tmp_path / "halles.db").write_text("Dear diary, " * 99)
    assert failure(tmp_path) == (
        f"The database `{tmp_path}/halles.db` is damaged, or is none. Move it away: a new one is made, runs are forgotten."
    )


def test_a_damaged_database_is_explained(tmp_path: Path) -> None:
    connect(tmp_path / "halles.db").dispose()
    content = bytearray((tmp_path / "halles.db").read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    (tmp_path / "halles.db").write_bytes(content)
    assert "is damaged" in failure(tmp_path)


def test_a_database_of_another_version_is_explained(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "halles.db") as other:
        other.execute("CREATE TABLE runs (id TEXT, created FLOAT)")
    assert "is of another version of Halles" in failure(tmp_path)


def test_a_folder_in_its_place_is_explained(tmp_path: Path) -> None:
    (tmp_path / "halles.db").mkdir()
    assert "cannot be opened. Give HALLES_HOME a folder that can be written." in failure(tmp_path)


def test_a_home_that_cannot_be_made_is_explained() -> None:
    with pytest.raises(Problems, match=r"cannot be kept in `/dev/null/home`: Not a directory. Set HALLES_HOME"):
        _ = Market(Path("/dev/null/home")).ledger


def test_a_database_that_another_process_holds_is_waited_for_then_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    engine = connect(tmp_path / "halles.db")
    other = sqlite3.connect(tmp_path / "halles.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(CallFailed, match="is held by another process"):
        Ledger(engine).request_cancel("r")
    other.close()


def test_a_full_disk_is_explained_by_the_database(small_disk: Path, tmp_path: Path) -> None:
    results = Results(connect(small_disk / "halles.db"), Objects(tmp_path / "objects"))
    result = Result(
        key="k", service="s", version="1", identity="i", params={"text": "x" * 10_000}, inputs={}, outputs={},
        created=0, seconds=0,
    )  # fmt: skip

    def fill() -> None:
        for number in range(200):
            results.put(result.model_copy(update={"key": str(number)}))

    with pytest.raises(CallFailed, match="the disk is full") as failed:
        fill()
    assert not failed.value.retry
    assert results.get("0"), "what was kept is still there"


def test_a_full_disk_is_explained_by_the_objects(small_disk: Path) -> None:
    objects = Objects(small_disk / "objects")
    kept = objects.put(b"small", "text/plain")
    with pytest.raises(
        CallFailed, match=r"The disk is full: 5,000,000 bytes are to be written to .*objects, [\d,]+ are"
    ):
        objects.put(os.urandom(5_000_000), "audio/flac")
    assert objects.read(kept) == b"small"
    assert [sha256 for sha256, *_ in objects.all()] == [kept.sha256], "nothing half-written is left"


def problem(where: Path | str) -> tuple[str, str]:
    with pytest.raises(CallFailed) as failed:
        connect(where)
    return failed.value.problem.code, failed.value.problem.message


def test_a_url_that_is_none_is_explained() -> None:
    with pytest.raises(Problems, match=r"It looks like `postgresql://user:password@host:5432/halles`"):
        connect("mysql://me@somewhere/halles")


def test_a_server_that_is_down_is_explained_without_the_password() -> None:
    code, message = problem("postgresql://me:secret@127.0.0.1:1/halles")
    assert code == "database-down"
    assert "`postgresql://me:***@127.0.0.1:1/halles` does not answer" in message


def test_a_host_that_is_unknown_is_explained() -> None:
    assert problem("postgresql://me@no-such-host.invalid/halles")[0] == "no-database"


def test_a_database_that_its_server_does_not_have_is_explained(postgres: str) -> None:
    code, message = problem(sql.make_url(postgres).set(database="nowhere").render_as_string())
    assert code == "no-database"
    assert "is not on its server" in message


def as_user(postgres: str, name: str, *statements: str) -> str:
    """The URL of a new database for a user of whom a few things are said first."""
    url = sql.make_url(fresh(postgres))
    with connect(url.render_as_string(hide_password=False)).begin() as connection:
        for statement in (f"DROP ROLE IF EXISTS {name}", f"CREATE ROLE {name} LOGIN", *statements):
            connection.exec_driver_sql(statement)
    return url.set(username=name).render_as_string(hide_password=False)


def test_a_user_who_may_not_write_is_told_so(postgres: str) -> None:
    engine = connect(as_user(postgres, "reader", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
    with pytest.raises(CallFailed, match="does not let this user write"):
        Ledger(engine).request_cancel("r")


def test_a_server_that_may_only_be_read_is_explained(postgres: str) -> None:
    url = as_user(
        postgres, "standby", "GRANT ALL ON ALL TABLES IN SCHEMA public TO standby",
        "ALTER ROLE standby SET default_transaction_read_only = on",
    )  # fmt: skip
    with pytest.raises(CallFailed, match="may only be read"):
        Ledger(connect(url)).request_cancel("r")


def test_a_server_that_ended_our_connections_is_asked_again(postgres: str) -> None:
    url = fresh(postgres)
    ledger = Ledger(connect(url))
    assert ledger.recent() == []
    with connect(postgres).begin() as connection:
        connection.execute(
            sql.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
            {"name": sql.make_url(url).database},
        )
    assert ledger.recent() == []


def test_many_threads_write_at_once(where: Path | str) -> None:
    engine = connect(where)
    table = sql.table("made", sql.column("sha256"), sql.column("key"))

    def write(thread: int) -> None:
        for number in range(50):
            with engine.begin() as connection:
                count = connection.execute(sql.select(sql.func.count()).select_from(table)).scalar()
                connection.execute(table.insert(), {"sha256": f"{thread}", "key": f"{number} {count}"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with engine.connect() as connection:
        assert connection.execute(sql.select(sql.func.count()).select_from(table)).scalar() == 400


def test_rows_are_put_in_or_replaced(where: Path | str) -> None:
    row = {"key": "k", "body": "old", "created": 1.0}
    with connect(where).begin() as connection:
        upsert(connection, results, row)
        upsert(connection, results, [{**row, "body": "new"}, {**row, "key": "l"}])
        rows = connection.execute(sql.select(results.c.key, results.c.body).order_by(results.c.key)).all()
    assert [tuple(each) for each in rows] == [("k", "new"), ("l", "old")]


def test_rows_that_are_there_are_left(where: Path | str) -> None:
    row = {"key": "k", "body": "old", "created": 1.0}
    with connect(where).begin() as connection:
        assert insert_ignore(connection, results, row) == 1
        assert insert_ignore(connection, results, [{**row, "body": "new"}, {**row, "key": "l"}]) == 1
        assert insert_ignore(connection, results, []) == 0


def test_what_is_there_already_is_told_to_who_asks(where: Path | str) -> None:
    engine = connect(where)
    row = {"key": "k", "body": "old", "created": 1.0}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(results.insert(), [row, row])


def test_who_reads_on_misses_nothing_that_others_commit_out_of_order(where: Path | str, market: Market) -> None:
    engine = connect(where)
    ledger = Ledger(engine)
    what = market.plan(pipeline([{"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}], out="a.output"))
    stop = threading.Event()
    seen: list[int] = []

    def read() -> None:
        position = 0
        while not stop.is_set() or ledger.tail(position):
            seen.extend(place for place, _ in ledger.tail(position))
            position = seen[-1] if seen else 0

    def write(thread: int) -> None:
        for number in range(25):
            ledger.accept(Order(run=f"{thread}-{number}", plan=what, inputs={}))

    reader = threading.Thread(target=read)
    reader.start()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    stop.set()
    reader.join()
    assert len(seen) == 150
    assert seen == sorted(set(seen))
