"""Bundles over HTTP: from one server to another."""

import io
import zipfile

import pytest

from halles.main import Market
from halles.model import Role
from tests import shelf
from tests.api.running import ended, start, wait
from tests.people import person, server


@pytest.fixture
def elsewhere(tmp_path):
    with server(Market(tmp_path / "elsewhere", services=shelf.SERVICES), HALLES_WORKERS="2") as client:
        yield client


@pytest.fixture
def bundle(client):
    run = ended(client, start(client))["id"]
    answer = client.get(f"/runs/{run}/bundle")
    assert answer.headers["content-disposition"] == f'attachment; filename="test-{run}.zip"'
    return answer.content


def test_another_server_verifies_it_and_runs_it_again(elsewhere, bundle):
    taken = elsewhere.post("/bundles", content=bundle)
    assert taken.status_code == 201
    assert (taken.json()["verdict"]["ok"], len(taken.json()["verdict"]["signer"])) == (True, 64)
    sha256 = taken.json()["sha256"]
    run = elsewhere.post(f"/bundles/{sha256}/replay").json()["id"]
    assert wait(elsewhere, run)["status"] == "finished"
    comparison = elsewhere.get(f"/bundles/{sha256}/replays/{run}").json()
    assert comparison == {"same": True, "compared": 2, "differences": []}


def test_what_its_owner_says_of_it_goes_with_it(client, elsewhere):
    run = ended(client, start(client))["id"]
    said = {"title": "Harbour", "artist": "Ada", "liked": {"covers[0]": True}}
    notes = client.patch(f"/runs/{run}/notes", json=said).json()
    taken = elsewhere.post("/bundles", content=client.get(f"/runs/{run}/bundle").content).json()
    replayed = elsewhere.post(f"/bundles/{taken['sha256']}/replay").json()["id"]
    assert elsewhere.get(f"/runs/{replayed}").json()["notes"] == notes


def test_what_was_tampered_with_is_refused(elsewhere, bundle):
    whole = io.BytesIO(bundle)
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr("more.txt", "x")
    answer = elsewhere.post("/bundles", content=whole.getvalue())
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["message"] == "`more.txt` is not in the manifest."
    assert elsewhere.get("/artifacts").json()["items"] == [], "nothing of it is kept"


def test_a_run_of_something_else_is_no_replay(elsewhere, bundle):
    sha256 = elsewhere.post("/bundles", content=bundle).json()["sha256"]
    other = ended(elsewhere, start(elsewhere, {**shelf_pipeline(), "id": "other"}))["id"]
    assert elsewhere.get(f"/bundles/{sha256}/replays/{other}").status_code == 409


def shelf_pipeline():
    step = {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}
    return {"inputs": {"text": {"media": "text/plain"}}, "steps": [step], "outputs": {"out": "a.output"}}


def test_the_bundles_of_others_are_not_there(market, client, bundle):
    sha256 = client.post("/bundles", content=bundle).json()["sha256"]
    run = client.get("/runs").json()["items"][0]["id"]
    _, eve = person(market, "Eve", Role.author)
    assert client.get(f"/runs/{run}/bundle", headers=eve).status_code == 404
    assert client.post(f"/bundles/{sha256}/replay", headers=eve).status_code == 404
    assert client.get(f"/bundles/{sha256}/replays/{run}", headers=eve).status_code == 404
