"""Artifacts over HTTP: who has one gets it, whole or in part, and nobody else does."""

import pytest

from halles.model import Role
from tests.people import OPEN, person, server
from tests.running import pipeline, run

SHOUT = {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}
TEXT = b"la la la la"


def upload(client, content=TEXT, headers=None, **query):
    answer = client.post("/artifacts", content=content, params=query, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def text(client):
    return upload(client, media_type="text/plain", name="words.txt")


def test_what_is_uploaded_is_given_back(client, text):
    answer = client.get(text["url"])
    assert answer.content == TEXT
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"] == "inline; filename=\"words.txt\"; filename*=UTF-8''words.txt"


def test_head_tells_size_and_type_without_the_content(client, text):
    answer = client.head(text["url"])
    assert (answer.content, answer.headers["content-length"]) == (b"", "11")


def test_uploads_are_listed_page_by_page(client):
    shas = [upload(client, str(n).encode())["sha256"] for n in range(3)]
    first = client.get("/artifacts", params={"limit": 2}).json()
    second = client.get("/artifacts", params={"limit": 2, "before": first["next"]}).json()
    assert [a["sha256"] for page in (first, second) for a in page["items"]] == shas[::-1]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("wanted", "status", "content", "range_"),
    [
        ("bytes=0-1", 206, b"la", "bytes 0-1/11"),
        ("bytes=3-", 206, b"la la la", "bytes 3-10/11"),
        ("bytes=-2", 206, b"la", "bytes 9-10/11"),
        ("bytes=9-99", 206, b"la", "bytes 9-10/11"),
        ("bytes=-99", 200, TEXT, None),
        ("bytes=0-1,3-4", 200, TEXT, None),
        ("bytes=5-2", 200, TEXT, None),
        ("lines=1-2", 200, TEXT, None),
        ("bytes=-", 200, TEXT, None),
    ],
)
def test_ranges(client, text, wanted, status, content, range_):  # noqa: PLR0917
    answer = client.get(text["url"], headers={"Range": wanted})
    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == (status, content, range_)
    assert int(answer.headers["content-length"]) == len(content)


@pytest.mark.parametrize("wanted", ["bytes=11-", "bytes=99-100", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(client, text, wanted):
    answer = client.get(text["url"], headers={"Range": wanted})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */11")


def test_a_range_of_what_changed_is_the_whole(client, text):
    headers = {"Range": "bytes=0-1", "If-Range": '"another"'}
    assert client.get(text["url"], headers=headers).status_code == 200


def test_who_has_the_content_need_not_fetch_it_again(client, text):
    tag = client.get(text["url"]).headers["etag"]
    assert tag == f'"{text["sha256"]}"'
    for header in (tag, f'W/{tag}, "x"', "*"):
        answer = client.get(text["url"], headers={"If-None-Match": header})
        assert (answer.status_code, answer.content) == (304, b"")
    assert client.get(text["url"], headers={"If-None-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    ("media_type", "content"),
    [("text/html", b"<!doctype html><script>alert(1)</script>"), ("image/svg+xml", b"<svg><script>1</script></svg>")],
)
def test_scripts_in_content_do_not_run(client, media_type, content):
    answer = client.get(upload(client, content, media_type=media_type)["url"])
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_name_does_no_harm_in_the_header(client):
    url = upload(client, name='../"x"\r\nSet-Cookie: a=b; é%.txt')["url"]
    answer = client.get(url)
    assert "set-cookie" not in answer.headers
    plain = "_" + "_x___Set-Cookie: a=b; __.txt"
    assert answer.headers["content-disposition"] == (
        f"inline; filename=\"{plain}\"; filename*=UTF-8''__x___Set-Cookie%3A%20a%3Db%3B%20%C3%A9%25.txt"
    )


def test_knowing_a_hash_is_no_right(market, client, text):
    _, stranger = person(market, "Eve", Role.runner)
    for method, path in (("GET", ""), ("HEAD", ""), ("DELETE", ""), ("GET", "/provenance"), ("POST", "/share")):
        answer = client.request(method, text["url"] + path, headers=stranger, json={} if method == "POST" else None)
        assert answer.status_code == 404
    assert upload(client, headers=stranger)["sha256"] == text["sha256"]
    assert client.get(text["url"], headers=stranger).content == TEXT


def test_who_forgets_an_upload_has_it_no_more(client, text, market):
    _, ada = person(market, "Ada", Role.runner)
    upload(client, headers=ada)
    assert client.delete(text["url"], headers=ada).status_code == 204
    assert client.get(text["url"], headers=ada).status_code == 404
    assert client.delete(text["url"], headers=ada).status_code == 404
    assert client.get(text["url"]).content == TEXT, "others have it still"


def test_what_a_run_used_and_made_belongs_to_its_owner(market, client):
    done = run(market, pipeline([SHOUT], out="a.output"), text="x")
    _, stranger = person(market, "Eve", Role.runner)
    for value in (done.inputs["text"], done.outputs["out"]):
        assert client.get(f"/artifacts/{value.sha256}").status_code == 200
        assert client.get(f"/artifacts/{value.sha256}", headers=stranger).status_code == 404


def test_how_it_was_made_is_told_back_to_the_inputs(market, client):
    again = {"id": "b", "service": "shout", "params": {"times": 2}, "inputs": {"text": "a.output"}}
    done = run(market, pipeline([SHOUT, again, {**SHOUT, "id": "c", "params": {"times": 3}}], out="b.output"), text="x")
    story = client.get(f"/artifacts/{done.outputs['out'].sha256}/provenance").json()
    assert [(each["step"], each["result"]["params"]["times"]) for each in story["made"]] == [("a", 1), ("b", 2)]
    assert story["made"][0]["result"]["inputs"]["text"]["sha256"] == done.inputs["text"].sha256
    assert story["uploaded"] is None


def test_how_it_was_made_in_one_run_is_not_how_it_was_made_in_another(market, client):
    once = run(market, pipeline([{**SHOUT, "params": {"times": 1}}], out="a.output"), text="x")
    other = pipeline([SHOUT, {"id": "b", "service": "shout", "inputs": {"text": "a.output"}}], out="b.output")
    again = run(market, other, text="x")
    url = f"/artifacts/{once.outputs['out'].sha256}/provenance"
    made = [client.get(url, params={"run": each.id}).json()["made"] for each in (once, again)]
    assert [[each["step"] for each in calls] for calls in made] == [["a"], ["a", "b"]]
    assert client.get(url, params={"run": "0" * 16}).status_code == 404


def test_an_upload_was_made_by_nobody(client, text):
    story = client.get(text["url"] + "/provenance").json()
    assert (story["made"], story["uploaded"]) == ([], text["created"])


def test_content_that_was_deleted_by_hand_is_gone(market, client, text):
    market.objects.delete(text["sha256"])
    assert client.get(text["url"]).status_code == 410


def test_a_link_lets_anybody_see_until_it_is_revoked(market, client, text):
    _, ada = person(market, "Ada", Role.runner)
    upload(client, headers=ada)
    link = client.post(text["url"] + "/share", json={"days": 1}, headers=ada).json()
    with server(market, **OPEN) as stranger:
        assert stranger.get(link["url"]).content == TEXT
        assert stranger.get(text["url"]).status_code == 401
    assert [each["id"] for each in client.get("/shares", headers=ada).json()["items"]] == [link["id"]]
    assert client.delete(f"/shares/{link['id']}", headers=ada).status_code == 204
    assert client.get(link["url"]).status_code == 404
    assert client.get("/shares", headers=ada).json()["items"] == []


def test_a_link_expires(client, text):
    link = client.post(text["url"] + "/share", json={"days": 1e-9}).json()
    assert client.get(link["url"]).status_code == 404


def test_a_link_that_was_changed_leads_nowhere(client, text):
    link = client.post(text["url"] + "/share", json={}).json()["url"]
    assert client.get(link).status_code == 200
    assert client.get(link[:-9] + ("A" if link[-9] != "A" else "B") + link[-8:]).status_code == 404
    assert client.get("/shared/" + "x" * 400).status_code == 404


def test_a_link_to_a_run_shows_its_outputs_and_nothing_else(market, client):
    done = run(market, pipeline([SHOUT], out="a.output"), text="x")
    link = client.post(f"/runs/{done.id}/share", json={}).json()["data"]
    shown = client.get(link).json()
    assert [(file["name"], client.get(file["url"]).text) for file in shown["files"]] == [("out.txt", "X")]
    assert client.get(f"{link}/{done.inputs['text'].sha256}").status_code == 404


def test_a_link_to_a_run_says_whose_work_it_is_and_shows_what_went_in_if_that_is_shared(market, client):
    done = run(market, pipeline([SHOUT], out="a.output"), text="x")
    asked = {"title": "Harbour", "artist": "Ada", "inputs": True}
    link = client.post(f"/runs/{done.id}/share", json=asked).json()
    shown = client.get(link["data"]).json()
    assert (shown["title"], shown["artist"], shown["expires"]) == ("Harbour", "Ada", link["expires"])
    assert [(file["port"], client.get(file["url"]).text) for file in shown["inputs"]] == [("text", "x")]
    assert link["url"] == link["data"].replace("/shared/", "/s/")
    assert client.get("/shares").json()["items"][0]["title"] == "Harbour"


def test_a_link_to_a_run_says_what_its_owner_says_of_it_now(market, client):
    done = run(market, pipeline([SHOUT], out="a.output"), text="x")
    link = client.post(f"/runs/{done.id}/share", json={"artist": "Ada"}).json()["data"]
    client.patch(f"/runs/{done.id}/notes", json={"title": "Harbour", "artist": "Eve"})
    assert (client.get(link).json()["title"], client.get(link).json()["artist"]) == ("Harbour", "Ada")


def test_only_who_made_a_link_revokes_it(market, client, text):
    link = client.post(text["url"] + "/share", json={}).json()
    _, stranger = person(market, "Eve", Role.runner)
    assert client.delete(f"/shares/{link['id']}", headers=stranger).status_code == 404
    assert client.get(link["url"]).status_code == 200
