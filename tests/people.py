"""A server that asks for a login, and the people who have one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient

from halles.api.app import create_app
from halles.api.settings import Settings
from halles.main import Market
from halles.model import Account, Role

OPEN: dict[str, str] = {"HALLES_HOST": "0.0.0.0"}  # noqa: S104 - what an operator writes; nothing listens.


@contextmanager
def server(
    market: Market, peer: str = "127.0.0.1", base_url: str = "http://127.0.0.1", **settings: Any
) -> Iterator[TestClient]:
    """A server without a network, as a browser or a program at an address reaches it."""
    app = create_app(market, Settings.read({"HALLES_WORKERS": "0"} | settings))
    with TestClient(app, base_url=base_url, client=(peer, 50000), follow_redirects=False) as client:
        yield client


def person(market: Market, name: str, role: Role) -> tuple[Account, dict[str, str]]:
    """A new account, and the header with a key of it."""
    account = market.accounts.add(name, role)
    return account, bearer(market.keys.create(account, "test", role)[1])


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}
