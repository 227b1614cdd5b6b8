"""Bodies that are too much, or no bodies at all."""

import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from halles.api.multipart import MAX_PARTS
from tests.people import server

LIMIT = 4096


@pytest.fixture(scope="module")
def client(market):
    with server(market, HALLES_MAX_BODY_BYTES=str(LIMIT)) as client:
        yield client


@pytest.fixture(scope="module")
def whole(market):
    """A server with the usual limits."""
    with server(market) as client:
        yield client


def code(answer):
    return answer.status_code, answer.json()["problems"][0]["code"]


def test_a_body_that_says_it_is_too_large_is_not_read(client):
    def body():
        yield b'{"name": "'
        raise AssertionError("nobody asks for more")

    answer = client.post(
        "/keys", content=body(), headers={"Content-Length": "1000000", "Content-Type": "application/json"}
    )
    assert code(answer) == (413, "too-large")


def test_a_body_that_does_not_say_so_is_refused_while_it_comes(client):
    def body():
        for _ in range(100):
            yield b"x" * 1024

    assert code(client.post("/keys", content=body(), headers={"Content-Type": "application/json"})) == (
        413,
        "too-large",
    )


@pytest.mark.parametrize(
    "kind",
    ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"],
)
def test_whatever_a_body_is_called_it_is_bounded(client, kind):
    assert client.post("/accounts", content=b"x" * (LIMIT + 1), headers={"Content-Type": kind}).status_code == 413


def test_an_upload_may_be_larger_up_to_its_own_limit(client, monkeypatch):
    text = {"Content-Type": "text/plain"}
    assert client.post("/artifacts", content=b"x" * LIMIT * 2, headers=text).status_code == 201
    monkeypatch.setenv("HALLES_MAX_INPUT_BYTES", str(LIMIT))
    assert code(client.post("/artifacts", content=b"x" * LIMIT * 2, headers=text)) == (413, "too-large")
    assert code(client.post("/artifacts", files={"file": ("a.txt", b"x" * LIMIT * 2)})) == (413, "too-large")


def test_what_was_refused_leaves_nothing_on_the_disk(client, market, monkeypatch):
    monkeypatch.setenv("HALLES_MAX_INPUT_BYTES", str(LIMIT))
    before = sorted(path for path in market.objects.folder.rglob("*") if path.is_file())
    client.post("/artifacts", files={"file": ("a.txt", b"y" * LIMIT * 2)})
    assert sorted(path for path in market.objects.folder.rglob("*") if path.is_file()) == before


@pytest.mark.parametrize(
    "parts",
    [
        [("file", ("a", b""))] * (MAX_PARTS + 1),
        [("n" * 100_000, ("a", b"x"))],
        [("file", ("n" * 100_000, b"x", "t" * 100_000))],
    ],
    ids=["many parts", "a huge field name", "a huge type"],
)
def test_forms_that_are_made_to_hurt_are_refused(client, parts):
    assert client.post("/artifacts", files=parts).status_code in (413, 422)


@pytest.mark.parametrize(
    "body",
    [b"", b"--x", b"--x--", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n", b"--y\r\n", b"\0" * 100],
)
def test_a_form_that_breaks_off_is_refused(client, body):
    answer = client.post("/artifacts", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary="' + "x" * 500]
)
def test_a_form_without_a_boundary_is_refused(client, kind):
    assert client.post("/artifacts", content=b"--x--", headers={"Content-Type": kind}).status_code == 422


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 100_000,
        '{"name":' * 100_000,
        '{"name": ' + "[" * 2000 + "]" * 2000 + "}",
        '{"name": ' + "9" * 5000 + "}",
        '{"name": 1e999}',
        '{"name": NaN}',
    ],
    ids=lambda bomb: bomb[:10],
)
@pytest.mark.parametrize("path", ["/keys", "/accounts", "/pipelines/check", "/pipelines"])
def test_json_bombs_are_refused(whole, path, bomb):
    answer = whole.post(path, content=bomb, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)),
        "[" * 5000,
        "!!python/object/apply:os.system [id]",
        "!!python/name:os.system",
    ],
    ids=["laughs", "deep", "apply", "name"],
)
def test_yaml_bombs_are_refused(whole, bomb):
    answer = whole.post("/pipelines/check", content=bomb, headers={"Content-Type": "application/yaml"})
    assert 400 <= answer.status_code < 500


def test_a_picture_that_unfolds_is_refused(client):
    buffer = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(buffer, "PNG")
    assert len(buffer.getvalue()) < 1_000_000
    answer = client.post("/artifacts", content=buffer.getvalue(), headers={"Content-Type": "image/png"})
    assert answer.status_code == 422
    assert "pixels" in answer.json()["detail"]


def test_an_archive_that_unfolds_is_refused(client):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{number}", bytes(50_000_000))
    answer = client.post("/artifacts", content=buffer.getvalue(), headers={"Content-Type": "application/zip"})
    assert answer.status_code == 422


def test_sound_that_unfolds_is_refused(client, monkeypatch, tmp_path):
    monkeypatch.setenv("HALLES_MAX_AUDIO_SECONDS", "5")
    import av

    with av.open(str(tmp_path / "long.flac"), "w") as container:
        stream = container.add_stream("flac", rate=8000)
        for _ in range(10):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
            frame.sample_rate = 8000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    content = (tmp_path / "long.flac").read_bytes()
    assert len(content) < 20_000
    answer = client.post("/artifacts", content=content, headers={"Content-Type": "audio/flac"})
    assert answer.status_code == 422
    assert "10 s long" in answer.json()["detail"]


@pytest.mark.parametrize(
    "content", [b"<html><script>1</script>", b"\x89PNG\r\n\x1a\n" + bytes(50), b"\0\1\2\3", b"{", b""]
)
@pytest.mark.parametrize("kind", ["image/png", "audio/mpeg", "application/json", "application/pdf"])
def test_what_is_not_what_it_says_is_refused(client, content, kind):
    assert client.post("/artifacts", content=content, headers={"Content-Type": kind}).status_code == 422


def test_a_secret_is_not_said_again_in_an_error(client):
    body = json.dumps({"name": "a", "days": "s3cr3t"})
    assert "s3cr3t" not in client.post("/keys", content=body, headers={"Content-Type": "application/json"}).text
