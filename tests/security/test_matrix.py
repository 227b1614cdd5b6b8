"""Object-level authorisation: every route, for every role, for the owner, another one and somebody without a login."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from halles.main import Market
from halles.model import Role
from tests import shelf
from tests.people import OPEN, server
from tests.security.matrix import MATRIX, PUBLIC
from tests.security.world import World

ASKERS = [("nobody", None), *((who, role) for who in ("owner", "other") for role in Role)]


class Status(BaseHTTPRequestHandler):
    """A service elsewhere that says that it is well."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def world(tmp_path_factory, request) -> Iterator[World]:
    outside = ThreadingHTTPServer(("127.0.0.1", 0), Status)
    threading.Thread(target=outside.serve_forever, args=(0.02,), daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HALLES_ALLOWED_NETWORKS", "127.0.0.0/8")
        market = Market(tmp_path_factory.mktemp("world"), services=shelf.SERVICES)
        world = World(market)
        world.outside = f"http://127.0.0.1:{outside.server_port}"
        yield world
    outside.shutdown()


@pytest.fixture(scope="module")
def client(world) -> Iterator[TestClient]:
    with server(world.market, **OPEN, HALLES_RATE_LIMIT="none", HALLES_RATE_LIMIT_ADDRESS="none") as client:
        yield client


def routes(app: Any) -> set[str]:
    """All that the application answers, as it says itself."""
    found = set()
    for context in iter_route_contexts(app.routes):
        found |= {f"{method} {context.path}" for method in context.methods or {"SOCKET"}}
    return found


def ask(client: TestClient, route: str, request: dict[str, Any], headers: dict[str, str]) -> int:
    method, path = route.split(" ")
    address = path.format(**request.get("path", {}))
    if method == "SOCKET":
        return knock(client, address, headers)
    content = {name: value for name, value in request.items() if name != "path"}
    client.cookies.clear()  # Who asks next is not who signed in last.
    return client.request(method, address, headers=headers, **content).status_code


def knock(client: TestClient, address: str, headers: dict[str, str]) -> int:
    """The status of a WebSocket's handshake."""
    try:
        with client.websocket_connect(address, headers=headers):
            return 101
    except WebSocketDisconnect as refusal:
        return {1008: 401}[refusal.code]


def test_every_route_has_a_rule(client):
    assert routes(client.app) == set(MATRIX)


@pytest.mark.parametrize("route", sorted(MATRIX, key=lambda route: "/core-engine/pipeline" not in route))
def test_everybody_gets_exactly_what_is_theirs(world, client, route):
    rule = MATRIX[route]
    got, expected = {}, {}
    for who, role in ASKERS:
        owner, _ = world.people["owner", role if who == "owner" else Role.author]
        headers = world.people[who, role][1] if role else {}
        got[who, role] = ask(client, route, rule.making(world, owner), headers)
        expected[who, role] = rule.expects(who, role)
    assert got == expected


@pytest.mark.parametrize("route", PUBLIC)
def test_what_is_published_is_for_all(world, client, route):
    owner, _ = world.people["owner", Role.author]
    request = {"path": {"slug": world.pipeline(owner, published=True)}}
    for role in Role:
        assert ask(client, route, request, world.people["other", role][1]) == 200
    assert ask(client, route, request, {}) == 401


def test_lists_show_only_what_is_ones_own(world, client):
    owner, theirs = world.people["owner", Role.author]
    _, others = world.people["other", Role.author]
    things = {
        "/runs": world.finished(owner), "/artifacts": world.artifact(owner).sha256, "/keys": world.key(owner),
        "/shares": world.share(owner)[0],
    }  # fmt: skip
    for path, thing in things.items():
        assert thing in client.get(path, headers=theirs).text, path
        assert thing not in client.get(path, headers=others).text, path
    mine = world.pipeline(owner)
    found = [client.get("/pipelines", params={"q": mine}, headers=who).json()["items"] for who in (theirs, others)]
    assert [[each["slug"] for each in page if each["slug"] == mine] for page in found] == [[mine], []]


def test_a_file_of_another_one_cannot_be_used_as_an_input(world, client):
    owner, _ = world.people["owner", Role.author]
    _, others = world.people["other", Role.author]
    sha256 = world.artifact(owner).sha256
    slug = world.pipeline(owner, published=True)
    asked = {"pipeline": slug, "inputs": {"text": {"artifact": sha256}}}
    answer = client.post("/runs", json=asked, headers=others)
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, "no-such-artifact")
    answer = client.post(f"/pipelines/{slug}/run", json=asked["inputs"], headers=others)
    assert answer.status_code == 422
