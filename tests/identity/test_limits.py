"""How often somebody may ask, and how much they may use."""

import pytest

from halles.api.settings import Settings
from halles.model import Order, Principal, Problems, Quota, Role
from halles.stores.quotas import defaults
from tests.people import OPEN, bearer, person, server
from tests.running import pipeline

SHOUT = pipeline([{"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}], out="a.output")


def accept(market, owner, count=1):
    plan = market.plan(SHOUT)
    for _ in range(count):
        market.ledger.accept(
            Order(run=f"{owner}{count}{len(market.ledger.recent())}", plan=plan, inputs={}, owner=owner)
        )


def test_an_account_that_asks_too_often_waits(market):
    _, ada = person(market, "Ada", Role.viewer)
    _, bob = person(market, "Bob", Role.viewer)
    with server(market, **OPEN, HALLES_RATE_LIMIT="3/hour") as client:
        answers = [client.get("/me", headers=ada) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[3].json()["problems"][0]["code"] == "too-many-requests"
        assert 0 < int(answers[3].headers["retry-after"]) <= 3600
        assert client.get("/me", headers=bob).status_code == 200


def test_what_is_left_is_told(market):
    _, ada = person(market, "Ada", Role.viewer)
    with server(market, **OPEN, HALLES_RATE_LIMIT="5/hour") as client:
        headers = client.get("/me", headers=ada).headers
    assert headers["ratelimit-policy"] == '"account";q=5;w=3600'
    assert headers["ratelimit"].startswith('"account";r=4;t=')


@pytest.mark.parametrize(
    ("peers", "status"),
    [(("10.0.0.1", "10.0.0.1"), 429), (("10.0.0.1", "10.0.0.2"), 200), (("2001:db8::1", "2001:db8::2"), 429), (("2001:db8::1", "2001:db9::1"), 200)],
)  # fmt: skip
def test_an_address_that_asks_too_often_waits(market, peers, status):
    with server(market, **OPEN, HALLES_RATE_LIMIT_ADDRESS="1/hour") as client:
        statuses = []
        for peer in peers:
            client._transport.client = (peer, 1)
            statuses.append(client.get("/auth").status_code)
    assert statuses == [200, status]


def test_who_guesses_keys_is_not_listened_to_for_a_while_not_even_with_the_right_one(market):
    _, ada = person(market, "Ada", Role.viewer)
    with server(market, **OPEN, HALLES_RATE_LIMIT_FAILURES="3/hour") as client:
        guesses = [client.get("/me", headers=bearer(f"hal_{number}")).status_code for number in range(5)]
        assert guesses == [401, 401, 401, 429, 429]
        assert client.get("/me", headers=ada).status_code == 429
        assert client.get("/auth").status_code == 200, "what needs no key goes on"


def test_nothing_is_counted_on_loopback(market):
    with server(market, HALLES_RATE_LIMIT="1/hour", HALLES_RATE_LIMIT_ADDRESS="1/hour") as client:
        assert [client.get("/me").status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("wrong", ["often", "10", "-1/minute", "10/fortnight"])
def test_a_limit_that_is_none_is_refused_at_the_start(wrong):
    with pytest.raises(Problems, match="HALLES_RATE_LIMIT"):
        Settings.read({"HALLES_RATE_LIMIT": wrong})


def test_uploads_are_taken_up_to_the_quota(market):
    account, key = person(market, "Ada", Role.runner)
    market.accounts.change(account.id, quota=Quota(stored_bytes=10))
    with server(market, **OPEN) as client:
        text = key | {"Content-Type": "text/plain"}
        assert client.post("/artifacts", content="12345678", headers=text).status_code == 201
        assert client.get("/me", headers=key).json()["usage"]["stored_bytes"] == 8
        refused = client.post("/artifacts", content="abc", headers=text)
        assert (refused.status_code, refused.json()["problems"][0]["code"]) == (429, "quota-used-up")
        assert client.post("/artifacts", content=iter([b"abc"]), headers=text).status_code == 429, "of unknown length"


def test_the_settings_give_a_quota_to_who_has_none(market, monkeypatch):
    monkeypatch.setenv("HALLES_QUOTA_RUNS_QUEUED", "1")
    accept(market, "local")
    with pytest.raises(Problems, match="at once"):
        market.quotas.check(Principal(id="local", role=Role.operator), runs=1)


def test_a_quota_that_is_none_is_refused():
    with pytest.raises(Problems, match="HALLES_QUOTA_RUNS_A_DAY"):
        defaults({"HALLES_QUOTA_RUNS_A_DAY": "many"})


def test_a_key_for_one_pipeline_runs_no_other(market):
    narrow = Principal(id="ada", role=Role.runner, pipelines=("cover-art",))
    market.quotas.check(narrow, pipeline="cover-art", runs=1)
    with pytest.raises(Problems, match="for other pipelines"):
        market.quotas.check(narrow, pipeline="another", runs=1)
