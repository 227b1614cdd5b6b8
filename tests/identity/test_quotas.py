"""How much an account may use, as both databases count it."""

import pytest

from halles.main import Market
from halles.model import Order, Principal, Problems, Quota, Role
from tests import shelf
from tests.people import person
from tests.running import pipeline

SHOUT = pipeline([{"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}], out="a.output")


def accept(market, owner, count=1):
    plan = market.plan(SHOUT)
    for _ in range(count):
        market.ledger.accept(
            Order(run=f"{owner}{count}{len(market.ledger.recent())}", plan=plan, inputs={}, owner=owner)
        )


@pytest.fixture
def market(tmp_path, where, monkeypatch) -> Market:
    if isinstance(where, str):
        monkeypatch.setenv("HALLES_DATABASE_URL", where)
    return Market(tmp_path, services=shelf.SERVICES)


@pytest.mark.parametrize(
    ("quota", "words"),
    [(Quota(runs_a_day=2), "in 24 hours"), (Quota(runs_queued=2), "at once")],
    ids=["a day", "at once"],
)
def test_runs_are_accepted_up_to_the_quota(market, quota, words):
    account, _ = person(market, "Ada", Role.runner)
    market.accounts.change(account.id, quota=quota)
    ada = Principal(id=account.id, role=Role.runner)
    accept(market, account.id)
    market.quotas.check(ada, runs=1)
    with pytest.raises(Problems, match=words):
        market.quotas.check(ada, runs=2)
    accept(market, account.id)
    with pytest.raises(Problems, match=words):
        market.quotas.check(ada, runs=1)
    market.quotas.check(Principal(id="bob", role=Role.runner), runs=9)


def test_what_was_computed_counts(market):
    account, _ = person(market, "Ada", Role.runner)
    market.accounts.change(account.id, quota=Quota(compute_seconds_a_day=0))
    with pytest.raises(Problems, match="seconds of computing"):
        market.quotas.check(Principal(id=account.id, role=Role.runner), runs=1)


def test_each_upload_counts_once(market):
    artifact = market.objects.put(b"12345", "text/plain")
    for media_type in ("text/plain", "text/csv", "text/plain"):
        market.holdings.hold(artifact.model_copy(update={"media_type": media_type}), "ada")
    assert market.quotas.usage("ada").stored_bytes == 5
