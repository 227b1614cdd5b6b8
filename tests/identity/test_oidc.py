"""Signing in at a provider: tokens of programs, and the code flow of browsers."""

import base64
import hmac
import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from halles.api import oidc
from halles.api.settings import Settings
from halles.model import Problems, Role
from tests.identity.provider import CLIENT, SECRET, Provider, stranger
from tests.people import OPEN, bearer, server


@pytest.fixture
def provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def settings(provider):
    return OPEN | {
        "HALLES_OIDC_ISSUER": provider.issuer,
        "HALLES_OIDC_CLIENT_ID": CLIENT,
        "HALLES_OIDC_CLIENT_SECRET": SECRET,
    }


@pytest.fixture
def client(market, settings):
    with server(market, **settings) as client:
        yield client


def sign_in(client, provider, goal="/"):
    away = client.get("/auth/login", params={"next": goal})
    assert away.status_code == 303
    return client.get(provider.authorise(away.headers["location"]))


def test_a_token_of_the_provider_comes_in_as_an_account_made_at_the_first_time(market, client, provider):
    principal = client.get("/me", headers=bearer(provider.token())).json()["principal"]
    assert (principal["name"], principal["role"]) == ("ada", "runner")
    assert client.get("/me", headers=bearer(provider.token())).json()["principal"] == principal
    assert [account.subject for account in market.accounts.all()] == ["42"]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "another"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": []}, "aud"),
        ({"iss": "http://127.0.0.1:1"}, "iss"),
        ({"iss": None}, "iss"),
        ({"exp": int(time.time()) - 3600}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": "never"}, "exp"),
        ({"nbf": int(time.time()) + 3600}, "token"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": "x" * 256}, "too long"),
        ({"azp": "another", "aud": [CLIENT, "another"]}, "somebody else"),
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_is_refused(market, client, provider, claims, why):
    answer = client.get("/me", headers=bearer(provider.token(**claims)))
    assert answer.status_code == 401
    assert why in answer.json()["detail"]
    assert market.accounts.all() == []


def test_a_token_without_signature_is_refused(client, provider):
    body = provider.token().split(".")[1]
    for header in ("eyJhbGciOiJub25lIn0", "eyJhbGciOiJOb25lIn0", "e30"):
        for signature in ("", provider.token().split(".")[2]):
            assert client.get("/me", headers=bearer(f"{header}.{body}.{signature}")).status_code == 401


def test_a_token_signed_with_what_is_public_is_refused(client, provider):
    header = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": provider.key.kid}).encode()).rstrip(b"=")
    signed = b".".join((header, provider.token().split(".")[1].encode()))
    for public in (provider.key.as_pem(private=False), SECRET.encode()):
        seal = base64.urlsafe_b64encode(hmac.digest(public, signed, "sha256")).rstrip(b"=")
        assert client.get("/me", headers=bearer(b".".join((signed, seal)).decode())).status_code == 401


def test_a_token_of_a_stranger_is_refused_whatever_its_key_is_called(client, provider):
    client.get("/me", headers=bearer(provider.token()))
    for kid in (provider.key.kid, "new"):
        forged = provider.token(key=stranger(kid), alg="RS256")
        assert client.get("/me", headers=bearer(forged)).status_code == 401


def test_the_provider_changes_its_keys(client, provider, monkeypatch):
    monkeypatch.setattr(oidc, "PAUSE", 0.0)
    old = provider.token()
    assert client.get("/me", headers=bearer(old)).status_code == 200
    provider.change_keys()
    assert client.get("/me", headers=bearer(provider.token())).status_code == 200
    assert client.get("/me", headers=bearer(old)).status_code == 401


def test_forged_tokens_do_not_make_us_ask_the_provider_each_time(client, provider):
    client.get("/me", headers=bearer(provider.token()))
    for _ in range(5):
        client.get("/me", headers=bearer(provider.token(key=stranger("new"), alg="RS256")))
    assert provider.asked.count("/keys") == 1


def test_a_provider_that_is_away_is_said_so(market, provider, settings):
    provider.close()
    with server(market, **settings) as client:
        answer = client.get("/me", headers=bearer("a.b.c"))
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (503, "provider-failed")


def test_a_provider_that_calls_itself_otherwise_is_not_trusted(market, provider, settings, monkeypatch):
    monkeypatch.setattr(provider, "describe", lambda: Provider.describe(provider) | {"issuer": "https://evil.example"})
    with server(market, **settings) as client:
        assert client.get("/me", headers=bearer(provider.token())).status_code == 503


def test_a_browser_signs_in_and_comes_back_to_where_it_was(client, provider):
    back = sign_in(client, provider, "/runs?status=failed")
    assert (back.status_code, back.headers["location"]) == (303, "/runs?status=failed")
    assert client.get("/me").json()["principal"]["name"] == "ada"


def test_the_cookie_is_for_this_server_alone(market, provider, settings):
    with server(market, **settings) as client:
        plain = sign_in(client, provider).headers["set-cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    with server(market, base_url="https://hall.example", **settings) as client:
        secure = sign_in(client, provider).headers.get_list("set-cookie")[-1]
    assert secure.startswith("__Host-halles_session=")
    assert "Secure" in secure
    assert "Path=/;" in secure
    assert "Domain" not in secure


def test_signing_out_ends_the_session_also_for_who_copied_the_cookie(client, provider):
    sign_in(client, provider)
    copied = dict(client.cookies)
    assert client.post("/auth/logout", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 204
    assert client.get("/me").status_code == 401
    client.cookies.update(copied)
    assert client.get("/me").status_code == 401


def test_a_page_elsewhere_cannot_sign_somebody_out(client, provider):
    sign_in(client, provider)
    assert client.post("/auth/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get("/me").status_code == 200


def test_a_sign_in_ends_in_the_browser_that_began_it(market, settings, provider, client):
    stolen = provider.authorise(client.get("/auth/login").headers["location"])
    with server(market, **settings) as other:
        assert other.get(stolen).status_code == 401, "else a victim would work in the account of an attacker"
        assert other.get("/me").status_code == 401


def test_a_code_is_taken_once(client, provider):
    back = provider.authorise(client.get("/auth/login").headers["location"])
    cookies = dict(client.cookies)
    assert client.get(back).status_code == 303
    client.cookies.update(cookies)
    assert client.get(back).status_code == 401


@pytest.mark.parametrize("change", [{"nonce": "another"}, {"nonce": None}], ids=str)
def test_a_token_of_another_sign_in_is_refused(client, provider, change, monkeypatch):
    whole = provider.token
    monkeypatch.setattr(provider, "token", lambda **claims: whole(**claims | change))
    assert sign_in(client, provider).status_code == 401


def test_what_the_provider_refuses_is_refused(client, provider):
    away = client.get("/auth/login").headers["location"]
    state = parse_qs(urlsplit(away).query)["state"][0]
    answer = client.get("/auth/callback", params={"state": state, "error": "access_denied"})
    assert answer.status_code == 401
    assert "access_denied" in answer.json()["detail"]


def test_a_person_reads_on_a_page_that_the_provider_refused(client):
    away = client.get("/auth/login").headers["location"]
    state = parse_qs(urlsplit(away).query)["state"][0]
    asked = {"state": state, "error": "access_denied"}
    answer = client.get("/auth/callback", params=asked, headers={"Accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?refused=bad-credentials")
    assert client.get("/me").status_code == 401


def test_a_person_reads_on_a_page_that_the_provider_is_away(market, provider, settings):
    provider.close()
    with server(market, **settings) as client:
        answer = client.get("/auth/login", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?refused=provider-failed")


def test_a_code_that_is_none_is_refused(client):
    away = client.get("/auth/login").headers["location"]
    state = parse_qs(urlsplit(away).query)["state"][0]
    assert client.get("/auth/callback", params={"state": state, "code": "guess"}).status_code == 401


@pytest.mark.parametrize(
    "goal", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "evil", "/a\r\nX: y"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(client, provider, goal):
    assert sign_in(client, provider, goal).headers["location"] == "/"


def test_roles_come_from_the_provider_when_they_are_mapped(market, provider, settings):
    roles = {"HALLES_OIDC_ROLE_CLAIM": "realm.roles", "HALLES_OIDC_ROLES": "admins=operator, staff=author"}
    with server(market, **settings | roles) as client:
        for given, role in (
            (["staff", "admins", "x"], "operator"),
            (["staff"], "author"),
            ([], "runner"),
            (7, "runner"),
        ):
            token = provider.token(realm={"roles": given})
            assert client.get("/me", headers=bearer(token)).json()["principal"]["role"] == role


def test_who_is_disabled_cannot_sign_in(market, client, provider):
    sign_in(client, provider)
    (account,) = market.accounts.all()
    market.accounts.change(account.id, disabled=True)
    assert client.get("/me").status_code == 401
    assert sign_in(client, provider).status_code == 401
    assert client.get("/me", headers=bearer(provider.token())).status_code == 401


def test_a_role_that_an_operator_gave_stays(market, client, provider):
    sign_in(client, provider)
    (account,) = market.accounts.all()
    market.accounts.change(account.id, role=Role.author)
    sign_in(client, provider)
    assert client.get("/me").json()["principal"]["role"] == "author"


@pytest.mark.parametrize(
    "wrong",
    [{"HALLES_OIDC_CLIENT_ID": ""}, {"HALLES_OIDC_ISSUER": "http://id.example"}, {"HALLES_OIDC_ISSUER": "id"}],
    ids=str,
)
def test_settings_that_cannot_be_trusted_are_refused_at_the_start(settings, wrong):
    with pytest.raises(Problems):
        Settings.read(settings | wrong).check()


def test_without_a_provider_there_is_no_signing_in(market):
    with server(market, **OPEN) as client:
        assert client.get("/auth/login").status_code == 404
        assert client.get("/auth").json() == {"login": "required", "provider": False, "principal": None}
