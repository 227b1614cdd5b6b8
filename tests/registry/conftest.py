"""A registry in a folder, and one in a bucket of a real S3 server."""

from pathlib import Path

import pytest

from halles.registry.models import Models
from halles.registry.places import open_registry
from halles.registry.store import Registry
from halles.stores.seaweed import OBJECTS, Seaweed


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The settings for a registry of this test's own."""
    if request.param == "folder":
        return {"HALLES_MODELS": str(tmp_path / "registry")}
    server: Seaweed = request.getfixturevalue("s3")
    prefix = request.getfixturevalue("bucket").prefix
    return server.environment() | {"HALLES_MODELS": f"s3://{OBJECTS}/{prefix}"}


@pytest.fixture
def registry(place: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    for name, value in place.items():
        monkeypatch.setenv(name, value)
    return open_registry(tmp_path / "cache")


@pytest.fixture
def models(registry: Registry) -> Models:
    return Models(registry)
