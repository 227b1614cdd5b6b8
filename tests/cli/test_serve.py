"""`halles serve`, as a process: it starts, refuses, outlasts slow clients, ends in order, and leaves nothing."""

import json
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from halles.cli.guard import FAILED, REFUSED
from halles.main import Market
from halles.model import Status
from tests.cli.conftest import Halles

Start = Callable[..., "subprocess.Popen[str]"]
PATIENCE = 60.0
BYTES = {"Content-Type": "application/octet-stream"}


def until(what: Callable[[], Any]) -> Any:
    """What is true at last."""
    limit = time.monotonic() + PATIENCE
    while True:
        if found := what():
            return found
        assert time.monotonic() < limit, "it did not come true"
        time.sleep(0.02)


class Server:
    """A server that listens."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self.process = process
        self.line = process.stdout.readline()
        assert "listens on" in self.line, process.communicate()[1]
        self.url = self.line.split("listens on ")[1].split()[0]
        self.port = int(self.url.rpartition(":")[2])
        self.http = httpx.Client(base_url=self.url, timeout=PATIENCE)

    def begin(self, seconds: float, marks: Path) -> str:
        """A run that works for so long, which it does now."""
        body = {"text": "la", "seconds": seconds, "marks": str(marks)}
        run = self.http.post("/services/work/call", json=body).json()["run"]
        until(marks.exists)
        return str(run)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """The exit code, when it has ended."""
        return self.process.wait(PATIENCE)


@pytest.fixture
def serve(start: Start, installed: dict[str, str]) -> Iterator[Callable[..., Server]]:
    """Starts servers with settings of the environment; they are killed at the end."""
    begun: list[Server] = []

    def begin(*arguments: str, **settings: str) -> Server:
        installed.update(settings)
        begun.append(Server(start("serve", "--port", "0", *arguments)))
        return begun[-1]

    yield begin
    for server in begun:
        server.http.close()
        server.process.kill()
        server.process.communicate()


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    """A server that is not patient."""
    return serve(HALLES_HEADER_SECONDS="1", HALLES_BODY_SECONDS="1")


@pytest.fixture
def refused(halles: Halles) -> Iterator[Callable[..., tuple[int, str]]]:
    """The exit code and the complaint of a server that does not start."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level

    def begin(*arguments: str) -> tuple[int, str]:
        result = halles("serve", *arguments)
        return result.exit_code, result.stderr

    yield begin
    root.handlers[:] = before
    root.setLevel(level)


def status(home: Path, run: str) -> Status:
    """How a run stands, by what is written down."""
    found = Market(home).ledger.load(run)
    assert found is not None
    return found.status


def talk(server: Server, text: str) -> bytes:
    """Send something and nothing more: all that comes back until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as line:
        line.sendall(text.replace("\n", "\r\n").encode())
        return b"".join(iter(lambda: line.recv(65536), b""))


def not_read(server: Server, path: str) -> int:
    """Ask for something and read nothing until the server has given it up: the bytes that there are to read then."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        alone = "halles_http_requests_under_way 1.0"  # The one that asks for the metrics.
        until(lambda: "halles_http_requests_under_way 2.0" in server.http.get("/metrics").text)
        until(lambda: alone in server.http.get("/metrics").text)
        return sum(len(part) for part in iter(lambda: line.recv(65536), b""))


def test_it_serves_and_outlasts_slow_clients(server: Server) -> None:
    assert server.line == f"Halles 0.1.0 listens on {server.url} (its API: {server.url}/docs). Ctrl-C stops it.\n"
    assert until(lambda: server.http.get("/health/ready").json()["status"] == "ready")
    called = server.http.post("/services/work/call?wait=30", json={"text": "la"})
    assert called.json()["outputs"]["output"]["value"] == "la."
    no_end_of_headers = talk(server, "GET /health/live HTTP/1.1\nHost: 127.0.0.1\n")
    assert no_end_of_headers == b""
    head = f"POST /services/work/call HTTP/1.1\nHost: 127.0.0.1:{server.port}\nContent-Type: application/json\n"
    no_end_of_body = talk(server, f'{head}Content-Length: 100\n\n{{"text":')
    assert no_end_of_body.startswith(b"HTTP/1.1 408") and b"application/problem+json" in no_end_of_body
    assert server.http.get("/health/live").status_code == 200
    large = server.http.post("/artifacts", content=bytes(30_000_000), headers=BYTES).json()["sha256"]
    assert not_read(server, f"/artifacts/{large}") < 30_000_000


def test_without_a_worker_runs_wait_and_a_trusted_proxy_says_who_asks(serve: Callable[..., Server]) -> None:
    server = serve("--no-worker", "--log-format", "json", HALLES_TRUSTED_PROXIES="127.0.0.1")
    called = server.http.post("/services/work/call?wait=0.5", json={"text": "la"})
    assert (called.status_code, called.json()["status"]) == (202, "pending")
    server.http.get("/services", headers={"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"})
    server.signal(signal.SIGTERM)
    _, log = server.process.communicate(timeout=PATIENCE)
    asked = {line["client"]: line for line in map(json.loads, log.splitlines()) if "client" in line}
    assert asked["127.0.0.1"]["message"] == "POST /services/{slug}/call"
    assert asked["203.0.113.7"]["status"] == 403  # Who is not on this machine needs a login.


def test_a_port_that_is_taken_is_said_with_who_to_ask(refused: Callable[..., tuple[int, str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, complaint = refused("--port", port)
    assert code == REFUSED
    assert (
        f"Port {port} of 127.0.0.1 is taken by another program; `ss -ltnp 'sport = :{port}'` shows which" in complaint
    )


def test_it_does_not_listen_for_others_without_a_login(refused: Callable[..., tuple[int, str]]) -> None:
    code, complaint = refused("--host", "0.0.0.0", "--port", "0")  # noqa: S104 - that is what must not work.
    assert code == REFUSED
    assert "login is needed" in complaint


def test_settings_that_are_wrong_are_said_all_at_once(
    refused: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLES_PORT", "http")
    monkeypatch.setenv("HALLES_DRAIN_SECONDS", "-1")
    code, complaint = refused()
    assert code == REFUSED
    assert "HALLES_PORT" in complaint and "HALLES_DRAIN_SECONDS" in complaint


@pytest.mark.parametrize(
    ("name", "value"), [("HALLES_CANDIDATE_SHARE", "2"), ("HALLES_MODEL_MAX_BYTES", "much"), ("HALLES_MODELS", "s3://")]
)
def test_a_setting_of_models_that_is_wrong_is_said(
    refused: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Else the services that follow a model would be missing."""
    monkeypatch.setenv(name, value)
    code, complaint = refused("--port", "0")
    assert code == REFUSED
    assert value in complaint


def test_a_database_that_is_down_is_said(
    refused: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLES_DATABASE_URL", "postgresql://ann:secret@127.0.0.1:1/halles")
    code, complaint = refused("--port", "0")
    assert code == FAILED
    assert "127.0.0.1" in complaint and "secret" not in complaint


def test_a_signal_lets_runs_and_watchers_come_to_their_end(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(HALLES_DRAIN_DELAY="1")
    run = server.begin(1.5, tmp_path / "marks")
    watcher = Watcher(server, run)
    server.signal(signal.SIGTERM)
    ready = until(lambda: (answer := server.http.get("/health/ready")).status_code == 503 and answer.json())
    assert ready["status"] == "stopping"
    assert watcher.ended_well()
    assert server.end() == 0
    assert status(tmp_path / "home", run) is Status.finished


class Watcher(threading.Thread):
    """Watches a run, from when it is made."""

    def __init__(self, server: Server, run: str) -> None:
        super().__init__(daemon=True)
        self.server, self.run_id = server, run
        self.watching = threading.Event()
        self.well = False
        self.start()
        assert self.watching.wait(PATIENCE)

    def run(self) -> None:
        with self.server.http.stream("GET", f"/runs/{self.run_id}/events") as events:
            for _ in events.iter_lines():
                self.watching.set()
        self.well = True  # A stream that is cut off raises.

    def ended_well(self) -> bool:
        self.join(PATIENCE)
        return self.well


def test_what_does_not_end_in_time_is_handed_over(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(HALLES_DRAIN_SECONDS="1")
    run = server.begin(600, tmp_path / "marks")
    server.signal(signal.SIGTERM)
    assert server.end() == 0
    assert not status(tmp_path / "home", run).done


def test_a_second_signal_ends_it_at_once(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(HALLES_DRAIN_SECONDS="600")
    server.begin(600, tmp_path / "marks")
    server.signal(signal.SIGINT)
    until(lambda: not connects(server))
    server.signal(signal.SIGINT)
    assert server.end() == 128 + signal.SIGINT


def test_it_is_one_process_that_leaves_nothing_when_it_is_killed(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve()
    run = server.begin(600, tmp_path / "marks")
    assert psutil.Process(server.process.pid).children(recursive=True) == []
    server.process.kill()
    assert server.end() == -signal.SIGKILL
    assert not connects(server)
    assert not status(tmp_path / "home", run).done


def connects(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    except OSError:
        return False
    return True


def test_what_does_not_serve_needs_nothing_of_the_extra_server() -> None:
    extra = ("alembic", "fastapi", "granian", "joserfc", "limits", "mcp", "opentelemetry", "prometheus_client")
    code = f"import halles.main, sys; print([name for name in {extra!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n"
