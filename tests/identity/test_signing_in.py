"""Signing in with an API key in a browser."""

import time
from types import SimpleNamespace

import pytest

from halles.model import Account, Role
from halles.stores import keys
from tests.people import OPEN, bearer, server

PAGE = {"Sec-Fetch-Site": "same-origin"}
"""What browsers say of our own pages."""


@pytest.fixture
def ada(market) -> Account:
    return market.accounts.add("Ada", Role.author)


@pytest.fixture
def client(market):
    with server(market, **OPEN) as client:
        client.headers.update(PAGE)
        yield client


def sign_in(client, market, account, role=Role.author, **more):
    """Sign in with a new key, which is given."""
    key, secret = market.keys.create(account, "laptop", role, **more)
    answer = client.post("/auth/session", headers=bearer(secret))
    assert answer.status_code == 200, answer.text
    return key


def test_a_key_begins_a_session_of_its_account(market, client, ada):
    key = sign_in(client, market, ada)
    who = client.get("/me").json()["principal"]
    assert (who["id"], who["role"], who["key"]) == (ada.id, "author", key.id)
    assert client.get("/auth").json()["principal"] == who


def test_the_session_can_do_no_more_than_the_key(market, client, ada):
    sign_in(client, market, ada, Role.viewer, pipelines=("cover-art",))
    who = client.get("/me").json()["principal"]
    assert (who["role"], who["pipelines"]) == ("viewer", ["cover-art"])
    assert client.post("/keys", json={"name": "more", "role": "author"}).status_code == 403


def test_the_session_can_do_no_more_than_the_account_may_by_now(market, client, ada):
    sign_in(client, market, ada)
    market.accounts.change(ada.id, role=Role.viewer)
    assert client.get("/me").json()["principal"]["role"] == "viewer"


@pytest.mark.parametrize("end", ["revoked", "expired", "disabled"])
def test_the_session_ends_with_its_key(market, client, ada, end, monkeypatch):
    later = time.time() + 60
    key = sign_in(client, market, ada, expires=later)
    assert client.get("/me").status_code == 200
    if end == "revoked":
        market.keys.revoke(key.id)
    elif end == "disabled":
        market.accounts.change(ada.id, disabled=True)
    else:
        monkeypatch.setattr(keys, "time", SimpleNamespace(time=lambda: later + 1))
    assert client.get("/me").status_code == 401
    assert client.get("/auth").json()["principal"] is None


def test_other_sessions_do_not_end_with_a_key(market, client, ada):
    other = market.keys.create(ada, "desk", Role.author)[0]
    sign_in(client, market, ada)
    market.keys.revoke(other.id)
    assert client.get("/me").status_code == 200


def test_signing_in_again_ends_the_session_before(market, client, ada):
    sign_in(client, market, ada)
    before = dict(client.cookies)
    sign_in(client, market, ada, Role.viewer)
    assert client.get("/me").json()["principal"]["role"] == "viewer"
    client.cookies.clear()
    client.cookies.update(before)
    assert client.get("/me").status_code == 401


def test_signing_out_ends_it_and_leaves_the_key(market, client, ada):
    key = sign_in(client, market, ada)
    assert client.post("/auth/logout").status_code == 204
    assert client.get("/me").status_code == 401
    assert market.keys.load(key.id).revoked is None


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(market, client, ada):
    secret = market.keys.create(ada, "laptop", Role.author)[1]
    said = client.post("/auth/session", headers=bearer(secret)).headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=lax" in said
    with server(market, base_url="https://hall.example", **OPEN) as far:
        said = far.post("/auth/session", headers=bearer(secret)).headers["set-cookie"]
    assert said.startswith("__Host-halles_session=")
    assert "Secure" in said


def test_a_session_begins_no_other_session_else_it_would_never_end(market, client, ada):
    sign_in(client, market, ada)
    assert client.post("/auth/session").status_code == 401


def test_a_page_elsewhere_signs_nobody_in(market, client, ada):
    secret = market.keys.create(ada, "theirs", Role.author)[1]
    headers = bearer(secret) | {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert client.post("/auth/session", headers=headers).status_code == 403
    assert not client.cookies


def test_guesses_are_refused_written_down_and_soon_not_looked_at(market, ada):
    secret = market.keys.create(ada, "laptop", Role.author)[1]
    with server(market, **OPEN, HALLES_RATE_LIMIT_FAILURES="3/hour") as client:
        guesses = [client.post("/auth/session", headers=bearer(f"hal_{number}")).status_code for number in range(4)]
        assert guesses == [401, 401, 401, 429]
        assert client.post("/auth/session", headers=bearer(secret)).status_code == 429
    log = market.audit.query()
    assert [(entry.who, entry.outcome) for entry in log] == [("anonymous", 401)] * 3


def test_the_log_tells_with_which_key_it_was_begun_and_what_was_done_in_it(market, client, ada):
    key = sign_in(client, market, ada)
    client.post("/keys", json={"name": "another"})
    made, begun = market.audit.query()
    assert (begun.action, begun.who, begun.key, begun.outcome) == ("POST /auth/session", ada.id, key.id, 200)
    assert (made.action, made.who, made.key) == ("POST /keys", ada.id, key.id)


def test_a_server_without_login_has_no_sessions(market, ada):
    secret = market.keys.create(ada, "laptop", Role.author)[1]
    with server(market) as client:
        answer = client.post("/auth/session", headers=bearer(secret))
    assert (answer.status_code, dict(client.cookies)) == (409, {})
