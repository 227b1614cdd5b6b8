"""Whether the server is well, what it counts, and what was used."""

import re
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from halles.api.access import anybody
from halles.api.app import create_app
from halles.api.settings import Settings
from halles.model import LOCAL, CallFailed, Principal, Problem, Problems, Role
from tests.running import pipeline, run

CHAIN = [
    {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}},
    {"id": "b", "service": "dice", "inputs": {"text": "a.output"}},
]


@pytest.fixture
def ran(market):
    """Two runs of two steps, of which the second found all in the cache, and one that failed."""
    for _ in range(2):
        run(market, pipeline(CHAIN, out="b.output"), text="la")
    run(
        market,
        pipeline([{"id": "a", "service": "refuse", "inputs": {"text": "inputs.text"}}], out="a.output"),
        text="la",
    )


def value(client, name, **labels):
    """One figure of the metrics; None when it is not told."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    found = [s.value for family in families for s in family.samples if s.name == name and s.labels == labels]
    return found[0] if found else None


def serving(market, **settings):
    """A client of a server with these settings."""
    return TestClient(create_app(market, Settings.read({}, **settings)), base_url="http://127.0.0.1")


def as_somebody(client, role, name="eve"):
    client.app.dependency_overrides[anybody] = lambda: Principal(id=name, role=role)


def test_a_process_that_answers_is_alive(client):
    assert client.get("/health/live").json()["status"] == "alive"


def test_a_server_is_ready_as_soon_as_all_its_parts_are(client):
    limit = time.monotonic() + 30
    while (answer := client.get("/health/ready")).status_code != 200:
        assert time.monotonic() < limit, answer.text
        time.sleep(0.02)
    parts = {"database": "ok", "objects": "ok", "exchange": "ok", "worker": "ok"}
    assert answer.json() == {"status": "ready", "parts": parts}


def test_a_server_that_is_stopping_is_not_ready(client):
    client.app.state.stopping.set()
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "stopping")


def test_a_server_whose_database_fails_is_not_ready_and_does_not_tell_strangers_why(
    client, market, monkeypatch, caplog
):
    def fail(*_):
        raise CallFailed(Problem(code="database-failed", message="secret-host refused"), retry=True)

    monkeypatch.setattr(market.ledger, "recent", fail)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["parts"]["database"]) == (503, "failing")
    assert "secret-host" not in answer.text
    assert "secret-host" in caplog.text


def test_a_server_without_a_worker_is_ready_without_one(market):
    with serving(market, workers=0) as client:
        assert "worker" not in client.get("/health/ready").json()["parts"]


def test_requests_are_counted_by_the_template_of_their_address(client):
    labels = {"method": "GET", "route": "/services/{slug}", "status": "404"}
    before = value(client, "halles_http_requests_total", **labels) or 0
    for name in ("one", "two", "three"):
        client.get(f"/services/{name}")
    assert value(client, "halles_http_requests_total", **labels) == before + 3


def test_addresses_that_nobody_serves_are_counted_as_one(client):
    labels = {"method": "GET", "route": "(unknown)", "status": "404"}
    before = value(client, "halles_http_requests_total", **labels) or 0
    for name in ("/x", "/y/z"):
        client.get(name)
    assert value(client, "halles_http_requests_total", **labels) == before + 2


def test_runs_are_told_by_where_they_stand(client, ran):
    assert value(client, "halles_runs", status="finished") == 2
    assert value(client, "halles_runs", status="failed") == 1
    assert value(client, "halles_queue_depth") == 0


def test_steps_are_counted_and_timed_by_service(client):
    def counts():
        names = ("halles_steps_total", "halles_step_cache_hits_total", "halles_step_seconds_count")
        labels = ({"service": "shout", "status": "finished"}, {"service": "shout"}, {"service": "shout"})
        return [value(client, name, **known) or 0 for name, known in zip(names, labels, strict=True)]

    before = counts()
    for _ in range(2):
        client.post("/services/shout/call?wait=30", json={"text": "la"})
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [2, 1, 1]


def test_a_queue_that_nobody_works_on_grows_old(market):
    with serving(market, workers=0) as client:
        client.post("/services/shout/call", json={"text": "la"})
        assert value(client, "halles_queue_depth") == 1
        assert value(client, "halles_queue_oldest_seconds") > 0
        assert value(client, "halles_workers") == 0


def test_metrics_are_for_operators(client):
    as_somebody(client, Role.author)
    assert client.get("/metrics").status_code == 403


def test_metrics_are_for_everybody_where_an_operator_says_so(market):
    with serving(market, metrics="everybody") as client:
        as_somebody(client, Role.viewer)
        assert client.get("/metrics").status_code == 200


def test_use_is_summed_by_service(client, ran):
    sums = {each["service"]: each for each in client.get("/statistics").json()["steps"]}
    assert (sums["shout"]["count"], sums["shout"]["cached"]) == (2, 1)
    assert (sums["refuse"]["count"], sums["refuse"]["failed"]) == (1, 1)
    assert sums["shout"]["bytes"] == len("LA")


def test_use_is_summed_by_several_keys_at_once(client, ran):
    (sums,) = client.get("/statistics", params={"by": ["day", "pipeline"]}).json()["runs"]
    assert (sums["pipeline"], sums["count"], sums["failed"]) == ("test", 3, 1)
    assert len(sums["day"]) == len("2026-11-22")


def test_cost_is_time_at_the_rate_that_an_operator_set(market, ran):
    with serving(market, cost_per_second=10.0) as client:
        (sums,) = client.get("/statistics", params={"service": "shout"}).json()["steps"]
        assert sums["cost"] == pytest.approx(10 * sums["seconds"], abs=1e-6)
        assert sums["seconds"] > 0


def test_everybody_sees_their_own_use_and_operators_that_of_all(client, ran):
    as_somebody(client, Role.runner)
    assert client.get("/statistics").json()["steps"] == []
    assert client.get("/statistics", params={"owner": LOCAL}).json()["steps"] == []
    as_somebody(client, Role.operator)
    assert client.get("/statistics").json()["steps"] != []
    assert client.get("/statistics", params={"owner": "nobody"}).json()["steps"] == []


def test_a_request_has_a_number_that_the_log_has_too(client, caplog):
    with caplog.at_level("INFO", "halles.access"):
        number = client.get("/services").headers["x-request-id"]
    assert len(number) == 12
    assert [r.getMessage() for r in caplog.records if r.name == "halles.access"] == ["GET /services"]


def test_a_mistake_of_ours_is_a_problem_with_a_number_to_report(client, market, monkeypatch, caplog):
    monkeypatch.setattr(market.offers, "all", lambda: 1 / 0)
    answer = client.get("/services")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivision" not in answer.text


def test_all_settings_that_are_wrong_are_said_at_once():
    with pytest.raises(Problems) as wrong:
        Settings.read({"HALLES_PORT": "x", "HALLES_LOG_FORMAT": "xml"})
    first, second = sorted(str(problem) for problem in wrong.value.problems)
    assert "HALLES_LOG_FORMAT (form of logs) is `xml`" in first
    assert "HALLES_PORT" in second


def test_what_the_command_line_says_goes_before_the_environment():
    assert Settings.read({"HALLES_PORT": "1"}, port=2, host=None).port == 2


def test_the_page_of_settings_tells_the_real_defaults():
    page = (Path(__file__).parents[2] / "docs/architecture/5-settings.md").read_text()
    told = dict(re.findall(r"^\| `(HALLES_\w+)` \| (?:`([^`]*)`)? *\|", page, re.MULTILINE))
    real = {field.alias: field.default for field in Settings.model_fields.values()}
    shown = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in real.items()}
    assert {name: told.get(name) for name in shown} == shown
