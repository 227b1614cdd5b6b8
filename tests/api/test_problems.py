"""What is wrong is said as RFC 9457 says it."""

from halles.api import web


def test_an_unknown_path_is_a_problem(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:halles:problem:not-found"


def test_an_unknown_path_is_a_page_for_a_browser(client, tmp_path, monkeypatch):
    monkeypatch.setattr(web, "BUILT", tmp_path)
    (tmp_path / "index.html").write_text("<!doctype html>")
    answer = client.get("/nowhere", headers={"accept": "text/html,application/xhtml+xml"})
    assert answer.status_code == 404
    assert answer.text == "<!doctype html>"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_an_unknown_path_is_a_problem_even_for_a_browser_where_no_application_was_built(client, tmp_path, monkeypatch):
    monkeypatch.setattr(web, "BUILT", tmp_path)
    answer = client.get("/nowhere", headers={"accept": "text/html"})
    assert answer.headers["content-type"] == "application/problem+json"
