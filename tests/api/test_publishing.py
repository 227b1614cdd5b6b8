"""Each pipeline has an endpoint of its own: typed, described, and called from other programs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi.testclient import TestClient

from halles.api.app import create_app
from halles.engine import parse
from halles.main import Market
from halles.model import LOCAL, Principal, Role
from tests import shelf, sounds
from tests.marketplace import served
from tests.people import person, server

ME = Principal(id=LOCAL, role=Role.operator)
LOUD: dict[str, Any] = {
    "id": "loud",
    "name": "Loud <words>",
    "inputs": {"text": {"media": "text/plain", "description": "any text"}},
    "steps": [{"id": "say", "service": "shout", "params": {"times": 2}, "inputs": {"text": "inputs.text"}}],
    "outputs": {"out": "say.output"},
}
MIXED: dict[str, Any] = {
    "id": "mixed",
    "inputs": {
        "song": {"media": "audio/*", "description": "a song"},
        "texts": {"media": "text/plain", "many": True},
        "loud": {"schema": {"type": "boolean"}, "description": "whether to shout"},
        "other": {"media": "text/plain", "optional": True},
    },
    "steps": [
        {"id": "hear", "service": "listen", "inputs": {"song": "inputs.song"}},
        {"id": "join", "service": "join", "inputs": {"texts": "inputs.texts", "other": "hear.output"}},
        {"id": "say", "service": "shout", "when": "inputs.loud", "inputs": {"text": "join.output"}},
        {"id": "cut", "service": "split", "inputs": {"text": "join.output"}},
    ],
    "outputs": {"joined": "join.output", "shouted": "say.output", "words": "cut.words", "mood": "cut.mood"},
}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """A market for all tests that leave its pipelines as they are."""
    market = Market(tmp_path_factory.mktemp("hall"), services=shelf.SERVICES, workers=4)
    for document in (LOUD, MIXED):
        market.library.create(parse(document), ME)
    return market


@pytest.fixture(scope="module")
def client(hall: Market) -> Iterator[TestClient]:
    with TestClient(create_app(hall), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return sounds.write(tmp_path / "song.wav")


def text(answer: httpx.Response, output: str = "out") -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["outputs"][output]["value"]


def problem(answer: httpx.Response) -> list[tuple[str, str | None]]:
    return [(each["code"], each["port"]) for each in answer.json()["problems"]]


def test_a_form_runs_it_and_the_outputs_come_at_once(client: TestClient) -> None:
    assert text(client.post("/pipelines/loud/run?wait=30", data={"text": "hey"})) == "HEYHEY"


def test_json_runs_it(client: TestClient) -> None:
    assert text(client.post("/pipelines/loud/run?wait=30", json={"text": "hey"})) == "HEYHEY"


def test_files_texts_lists_and_values_are_fields_of_one_form(client: TestClient, song: Path) -> None:
    fields = [
        ("texts", (None, "so")),
        ("texts", (None, "long")),
        ("loud", (None, "true")),
        ("song", ("a.wav", song.read_bytes())),
    ]
    answer = client.post("/pipelines/mixed/run?wait=30", files=fields)
    assert text(answer, "shouted") == "SO LONG 1.0"
    assert [word["value"] for word in answer.json()["outputs"]["words"]] == ["so", "long", "1.0"]
    assert text(answer, "mood") == {"happy": False, "words": 3}


def test_an_output_is_downloaded_where_the_answer_says(client: TestClient) -> None:
    answer = client.post("/pipelines/loud/run?wait=30", json={"text": "hey"}).json()
    assert client.get(answer["outputs"]["out"]["url"]).text == "HEYHEY"


def test_an_output_of_a_skipped_step_is_absent(client: TestClient, song: Path) -> None:
    fields = [("texts", (None, "so")), ("loud", (None, "false")), ("song", ("a.wav", song.read_bytes()))]
    assert "shouted" not in client.post("/pipelines/mixed/run?wait=30", files=fields).json()["outputs"]


def test_parameters_are_fields_with_the_name_of_their_step(client: TestClient) -> None:
    assert text(client.post("/pipelines/loud/run?wait=30", data={"text": "hey", "say.times": "3"})) == "HEYHEYHEY"
    assert text(client.post("/pipelines/loud/run?wait=30", json={"text": "hey", "say.times": 1})) == "HEY"


def test_without_waiting_the_run_is_named(client: TestClient, hall: Market) -> None:
    answer = client.post("/pipelines/loud/run", json={"text": "hey"})
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/runs/{answer.json()['run']}"
    assert hall.ledger.load(answer.json()["run"])


def test_what_takes_longer_than_the_wait_goes_on(client: TestClient, hall: Market) -> None:
    step = {"id": "a", "service": "slow", "params": {"seconds": 30}, "inputs": {"text": "inputs.text"}}
    hall.library.create(parse({**LOUD, "id": "long", "steps": [step], "outputs": {"out": "a.output"}}), ME)
    answer = client.post("/pipelines/long/run?wait=0.2", json={"text": "hey"})
    assert answer.status_code == 202
    hall.ledger.request_cancel(answer.json()["run"])


def test_problems_of_inputs_and_parameters_come_together(client: TestClient) -> None:
    answer = client.post("/pipelines/loud/run", json={"txet": "hey", "say.times": 99, "say.volume": 1})
    assert answer.status_code == 422
    assert set(problem(answer)) == {("bad-param", "times"), ("unknown-param", "volume"), ("unknown-input", "txet")}


def test_a_parameter_of_a_form_that_is_wrong_is_told_by_what_it_is(client: TestClient) -> None:
    answer = client.post("/pipelines/loud/run", data={"text": "hey", "say.times": "99"})
    assert "99 is greater than the maximum of 9" in answer.json()["detail"]
    assert (
        "is not of type" in client.post("/pipelines/loud/run", data={"text": "hey", "say.times": "x"}).json()["detail"]
    )


def test_a_failed_run_says_which_step_and_why(client: TestClient, hall: Market) -> None:
    step = {"id": "no", "service": "refuse", "inputs": {"text": "inputs.text"}}
    hall.library.create(parse({**LOUD, "id": "no", "steps": [step], "outputs": {"out": "no.output"}}), ME)
    answer = client.post("/pipelines/no/run?wait=30", json={"text": "hey"})
    assert answer.status_code == 424
    assert answer.json()["problems"][0]["step"] == "no"
    assert answer.headers["Location"].startswith("/runs/")


def test_an_upload_or_an_output_is_given_by_its_hash(client: TestClient) -> None:
    sha256 = client.post("/artifacts", content=b"hey", headers={"Content-Type": "text/plain"}).json()["sha256"]
    answer = client.post("/pipelines/loud/run?wait=30", json={"text": {"artifact": sha256}})
    assert text(answer) == "HEYHEY"
    unknown = client.post("/pipelines/loud/run", json={"text": {"artifact": "0" * 64}})
    assert (unknown.status_code, problem(unknown)) == (422, [("no-such-artifact", "text")])


def test_a_file_is_given_as_base64(client: TestClient) -> None:
    assert text(client.post("/pipelines/loud/run?wait=30", json={"text": {"base64": "aGV5"}})) == "HEYHEY"
    bad = client.post("/pipelines/loud/run", json={"text": {"base64": "a"}})
    assert (bad.status_code, problem(bad)) == (422, [("not-base64", "text")])


def test_a_file_is_fetched_where_the_network_is_allowed(hall: Market, client: TestClient) -> None:
    with served(hall) as elsewhere:
        sha256 = client.post("/artifacts", content=b"hey", headers={"Content-Type": "text/plain"}).json()["sha256"]
        url = f"{elsewhere}/artifacts/{sha256}"
        assert text(client.post("/pipelines/loud/run?wait=30", json={"text": {"url": url}})) == "HEYHEY"
        assert text(client.post("/pipelines/loud/run?wait=30", data={"text": json.dumps({"url": url})})) == "HEYHEY"
        gone = client.post("/pipelines/loud/run", json={"text": {"url": f"{url[:-1]}x"}})
        assert (gone.status_code, problem(gone)) == (422, [("bad-answer", "text")])


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://10.0.0.1/", "file:///etc/passwd", "ftp://x/y"]
)
def test_a_file_is_not_fetched_from_inside(client: TestClient, url: str) -> None:
    answer = client.post("/pipelines/loud/run", json={"text": {"url": url}})
    assert answer.status_code == 422
    assert problem(answer)[0][0] in ("address-refused", "bad-url")


def test_others_run_what_is_published_and_find_nothing_before(market: Market) -> None:
    market.library.create(parse(LOUD), Principal(id="ann", role=Role.author))
    with server(market, HALLES_LOGIN="required", HALLES_WORKERS="2") as client:
        _, key = person(market, "ben", Role.runner)
        for path in ("run", "openapi.json", "docs", "snippets"):
            ask = client.post if path == "run" else client.get
            assert ask(f"/pipelines/loud/{path}", headers=key).status_code == 404
        market.library.publish("loud", ME)
        assert text(client.post("/pipelines/loud/run?wait=30", json={"text": "hey"}, headers=key)) == "HEYHEY"
        _, viewer = person(market, "eve", Role.viewer)
        assert client.post("/pipelines/loud/run", json={"text": "hey"}, headers=viewer).status_code == 403


def test_an_edit_changes_nothing_for_callers_until_it_is_published(client: TestClient, hall: Market) -> None:
    hall.library.create(parse({**LOUD, "id": "steady"}), ME)
    hall.library.publish("steady", ME)
    edited = {**LOUD, "id": "steady", "steps": [{**LOUD["steps"][0], "params": {"times": 1}}]}
    hall.library.save("steady", parse(edited), ME)
    call = {"json": {"text": "hey"}}
    assert text(client.post("/pipelines/steady/run?wait=30", **call)) == "HEYHEY"
    assert text(client.post("/pipelines/steady/run?wait=30&version=2", **call)) == "HEY"
    hall.library.publish("steady", ME)
    assert text(client.post("/pipelines/steady/run?wait=30", **call)) == "HEY"


def test_the_openapi_describes_each_field(client: TestClient) -> None:
    document = client.get("/pipelines/mixed/openapi.json").json()
    (path,) = document["paths"]
    operation = document["paths"][path]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]
    assert path == "/pipelines/mixed/run"
    assert form["schema"]["required"] == ["song", "texts", "loud"]
    assert form["encoding"] == {"song": {"contentType": "audio/*"}}
    assert form["schema"]["properties"]["loud"] == {
        "type": "boolean",
        "description": "whether to shout (application/json)",
    }
    assert form["schema"]["properties"]["say.times"]["maximum"] == 9
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["outputs"]
    assert answer["required"] == ["joined", "words", "mood"], "the one with a condition may lack"
    assert answer["properties"]["mood"]["properties"]["value"]["properties"]["happy"] == {
        "title": "Happy",
        "type": "boolean",
    }


def test_the_openapi_is_one_and_true_to_what_is_answered(client: TestClient, song: Path) -> None:
    import schemathesis

    document = client.get("/pipelines/mixed/openapi.json").json()
    schemathesis.openapi.from_dict(document).validate()
    fields = [("texts", (None, "so")), ("loud", (None, "true")), ("song", ("a.wav", song.read_bytes()))]
    answer = client.post("/pipelines/mixed/run?wait=30", files=fields).json()
    described = document["paths"]["/pipelines/mixed/run"]["post"]["responses"]["200"]["content"]["application/json"]
    jsonschema_rs.validator_for(described["schema"]).validate(answer)


def test_a_draft_with_a_bad_schema_is_described_all_the_same(client: TestClient, hall: Market) -> None:
    levels = {f"d{n}": {"prefixItems": [{"$ref": f"#/$defs/d{n + 1}"}] * 10} for n in range(30)}
    itself = {"type": "object", "properties": {"me": {"$ref": "#/$defs/node"}}, "required": ["me"]}
    either = [{"$ref": "#/$defs/node"}, {"$ref": "#/$defs/d0"}]
    schema = {"$defs": {**levels, "d30": {}, "node": itself}, "anyOf": either, "minItems": 10**12, "minLength": 10**12}
    inputs = {"text": {"media": "text/plain"}, "v": {"schema": schema}, "w": {"schema": {"type": 5}}}
    hall.library.create(parse({**LOUD, "id": "deep", "inputs": inputs}), ME, draft=True)
    assert len(client.get("/pipelines/deep/openapi.json").content) < 2_000_000
    assert len(client.get("/pipelines/deep/docs").content) < 100_000
    assert problem(client.post("/pipelines/deep/run", json={"text": "hey"}))[0][0] == "bad-schema"


def test_the_page_shows_names_of_others_as_texts(client: TestClient) -> None:
    page = client.get("/pipelines/loud/docs")
    assert "<h1>Loud &lt;words&gt;</h1>" in page.text and "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.fixture
def called(hall: Market, client: TestClient, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Snippets for a real server, and a song where they look for it."""
    sounds.write(tmp_path / "song.opus", kind="wav")
    with served(hall) as url:
        yield httpx.get(f"{url}/pipelines/mixed/snippets").json()


def run(command: list[str], folder: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_shell_snippet_works(called: dict[str, str], tmp_path: Path) -> None:
    answer = json.loads(run(["sh", "-c", called["curl"]], tmp_path))
    assert answer["status"] == "finished" and answer["outputs"]["joined"]["value"] == "texts 1.0"


def test_the_python_snippet_works(called: dict[str, str], tmp_path: Path) -> None:
    assert "joined text/plain 9 bytes" in run([sys.executable, "-c", called["python"]], tmp_path)


@pytest.mark.skipif(which("node") is None, reason="needs node")
def test_the_typescript_snippet_works(called: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "snippet.mjs").write_text(called["typescript"])
    assert "joined text/plain 9 bytes" in run(["node", "snippet.mjs"], tmp_path)


def test_what_takes_long_is_waited_for(market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halles.api.snippets.WAIT", 0)
    market.library.create(parse(LOUD), ME)
    with served(market) as url:
        code = httpx.get(f"{url}/pipelines/loud/snippets").json()
        assert "out text/plain 16 bytes" in run([sys.executable, "-c", code["python"]], tmp_path)
        (tmp_path / "snippet.mjs").write_text(code["typescript"])
        if which("node"):
            assert "out text/plain 16 bytes" in run(["node", "snippet.mjs"], tmp_path)


def test_snippets_send_a_key_where_there_is_one(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.library.create(parse(LOUD), ME)
    market.library.publish("loud", ME)
    _, key = person(market, "ben", Role.runner)
    with served(market, HALLES_LOGIN="required") as url:
        code = httpx.get(f"{url}/pipelines/loud/snippets", headers=key).json()
        monkeypatch.setenv("HALLES_KEY", key["Authorization"].removeprefix("Bearer "))
        assert json.loads(run(["sh", "-c", code["curl"]], tmp_path))["outputs"]["out"]["value"] == "ANY TEXTANY TEXT"
        assert "out text/plain 16 bytes" in run([sys.executable, "-c", code["python"]], tmp_path)
