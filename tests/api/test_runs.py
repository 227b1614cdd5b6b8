"""Runs over HTTP: begun, listed, stopped, and gone on from."""

import json

import pytest

from halles.model import Role
from tests.api.running import CHAIN, SHOUT, WAIT, document, ended, read, start, wait
from tests.people import person, server
from tests.shelf import calls

SPLIT = {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}}
EACH = {"id": "m", "service": "shout", "map": "text", "inputs": {"text": "s.words"}}
JOIN = {"id": "j", "service": "join", "inputs": {"texts": "m.output", "other": "t.output"}}
BRANCHES = document(SPLIT, EACH, {**SHOUT, "id": "t"}, JOIN, out="j.output")


@pytest.fixture(autouse=True)
def _fresh():
    calls.clear()


def problems(answer, status=422):
    assert answer.status_code == status, answer.text
    return [each["message"] for each in answer.json()["problems"]]


def test_a_run_is_begun_and_comes_to_its_end(client):
    answer = start(client)
    assert (answer.status_code, answer.headers["location"]) == (202, f"/runs/{answer.json()['id']}")
    done = ended(client, answer)
    assert (done["status"], done["progress"], read(client, done["outputs"]["out"])) == ("finished", 1, "LALA")
    assert done["outputs"]["out"]["name"] == "out.txt"


def test_every_step_says_what_it_gave_and_how_long_it_took(client):
    step = ended(client, start(client))["steps"][1]
    assert (step["id"], step["service"], step["version"], step["status"]) == ("b", "shout", "1.0", "finished")
    assert read(client, step["outputs"]["output"]) == "LALA"
    assert step["seconds"] >= step["spent"] >= 0


def test_a_form_brings_files(client):
    form = {"run": (None, f'{{"pipeline": {json.dumps(CHAIN)}, "seed": 3}}'), "text": ("a.txt", b"so")}
    done = ended(client, client.post("/runs", files=form))
    assert (done["seed"], read(client, done["outputs"]["out"])) == (3, "SOSO")


def test_an_upload_is_an_input(client):
    sha256 = client.post("/artifacts", content=b"hey").json()["sha256"]
    done = ended(client, start(client, inputs={"text": {"artifact": sha256}}))
    assert read(client, done["outputs"]["out"]) == "HEYHEY"


def test_a_list_is_an_input(client):
    inputs = {"texts": {"media": "text/plain", "many": True}}
    pipeline = document(
        {"id": "j", "service": "join", "inputs": {"texts": "inputs.texts"}}, inputs=inputs, out="j.output"
    )
    done = ended(client, start(client, pipeline, {"texts": ["a", "b"]}))
    assert read(client, done["outputs"]["out"]) == "a b"
    assert [file["name"] for file in done["inputs"]["texts"]] == ["texts-1.txt", "texts-2.txt"]


def test_parameters_can_be_set(client):
    done = ended(client, start(client, overrides={"b": {"times": 3}}))
    assert read(client, done["outputs"]["out"]) == "LALALA"


def test_a_kept_pipeline_is_run_by_its_name_and_version(client):
    assert client.post("/pipelines", json=CHAIN).status_code == 201
    changed = {**CHAIN, "outputs": {"out": "a.output"}}
    assert client.put("/pipelines/test", json=changed).status_code == 200
    first = ended(client, start(client, "test", version=1))
    assert read(client, first["outputs"]["out"]) == "LALA"
    second = ended(client, start(client, "test", version=2))
    assert read(client, second["outputs"]["out"]) == "LA"


def test_everything_that_is_wrong_is_said_at_once(client):
    bad = document({**SHOUT, "service": "shuot"}, out="a.output")
    found = problems(start(client, bad, {"txet": "la"}))
    assert found[0].startswith("There is no service `shuot`")
    assert found[1].startswith("There is no input `txet`")


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({}, 422, "Field required"),
        ({"pipeline": "none"}, 404, "no pipeline `none`"),
        ({"pipeline": "none", "version": 3}, 404, "none"),
        ({"pipeline": CHAIN, "colour": 1}, 422, "colour"),
        ({"pipeline": CHAIN, "seed": -1}, 422, "seed"),
        ({"pipeline": CHAIN, "overrides": {"x": {}}}, 422, "no step `x`"),
        ({"pipeline": {"id": "x"}}, 422, "no steps"),
        ({"pipeline": CHAIN, "inputs": {"text": {"artifact": "0" * 64}}}, 422, "There is no artifact"),
    ],
)
def test_what_cannot_be_run_is_refused(client, body, status, word):
    answer = client.post("/runs", json=body)
    assert answer.status_code == status
    assert word in answer.text


def test_a_body_of_another_type_is_refused(client):
    assert client.post("/runs", content=b"<run/>", headers={"Content-Type": "text/xml"}).status_code == 415


def test_the_same_key_begins_nothing_new(client):
    key = {"Idempotency-Key": "k1"}
    first, second = start(client, headers=key), start(client, headers=key)
    assert first.json()["id"] == second.json()["id"]
    assert "Use a new key" in problems(start(client, inputs={"text": "other"}, headers=key), 409)[0]
    assert start(client, headers={"Idempotency-Key": "k2"}).json()["id"] != first.json()["id"]


def test_the_key_of_somebody_else_is_another_one(market, client):
    _, ada = person(market, "Ada", Role.author)
    mine, hers = (start(client, headers={**who, "Idempotency-Key": "k"}).json()["id"] for who in ({}, ada))
    assert mine != hers


def test_runs_are_listed_page_by_page(client):
    ids = [start(client).json()["id"] for _ in range(3)]
    first = client.get("/runs", params={"limit": 2}).json()
    second = client.get("/runs", params={"limit": 2, "cursor": first["next"]}).json()
    assert [run["id"] for page in (first, second) for run in page["items"]] == ids[::-1]
    assert second["next"] is None
    assert client.get("/runs", params={"cursor": "x"}).status_code == 422


def test_lists_are_narrowed(client):
    done = ended(client, start(client))
    failed = ended(
        client,
        start(client, document({"id": "r", "service": "refuse", "inputs": {"text": "inputs.text"}}, out="r.output")),
    )
    assert [run["id"] for run in client.get("/runs?status=failed").json()["items"]] == [failed["id"]]
    assert [run["id"] for run in client.get("/runs?status=finished").json()["items"]] == [done["id"]]
    assert client.get("/runs?pipeline=other").json()["items"] == []
    assert client.get("/runs?status=lost").status_code == 422


def test_lists_are_searched_by_words_time_and_id(client):
    form = {"run": (None, f'{{"pipeline": {json.dumps(CHAIN)}}}'), "text": ("harbour_light.txt", b"so")}
    named = ended(client, client.post("/runs", files=form))
    other = ended(client, start(client))

    def found(**query):
        return [run["id"] for run in client.get("/runs", params=query).json()["items"]]

    titles = [run["title"] for run in client.get("/runs").json()["items"]]
    assert titles == ["la", "harbour_light.txt"]
    assert client.post(f"/runs/{named['id']}/retry", json={}).json()["title"] == "harbour_light.txt"
    assert found(text=other["id"][:6]) == [other["id"]]
    assert found(text="LIGHT tes", until=other["created"]) == [named["id"]]
    assert found(id=[named["id"], other["id"]]) == [other["id"], named["id"]]
    assert found(text="harbour%") == found(text="light nowhere") == found(id="0" * 16) == []
    assert found(since=other["created"])[-1] == other["id"]
    assert found(until=other["created"]) == [named["id"]]


def test_the_plan_of_a_run_tells_what_it_does(client):
    done = ended(client, start(client, seed=4))
    plan = client.get(f"/runs/{done['id']}/plan").json()
    assert (plan["seed"], plan["pipeline"]["outputs"]) == (4, {"out": "b.output"})
    assert [(task["id"], task["version"], task["params"]["times"]) for task in plan["tasks"]] == [
        ("a", "1.0", 1),
        ("b", "1.0", 2),
    ]


def test_a_run_that_waits_says_its_place(market):
    with server(market) as client:
        places = [start(client).json()["place"] for _ in range(2)]
        assert places == [1, 2]
        assert start(client, priority=5).json()["place"] == 1


def test_a_run_that_waits_is_cancelled_at_once(market):
    with server(market) as client:
        run = start(client).json()["id"]
        assert client.post(f"/runs/{run}/cancel").json()["status"] == "cancelled"
        assert "has ended" in problems(client.post(f"/runs/{run}/cancel"), 409)[0]


def test_a_run_that_is_executed_is_cancelled_soon(client):
    run = start(client, WAIT).json()["id"]
    wait(client, run, lambda run: run["steps"][0]["status"] == "running")
    assert client.post(f"/runs/{run}/cancel").status_code == 202
    assert wait(client, run)["status"] == "cancelled"


def test_a_run_is_tried_again_from_a_step(client):
    done = ended(client, start(client))
    again = ended(client, client.post(f"/runs/{done['id']}/retry", json={"step": "b"}))
    assert (again["status"], again["parent"], calls["shout"]) == ("finished", done["id"], 3)


def test_all_of_a_run_is_done_again_with_a_seed(client):
    first = ended(client, start(client, seed=1))
    again = ended(client, client.post(f"/runs/{first['id']}/retry", json={"seed": 2}))
    assert (again["seed"], again["parent"], again["outputs"]["out"]["sha256"]) == (
        2, first["id"], first["outputs"]["out"]["sha256"],
    )  # fmt: skip
    assert all(step["cached"] for step in again["steps"]), "nothing here depends on the seed"
    assert client.post(f"/runs/{first['id']}/retry", json={"seed": 2, "step": "a"}).status_code == 422


def test_what_has_not_finished_is_tried_again(client):
    flaky = {"id": "f", "service": "flaky", "params": {"failures": 3}, "inputs": {"text": "a.output"}}
    failed = ended(client, start(client, document(SHOUT, flaky, out="f.output")))
    assert failed["status"] == "failed"
    assert ended(client, client.post(f"/runs/{failed['id']}/retry", json={}))["status"] == "finished"
    assert calls["shout"] == 1


def test_an_edit_runs_only_what_depends_on_it(client):
    done = ended(client, start(client, BRANCHES, {"text": "so happy"}))
    calls.clear()
    edits = {"edits": [{"step": "s", "port": "words", "value": ["very", "sad"]}]}
    edited = ended(client, client.post(f"/runs/{done['id']}/edit", json=edits))
    assert read(client, edited["outputs"]["out"]) == "VERY SAD SO HAPPY"
    assert dict(calls) == {"shout": 2, "join": 1}
    assert [step["id"] for step in edited["steps"] if step["edited"]] == ["s"]


def test_an_edited_input_runs_only_what_reads_it(client):
    inputs = {"text": {"media": "text/plain"}, "more": {"media": "text/plain", "default": "la"}}
    other = {"id": "b", "service": "shout", "inputs": {"text": "inputs.more"}}
    two = document(SHOUT, other, inputs=inputs, out="a.output", other="b.output")
    done = ended(client, start(client, two, {"text": "so"}))
    calls.clear()
    edits = {"edits": [{"step": "inputs", "port": "more", "value": "oh"}]}
    edited = ended(client, client.post(f"/runs/{done['id']}/edit", json=edits))
    assert [read(client, edited["outputs"][name]) for name in ("out", "other")] == ["SO", "OH"]
    assert read(client, edited["inputs"]["more"]) == "oh"
    assert dict(calls) == {"shout": 1}


def test_an_edit_may_be_an_upload(client):
    done = ended(client, start(client))
    sha256 = client.post("/artifacts", content=b"So").json()["sha256"]
    edits = {"edits": [{"step": "a", "port": "output", "artifact": sha256}]}
    edited = ended(client, client.post(f"/runs/{done['id']}/edit", json=edits))
    assert read(client, edited["outputs"]["out"]) == "SOSO"


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        ({"step": "x", "port": "words", "value": []}, "no step `x`"),
        ({"step": "s", "port": "x", "value": []}, "no output `x`"),
        ({"step": "inputs", "port": "txt", "value": "la"}, "no input `txt`"),
        ({"step": "s", "port": "mood", "value": {"happy": 1, "words": 2}}, "at `happy`"),
        ({"step": "s", "port": "words", "artifact": "0" * 64}, "There is no artifact"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(client, edit, word):
    done = ended(client, start(client, BRANCHES))
    assert word in problems(client.post(f"/runs/{done['id']}/edit", json={"edits": [edit]}))[0]


def test_a_run_is_pinned_until_it_is_not(client):
    run = ended(client, start(client))["id"]
    assert client.get(f"/runs/{run}").json()["pinned"] is False
    assert client.put(f"/runs/{run}/pin").status_code == 204
    assert client.get(f"/runs/{run}").json()["pinned"] is True
    assert client.delete(f"/runs/{run}/pin").status_code == 204
    assert client.get(f"/runs/{run}").json()["pinned"] is False


def test_a_run_is_deleted_unless_it_goes_on_or_is_shared(client):
    run = start(client, WAIT).json()["id"]
    assert client.delete(f"/runs/{run}").status_code == 409
    client.post(f"/runs/{run}/cancel")
    wait(client, run)
    link = client.post(f"/runs/{run}/share", json={}).json()
    assert client.delete(f"/runs/{run}").status_code == 409
    client.delete(f"/shares/{link['id']}")
    assert client.delete(f"/runs/{run}").status_code == 204
    assert client.get(f"/runs/{run}").status_code == 404


def test_the_runs_of_others_are_not_there(market, client):
    mine = ended(client, start(client))["id"]
    _, eve = person(market, "Eve", Role.author)
    for method, path, body in (
        ("GET", "", None), ("GET", "/events", None), ("PUT", "/pin", None), ("DELETE", "/pin", None),
        ("POST", "/cancel", None), ("POST", "/retry", {}), ("DELETE", "", None),
        ("POST", "/edit", {"edits": [{"step": "a", "port": "output", "value": "x"}]}), ("POST", "/share", {}),
    ):  # fmt: skip
        assert client.request(method, f"/runs/{mine}{path}", json=body, headers=eve).status_code == 404
    assert client.get("/runs", headers=eve).json()["items"] == []
    assert client.get("/runs").json()["items"] != [], "an operator sees all"


def test_roles(market, client):
    _, viewer = person(market, "Vi", Role.viewer)
    _, runner = person(market, "Ru", Role.runner)
    assert start(client, headers=viewer).status_code == 403
    assert "needs the role `author`" in problems(start(client, headers=runner), 403)[0]
    _, author = person(market, "Au", Role.author)
    assert start(client, headers=author).status_code == 202
    assert "only operators" in problems(start(client, priority=1, headers=author), 403)[0]


def test_what_is_said_of_a_run_is_kept_part_by_part(client):
    run = ended(client, start(client))["id"]
    path = f"/runs/{run}/notes"
    assert client.patch(path, json={"title": "  Harbour Light ", "liked": {"covers[0]": True, "mood": True}}).json() == {
        "title": "Harbour Light", "artist": "", "liked": ["covers[0]", "mood"],
    }  # fmt: skip
    client.patch(path, json={"artist": "The Keepers", "liked": {"mood": False, "covers[1].palette": True}})
    said = {"title": "Harbour Light", "artist": "The Keepers", "liked": ["covers[0]", "covers[1].palette"]}
    assert client.get(f"/runs/{run}").json()["notes"] == said
    assert client.get("/runs?text=keepers light").json()["items"][0]["notes"] == said
    assert client.post(f"/runs/{run}/retry", json={"step": "b"}).json()["notes"] == said, "what goes on from it, too"


def test_letters_of_every_language_are_found_large_and_small(client):
    run = ended(client, start(client))["id"]
    client.patch(f"/runs/{run}/notes", json={"title": "Étude", "artist": "Ølga"})
    assert [each["id"] for each in client.get("/runs?text=étude øLGA").json()["items"]] == [run]


def test_what_is_said_of_a_run_has_an_end(client):
    run = ended(client, start(client))["id"]
    path = f"/runs/{run}/notes"
    for wrong in ({"title": "a\nb"}, {"artist": "x" * 201}, {"liked": {"<b>": True}}, {"liked": {"mood": 1}}):
        assert client.patch(path, json=wrong).status_code == 422, wrong
    for first in (0, 100):
        assert client.patch(path, json={"liked": {f"p{n}": True for n in range(first, first + 100)}}).status_code == 200
    assert problems(client.patch(path, json={"liked": {"more": True}})) == [
        "At most 200 parts are liked of a run; these would be 201."
    ]
    assert client.patch("/runs/0123456789abcdef/notes", json={}).status_code == 404
