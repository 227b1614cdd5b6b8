"""A real S3 server for the whole test session."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from halles.stores.s3 import Bucket
from halles.stores.seaweed import OBJECTS, Seaweed


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """The server, with its buckets `halles-objects` and `halles-exchange`. `s3.environment()` are the settings for it."""
    server = Seaweed(tmp_path_factory.mktemp("storage"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def bucket(s3: Seaweed) -> Bucket:
    """A part of a bucket that is this test's own."""
    return replace(s3.bucket(OBJECTS), prefix=uuid.uuid4().hex)
