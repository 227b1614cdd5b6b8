"""Pipelines over HTTP: made, checked, changed, compared, shared."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from halles.engine import read

SAY: dict[str, Any] = {"id": "say", "service": "shout", "params": {"times": 2}, "inputs": {"text": "inputs.text"}}
LOUD: dict[str, Any] = {
    "id": "loud",
    "inputs": {"text": {"media": "text/plain"}},
    "steps": [SAY],
    "outputs": {"out": "say.output"},
}
YAML = {"Content-Type": "application/yaml"}


def louder(times: int) -> dict[str, Any]:
    return {**LOUD, "steps": [{**SAY, "params": {"times": times}}]}


@pytest.fixture
def kept(client: TestClient) -> Any:
    return client.post("/pipelines?message=first", json=LOUD)


def codes(response: Any) -> list[str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    return [problem["code"] for problem in response.json()["problems"]]


def test_a_pipeline_is_made_of_json(kept: Any) -> None:
    assert (kept.status_code, kept.headers["Location"]) == (201, "/pipelines/loud")
    assert kept.json()["version"]["message"] == "first"


def test_a_pipeline_is_made_of_yaml_and_given_back_as_yaml(client: TestClient) -> None:
    text = "id: loud\ninputs: {text: {media: text/plain}}\nsteps: [{id: say, service: shout, inputs: {text: inputs.text}}]\n"
    made = client.post("/pipelines", content=text + "outputs: {out: say.output}\n", headers=YAML)
    got = client.get("/pipelines/loud", headers={"Accept": "application/yaml"})
    assert (made.status_code, got.headers["Content-Type"]) == (201, "application/yaml")
    assert read(got.text).model_dump(mode="json") == made.json()["version"]["pipeline"]


def test_all_problems_are_said_at_once(client: TestClient) -> None:
    bad = {
        **LOUD,
        "steps": [{**SAY, "service": "shuot"}, {"id": "cut", "service": "split"}],
        "outputs": {"o": "cut.wrods"},
    }
    answer = client.post("/pipelines/check", json=bad)
    assert answer.status_code == 200 and answer.json()["ok"] is False
    assert [p["code"] for p in answer.json()["problems"]] == ["unknown-service", "missing-input", "unknown-port"]
    assert client.post("/pipelines/check", json=LOUD).json() == {"ok": True, "problems": []}


def test_what_fits_is_told_before_it_is_wired(client: TestClient) -> None:
    loose = {
        **LOUD,
        "steps": [{**SAY, "inputs": {}}, {"id": "cut", "service": "split", "inputs": {"text": "say.output"}}],
    }
    answer = client.post("/pipelines/wires?step=say&port=text", json=loose)
    found = {wire["source"]: wire["problem"] and wire["problem"]["code"] for wire in answer.json()["items"]}
    assert found == {"inputs.text": None, "say.output": "cycle", "cut.words": "cycle", "cut.mood": "cycle"}


def test_a_pipeline_with_problems_is_kept_as_a_draft_only(client: TestClient) -> None:
    bad = {**LOUD, "steps": [{**SAY, "service": "shuot"}]}
    refused = client.post("/pipelines", json=bad)
    assert (refused.status_code, codes(refused)) == (422, ["unknown-service"])
    assert client.post("/pipelines?draft=true", json=bad).status_code == 201
    assert client.post("/pipelines/loud/publish").status_code == 422


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ("{", "application/json", 422, "unreadable"),
        ("a: [", "application/yaml", 422, "unreadable"),
        ("[]", "application/json", 422, "unreadable"),
        (b"\xff", "application/yaml", 422, "unreadable"),
        ("x", "image/png", 415, "unsupported-media-type"),
        ('{"id": "No"}', "application/json", 422, "invalid-field"),
        ("a" * 9_000_000, "application/yaml", 413, "too-large"),
    ],
)
def test_a_body_that_is_no_pipeline_is_explained(
    client: TestClient, body: Any, kind: str, status: int, code: str
) -> None:
    answer = client.post("/pipelines", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, codes(answer)) == (status, [code])


def test_an_edit_is_refused_when_somebody_else_was_faster(client: TestClient, kept: Any) -> None:
    mine = {"If-Match": kept.headers["ETag"]}
    first = client.put("/pipelines/loud", json=louder(3), headers=mine)
    second = client.put("/pipelines/loud", json=louder(4), headers=mine)
    assert (first.status_code, first.json()["current"]) == (200, 2)
    assert (second.status_code, codes(second)) == (412, ["precondition-failed"])
    assert client.put("/pipelines/loud", json=louder(4), headers={"If-Match": '"other"'}).status_code == 412
    assert client.put("/pipelines/loud", json=louder(4), headers={"If-Match": "*"}).status_code == 200


def test_the_tag_of_yaml_edits_too_and_what_did_not_change_is_not_sent(client: TestClient, kept: Any) -> None:
    tag = client.get("/pipelines/loud", headers={"Accept": "text/yaml"}).headers["ETag"]
    assert tag != kept.headers["ETag"]
    assert client.get("/pipelines/loud", headers={"If-None-Match": kept.headers["ETag"]}).status_code == 304
    assert client.put("/pipelines/loud", json=louder(3), headers={"If-Match": tag}).status_code == 200


def test_what_cannot_run_is_kept_as_a_draft_and_not_published(client: TestClient, kept: Any) -> None:
    broken = {**louder(3), "outputs": {"out": "say.nothing"}}
    assert client.put("/pipelines/loud", json=broken).status_code == 422
    assert client.put("/pipelines/loud?draft=true", json=broken).status_code == 200
    history = client.get("/pipelines/loud/versions").json()["items"]
    assert [(line["number"], line["problems"]) for line in history] == [(2, 1), (1, 0)]
    assert client.post("/pipelines/loud/publish", json={"version": 2}).status_code == 422
    assert client.post("/pipelines/loud/publish", json={"version": 1}).status_code == 200


def test_the_history_says_what_changed_and_leads_back(client: TestClient, kept: Any) -> None:
    client.put("/pipelines/loud?message=louder", json=louder(3))
    compared = client.get("/pipelines/loud/diff").json()
    assert [change["message"] for change in compared["changes"]] == ["`say`: parameter `times` is `3`; it was `2`."]
    back = client.post("/pipelines/loud/rollback", json={"version": 1})
    assert back.json()["version"]["meaning"] == kept.json()["version"]["meaning"]
    history = client.get("/pipelines/loud/versions").json()["items"]
    assert [(line["number"], line["message"]) for line in history] == [
        (3, "back to loud@1"),
        (2, "louder"),
        (1, "first"),
    ]
    assert [line["said"] for line in history] == [
        {"form": "back to {origin}", "values": {"origin": "loud@1"}},
        None,
        None,
    ]
    assert compared["changes"][0]["said"]["form"] == "`{step}`: {what} is {now}; it was {was}."
    assert client.get("/pipelines/loud/versions/2").json()["pipeline"]["steps"][0]["params"] == {"times": 3}
    assert client.get("/pipelines/loud/versions/9").status_code == 404


def test_steps_are_pinned_and_an_upgrade_is_shown_before_it_is_made(client: TestClient, kept: Any) -> None:
    assert client.post("/pipelines/loud/pin").json()["version"]["pipeline"]["steps"][0]["service"] == "shout@1.0"
    shown = client.get("/pipelines/loud/upgrade", params={"replace": "say=dice"}).json()
    assert shown["steps"][0]["kept"] == [{"port": "text", "source": "inputs.text"}]
    assert [problem["port"] for problem in shown["steps"][0]["params_dropped"]] == ["times"]
    made = client.post("/pipelines/loud/upgrade", json={"replace": {"say": "dice"}})
    assert made.json()["version"]["pipeline"]["steps"][0]["service"] == "dice@1.0"
    assert client.get("/pipelines/loud/upgrade", params={"replace": "say"}).status_code == 422


def test_an_upgrade_that_breaks_edges_is_refused_unless_it_is_a_draft(client: TestClient, kept: Any) -> None:
    broken = client.post("/pipelines/loud/upgrade", json={"replace": {"say": "listen"}})
    assert (broken.status_code, codes(broken)) == (422, ["unknown-port", "missing-input", "bad-param"][:2])
    assert client.post("/pipelines/loud/upgrade?draft=true", json={"replace": {"say": "listen"}}).status_code == 200


def test_installed_pipelines_are_found_forked_and_not_changed(client: TestClient) -> None:
    found = client.get("/pipelines", params={"q": "album cover", "tag": "Image Generation"}).json()["items"]
    assert [each["slug"] for each in found] == ["cover-art"]
    assert client.delete("/pipelines/cover-art").status_code == 403
    forked = client.post("/pipelines/cover-art/fork", json={"id": "my-cover"})
    assert (forked.status_code, forked.json()["version"]["origin"]) == (201, "cover-art@1")
    assert client.post("/pipelines/cover-art/fork", json={"id": "my-cover"}).status_code == 409


def test_a_list_comes_in_pages(client: TestClient, kept: Any) -> None:
    first = client.get("/pipelines", params={"limit": 3}).json()
    second = client.get("/pipelines", params={"limit": 3, "cursor": first["next"]}).json()
    slugs = [each["slug"] for page in (first, second) for each in page["items"]]
    assert slugs == ["cover-art", "karaoke", "loud", "prompt-to-picture", "timed-lyrics"]
    assert second["next"] is None


def test_what_is_published_is_not_deleted_before_it_is_unpublished(client: TestClient, kept: Any) -> None:
    assert client.post("/pipelines/loud/publish", json={"version": 1}).json()["published"] == 1
    assert client.delete("/pipelines/loud").status_code == 409
    assert client.post("/pipelines/loud/unpublish").json()["published"] is None
    assert client.delete("/pipelines/loud").status_code == 204
    assert client.get("/pipelines/loud").status_code == 404


@pytest.mark.parametrize("form", ["yaml", "json", "core-engine"])
def test_what_is_exported_is_imported_as_the_same(client: TestClient, form: str) -> None:
    plain = {
        **LOUD,
        "name": "Loud",
        "description": "Says it louder.",
        "tags": ["Generic"],
        "steps": [{**SAY, "params": {}}],
    }
    client.post("/pipelines", json=plain)
    out = client.get("/pipelines/loud/export", params={"format": form})
    text = json.dumps(out.json()["document"]) if form == "core-engine" else out.text
    kind = "application/yaml" if form == "yaml" else "application/json"
    shown = client.post("/pipelines/import?keep=false", content=text, headers={"Content-Type": kind})
    before = client.get("/pipelines/loud").json()["version"]["pipeline"]
    assert (shown.status_code, shown.json()["pipeline"]) == (200, before)
    assert shown.json()["lost"] == [] == shown.json()["problems"]


def test_an_import_is_kept_as_a_draft_with_what_was_lost(client: TestClient) -> None:
    step = {"identifier": "a", "needs": [], "inputs": ["pipeline.text"], "service_slug": "nowhere", "condition": "x()"}
    theirs = {
        "name": "T",
        "slug": "theirs",
        "summary": "t",
        "data_in_fields": [{"name": "text", "type": ["text/plain"]}],
        "steps": [step],
    }
    taken = client.post("/pipelines/import", json=theirs)
    assert (taken.status_code, taken.headers["Location"]) == (201, "/pipelines/theirs")
    assert [problem["code"] for problem in taken.json()["lost"]] == ["unknown-service", "condition-dropped"]
    assert "unknown-service" in [problem["code"] for problem in taken.json()["problems"]]
    assert client.get("/pipelines/theirs").json()["published"] is None
    assert client.post("/pipelines/import", json={**theirs, "steps": [{"identifier": ""}]}).status_code == 422


def test_an_export_for_a_core_engine_says_what_differs_there(client: TestClient) -> None:
    out = client.get("/pipelines/cover-art/export", params={"format": "core-engine"}).json()
    assert [step["identifier"] for step in out["document"]["steps"]] == [
        "recognise",
        "style",
        "analyse",
        "direct",
        "paint",
    ]
    codes = [problem["code"] for problem in out["problems"]]
    assert codes == ["step-left-out", "condition-dropped", "input-left-out", "input-left-out"]
    assert [field["name"] for field in out["document"]["data_in_fields"]] == ["song"]
    assert out["document"]["steps"][3]["inputs"] == ["style.style", "analyse.analysis", "recognise.lyrics"]


def test_every_reference_in_the_openapi_leads_somewhere(client: TestClient) -> None:
    document = client.get("/openapi.json").json()

    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*map(references, node.values()))
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document["paths"]) <= known
