"""Requests to addresses that others named, over real sockets."""

import asyncio
import hashlib
import ipaddress
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from halles.model import CallFailed
from halles.net import Guard, Outgoing

HERE = Guard.read({}, loopback=True)
seen: list[str] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        seen.append(self.path)
        getattr(self, f"_{self.path.strip('/')}")()

    do_POST = do_GET

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _echo(self) -> None:
        self._send(200, self.rfile.read(int(self.headers["Content-Length"])))

    def _file(self) -> None:
        self._send(200, b"x" * 100_000)

    def _rubbish(self) -> None:
        self._send(200, b"<html>")

    def _elsewhere(self) -> None:
        self._send(302, b"", Location="/file")

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            self.close_connection = True

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(200):
                self.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def use(work: Callable[[Outgoing], Awaitable[Any]], guard: Guard = HERE) -> Any:
    async def main() -> Any:
        outgoing = Outgoing(guard)
        try:
            return await work(outgoing)
        finally:
            await outgoing.close()

    return asyncio.run(main())


def failure(work: Callable[[Outgoing], Awaitable[Any]], guard: Guard = HERE) -> CallFailed:
    with pytest.raises(CallFailed) as error:
        use(work, guard)
    return error.value


def test_a_message_is_sent_and_answered_as_json(site: str) -> None:
    answer = use(lambda out: out.ask("POST", f"{site}/echo", body={"a": 1}))
    assert answer.status == 200 and answer.json() == {"a": 1}


def test_an_endless_answer_is_cut_off(site: str) -> None:
    assert failure(lambda out: out.ask("GET", f"{site}/endless", limit=100_000)).problem.code == "too-large"


def test_an_answer_that_comes_byte_by_byte_is_cut_off_by_the_time_for_the_whole(site: str) -> None:
    started = time.monotonic()
    error = failure(lambda out: out.ask("GET", f"{site}/drip", seconds=0.5))
    assert error.problem.code == "too-slow" and error.retry
    assert time.monotonic() - started < 5


def test_redirects_are_not_followed(site: str) -> None:
    assert use(lambda out: out.ask("GET", f"{site}/elsewhere")).status == 302
    assert "/file" not in seen


def test_an_answer_that_is_not_json_is_shown(site: str) -> None:
    answer = use(lambda out: out.ask("GET", f"{site}/rubbish"))
    with pytest.raises(CallFailed, match="<html>"):
        answer.json()


def test_a_file_is_streamed_to_the_disk_and_hashed(site: str, tmp_path: Path) -> None:
    digest = use(lambda out: out.download(f"{site}/file", tmp_path / "it", seconds=5, limit=100_000))
    assert hashlib.sha256((tmp_path / "it").read_bytes()).hexdigest() == digest


def test_a_file_over_the_limit_is_refused_by_its_declared_size(site: str, tmp_path: Path) -> None:
    error = failure(lambda out: out.download(f"{site}/file", tmp_path / "it", seconds=5, limit=99_999))
    assert error.problem.code == "too-large" and not (tmp_path / "it").read_bytes()


def test_a_download_that_is_redirected_says_so(site: str, tmp_path: Path) -> None:
    error = failure(lambda out: out.download(f"{site}/elsewhere", tmp_path / "it", seconds=5, limit=100))
    assert "Redirects are not followed" in error.problem.message


def test_a_name_that_leads_to_a_private_address_is_refused(site: str) -> None:
    port = site.rpartition(":")[2]
    before = len(seen)
    error = failure(lambda out: out.ask("GET", f"http://localhost:{port}/file"), Guard())
    assert error.problem.code == "address-refused" and not error.retry
    assert len(seen) == before


def test_numbers_that_the_resolver_reads_as_loopback_are_refused(site: str) -> None:
    port = site.rpartition(":")[2]
    for host in ("2130706433", "0x7f.1", "127.1"):
        assert failure(lambda out, h=host: out.ask("GET", f"http://{h}:{port}/file"), Guard()).problem.code in (
            "address-refused",
            "bad-url",
        )


def test_the_address_that_was_judged_is_the_one_connected_to(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers a second question otherwise gains nothing: there is no second question."""
    port = int(site.rpartition(":")[2])
    answers = iter(["127.0.0.1", "127.0.0.2"])
    asked: list[str] = []

    async def resolve(self: Any, host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", (next(answers), port))]

    class Only(Guard):
        def permits(self, address: Any) -> bool:
            return address == ipaddress.ip_address("127.0.0.1")

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", resolve)
    assert use(lambda out: out.ask("GET", f"http://rebind.example:{port}/file"), Only()).status == 200
    assert asked.count("rebind.example") == 1


def test_an_address_where_nobody_listens_is_worth_another_try() -> None:
    error = failure(lambda out: out.ask("GET", "http://127.0.0.1:1025/"))
    assert error.problem.code == "unreachable" and error.retry
