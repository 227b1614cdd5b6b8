"""What operators see of queue, workers, services and storage."""

import math

import pytest
from fastapi.testclient import TestClient

from halles.api.app import create_app
from halles.api.settings import Settings
from halles.model import Quota
from tests.running import pipeline, run

CHAIN = [
    {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}},
    {"id": "b", "service": "refuse", "inputs": {"text": "a.output"}},
]


def accept(market):
    plan = market.plan(pipeline(CHAIN, out="b.output"))
    return market.accept(plan, {"text": market.objects.put(b"la", "text/plain")}, owner="local").run


@pytest.fixture
def idle(market):
    """A server whose runs wait, since it executes none."""
    app = create_app(market, Settings.read({"HALLES_WORKERS": "0"}))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def services(client):
    return {service["slug"]: service for service in client.get("/operation").json()["services"]}


def test_the_queue_tells_how_many_wait_and_how_long_the_first_has(market, idle):
    for _ in range(3):
        accept(market)
    queue = idle.get("/operation").json()["queue"]
    assert (queue["waiting"], queue["running"]) == (3, 0)
    assert queue["oldest_seconds"] > 0


def test_a_worker_is_shown_with_the_runs_that_it_executes_and_their_steps_with_the_services(market, idle):
    name = accept(market)
    market.queue.renew("worker-1")
    (claim,) = market.queue.claim("worker-1", 1, idle=True)
    (worker,) = idle.get("/operation").json()["workers"]
    assert (worker["name"], worker["runs"], claim.lease.run) == ("worker-1", [name], name)
    found = services(idle)
    assert (found["shout"]["waiting"], found["refuse"]["waiting"], found["split"]["waiting"]) == (1, 1, 0)
    market.queue.leave("worker-1")
    assert idle.get("/operation").json()["workers"] == []


def test_a_service_tells_what_it_took_how_often_it_failed_and_how_it_failed_last(market, idle):
    run(market, pipeline(CHAIN, out="b.output"), text="la")
    found = services(idle)
    assert (found["shout"]["count"], found["shout"]["failed"], found["shout"]["last_failure"]) == (1, 0, None)
    assert found["shout"]["typical_seconds"] > 0
    failure = found["refuse"]["last_failure"]
    assert (found["refuse"]["failed"], failure["step"]) == (1, "b")
    problem = market.ledger.load(failure["run"]).steps["b"].problem
    assert (problem.message, problem.said and problem.said.model_dump()) == (failure["message"], failure["said"])


def test_storage_is_told_with_the_days_for_which_it_is_kept(market, idle, monkeypatch):
    run(market, pipeline(CHAIN[:1], out="a.output"), text="la")
    market.holdings.hold(market.objects.put(b"12345", "text/plain"), "local")
    monkeypatch.setenv("HALLES_KEEP_RUNS_DAYS", "30")
    monkeypatch.setenv("HALLES_KEEP_UPLOADS_DAYS", "inf")
    found = idle.get("/operation/storage").json()
    assert (found["room"]["runs"], found["room"]["uploads"], found["room"]["upload_bytes"]) == (1, 1, 5)
    assert found["room"]["artifacts"] >= 2
    assert found["room"]["artifact_bytes"] > 5
    assert 0 < found["free_bytes"] < math.inf
    assert (found["kept_days"]["runs"], found["kept_days"]["uploads"], found["kept_days"]["results"]) == (30, None, 90)


def test_what_an_account_used_is_told_beside_what_it_may(market, idle):
    account = market.accounts.local()
    market.accounts.change(account.id, quota=Quota(runs_a_day=2))
    accept(market)
    found = idle.get(f"/accounts/{account.id}/usage").json()
    assert (found["quota"]["runs_a_day"], found["usage"]["runs_a_day"]) == (2, 1)
    assert idle.get("/accounts/nobody/usage").status_code == 404
