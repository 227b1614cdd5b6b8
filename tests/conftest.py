"""What many tests share."""

from pathlib import Path

import pytest

from halles.main import Market
from tests import shelf
from tests.databases import postgres, where  # noqa: F401 - fixtures
from tests.storage import bucket, s3

__all__ = ["bucket", "market", "s3"]


@pytest.fixture
def market(tmp_path: Path) -> Market:
    """A market with small services of the tests' own, in a folder of its own."""
    return Market(tmp_path / "home", services=shelf.SERVICES, workers=4)
