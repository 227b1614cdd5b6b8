"""Values in the bucket of a real S3 server, as engines of the first generation exchange them."""

from collections.abc import Callable
from typing import Any

import pytest

from halles.csia.messages import ComputeS3
from halles.net import Guard
from halles.serving import exchange
from halles.stores.seaweed import EXCHANGE, Seaweed
from tests import shelf
from tests.serving.conftest import Serving
from tests.serving.engine import Engine

Serve = Callable[..., Serving]


@pytest.fixture
def access(s3: Seaweed) -> dict[str, Any]:
    """What a message of the first generation says of the bucket."""
    bucket = s3.bucket(EXCHANGE)
    return {
        "s3_access_key_id": bucket.access_key_id, "s3_secret_access_key": bucket.secret_access_key,
        "s3_region": bucket.region, "s3_host": bucket.endpoint, "s3_bucket": bucket.name,
    }  # fmt: skip


def test_values_are_fetched_from_the_bucket_and_saved_to_it(
    engine: Engine, serve: Serve, s3: Seaweed, access: dict[str, Any]
) -> None:
    bucket = s3.bucket(EXCHANGE)
    bucket.put("in.txt", b"hello")
    callback = engine.outcome(engine.submit(serve(shelf.shout).url, ["in.txt"], **access))
    (key,) = callback["data_out"]
    found = bucket.get(key)
    assert found.attributes["Content-Type"] == "text/plain"
    assert b"".join(bucket.chunks(found)) == b"HELLO"


def test_an_output_of_nothing_is_an_empty_object(
    engine: Engine, serve: Serve, s3: Seaweed, access: dict[str, Any]
) -> None:
    bucket = s3.bucket(EXCHANGE)
    bucket.put("empty.txt", b"")
    callback = engine.outcome(engine.submit(serve(shelf.shout).url, ["empty.txt"], **access))
    assert [bucket.get(key).meta["size"] for key in callback["data_out"]] == [0]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "nothing under the key `gone.txt`"),
        ({"s3_bucket": "no-such-bucket"}, "no such bucket"),
        ({"s3_secret_access_key": "wrong"}, "credentials of the message are refused"),
    ],
)
def test_what_is_wrong_with_the_bucket_is_said(
    engine: Engine, serve: Serve, access: dict[str, Any], changed: dict[str, str], said: str
) -> None:
    callback = engine.outcome(engine.submit(serve(shelf.shout).url, ["gone.txt"], **(access | changed)))
    assert callback["status"] == "error" and said in callback["error_message"]


def test_an_object_larger_than_what_is_taken_is_not_fetched(
    engine: Engine, serve: Serve, s3: Seaweed, access: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLES_MAX_INPUT_BYTES", "1000")
    s3.bucket(EXCHANGE).put("large.txt", b"x" * 1001)
    callback = engine.outcome(engine.submit(serve(shelf.shout).url, ["large.txt"], **access))
    assert "larger than the 1,000 bytes" in callback["error_message"]


def test_a_bucket_is_opened_once_for_many_tasks(
    engine: Engine, serve: Serve, s3: Seaweed, access: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    class Counted(exchange.Bucket):
        def __init__(self, message: ComputeS3, guard: Guard) -> None:
            opened.append(message.s3_bucket)
            super().__init__(message, guard)

    monkeypatch.setattr(exchange, "Bucket", Counted)
    s3.bucket(EXCHANGE).put("in.txt", b"hello")
    serving = serve(shelf.shout)
    for _ in range(3):
        assert engine.outcome(engine.submit(serving.url, ["in.txt"], **access))["status"] == "finished"
    assert len(opened) == 1
