"""What goes wrong with the database is said, and said what to do."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from halles.main import Market
from halles.model import CallFailed, Problems, Result
from halles.stores import database
from halles.stores.database import connect
from halles.stores.ledger import Ledger
from halles.stores.objects import Objects
from halles.stores.results import Results


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


def test_many_processes_may_begin_at_once(tmp_path: Path) -> None:
    program = f"from pathlib import Path; from halles.stores.database import connect; connect(Path({str(tmp_path)!r}) / 'halles.db')"
    begun = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [process.wait(60) for process in begun] == [0, 0, 0]
