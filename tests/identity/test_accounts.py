"""Accounts, keys and sessions in the database."""

import time

import pytest
import sqlalchemy as sql

from halles.main import Market
from halles.model import Account, Problems, Quota, Role
from halles.stores.keys import keys
from halles.stores.sessions import logins, sessions
from tests import shelf


@pytest.fixture
def market(tmp_path, where, monkeypatch) -> Market:
    """On both databases."""
    if isinstance(where, str):
        monkeypatch.setenv("HALLES_DATABASE_URL", where)
    return Market(tmp_path, services=shelf.SERVICES)


@pytest.fixture
def ada(market: Market) -> Account:
    return market.accounts.add("Ada", Role.author)


def test_an_account_is_found_by_id_and_by_name(market, ada):
    assert market.accounts.find("Ada") == market.accounts.find(ada.id) == market.accounts.load(ada.id) == ada


def test_a_misspelt_account_is_suggested(market, ada):
    with pytest.raises(Problems) as raised:
        market.accounts.find("Adda")
    assert raised.value.problems[0].suggestions == ("Ada",)


def test_a_name_that_two_have_is_asked_back(market, ada):
    other = market.accounts.add("Ada", Role.viewer)
    with pytest.raises(Problems, match=other.id):
        market.accounts.find("Ada")


def test_only_what_is_given_changes(market, ada):
    quota = Quota(runs_a_day=3)
    assert market.accounts.change(ada.id, quota=quota) == ada.model_copy(update={"quota": quota})
    assert market.accounts.change(ada.id, role=Role.viewer).quota == quota
    assert market.accounts.change(ada.id, quota=None).quota is None


def test_a_key_proves_its_account(market, ada):
    key, secret = market.keys.create(ada, "laptop", Role.runner)
    principal = market.keys.prove(secret)
    assert principal is not None
    assert (principal.id, principal.role, principal.key) == (ada.id, Role.runner, key.id)


def test_secrets_are_recognised_and_long(market, ada):
    _, secret = market.keys.create(ada, "", Role.viewer)
    assert secret.startswith("hal_")
    assert len(bytes.fromhex(secret.removeprefix("hal_"))) * 8 == 256


def test_a_key_cannot_do_more_than_its_account(market, ada):
    with pytest.raises(Problems, match="cannot do more"):
        market.keys.create(ada, "", Role.operator)
    _, secret = market.keys.create(ada, "", Role.author)
    market.accounts.change(ada.id, role=Role.viewer)
    assert market.keys.prove(secret).role is Role.viewer, "also when the account may less by now"


@pytest.mark.parametrize("end", ["expired", "revoked", "disabled", "unknown"])
def test_a_key_that_is_over_proves_nothing(market, ada, end):
    expires = time.time() - 1 if end == "expired" else None
    key, secret = market.keys.create(ada, "", Role.viewer, expires=expires)
    if end == "revoked":
        market.keys.revoke(key.id)
    if end == "disabled":
        market.accounts.change(ada.id, disabled=True)
    assert market.keys.prove(secret + "0" * (end == "unknown")) is None


def test_the_last_use_of_a_key_is_noted(market, ada):
    key, secret = market.keys.create(ada, "", Role.viewer)
    assert market.keys.load(key.id).used is None
    market.keys.prove(secret)
    assert market.keys.load(key.id).used == pytest.approx(time.time(), abs=60)


def test_a_session_lasts_until_it_is_ended(market, ada):
    token = market.sessions.begin(ada.id, 60)
    assert market.sessions.prove(token).id == ada.id
    market.sessions.end(token)
    assert market.sessions.prove(token) is None


def test_a_session_expires_and_dies_with_its_account(market, ada):
    assert market.sessions.prove(market.sessions.begin(ada.id, -1)) is None
    token = market.sessions.begin(ada.id, 60)
    market.accounts.change(ada.id, disabled=True)
    assert market.sessions.prove(token) is None


def test_a_sign_in_ends_once_and_in_the_browser_that_began_it(market):
    login = market.sessions.depart("/runs", 60)
    assert market.sessions.arrive(login.state, "another browser") is None
    assert market.sessions.arrive(login.state, login.browser) == login
    assert market.sessions.arrive(login.state, login.browser) is None


def test_the_log_tells_who_did_what_and_goes_on_where_a_page_ended(market):
    for number in range(5):
        market.audit.append("ada", "DELETE /runs/{run}", f"/runs/{number}", outcome=204, address="10.0.0.1")
    first = market.audit.query(limit=2)
    rest = market.audit.query(before=first[-1].id)
    assert [entry.object for entry in (*first, *rest)] == [f"/runs/{number}" for number in (4, 3, 2, 1, 0)]
    assert market.audit.query(who="bob") == []


def test_the_log_is_kept_for_as_long_as_an_operator_wants(market):
    market.audit.append("ada", "DELETE /runs/{run}", "/runs/1", outcome=204)
    assert market.audit.forget(days=1) == 0
    assert market.audit.forget(days=0) == 1


def test_a_subject_of_a_provider_has_one_account(market):
    first = market.accounts.signed_in("https://id", "42", "Ada", first=Role.runner, role=None)
    again = market.accounts.signed_in("https://id", "42", "Ada L.", first=Role.runner, role=Role.author)
    assert again.id == first.id
    assert (first.role, again.role) == (Role.runner, Role.author)
    with pytest.raises(Problems):
        market.accounts.add("Eve", Role.operator, issuer="https://id", subject="42")


def test_no_secret_is_stored_only_its_hash(market, ada):
    _, secret = market.keys.create(ada, "", Role.viewer)
    token = market.sessions.begin(ada.id, 60)
    login = market.sessions.depart("/", 60)
    with market._database.connect() as connection:
        rows = [str(row) for table in (keys, sessions, logins) for row in connection.execute(sql.select(table))]
    assert len(rows) == 3
    for known in (secret.removeprefix("hal_"), token, login.state, login.browser):
        assert not any(known in row for row in rows)
