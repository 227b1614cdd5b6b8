"""Who asks through a proxy: its word is taken only where an operator trusts it."""

import httpx
import pytest

from halles.main import Market
from halles.model import Role
from tests.people import bearer, person
from tests.security.started import started


def asked(home, forwarded: str, **settings: str) -> str:
    """From where the audit log says that a request came which was forwarded for others."""
    market = Market(home)
    _, key = person(market, "Root", Role.operator)
    with started(home, HALLES_LOGIN="required", **settings) as (host, port):
        headers = bearer("hal_wrong") | {"X-Forwarded-For": forwarded}
        assert httpx.get(f"http://{host}:{port}/me", headers=headers).status_code == 401
        assert httpx.get(f"http://{host}:{port}/me", headers=key).status_code == 200
    (entry,) = market.audit.query(who="anonymous")
    return entry.address


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        ("", "203.0.113.9", "127.0.0.1"),
        ("127.0.0.0/8", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1,10.0.0.0/8", "6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
    ],
    ids=["nobody", "one", "a chain, whose beginning anybody could write"],
)
def test_an_address_is_believed_as_far_as_those_who_tell_it_are(tmp_path, trusted, forwarded, address):
    assert asked(tmp_path, forwarded, HALLES_TRUSTED_PROXIES=trusted) == address
