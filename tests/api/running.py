"""Runs over HTTP, for tests."""

import time

SHOUT = {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}
AGAIN = {"id": "b", "service": "shout", "params": {"times": 2}, "inputs": {"text": "a.output"}}
SLOW = {"id": "s", "service": "slow", "params": {"seconds": 20}, "inputs": {"text": "inputs.text"}}


def document(*steps, inputs=None, **outputs):
    """A pipeline with one text input unless others are given."""
    wanted = {"text": {"media": "text/plain"}} if inputs is None else inputs
    return {"id": "test", "inputs": wanted, "steps": list(steps), "outputs": outputs}


CHAIN = document(SHOUT, AGAIN, out="b.output")
WAIT = document(SLOW, out="s.output")


def start(client, pipeline=CHAIN, inputs=None, headers=None, **more):
    """The answer to a run that was begun."""
    body = {"pipeline": pipeline, "inputs": {"text": "la"} if inputs is None else inputs, **more}
    return client.post("/runs", json=body, headers=headers)


def wait(client, run, until=lambda run: run["status"] not in ("pending", "running"), headers=None):
    """The run as soon as it is so, else as it ended."""
    limit = time.monotonic() + 30
    while True:
        shown = client.get(f"/runs/{run}", headers=headers).json()
        if until(shown):
            return shown
        assert time.monotonic() < limit, shown
        time.sleep(0.02)


def ended(client, answer, headers=None):
    """The run that an answer began, at its end."""
    assert answer.status_code == 202, answer.text
    return wait(client, answer.json()["id"], headers=headers)


def read(client, file):
    """The text behind a link."""
    return client.get(file["url"]).text
