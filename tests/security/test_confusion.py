"""Data of the wrong shape, sent to every route that takes a body, is refused and never a mistake of the server."""

import json

import pytest

from halles.main import Market
from halles.model import Role
from tests import shelf
from tests.people import OPEN, server
from tests.security.matrix import MATRIX
from tests.security.world import World

SHAPES = [
    "null", "true", "0", "-1e400", '""', '"x"', "[]", "{}", "[[[]]]", '[{"a": 1}]', '{"a": {"b": []}}', '{"name": ["x"]}', '{"name": {"$ne": 1}}',
    '{"pipeline": []}', '{"pipeline": {"id": {}}}', '{"inputs": []}', '{"inputs": {"text": {"artifact": []}}}', '{"id": 1, "steps": {}}',
    '{"__proto__": {"role": "operator"}}', '{"role": "operator"}', '{"edits": {}}', '{"edits": [null]}', '{"\\u0000": "\\u0000"}', '{"name": "\\ud800"}',
    '{"pipeline": "\\ud800", "inputs": {"\\ud800": "\\ud800"}}', '{"id": "a", "steps": [{"id": "a", "service": "shout", "params": {"times": "\\ud800"}}]}',
    '{"a": 1, "a": 2}', '{"days": 1e308}', '{"days": "Infinity"}', '{"version": 1.5}', '{"version": 99999999999999999999}', '{"step": {}}', "\ufeff{}", "{", "",
]  # fmt: skip
FORM = "application/x-www-form-urlencoded"
ROUTES = [route for route in MATRIX if route.split(" ")[0] in ("POST", "PUT", "PATCH")]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(Market(tmp_path_factory.mktemp("confusion"), services=shelf.SERVICES))


@pytest.fixture(scope="module")
def client(world):
    limits = {f"HALLES_RATE_LIMIT{which}": "none" for which in ("", "_ADDRESS", "_FAILURES")}
    with server(world.market, **OPEN, **limits) as client:
        yield client


@pytest.mark.parametrize("route", ROUTES)
def test_no_shape_of_json_is_a_mistake_of_the_server(world, client, route):
    method, path = route.split(" ")
    owner, key = world.people["owner", Role.operator]
    request = MATRIX[route].making(world, owner)
    address = path.format(**request.get("path", {}))
    tries = [(shape, "application/json") for shape in SHAPES]
    tries += [(shape, kind) for shape in SHAPES[:2] for kind in ("application/yaml", "text/plain", "x", FORM)]
    for shape, kind in tries:
        answer = client.request(method, address, content=shape.encode(), headers=key | {"Content-Type": kind})
        assert answer.status_code < 500, (shape, kind, answer.text)
        ours = answer.headers.get("content-type") == "application/problem+json"
        assert answer.status_code < 400 or ours or path == "/mcp", "that protocol has errors of its own"


NAMES = ["..", "%00", "%0d%0aX:y", "a" * 3000, "-1", "' or 1=1 --", "%F0%9F%92%A9", "%ff"]


@pytest.mark.parametrize("route", [route for route in MATRIX if "{" in route and not route.startswith("SOCKET")])
def test_no_name_in_a_path_is_a_mistake_of_the_server(world, client, route):
    method, path = route.split(" ")
    _, key = world.people["owner", Role.operator]
    for name in NAMES:
        parts = [name if part.startswith("{") else part for part in path.split("/")]
        answer = client.request(method, "/".join(parts), headers=key)
        assert answer.status_code < 500, (name, answer.text)
        assert "x" not in answer.headers


@pytest.mark.parametrize(
    "query",
    ["limit=-1", "limit=99999999999999999999", "limit=x", "cursor=x", "cursor=%00", "before=nan", "before=1e400", "before=-1", "after=inf", "since=x",
     "who=%00", "owner=%ff", "status=x", "tag=a&tag=b", "text=%25%25%25", "text=" + "x" * 5000, "limit=1&limit=2", "cursor=" + "9" * 400, "q=%ff%fe"],
)  # fmt: skip
def test_no_question_is_a_mistake_of_the_server(world, client, query):
    _, key = world.people["owner", Role.operator]
    for route in MATRIX:
        method, path = route.split(" ")
        if method == "GET" and "{" not in path:
            answer = client.get(f"{path}?{query}", headers=key)
            assert answer.status_code < 500, (path, answer.text)


def test_nobody_makes_themselves_more_by_a_field_that_is_not_theirs(world, client):
    _, key = world.people["owner", Role.runner]
    for field in ("role", "account", "owner", "id", "issuer"):
        made = client.post(
            "/keys",
            content=json.dumps({"name": "a", field: "operator"}),
            headers=key | {"Content-Type": "application/json"},
        )
        assert made.status_code in (403, 422)
