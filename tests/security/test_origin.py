"""A page elsewhere cannot drive a server on loopback, nor one where its reader is signed in."""

from uuid import uuid4

import pytest
from starlette.websockets import WebSocketDisconnect

from halles.model import Role
from tests.people import OPEN, person, server

HOST = "127.0.0.1:8000"
OURS = f"http://{HOST}"
SOCKET = f"ws://{HOST}/core-engine/ws"
EVIL = "http://evil.example"
WRITE = {"method": "POST", "url": "/keys", "json": {"name": "theirs"}}
READ = {"method": "GET", "url": "/me"}


@pytest.fixture(scope="module")
def client(market):
    with server(market, base_url=OURS) as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST:8000", "127.1.2.3:8000"])
def test_names_of_loopback_are_answered(client, host):
    assert client.get("/me", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example:8000", "evil.example", "127.0.0.1", "127.0.0.1:8001", "localhost.evil.example:8000", "10.0.0.1:8000",
     "127.0.0.1:8000@evil.example", "127.0.0.1:8000/x", "", "127.0.0.1:port", "[::1", "0.0.0.0:8000", "2130706433:8000"],
)  # fmt: skip
def test_other_names_are_refused_so_that_dns_cannot_be_bound_anew(client, host):
    answer = client.get("/me", headers={"Host": host})
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (403, "wrong-host")


@pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8000"},
        {"Origin": "http://127.0.0.1:8001"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "file://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Sec-Fetch-Site": "cross-site", "Origin": OURS},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
    ids=str,
)
def test_a_page_of_another_origin_is_refused(client, market, request_, headers):
    before = market.keys.of()
    answer = client.request(**request_, headers=headers)
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (403, "cross-origin")
    assert market.keys.of() == before


def test_a_form_of_another_origin_is_refused(client, market):
    before = market.keys.of()
    headers = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
        "Origin": EVIL,
    }
    assert (
        client.post("/keys", content='{"name": "theirs"}', headers=headers | {"Content-Type": "text/plain"}).status_code
        == 403
    )
    assert market.keys.of() == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": OURS},
        {"Sec-Fetch-Site": "same-origin", "Origin": OURS},
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    ],
    ids=str,
)
def test_programs_and_our_own_pages_are_answered(client, headers):
    assert client.get("/me", headers=headers).status_code == 200


def test_a_link_from_elsewhere_may_be_followed(client):
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.get("/me", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Origin": EVIL}, {"Origin": OURS}], ids=str)
def test_no_answer_allows_another_origin_to_read_it(client, headers):
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for answer in (client.get("/me", headers=headers), client.options("/me", headers=headers | ask)):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_what_comes_through_a_proxy_needs_a_login(client, header):
    answer = client.get("/me", headers={header: "203.0.113.9"})
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (403, "login-needed")


def test_who_comes_from_another_machine_needs_a_login(market):
    with server(market, peer="10.0.0.7") as client:
        assert client.get("/me").json()["problems"][0]["code"] == "login-needed"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": "http://127.0.0.1"}, 201),
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": EVIL}, 403),
    ],
    ids=str,
)
def test_a_page_elsewhere_cannot_use_the_cookie_of_who_is_signed_in(market, headers, status):
    account = market.accounts.add("Ada", Role.author)
    with server(market, **OPEN) as client:
        client.cookies.set("halles_session", market.sessions.begin(account.id, 60))
        assert client.request(**WRITE, headers=headers).status_code == status


def test_a_key_needs_no_origin(market):
    _, key = person(market, "Ada", Role.author)
    with server(market, **OPEN) as client:
        assert client.request(**WRITE, headers=key).status_code == 201


def test_the_public_address_is_our_origin_too(market):
    account = market.accounts.add("Ada", Role.author)
    with server(market, **OPEN, HALLES_PUBLIC_URL="https://hall.example") as client:
        client.cookies.set("halles_session", market.sessions.begin(account.id, 60))
        assert client.request(**WRITE, headers={"Origin": "https://hall.example"}).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [{"Origin": EVIL}, {"Origin": "null"}, {"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=str,
)
def test_a_page_elsewhere_opens_no_socket(client, headers):
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(SOCKET, headers=headers),
    ):
        pass


@pytest.mark.parametrize("headers", [{}, {"Origin": OURS}], ids=str)
def test_programs_and_our_own_pages_open_a_socket(client, headers):
    with client.websocket_connect(SOCKET, headers=headers) as socket:
        assert socket.receive_json()["subject"] == "connection"


def test_a_page_elsewhere_watches_no_run(client):
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Accept": "text/event-stream"}
    assert client.get(f"/runs/{'0' * 16}/events", headers=headers).json()["problems"][0]["code"] == "cross-origin"


def test_services_call_back_without_an_origin(client):
    answer = client.patch(f"/core-engine/tasks/{uuid4()}", json={"status": "finished", "data_out": []})
    assert answer.status_code == 404, "the task is unknown, but the caller was heard"
