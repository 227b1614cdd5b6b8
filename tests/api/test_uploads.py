"""Uploads: streamed, bounded, and what they are said to be."""

import io
import os
import subprocess
import sys
import zipfile

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image as Pillow

from halles.api.uploads import take_inputs
from halles.model import LOCAL, PipelineInput, Principal, Problems, Role
from halles.sdk import Image
from tests.people import person
from tests.sounds import tone, write

PNG = Image.from_array(np.zeros((9, 9, 3), np.uint8)).read()
ME = Principal(id=LOCAL, role=Role.operator)


def sound(folder, kind, **how):
    return write(folder / f"it.{kind}", **how).read_bytes()


def zipped(content):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("it.txt", content)
    return whole.getvalue()


@pytest.fixture
def contents(tmp_path):
    """Content by what it is."""
    kinds = {"wav": "wav", "mpeg": "mp3", "ogg": "opus", "flac": "flac", "mp4": "m4a", "aac": "aac", "webm": "webm"}
    jpeg = io.BytesIO()
    Pillow.new("RGB", (9, 9)).save(jpeg, "JPEG")
    return {
        **{f"audio/{media}": sound(tmp_path, kind) for media, kind in kinds.items()},
        "image/png": PNG,
        "image/jpeg": jpeg.getvalue(),
        "text/plain": "Là, là".encode(),
        "application/json": b'{"n": 1}',
        "application/pdf": b"%PDF-1.7\n%%EOF",
        "application/zip": zipped(b"la"),
        "text/html": b"<!DOCTYPE html><p>",
        "image/svg+xml": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "application/octet-stream": b"\0\1\2\3",
    }


def post(client, content, media_type=None, **more):
    return client.post("/artifacts", content=content, params={"media_type": media_type} if media_type else {}, **more)


def problem(answer, status=422):
    assert answer.status_code == status, answer.text
    return answer.json()["problems"][0]["message"]


def test_content_is_recognised_when_nobody_says_what_it_is(client, contents):
    found = {media: post(client, content).json()["media_type"] for media, content in contents.items()}
    assert found == {media: media for media in contents}


def test_content_that_is_what_it_is_said_to_be_is_taken(client, contents):
    found = {media: post(client, content, media).status_code for media, content in contents.items()}
    assert found == dict.fromkeys(contents, 201)


def test_a_type_that_is_a_lie_is_refused_with_what_it_really_is(client, contents):
    for said in contents.keys() - {"application/octet-stream"}:
        for media, content in contents.items():
            harmless = said.startswith("text/") or said == "image/svg+xml"
            written = media in ("text/plain", "application/json", "text/html", "image/svg+xml")
            if said == media or (harmless and written):
                continue
            message = problem(post(client, content, said))
            assert media in message or "is not" in message or "cannot be read" in message, (said, media, message)


def test_a_lie_is_named(client):
    assert problem(post(client, PNG, "audio/wav")) == (
        "`content` is image/png, not audio/wav. Declare it as what it is, or convert it."
    )


@pytest.mark.parametrize("said", ["audio/x-wav", "Audio/Wave", "audio/wav; rate=8000"])
def test_other_names_of_a_type_are_understood(client, contents, said):
    assert post(client, contents["audio/wav"], said).json()["media_type"] == "audio/wav"


def test_the_kind_of_a_text_is_kept(client):
    assert post(client, b"la", "text/plain;kind=lyrics").json()["media_type"] == "text/plain;kind=lyrics"


def test_what_is_no_media_type_is_refused(client):
    assert problem(post(client, b"la", "words")).startswith("`words` is not a media type.")


def test_the_header_says_what_it_is_too(client):
    assert problem(post(client, b"la", headers={"Content-Type": "image/png"})).startswith("`content` is not a picture")
    assert post(client, b"la", headers={"Content-Type": "text/csv"}).json()["media_type"] == "text/csv"


def test_a_form_brings_one_file(client):
    answer = client.post("/artifacts", files={"file": ("../words.txt", b"la", "text/plain")})
    assert (answer.status_code, answer.json()["name"], answer.json()["size"]) == (201, "words.txt", 2)
    two = [("file", ("a", b"1")), ("file", ("b", b"2"))]
    assert problem(client.post("/artifacts", files=two)).startswith("The form must have one part")


def test_put_is_the_same(client):
    assert client.put("/artifacts", content=b"la").status_code == 201


def test_nothing_is_no_upload(client):
    assert problem(post(client, b"")) == "The content is empty."


def test_what_is_larger_than_is_taken_is_refused_on_the_way(client, market, monkeypatch):
    monkeypatch.setenv("HALLES_MAX_INPUT_BYTES", "1000")
    assert "larger than the 1,000 bytes" in problem(client.post("/artifacts", files={"file": ("a", b"x" * 2000)}), 413)
    assert "larger than the 1,000 bytes" in problem(post(client, b"x" * 2000), 413)
    assert list((market.objects.folder / "spool").iterdir()) == [], "nothing of it is left"


def test_sound_that_is_longer_than_is_taken_is_refused(client, tmp_path, monkeypatch):
    monkeypatch.setenv("HALLES_MAX_AUDIO_SECONDS", "2")
    long = tone(3)
    assert "long; at most 2 s are taken" in problem(post(client, sound(tmp_path, "flac", samples=long)))
    headerless = sound(tmp_path, "aac", samples=long)
    assert "longer than the 2 s that are taken" in problem(post(client, headerless, "audio/aac"))


def test_a_picture_of_more_pixels_than_are_taken_is_refused(client, monkeypatch):
    monkeypatch.setenv("HALLES_MAX_PIXELS", "80")
    assert "more than the 8e-05 million pixels" in problem(post(client, PNG))


def test_a_zip_that_is_a_bomb_is_refused(client):
    bomb = zipped(b"\0" * 30_000_000)
    assert problem(post(client, bomb)).startswith(f"`content` would unpack from {len(bomb):,} to 30,000,000 bytes.")
    assert problem(post(client, zipped(b"la")[:-9])).startswith("`content` is a zip that cannot be read")


def test_json_that_is_none_is_explained(client):
    assert "is not JSON: Expecting" in problem(post(client, b'{"n": }', "application/json"))
    assert "nested too deeply" in problem(post(client, b"[" * 99999, "application/json"))


# Inputs of pipelines.


def take(market, wanted, *pairs):
    values = take_inputs(list(pairs), {"it": PipelineInput(**wanted)}, market, ME)
    return values.get("it")


def held(market, content, media_type, owner=LOCAL):
    artifact = market.objects.put(content, media_type)
    market.holdings.hold(artifact, owner)
    return {"artifact": artifact.sha256}


def test_an_artifact_is_an_input(market):
    value = take(market, {"media": "text/plain"}, ("it", held(market, b"la", "text/plain")))
    assert market.objects.read(value) == b"la"


def test_an_artifact_takes_the_kind_that_the_input_asks_for(market):
    reference = held(market, b"la", "text/plain")
    assert take(market, {"media": "text/plain;kind=lyrics"}, ("it", reference)).media_type == "text/plain;kind=lyrics"


@pytest.mark.parametrize(
    ("wanted", "content", "media_type", "message"),
    [
        ({"media": "audio/*"}, b"la", "text/plain", r"is text/plain, but `it` takes audio/\*"),
        ({"media": "text/plain;kind=lyrics"}, b"la", "text/plain;kind=prose", "kind=prose, but `it` takes"),
        ({"schema": {"type": "integer"}}, b'"x"', "application/json", 'Input `it`: "x" is not of type "integer"'),
    ],
)
def test_an_artifact_of_another_type_is_refused(market, wanted, content, media_type, message):
    with pytest.raises(Problems, match=message):
        take(market, wanted, ("it", held(market, content, media_type)))


def test_the_artifact_of_somebody_else_is_no_input(market):
    reference = held(market, b"la", "text/plain", owner="ada")
    eve = Principal(id="eve", role=Role.runner)
    with pytest.raises(Problems, match="There is no artifact"):
        take_inputs([("it", reference)], {"it": PipelineInput(media="text/plain")}, market, eve)


def test_over_http_a_text_is_never_the_path_of_a_file(market):
    value = take(market, {"media": "text/plain"}, ("it", "@/etc/hostname"))
    assert market.objects.read(value) == b"@/etc/hostname"


# Bodies that mean harm.


def form(*parts, end=b"--x--\r\n"):
    return b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + end


FIELD = b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"nothing", "no multipart form"),
        (form(FIELD + b"la", end=b""), "breaks off before its last boundary"),
        (form(b"\r\nla"), "each part needs a `Content-Disposition"),
        (form(b'Content-Disposition: form-data; name="' + b"a" * 9999 + b'"\r\n\r\nla'), "header"),
        (form(b"X: y\r\n" * 99 + FIELD + b"la"), "header"),
        (form(*[FIELD + b"la"] * 1001), "more than 1000 parts"),
        (form(b'Content-Disposition: form-data; name="file"\r\n\r\n' + b"a" * 1_000_001), "is too large"),
        (form(b'Content-Disposition: form-data; name="file"\r\n\r\n\xff'), "is not UTF-8"),
    ],
    ids=["nonsense", "cut off", "nameless", "long header", "many headers", "many parts", "large field", "no text"],
)
def test_a_form_that_means_harm_is_refused(client, market, body, message):
    answer = client.post("/artifacts", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code in (413, 422)
    assert message in answer.json()["detail"]
    assert not list((market.objects.folder / "spool").glob("*"))


def test_a_form_without_a_boundary_is_refused(client):
    answer = client.post("/artifacts", content=b"", headers={"Content-Type": "multipart/form-data"})
    assert "names no boundary" in problem(answer)


def test_who_may_only_look_uploads_nothing(market, client):
    _, viewer = person(market, "Ada", Role.viewer)
    assert post(client, b"la", headers=viewer).status_code == 403


# A real server.


@pytest.fixture
def server(tmp_path):
    """The URL and the process of a server."""
    command = [sys.executable, "-c", "from halles.cli import app; app()", "serve", "--port", "0"]
    environment = {**os.environ, "HALLES_HOME": str(tmp_path / "home"), "HALLES_LOG_LEVEL": "error"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        yield line.split("listens on ")[1].split(" ")[0], psutil.Process(process.pid)
        process.kill()


@pytest.mark.parametrize("how", ["raw", "form"])
def test_an_upload_of_300_mb_takes_no_memory(server, how):
    url, process = server
    block = np.random.default_rng(1).bytes(1 << 20)
    httpx.post(f"{url}/artifacts", content=block).raise_for_status()  # What is loaded once does not count.
    most = before = process.memory_info().rss

    def content():
        nonlocal most
        yield b"" if how == "raw" else b"--x\r\n" + FIELD
        for _ in range(300):
            most = max(most, process.memory_info().rss)
            yield block
        yield b"" if how == "raw" else b"\r\n--x--\r\n"

    headers = {} if how == "raw" else {"Content-Type": "multipart/form-data; boundary=x"}
    answer = httpx.post(f"{url}/artifacts", content=content(), headers=headers, timeout=120)
    assert answer.json()["size"] == 300 << 20, answer.text
    most = max(most, process.memory_info().rss)
    assert most - before <= 50 << 20
