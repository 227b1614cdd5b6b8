"""The engine's routes on a server that asks for a login: services know only a URL, and clients see what is theirs."""

import base64
import logging
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from halles.main import Market
from halles.model import Role
from tests import people
from tests.callers.toys import Toy

BASE = "/core-engine"


@pytest.fixture
def client(market: Market, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("HALLES_ALLOWED_NETWORKS", "127.0.0.0/8")
    with people.server(market, HALLES_LOGIN="required") as client:
        yield client


@pytest.fixture
def toy() -> Iterator[Toy]:
    service = Toy("loud")
    yield service
    service.stop()


def key(market: Market, name: str, role: Role) -> str:
    return market.keys.create(market.accounts.add(name, role), "test", role)[1]


def announced(client: TestClient, secret: str, toy: Toy) -> Any:
    return client.post(f"{BASE}/t/{secret}/services", json=toy.announcement())


def test_a_service_announces_itself_with_the_key_of_an_author_in_its_url(
    client: TestClient, market: Market, toy: Toy
) -> None:
    assert client.post(f"{BASE}/services", json=toy.announcement()).status_code == 401
    assert announced(client, key(market, "runner", Role.runner), toy).status_code == 403
    author = key(market, "author", Role.author)
    assert announced(client, author, toy).status_code == 200
    assert client.post(f"{BASE}/t/{author}/services/loud/ping").status_code == 200
    assert client.get(f"{BASE}/t/{author}/services/slug/loud").json()["slug"] == "loud"


def test_a_key_may_be_the_user_of_the_url(client: TestClient, market: Market, toy: Toy) -> None:
    user = base64.b64encode(f"{key(market, 'author', Role.author)}:".encode()).decode()
    answer = client.post(f"{BASE}/services", json=toy.announcement(), headers={"Authorization": f"Basic {user}"})
    assert answer.status_code == 200


def test_a_key_in_a_path_is_in_no_log(
    client: TestClient, market: Market, toy: Toy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    author = key(market, "author", Role.author)
    announced(client, author, toy)
    assert not [each for each in caplog.records if each.name.startswith("halles") and author in each.getMessage()]
    assert not [each for each in market.audit.query() if author in str(each)]


def test_nobody_takes_the_slug_of_somebody_else(client: TestClient, market: Market, toy: Toy) -> None:
    first, second = key(market, "first", Role.author), key(market, "second", Role.author)
    service = announced(client, first, toy).json()
    assert announced(client, second, toy).status_code == 409
    path = f"{BASE}/t/{second}/services/{service['id']}"
    assert client.patch(path, json=toy.announcement() | {"url": "http://127.0.0.1:1/"}).status_code == 403
    assert client.delete(path).status_code == 403
    assert client.post(f"{BASE}/t/{second}/services/loud/ping").status_code == 403


def test_a_service_on_loopback_is_refused_where_its_network_is_not_allowed(
    market: Market, toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HALLES_ALLOWED_NETWORKS", raising=False)
    with people.server(market, HALLES_LOGIN="required") as client:
        answer = announced(client, key(market, "author", Role.author), toy)
    assert answer.status_code == 422 and "HALLES_ALLOWED_NETWORKS" in answer.json()["detail"]


def test_what_a_client_began_is_seen_by_nobody_else(client: TestClient, market: Market) -> None:
    mine, theirs = (people.bearer(key(market, name, Role.runner)) for name in ("mine", "theirs"))
    task = client.post(f"{BASE}/shout", files={"text": ("a.txt", b"hi", "text/plain")}, headers=mine).json()
    assert client.get(f"{BASE}/tasks/{task['id']}", headers=mine).status_code == 200
    assert client.get(f"{BASE}/tasks/{task['id']}", headers=theirs).status_code == 404
    assert client.delete(f"{BASE}/tasks/{task['id']}", headers=theirs).status_code == 404
    assert client.get(f"{BASE}/tasks", headers=theirs).json() == []
    assert client.get(f"{BASE}/stats", headers=theirs).json()["total"] == 0


def test_a_service_with_a_task_needs_no_key_and_reaches_nothing_else(client: TestClient, market: Market) -> None:
    key_in = market.exchange.store("a.txt", [b"hello"], 5)
    other = market.exchange.store("b.txt", [b"secret"], 6)
    task = market.abroad.tasks.add(str(uuid.uuid4()), "0" * 64, "loud", "http://127.0.0.1:1", [key_in]).id
    place = f"{BASE}/tasks/{task}"
    assert client.get(f"{place}/storage/{key_in}").content == b"hello"
    assert client.get(f"{place}/storage/{other}").status_code == 404
    assert client.get(f"{BASE}/storage/{other}").status_code == 401
    stored = client.post(f"{place}/storage", files={"file": ("c.txt", b"HELLO")}).json()["key"]
    body = {"status": "finished", "data_out": [stored], "error_message": None}
    assert client.patch(place, json=body).json()["data_out"] == [stored]
    assert client.patch(place, json=body | {"data_out": []}).json()["data_out"] == [stored]
    assert client.get(f"{place}/storage/{key_in}").status_code == 404
    assert client.post(f"{place}/storage", files={"file": ("d.txt", b"more")}).status_code == 404


def test_what_a_task_may_store_is_bounded(client: TestClient, market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLES_MAX_OUTPUT_BYTES", "10")
    task = market.abroad.tasks.add(str(uuid.uuid4()), "0" * 64, "loud", "http://127.0.0.1:1", []).id
    sent = [client.post(f"{BASE}/tasks/{task}/storage", files={"file": ("c.txt", b"x" * 10)}) for _ in range(5)]
    assert [each.status_code for each in sent] == [200, 200, 200, 200, 413]
