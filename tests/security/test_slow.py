"""Clients that are slow on purpose, and headers that lie, against the server as people start it."""

import os
import re
import socket
import subprocess
import time

import httpx
import pytest

from tests.people import OPEN, bearer
from tests.security.started import SERVE, started


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with started(tmp_path_factory.mktemp("slow"), HALLES_HEADER_SECONDS="1", HALLES_BODY_SECONDS="1") as address:
        yield address


def talk(address, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What the server says to these bytes until it hangs up."""
    with socket.create_connection(address, timeout=20) as connection:
        answer = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            while chunk := connection.recv(65536):
                answer += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass
        return answer


def head(address, *more: str, method: str = "POST", path: str = "/keys") -> bytes:
    lines = (
        f"{method} {path} HTTP/1.1",
        f"Host: {address[0]}:{address[1]}",
        "Content-Type: application/json",
        *more,
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def test_headers_that_do_not_come_are_not_waited_for(address):
    begun = time.monotonic()
    assert talk(address, b"GET /me HTTP/1.1\r\nHost: 127.0.0.1\r\n") == b""
    assert time.monotonic() - begun < 15


def test_headers_that_drip_are_not_waited_for(address):
    begun = time.monotonic()
    talk(address, b"GET /me HTTP/1.1\r\n", *[b"X: y\r\n"] * 40, pause=0.25)
    assert time.monotonic() - begun < 15


def test_a_body_that_does_not_come_is_not_waited_for(address):
    answer = talk(address, head(address, "Content-Length: 100"))
    assert answer.startswith(b"HTTP/1.1 408")


def test_a_body_that_drips_is_not_waited_for(address):
    answer = talk(address, head(address, "Content-Length: 1000"), *[b"x"] * 40, pause=0.1)
    assert b"408" in answer.partition(b"\r\n")[0] or answer == b"", "the server may hang up while we send"


def test_many_slow_clients_do_not_keep_others_out(address):
    slow = [socket.create_connection(address, timeout=20) for _ in range(200)]
    try:
        for connection in slow:
            connection.sendall(b"POST /artifacts HTTP/1.1\r\n")
        assert httpx.get(f"http://{address[0]}:{address[1]}/health/live", timeout=15).status_code == 200
    finally:
        for connection in slow:
            connection.close()


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: -1",),
        ("Transfer-Encoding: chunked, identity",),
        ("Content-Length : 5",),
        ("X: a\0b",),
        ("X" * 600_000 + ": y",),
    ],
    ids=lambda lines: lines[0][:30],
)
def test_heads_that_two_servers_could_read_otherwise_are_refused(address, lines):
    smuggled = head(address, *lines) + b"0\r\n\r\n" + head(address, method="GET", path="/accounts")
    answer = talk(address, smuggled)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert b"HTTP/1.1 2" not in answer


@pytest.mark.parametrize(
    "path",
    [
        "/..%2f..%2fetc/passwd",
        "/artifacts/..%2f..%2fhalles.db",
        "/artifacts/....//....//halles.db",
        "//etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/core-engine/storage/..%2f..%2fhalles.db",
        "/core-engine/storage/%2e%2e",
        "/shared/../../etc/passwd",
        "/%c0%ae%c0%ae/etc/passwd",
    ],
)
def test_no_path_leads_out(address, path):
    answer = talk(address, head(address, "Connection: close", method="GET", path=path))
    assert re.match(rb"HTTP/1\.1 4\d\d", answer)
    assert b"SQLite" not in answer
    assert b"root:" not in answer


def test_a_host_that_is_not_ours_is_refused_by_the_real_server(address):
    url = f"http://{address[0]}:{address[1]}/me"
    assert httpx.get(url).status_code == 200
    assert httpx.get(url, headers={"Host": f"evil.example:{address[1]}"}).status_code == 403
    assert httpx.get(url, headers={"Host": f"localhost:{address[1]}"}).status_code == 200
    assert httpx.get(url, headers={"Host": f"localhost:{address[1] + 1}"}).status_code == 403
    assert httpx.get(url, headers=bearer("hal_x")).status_code == 401


def test_a_server_for_others_does_not_start_without_a_login(tmp_path):
    command = [*SERVE, "--host", OPEN["HALLES_HOST"], "--port", "0"]
    settings = os.environ | {"HALLES_HOME": str(tmp_path)}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 3
    assert "halles keys create" in done.stderr
