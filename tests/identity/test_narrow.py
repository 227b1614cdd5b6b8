"""A key for one pipeline, as it is given to a program: it runs that one, sees its runs, and can do nothing else."""

import pytest

from halles.model import Role
from tests.people import OPEN, bearer, server
from tests.security.world import DOCUMENT, World


@pytest.fixture
def world(market):
    return World(market)


@pytest.fixture
def narrow(world):
    owner, _ = world.people["owner", Role.author]
    slug = world.pipeline(owner)
    return slug, bearer(world.market.keys.create(owner, "a program", Role.author, pipelines=(slug,))[1])


@pytest.fixture
def client(market):
    with server(market, **OPEN) as client:
        yield client


def test_it_runs_its_pipeline_and_sees_that_run(client, narrow):
    slug, key = narrow
    run = client.post(f"/pipelines/{slug}/run", json={"text": "hello"}, headers=key)
    assert run.status_code == 202
    assert client.get(run.headers["location"], headers=key).status_code == 200
    assert [item["pipeline"] for item in client.get("/runs", headers=key).json()["items"]] == [slug]


def test_it_sees_no_other_pipeline_and_no_other_run_of_the_same_account(client, narrow, world):
    slug, key = narrow
    owner, whole = world.people["owner", Role.author]
    other, run = world.pipeline(owner), world.finished(owner)
    for path in (f"/pipelines/{other}", f"/runs/{run}", f"/runs/{run}/events", f"/runs/{run}/bundle"):
        assert client.get(path, headers=key).status_code == 404, path
        assert client.get(path, headers=whole).status_code == 200, path
    assert client.get("/runs", headers=key).json()["items"] == []
    assert client.get("/runs?pipeline=test", headers=key).json()["items"] == []
    assert [item["slug"] for item in client.get("/pipelines", headers=key).json()["items"]] == [slug]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/runs", {"pipeline": "{other}", "inputs": {"text": "hello"}}),
        ("/runs", {"pipeline": DOCUMENT | {"id": "{slug}"}, "inputs": {"text": "hello"}}),
        ("/batches", {"pipeline": "{other}", "items": [{"text": "hello"}]}),
        ("/batches", {"pipeline": DOCUMENT | {"id": "{slug}"}, "items": [{"text": "hello"}]}),
        ("/pipelines/{other}/run", {"text": "hello"}),
        ("/services/shout/call", {"text": "hello"}),
        ("/pipelines/{other}/fork", {"id": "fork"}),
        ("/keys", {"name": "more", "pipelines": ["{other}"]}),
    ],
)
def test_it_runs_nothing_else(client, narrow, world, path, content):
    slug, key = narrow
    other = world.pipeline(world.people["owner", Role.author][0])

    def filled(value):
        if isinstance(value, dict):
            return {name: filled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [filled(each) for each in value]
        return value.replace("{other}", other).replace("{slug}", slug) if isinstance(value, str) else value

    assert client.post(filled(path), json=filled(content), headers=key).status_code in (403, 404)


def test_it_replays_no_bundle(client, narrow, world):
    _, key = narrow
    sha256, _ = world.bundle(world.people["owner", Role.author][0])
    assert client.post(f"/bundles/{sha256}/replay", headers=key).status_code == 403


def test_only_operators_go_before_others(client, world):
    slug = world.pipeline(world.people["owner", Role.operator][0], published=True)
    for path, content in (
        ("/runs", {"pipeline": slug, "inputs": {"text": "a"}, "priority": 5}),
        (f"/pipelines/{slug}/run?priority=5", {"text": "a"}),
    ):
        assert client.post(path, json=content, headers=world.people["owner", Role.runner][1]).status_code == 403
        assert client.post(path, json=content, headers=world.people["owner", Role.operator][1]).status_code == 202
