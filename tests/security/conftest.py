"""One market for the tests of a file: what they try changes nothing, or is counted before and after."""

import pytest

from halles.main import Market
from tests import shelf


@pytest.fixture(scope="module")
def market(tmp_path_factory) -> Market:
    """A market with toy services."""
    return Market(tmp_path_factory.mktemp("market"), services=shelf.SERVICES)
