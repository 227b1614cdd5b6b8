"""One pipeline over many inputs."""

import io
import json
import zipfile

import pytest

from halles.model import Role
from tests.api.running import CHAIN, WAIT, wait
from tests.people import person, server


def start(client, headers=None, **body):
    return client.post("/batches", json={"pipeline": CHAIN, **body}, headers=headers)


def ended(client, batch):
    for run in client.get("/runs", params={"batch": batch}).json()["items"]:
        wait(client, run["id"])
    return client.get(f"/batches/{batch}").json()


def unzipped(client, batch):
    answer = client.get(f"/batches/{batch}/outputs")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_each_set_of_inputs_is_a_run(client):
    answer = start(client, items=[{"text": "a"}, {"text": "b"}, {"text": "c"}], name="abc")
    assert (answer.status_code, answer.headers["location"]) == (202, f"/batches/{answer.json()['id']}")
    done = ended(client, answer.json()["id"])
    assert (done["name"], done["total"], done["counts"], done["progress"]) == ("abc", 3, {"finished": 3}, 1)


def test_all_outputs_come_in_one_zip_in_order(client):
    batch = start(client, items=[{"text": "a"}, {"text": "b"}]).json()["id"]
    ended(client, batch)
    files = unzipped(client, batch)
    assert [(name[:5], name.rsplit("/")[-1]) for name in files] == [("0001-", "out.txt"), ("0002-", "out.txt")]
    assert list(files.values()) == ["AA", "BB"]


def test_each_file_of_a_form_is_a_run(client):
    control = ("run", (None, json.dumps({"pipeline": CHAIN})))
    form = [control, *(("text", (f"{n}.txt", str(n).encode())) for n in range(3))]
    batch = client.post("/batches", files=form).json()["id"]
    ended(client, batch)
    assert list(unzipped(client, batch).values()) == ["00", "11", "22"]


def test_what_is_wrong_is_said_of_each_run_and_nothing_is_begun(client):
    answer = start(client, items=[{"text": "a"}, {"txet": "b"}, {"text": {"artifact": "0" * 64}}])
    assert [p["message"][:6] for p in answer.json()["problems"]] == ["Run 2:", "Run 3:"]
    assert client.get("/runs").json()["items"] == client.get("/batches").json()["items"] == []


@pytest.mark.parametrize(
    ("body", "word"),
    [({}, "for each run"), ({"items": [{"text": "x"}] * 1001}, "at most 1000"), ({"items": 3}, "list")],
)
def test_what_is_no_batch_is_refused(client, body, word):
    answer = start(client, **body)
    assert answer.status_code == 422
    assert word in answer.text


def test_files_that_do_not_belong_together_are_refused(client):
    control = ("run", (None, json.dumps({"pipeline": CHAIN, "items": [{}]})))
    form = [control, ("text", ("1", b"1")), ("text", ("2", b"2"))]
    assert "unclear" in client.post("/batches", files=form).text


def test_a_batch_is_cancelled(market):
    with server(market, HALLES_WORKERS="0") as client:
        batch = client.post("/batches", json={"pipeline": WAIT, "items": [{"text": "a"}, {"text": "b"}]}).json()["id"]
        assert client.get(f"/batches/{batch}").json()["progress"] == 0
        assert client.post(f"/batches/{batch}/cancel").json()["counts"] == {"cancelled": 2}


def test_batches_are_listed_page_by_page(client):
    ids = [start(client, items=[{"text": str(n)}]).json()["id"] for n in range(3)]
    first = client.get("/batches?limit=2").json()
    second = client.get("/batches", params={"limit": 2, "before": first["next"]}).json()
    assert [batch["id"] for page in (first, second) for batch in page["items"]] == ids[::-1]


def test_the_batches_of_others_are_not_there(market, client):
    batch = start(client, items=[{"text": "a"}]).json()["id"]
    _, eve = person(market, "Eve", Role.author)
    for method, path in (("GET", ""), ("GET", "/outputs"), ("POST", "/cancel")):
        assert client.request(method, f"/batches/{batch}{path}", headers=eve).status_code == 404
    assert client.get("/batches", headers=eve).json()["items"] == []
