"""The files of the web application."""

import gzip
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from halles.api import web

SCRIPT = b"console.log('hello')\n" * 100


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assets = tmp_path / "assets"
    assets.mkdir()
    (assets / "index-1a2b.js").write_bytes(SCRIPT)
    (assets / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (assets / "plain-3c4d.js").write_bytes(SCRIPT)
    monkeypatch.setattr(web, "BUILT", tmp_path)
    return assets


def test_a_file_comes_packed_where_the_browser_takes_that(client: TestClient, built: Path) -> None:
    packed = client.get("/assets/index-1a2b.js", headers={"accept-encoding": "gzip, deflate, br"})
    assert packed.headers["content-encoding"] == "gzip", "there is none for br"
    assert int(packed.headers["content-length"]) < len(SCRIPT)
    assert packed.content == SCRIPT
    assert packed.headers["content-type"].startswith("text/javascript")
    assert "immutable" in packed.headers["cache-control"]
    assert packed.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", ["identity", "", "gzip;q=0, identity", "gzip; q=0.0"])
def test_a_file_comes_as_it_is_where_the_browser_does_not(client: TestClient, built: Path, accepted: str) -> None:
    plain = client.get("/assets/index-1a2b.js", headers={"accept-encoding": accepted})
    assert "content-encoding" not in plain.headers
    assert plain.content == SCRIPT


def test_what_was_not_packed_comes_as_it_is(client: TestClient, built: Path) -> None:
    plain = client.get("/assets/plain-3c4d.js", headers={"accept-encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers
    assert plain.content == SCRIPT


def test_nothing_is_served_from_elsewhere(client: TestClient, built: Path) -> None:
    (built.parent / "secret").write_text("s")
    assert client.get("/assets/..%2Fsecret").status_code == 404
