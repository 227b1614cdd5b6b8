"""A server of toy services, asked without a network."""

import pytest
from fastapi.testclient import TestClient

from halles.api.app import create_app


@pytest.fixture
def client(market):
    with TestClient(create_app(market), base_url="http://127.0.0.1") as client:
        yield client
