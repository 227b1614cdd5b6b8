"""Who is let in, as whom, and what they may do."""

import base64

import pytest

from halles.api.guard import require_login
from halles.api.settings import Settings
from halles.model import Problems, Role
from tests.people import OPEN, bearer, person, server


@pytest.fixture
def client(market):
    with server(market, **OPEN) as client:
        yield client


def test_on_loopback_whoever_is_there_is_the_operator(market):
    with server(market) as client:
        assert client.get("/me").json()["principal"] == {
            "id": "local", "name": "this machine", "role": "operator", "key": None, "pipelines": None,
        }  # fmt: skip


def test_on_loopback_keys_work_too(market):
    account, key = person(market, "Ada", Role.viewer)
    with server(market) as client:
        assert client.get("/me", headers=key).json()["principal"]["id"] == account.id
        assert client.get("/accounts", headers=key).status_code == 403
        assert client.get("/me", headers=bearer("hal_none")).status_code == 401


def test_elsewhere_nobody_comes_in_without_a_key(client):
    answer = client.get("/me")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="halles"'
    assert answer.json()["type"] == "urn:halles:problem:not-signed-in"


def test_a_key_comes_in_as_its_account(market, client):
    account, key = person(market, "Ada", Role.runner)
    assert client.get("/me", headers=key).json()["principal"]["name"] == "Ada"
    assert client.get("/auth", headers=key).json()["principal"]["id"] == account.id


def test_a_program_that_knows_only_a_url_gives_the_key_in_it(market, client):
    _, key = person(market, "A service", Role.author)
    secret = key["Authorization"].removeprefix("Bearer ")
    for pair in (f"service:{secret}", f"{secret}:"):
        basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        assert client.get("/me", headers=basic).status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer hal_", "Basic %%%", "Basic", "Digest x", "hal_x", "Bearer é"]
)
def test_what_is_no_key_is_refused(client, header):
    answer = client.get("/me", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401


def test_an_account_that_is_disabled_is_out_at_once(market, client):
    account, key = person(market, "Ada", Role.runner)
    _, operator = person(market, "Root", Role.operator)
    assert client.get("/me", headers=key).status_code == 200
    assert client.patch(f"/accounts/{account.id}", json={"disabled": True}, headers=operator).status_code == 200
    assert client.get("/me", headers=key).status_code == 401


def test_operators_do_not_lock_themselves_out(market, client):
    account, key = person(market, "Root", Role.operator)
    for change in ({"disabled": True}, {"role": "viewer"}):
        assert client.patch(f"/accounts/{account.id}", json=change, headers=key).status_code == 409


def test_the_secret_of_a_key_is_shown_once(market, client):
    _, key = person(market, "Ada", Role.author)
    made = client.post("/keys", json={"name": "laptop", "role": "runner", "days": 1}, headers=key).json()
    assert client.get("/me", headers=bearer(made["secret"])).json()["principal"]["role"] == "runner"
    assert made["secret"] not in client.get("/keys", headers=key).text


def test_a_revoked_key_opens_nothing(market, client):
    _, key = person(market, "Ada", Role.author)
    made = client.post("/keys", json={"name": "laptop"}, headers=key).json()
    assert client.delete(f"/keys/{made['key']['id']}", headers=key).status_code == 204
    assert client.get("/me", headers=bearer(made["secret"])).status_code == 401


@pytest.mark.parametrize("more", [{"role": "author"}, {"pipelines": ["another"]}], ids=str)
def test_a_key_makes_no_key_that_can_do_more(market, client, more):
    account, _ = person(market, "Ada", Role.author)
    _, narrow = market.keys.create(account, "", Role.runner, pipelines=("cover-art",))
    assert client.post("/keys", json={"name": "more"} | more, headers=bearer(narrow)).status_code == 403


def test_a_key_makes_no_key_that_lives_longer(market, client):
    account, _ = person(market, "Ada", Role.author)
    _, short = market.keys.create(account, "", Role.runner, pipelines=("cover-art",), expires=4e9)
    made = client.post("/keys", json={"name": "more", "days": 3650 * 10}, headers=bearer(short))
    assert made.status_code == 422
    made = client.post("/keys", json={"name": "more"}, headers=bearer(short)).json()["key"]
    assert (made["expires"], made["pipelines"], made["role"]) == (4e9, ["cover-art"], "runner")


def test_writes_are_in_the_audit_log_with_who_and_from_where(market, client):
    account, key = person(market, "Root", Role.operator)
    client.post("/accounts", json={"name": "Ada"}, headers=key)
    client.post("/accounts", json={"name": "Eve"})
    refused, done = client.get("/audit", headers=key).json()["entries"]
    assert (done["who"], done["action"], done["object"], done["outcome"], done["address"]) == (
        account.id, "POST /accounts", "/accounts", 201, "127.0.0.1",
    )  # fmt: skip
    assert (refused["who"], refused["outcome"]) == ("anonymous", 401)


def test_wrong_keys_are_in_the_audit_log(market, client):
    _, key = person(market, "Root", Role.operator)
    client.get("/me", headers=bearer("hal_guess"))
    assert [entry.outcome for entry in market.audit.query()] == [401]
    assert len(client.get("/audit", headers=key).json()["entries"]) == 1


def test_a_server_for_others_does_not_start_before_somebody_can_sign_in(market):
    settings = Settings.read(OPEN)
    with pytest.raises(Problems, match="halles keys create"):
        require_login(market, settings)
    person(market, "Root", Role.operator)
    require_login(market, settings)
    require_login(market, Settings.read({}))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_only_loopback_is_free_of_login(host):
    assert not Settings.read({}, host=host).login_required
    assert Settings.read({"HALLES_LOGIN": "required"}, host=host).login_required


@pytest.mark.parametrize("host", [OPEN["HALLES_HOST"], "::", "10.0.0.1", "example.org", "127.0.0.1.example.org"])
def test_all_else_needs_a_login(host):
    assert Settings.read({}, host=host).login_required
