"""What is wrong is said as RFC 9457 says it."""


def test_an_unknown_path_is_a_problem(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:halles:problem:not-found"
