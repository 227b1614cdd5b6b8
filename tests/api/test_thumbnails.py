"""Small pictures of large ones."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from halles.model import Role
from halles.sdk import Image
from tests.people import person
from tests.running import pipeline, run

SHOUT = {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}


@pytest.fixture
def picture(client):
    pixels = np.random.default_rng(1).integers(0, 255, (300, 500, 3), np.uint8)
    answer = client.post("/artifacts", content=Image.from_array(pixels).read())
    return f"/artifacts/{answer.json()['sha256']}/thumbnail"


def sizes(answer):
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp"), answer.text
    return Pillow.open(io.BytesIO(answer.content)).size


def test_a_picture_is_given_at_the_width_that_is_asked_for_and_never_larger_than_it_is(client, picture):
    assert [sizes(client.get(f"{picture}?width={width}")) for width in (160, 320, 640)] == [
        (160, 96), (320, 192), (500, 300),
    ]  # fmt: skip
    assert client.get(f"{picture}?width=333").status_code == client.get(picture).status_code == 422


def test_it_is_made_once_and_kept_by_who_has_it(client, market, picture):
    first = client.get(f"{picture}?width=160")
    [kept] = [file for file in (market.home / "thumbnails").glob("*/*") if file.is_file()]
    written = kept.stat().st_mtime_ns
    assert client.get(f"{picture}?width=160").content == first.content
    assert (kept.stat().st_mtime_ns, "immutable" in first.headers["cache-control"]) == (written, True)
    again = client.get(f"{picture}?width=160", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (market.thumbnails.sweep(), market.thumbnails.sweep(before=4e9)) == (0, 1)


def test_a_see_through_picture_stays_so(client):
    pixels = np.zeros((40, 40, 4), np.uint8)
    sha256 = client.post("/artifacts", content=Image.from_array(pixels).read()).json()["sha256"]
    small = client.get(f"/artifacts/{sha256}/thumbnail?width=160")
    assert Pillow.open(io.BytesIO(small.content)).mode == "RGBA"


def test_what_is_no_picture_is_refused(client, market):
    for content, kind in ((b"la la", "text/plain"), (b"<svg/>", "image/svg+xml"), (b"\x89PNG broken", "image/png")):
        artifact = market.objects.put(content, kind)
        market.holdings.hold(artifact, "local")
        answer = client.get(f"/artifacts/{artifact.sha256}/thumbnail?width=160")
        assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, "no-picture"), kind


def test_a_picture_of_more_pixels_than_are_taken_is_refused(client, picture, monkeypatch):
    monkeypatch.setenv("HALLES_MAX_PIXELS", "1000")
    assert client.get(f"{picture}?width=160").status_code == 422


def test_a_picture_of_somebody_else_is_not_there(market, client, picture):
    _, stranger = person(market, "Eve", Role.runner)
    assert client.get(f"{picture}?width=160").status_code == 200
    assert client.get(f"{picture}?width=160", headers=stranger).status_code == 404


def test_a_link_to_a_run_shows_its_pictures_small_too(market, client, picture):
    done = run(market, pipeline([SHOUT], out="a.output"), text="x")
    link = client.post(f"/runs/{done.id}/share", json={}).json()["data"]
    assert client.get(f"{link}/{done.outputs['out'].sha256}/thumbnail?width=160").status_code == 422, "it is a text"
    assert client.get(link + picture.removeprefix("/artifacts") + "?width=160").status_code == 404, (
        "it is not in the run"
    )
