"""Trained models over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from halles.api.app import create_app
from halles.main import Market
from halles.model import Origin
from tests.trained import files, toy


@pytest.fixture
def hall(tmp_path: Path) -> Market:
    (tmp_path / "own.txt").write_text("own word")
    return Market(tmp_path / "home", services=[toy(tmp_path / "own.txt")])


@pytest.fixture
def client(hall: Market) -> Iterator[TestClient]:
    with TestClient(create_app(hall), base_url="http://127.0.0.1") as client:
        yield client


def push(market: Market, word: str, accuracy: float, **said) -> None:
    folder = market.home.parent / word
    market.models.push("toy", files(folder, accuracy, model=word.encode(), **said), Origin(data=word), who="Ada")


def standing(client: TestClient) -> tuple[dict[str, int], int, str]:
    found = client.get("/models/toy").json()
    return found["standing"], found["revision"], found["serving"]


def test_a_model_that_was_never_pushed_is_the_services_own(client: TestClient) -> None:
    known = {each["model"]: each for each in client.get("/models").json()["items"]}
    assert known["toy"]["service"] == "toy"
    assert standing(client) == ({"production": 0, "candidate": 0}, 0, "toy@built-in")
    assert client.get("/models/toy").json()["before"] is None


def test_a_promotion_over_http_serves_at_once(client: TestClient, hall: Market) -> None:
    push(hall, "one", 0.6)
    answer = client.post("/models/toy/promote", json={"reason": "the first"})
    assert (answer.status_code, answer.json()["who"], answer.json()["why"]) == (200, "this machine", "the first")
    assert standing(client) == ({"production": 1, "candidate": 0}, 2, "toy@1")
    called = client.post("/services/toy/call?wait=20", json={"text": "hello"}).json()
    said = {port: client.get(called["outputs"][port]["url"]).text for port in ("word", "model")}
    assert said == {"word": "one", "model": "toy@1"}


def test_a_refusal_has_all_reasons_and_the_gate_says_them_before(client: TestClient, hall: Market) -> None:
    push(hall, "one", 0.8)
    client.post("/models/toy/promote", json={})
    push(hall, "two", 0.7, lost="pop")
    report = client.get("/models/toy/gate", params={"version": 2}).json()
    failed = [each["check"] for each in report["findings"] if not each["passed"]]
    answer = client.post("/models/toy/promote", json={})
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    codes = [each["code"] for each in answer.json()["problems"]]
    assert codes == ["gate-refused", *(f"gate-{check}" for check in failed)]
    assert {"better", "class"} <= set(failed)
    assert client.post("/models/toy/promote", json={"force": True}).status_code == 422
    forced = client.post("/models/toy/promote", json={"force": True, "reason": "pop is not wanted"}).json()
    assert (forced["forced"], forced["report"]["passed"]) == (True, False)


def test_who_decides_by_what_stood_before_is_told(client: TestClient, hall: Market) -> None:
    push(hall, "one", 0.6)
    assert client.post("/models/toy/promote", json={"seen": 1}).status_code == 200
    late = client.post("/models/toy/rollback", json={"seen": 1})
    assert (late.status_code, late.json()["problems"][0]["code"]) == (409, "conflict")
    assert client.post("/models/toy/rollback", json={"seen": 2, "reason": "complaints"}).status_code == 200
    history = client.get("/models/toy/history").json()["items"]
    assert [(each["action"], each["why"]) for each in history] == [
        ("rollback", "complaints"),
        ("promote", ""),
        ("push", ""),
    ]
    assert client.post("/models/toy/rollback", json={}).status_code == 409


def test_versions_are_shown_and_compared(client: TestClient, hall: Market) -> None:
    push(hall, "one", 0.6)
    push(hall, "two", 0.8)
    assert [each["number"] for each in client.get("/models/toy").json()["versions"]] == [2, 1]
    shown = client.get("/models/toy/versions/2").json()
    assert (shown["card"], shown["params"]) == ("# The card of two\n", "accuracy: 0.8\n")
    found = client.get("/models/toy/diff", params={"old": 1, "new": 2}).json()
    assert (found["figures"]["accuracy"], found["changed"]) == ({"old": 0.6, "new": 0.8}, ["data"])
    assert found["report"]["passed"]


@pytest.mark.parametrize(
    "path", ["/models/tay", "/models/toy/versions/9", "/models/..%2Ftoy/history", "/models/toy/gate?version=9"]
)
def test_what_is_not_there_is_404(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_damaged_model_is_said(client: TestClient, hall: Market) -> None:
    push(hall, "one", 0.6)
    for file in (hall.home / "models/files").glob("*/*"):
        file.write_bytes(b"?" * file.stat().st_size)
    answer = client.post("/models/toy/promote", json={})
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (500, "damaged-model")
