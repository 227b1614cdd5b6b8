"""What answers tell browsers, and what nobody can put there."""

import re
from email.message import Message

import pytest

from halles.model import Role
from tests.people import OPEN, person, server

PAGE = b"<!doctype html><html><script>fetch('/keys')</script></html>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>fetch("/keys")</script></svg>'
NAMES = [
    "a\r\nSet-Cookie: x=1", "a\nX: y", 'a"; filename="b.html', "../../etc/passwd", "..\\..\\boot.ini", "a\0b", "é.txt", "€.txt",
    "a;b.txt", "%0d%0aX: y", "\u202etxt.exe", "-rf", ".", "..", "/", "a" * 200, "\x7f",
]  # fmt: skip


@pytest.fixture(scope="module")
def client(market):
    with server(market) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/me", "/nowhere", "/openapi.json", "/docs", "/pipelines", "/health/live", "/metrics"]
)
def test_every_answer_forbids_what_it_does_not_need(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_refusals_have_the_same_headers(market):
    with server(market, **OPEN) as client:
        for answer in (client.get("/me"), client.get("/me", headers={"Authorization": "Bearer hal_x"})):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PAGE, "text/html"),
        (DRAWING, "image/svg+xml"),
        (PAGE, "text/plain"),
        (DRAWING, "text/xml"),
        (PAGE, "application/xhtml+xml"),
    ],
)
def test_what_people_upload_runs_no_script_in_our_origin(client, content, kind):
    made = client.post("/artifacts", content=content, headers={"Content-Type": kind})
    if made.status_code != 201:
        assert made.status_code == 422
        return
    answer = client.get(made.json()["url"])
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    active = ("html", "svg", "xml")
    inline = not answer.headers["content-disposition"].startswith("attachment")
    assert not (inline and any(word in answer.headers["content-type"] for word in active))


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_of_a_file_adds_no_header(client, name):
    made = client.post("/artifacts", content=b"hello", headers={"Content-Type": "text/plain"}, params={"name": name})
    if made.status_code != 201:
        assert made.status_code == 422
        return
    for params in ({}, {"filename": name}):
        answer = client.get(made.json()["url"], params=params)
        if answer.status_code == 422:
            continue
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert "x" not in answer.headers
        disposition = Message()
        disposition["Content-Disposition"] = answer.headers["content-disposition"]
        given = disposition.get_filename() or ""
        assert not set(given) & set("/\\\r\n\0")
        assert given not in (".", "..")


def test_a_name_in_a_form_adds_no_header(client):
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\\"b%0d%0aX: y\\\\..\\\\c.txt"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--x--\r\n'
    made = client.post("/artifacts", content=form, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert made.status_code == 201
    answer = client.get(made.json()["url"])
    assert "x" not in answer.headers
    assert "\r" not in answer.headers["content-disposition"]


@pytest.mark.parametrize("value", ["x\r\nSet-Cookie: y=1", "//evil.example", "https://evil.example"])
def test_a_location_leads_nowhere_else(market, client, value):
    document = {"id": value, "inputs": {}, "steps": [], "outputs": {}}
    for answer in (client.post("/pipelines", json=document), client.get("/auth/login", params={"next": value})):
        assert answer.status_code in (404, 422)
        assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/market", "/docs"])
def test_pages_run_only_scripts_of_this_server_and_ask_no_other_host(client, path):
    answer = client.get(path)
    policy = {
        name: rest
        for name, _, rest in (
            part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";")
        )
    }
    assert policy["script-src"] == "'self'"
    assert "http" not in answer.headers["content-security-policy"]
    assert not re.findall(r"(?:src|href)=.(?:https?:)?//", answer.text)


@pytest.mark.parametrize("path", ["/", "/market", "/market/services/music-style", "/docs", "/icon.svg"])
def test_what_a_page_would_say_of_itself_can_be_asked_without_it(client, path):
    told, page = client.head(path), client.get(path)
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers["content-length"] == page.headers["content-length"] == str(len(page.content))


def test_a_cookie_is_never_set_for_a_key(market):
    _, key = person(market, "Ada", Role.viewer)
    with server(market, **OPEN) as client:
        assert "set-cookie" not in client.get("/me", headers=key).headers
