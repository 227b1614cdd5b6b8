"""Whoever reaches a service may name addresses in a message; not every one is reached."""

from collections.abc import Callable

import pytest

from halles.model import Problems
from halles.net import Guard
from halles.serving.settings import NEIGHBOURS, Settings
from tests import shelf
from tests.serving.conftest import Serving
from tests.serving.engine import Engine, http, wait

Serve = Callable[..., Serving]
METADATA = ["http://169.254.169.254", "http://[fe80::1]", "http://0.0.0.0", "http://[::ffff:169.254.169.254]"]


@pytest.mark.parametrize("address", METADATA)
def test_metadata_services_are_no_storage(engine: Engine, serve: Serve, address: str) -> None:
    task = engine.submit(serve(shelf.shout).url, ["latest.txt"], storage_url=f"{address}/latest")
    assert "is not a public address" in engine.outcome(task)["error_message"]


@pytest.mark.parametrize("address", METADATA)
def test_metadata_services_are_no_buckets(engine: Engine, serve: Serve, address: str) -> None:
    access = dict.fromkeys(("s3_access_key_id", "s3_secret_access_key", "s3_bucket"), "x")
    task = engine.submit(serve(shelf.shout).url, ["latest.txt"], s3_host=address, **access)
    assert "is not a public address" in engine.outcome(task)["error_message"]


def test_metadata_services_are_not_called_back(engine: Engine, serve: Serve) -> None:
    serving = serve(shelf.shout)
    task = engine.submit(serving.url, [], callback="http://169.254.169.254/tasks/1")
    wait(lambda: http.get(f"{serving.url}/tasks/{task}/status").json()["status"] == "error")
    wait(lambda: len(serving.stand._callbacks) == 0, "the callback to be given up")


def test_a_redirect_does_not_lead_where_an_address_may_not(engine: Engine, serve: Serve) -> None:
    task = engine.submit(serve(shelf.shout).url, ["a.txt"], storage_url=f"{engine.url}/elsewhere")
    assert "is not a public address" in engine.outcome(task)["error_message"]


def test_a_name_that_leads_to_a_refused_address_is_refused(engine: Engine, serve: Serve) -> None:
    access = dict.fromkeys(("s3_access_key_id", "s3_secret_access_key", "s3_bucket"), "x")
    serving = serve(shelf.shout, guard=Guard())
    task = engine.submit(serving.url, ["a.txt"], s3_host="http://localhost:8333", **access)
    wait(lambda: http.get(f"{serving.url}/tasks/{task}/status").json()["status"] == "error")
    assert task not in engine.callbacks  # Loopback is refused for the callback too.


def test_an_operator_says_which_networks_are_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.read("http://here").guard.allowed == NEIGHBOURS
    monkeypatch.setenv("HALLES_ALLOWED_NETWORKS", "10.1.0.0/16")
    assert [str(network) for network in Settings.read("http://here").guard.allowed] == ["10.1.0.0/16"]
    monkeypatch.setenv("HALLES_ALLOWED_NETWORKS", "everything")
    with pytest.raises(Problems, match="HALLES_ALLOWED_NETWORKS"):
        Settings.read("http://here")
