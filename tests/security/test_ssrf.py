"""Nobody reaches, through this server, what only this server can reach."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from halles.main import Market
from halles.model import Role
from tests import shelf
from tests.people import OPEN, server
from tests.security.world import World

INSIDE = [
    "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/", "http://127.1:{port}/", "http://0:{port}/",
    "http://2130706433:{port}/", "http://0x7f000001:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://127.0.0.1.:{port}/",
    "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://10.0.0.1/", "http://192.168.1.1/",
    "http://metadata.google.internal/", "http://user:pass@127.0.0.1:{port}/", "http://example.org@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@example.org/", "http://①②⑦.⓪.⓪.①:{port}/",
]  # fmt: skip
NO_WEB = [
    "file:///etc/passwd", "gopher://127.0.0.1:{port}/", "ftp://127.0.0.1/", "dict://127.0.0.1:{port}/", "http:///etc/passwd",
    "http://", "//127.0.0.1:{port}/", "127.0.0.1:{port}", "javascript:1", "data:text/plain,x", "http://127.0.0.1:22/", "",
]  # fmt: skip


class Inside(BaseHTTPRequestHandler):
    """What should not be reached: it counts who comes, and would lead on to a secret."""

    seen: list[str] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(302 if self.path.startswith("/away") else 200)
        self.send_header("Location", "/secret")
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"secret")

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port():
    inside = ThreadingHTTPServer(("127.0.0.1", 0), Inside)
    threading.Thread(target=inside.serve_forever, args=(0.02,), daemon=True).start()
    yield inside.server_port
    inside.shutdown()


@contextmanager
def fetching(market, port):
    """A function that asks the server to fetch a URL, as an input and as a service."""
    world = World(market)
    _, key = world.people["owner", Role.author]
    slug = world.pipeline(world.people["owner", Role.author][0])
    text = [{"name": "text", "type": ["text/plain"]}]
    with server(world.market, **OPEN) as client:

        def fetch(url: str) -> list:
            Inside.seen.clear()
            url = url.format(port=port)
            as_input = client.post(f"/pipelines/{slug}/run", json={"text": {"url": url}}, headers=key)
            said = {
                "name": "s",
                "slug": "s",
                "summary": "",
                "url": url,
                "docs_url": url,
                "data_in_fields": text,
                "data_out_fields": text,
            }
            return [as_input, client.post("/core-engine/services", json=said, headers=key)]

        yield fetch


@pytest.fixture(scope="module")
def tried(market, port):
    with fetching(market, port) as fetch:
        yield fetch


@pytest.mark.parametrize("url", INSIDE + NO_WEB)
def test_what_is_inside_is_not_reached(tried, url):
    for answer in tried(url):
        assert 400 <= answer.status_code < 500 or answer.status_code == 503
        assert "secret" not in answer.text
    assert Inside.seen == []


def test_where_an_operator_allows_it_redirects_are_still_not_followed(tmp_path, monkeypatch, port):
    monkeypatch.setenv("HALLES_ALLOWED_NETWORKS", "127.0.0.0/8")
    market = Market(tmp_path, services=shelf.SERVICES)
    with fetching(market, port) as fetch:
        answers = fetch("http://127.0.0.1:{port}/away")
    for answer in answers:
        assert answer.status_code in (422, 424, 503)
    assert not any("secret" in path for path in Inside.seen)
    assert Inside.seen
