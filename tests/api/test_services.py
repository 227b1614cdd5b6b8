"""The catalogue says which services there are, what each is, and calls one alone."""

import pytest
import schemathesis

from halles.api.access import anybody
from halles.api.services import Answers, TagCount
from halles.csia.messages import Announcement, DataField, ServiceState
from halles.model import Principal, Role
from halles.stores.directory import Manners


def slugs(answer):
    assert answer.status_code == 200, answer.text
    return [service["slug"] for service in answer.json()["items"]]


@pytest.fixture
def announced(market):
    """A service of another server, which takes a sound and gives a text."""
    announcement = Announcement(
        name="Whistle", slug="whistle", summary="Write down a whistled tune", url="http://127.0.0.1:9/",
        docs_url="http://127.0.0.1:9/docs", data_in_fields=(DataField(name="tune", type=["audio/ogg"]),),
        data_out_fields=(DataField(name="notes", type=["text/plain"]),),
        tags=({"name": "Audio Processing", "acronym": "AP"},),
    )  # fmt: skip
    market.local = True
    return market.abroad.directory.announce(announcement, Manners(generation=1, polls=True))


def test_all_services_are_listed_by_slug(client, announced):
    found = slugs(client.get("/services"))
    assert found == sorted(found)
    assert {"shout", "whistle", "speech-recognition"} <= set(found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "louder"}, ["shout"]),
        ({"q": "LOUDER say"}, ["shout"]),
        ({"q": "louder piano"}, []),
        ({"tag": "audio processing", "kind": "announced"}, ["whistle"]),
        ({"tag": "AP", "kind": "announced"}, ["whistle"]),
        ({"takes": "audio/ogg", "q": "whistle"}, ["whistle"]),
        ({"takes": "audio/flac", "q": "whistle"}, []),
        ({"takes": ["audio/ogg", "audio/flac"], "q": "whistle"}, []),
        ({"gives": "audio/*"}, ["voice-extraction"]),
        ({"kind": "announced"}, ["whistle"]),
        ({"kind": "announced", "health": "sleeping"}, []),
        ({"q": "whistel tunne"}, ["whistle"]),
        ({"q": "seprate"}, ["voice-extraction"]),
        ({"q": "audio/ogg"}, ["whistle"]),
        ({"q": "lyrics kind=brief"}, ["art-direction"]),
        ({"q": "sentiment hundred"}, ["text-analysis"]),  # Only its description says so.
        ({"q": "Musikstil"}, ["music-style"]),  # Its name in German.
        ({"q": "analyse de texte"}, ["text-analysis"]),
        ({"q": "xylophone"}, []),
    ],
)
def test_a_search_finds_what_matches_all_that_is_asked_for(client, announced, query, found):
    assert slugs(client.get("/services", params=query)) == found


def test_what_is_called_as_asked_comes_first(client):
    found = slugs(client.get("/services", params={"q": "analysis"}))
    assert found[0] == "text-analysis" and "art-direction" in found


def test_an_offer_shows_its_picture_and_its_first_figure(client, announced):
    offers = {each["slug"]: each for each in client.get("/services").json()["items"]}
    assert offers["speech-recognition"]["measure"]["what"] == "word error rate"
    assert (offers["whistle"]["picture"], offers["whistle"]["measure"]) == (None, None)
    picture = client.get(offers["art-generator"]["picture"])
    assert picture.headers["content-type"] == "image/webp"
    assert picture.content[8:12] == b"WEBP" and len(picture.content) < 100_000
    assert client.get("/services/shout/picture").status_code == 404


def test_use_is_told_by_day_and_what_is_used_most_by_name(client, market):
    before = client.get("/services/shout").json()["use"]["count"]
    for times in (2, 3):
        client.post("/services/shout/call?wait=30", json={"text": "use", "times": times})
    use = client.get("/services/shout").json()["use"]
    assert use["count"] == before + 2 == sum(day["count"] for day in use["daily"])
    assert use["daily"][-1]["failed"] == 0 and use["daily"][-1]["mean_seconds"] > 0
    client.post("/pipelines/cover-art/run?wait=0.1")  # Refused: nothing is counted.
    told = client.get("/popularity").json()
    assert told["services"]["shout"] == use["count"]
    assert client.get("/pipelines/cover-art/use").json()["count"] == told["pipelines"].get("cover-art", 0)


def test_a_service_is_described_as_an_endpoint(client):
    document = client.get("/services/shout/openapi.json").json()
    schemathesis.openapi.from_dict(document).validate()
    operation = document["paths"]["/services/shout/call"]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["properties"]["times"]["maximum"] == 9 and form["required"] == ["text"]
    assert [each["name"] for each in operation["parameters"]] == ["wait", "seed"]


def test_examples_fit_the_port_that_is_asked_for(client):
    def fitting(**port):
        return client.get("/examples", params=port).json()["names"]

    assert fitting(media="audio/*", port="song") == ["song.opus"]
    assert fitting(media="application/json;kind=style") == ["style.json"]
    assert fitting(media="text/plain", port="prompt") == ["prompt.txt", "lyrics.txt"]
    assert fitting(media="image/*") == []
    assert "README.md" in fitting()


def test_a_list_comes_in_pages(client):
    whole = slugs(client.get("/services"))
    page = client.get("/services", params={"limit": 2, "offset": 1})
    assert slugs(page) == whole[1:3]
    assert page.json()["total"] == len(whole)


def test_what_is_no_media_type_is_refused(client):
    answer = client.get("/services", params={"takes": "sound"})
    assert answer.status_code == 422
    assert "`sound` is not a media type" in answer.json()["detail"]


def test_a_list_that_is_known_is_not_sent_again(client):
    tag = client.get("/services").headers["etag"]
    again = client.get("/services", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_list_is_made_anew_as_soon_as_a_service_comes_changes_or_goes(client, market, announced):
    directory, seen = market.abroad.directory, []
    changes = [
        lambda: None,
        lambda: directory.mark(announced.instances[0], ServiceState.sleeping),
        lambda: directory.remove("whistle"),
    ]
    for change in changes:
        change()
        listed = client.get("/services", params={"q": "whistle"}).json()["items"]
        seen.append([service["health"] for service in listed])
    assert seen == [["available"], ["sleeping"], []]


def test_a_service_says_what_it_takes_gives_and_needs(client):
    shown = client.get("/services/speech-recognition").json()
    assert [port["name"] for port in shown["inputs"]] == ["song", "vocals"]
    assert shown["outputs"][0]["json_schema"]["title"] == "Lyrics"
    assert shown["params"]["type"] == "object"
    assert {weights["licence"] for weights in shown["weights"]} >= {"MIT"}
    assert isinstance(shown["weights"][0]["here"], bool)


def test_a_service_shows_its_card_and_its_measured_quality(client):
    shown = client.get("/services/speech-recognition").json()
    assert shown["card"].startswith("# ")
    rate = shown["quality"][0]
    assert (rate["what"], rate["better"], rate["command"]) == ("word error rate", "lower", "make bench-lyrics")
    assert rate["value"] < rate["baseline"]


def test_an_announced_service_says_where_its_documents_are(client, announced):
    shown = client.get("/services/whistle").json()
    assert (shown["kind"], shown["health"], shown["instances"]) == ("announced", "available", 1)
    assert shown["docs_url"] == "http://127.0.0.1:9/docs"


def test_an_unknown_service_is_not_found_but_guessed(client):
    answer = client.get("/services/shuot")
    assert answer.status_code == 404
    assert answer.json()["problems"][0]["suggestions"] == ["shout"]


def test_tags_are_counted(client):
    counts = {tag["name"]: tag for tag in client.get("/tags").json()}
    assert counts["Speech Recognition"] == {"name": "Speech Recognition", "acronym": "SR", "count": 1}


def test_one_service_is_called_alone_with_inputs_and_parameters(client):
    called = client.post("/services/shout/call?wait=30", json={"text": "la", "times": 2})
    assert called.status_code == 200, called.text
    assert called.json()["outputs"]["output"]["value"] == "LALA"


def test_a_call_takes_forms_with_files(client):
    file = ("words.txt", b"la", "text/plain")
    called = client.post("/services/shout/call?wait=30", files={"text": file}, data={"times": "3"})
    assert called.json()["outputs"]["output"]["value"] == "LALALA"


def test_a_call_that_takes_long_is_a_run_to_come_back_to(client):
    called = client.post("/services/shout/call", json={"text": "la"})
    assert called.status_code == 202
    assert called.headers["location"] == f"/runs/{called.json()['run']}"


def test_all_that_is_wrong_with_a_call_is_said_at_once(client):
    wrong = client.post("/services/shout/call", json={"txt": "la", "times": 30})
    assert wrong.status_code == 422
    assert {problem["port"] for problem in wrong.json()["problems"]} == {"times", "txt"}


def test_who_may_only_look_may_not_call(client):
    client.app.dependency_overrides[anybody] = lambda: Principal(id="eve", role=Role.viewer)
    assert client.get("/services/shout").status_code == 200
    assert client.post("/services/shout/call", json={"text": "la"}).status_code == 403


def test_use_and_versions_are_told_after_runs(client, market):
    client.post("/services/shout/call?wait=30", json={"text": "la"})
    client.post("/services/shout/call?wait=30", json={"text": "la"})
    market.usage.count()
    shown = client.get("/services/shout").json()
    assert (shown["use"]["count"], shown["use"]["cached"], shown["use"]["failed"]) == (2, 1, 0)
    assert [version["version"] for version in shown["versions"]] == ["1.0"]


def test_an_answer_that_was_made_while_services_changed_is_not_kept():
    answers, stamps = Answers(), iter(["before", "after", "before", "before"])
    for name in ("old", "new"):
        body, _ = answers.get(
            lambda: next(stamps), "question", lambda name=name: TagCount(name=name, acronym=None, count=1)
        )
    assert b"new" in body
