"""`halles storage`, as its users start, stop and kill it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from halles.model import Problems
from halles.stores.s3 import bucket_at
from halles.stores.seaweed import Seaweed


class Storage:
    """The command as a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-c", "from halles.cli import app; app()", "storage", "--dir", str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.said = [self.process.stdout.readline() for _ in range(7)]
        self.server = psutil.Process(self.process.pid).children()[0]

    def environment(self) -> dict[str, str]:
        """The settings that it wrote down."""
        lines = (self.folder / "environment").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    started = Storage(tmp_path / "storage")
    yield started
    started.process.kill()


def test_a_server_that_is_killed_leaves_no_child_and_loses_nothing(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert storage.said[0].startswith("S3 server at http://127.0.0.1:")
    assert "SECRET_ACCESS_KEY=…" in "".join(storage.said), "secrets are not shown"
    use(storage, monkeypatch)
    bucket_at("s3://halles-objects").put("song", b"la la")
    os.kill(storage.process.pid, signal.SIGKILL)
    storage.server.wait(10)

    again = Storage(storage.folder)
    use(again, monkeypatch)
    assert bytes(bucket_at("s3://halles-objects").get("song").bytes()) == b"la la"
    again.process.terminate()
    assert again.process.wait(60) == 0
    assert not again.server.is_running()


def use(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in storage.environment().items():
        monkeypatch.setenv(name, value)


def test_only_this_user_reads_the_credentials(s3: Seaweed) -> None:
    s3.write_environment()
    modes = {file.name: file.stat().st_mode & 0o777 for file in s3.folder.iterdir()}
    assert modes["keys.json"] == modes["environment"] == modes["s3.json"] == 0o600
    assert s3.folder.stat().st_mode & 0o777 == 0o700


def test_nothing_is_given_without_credentials(s3: Seaweed) -> None:
    s3.bucket("halles-objects").put("song.txt", b"the words of the song")
    answers = [ask(port, "/buckets/halles-objects/song.txt") for port in s3.ports]
    answers += [ask(port, "/halles-objects/song.txt") for port in s3.ports]
    answers += [ask(port, "/etc/iam/identities/") for port in s3.ports]
    assert not [answer for answer in answers if b"200 OK" in answer or b"the words" in answer]


def ask(port: int, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        connection.settimeout(1)
        try:
            return connection.recv(4096)
        except TimeoutError:
            return b""


def test_it_listens_on_loopback_only(s3: Seaweed) -> None:
    (server,) = psutil.Process().children()
    listening = {c.laddr.ip for c in server.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_a_folder_is_served_once(s3: Seaweed) -> None:
    with pytest.raises(Problems, match=r"is running already. Stop it, or give --dir"):
        Seaweed(s3.folder).start()


def test_a_port_that_is_taken_is_explained(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Problems, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"):
            Seaweed(tmp_path / "storage", port=port).start()


def test_a_server_that_ends_by_itself_is_reported(storage: Storage) -> None:
    storage.server.kill()
    assert storage.process.wait(30) == 1


def test_a_folder_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Seaweed(Path("storage")).folder == tmp_path / "storage"
