"""Settings choose where content lies."""

import time
from pathlib import Path

import pytest

from halles.main import Market
from halles.model import Problems
from halles.stores.exchange import FolderExchange, S3Access
from halles.stores.exchange_s3 import BucketExchange
from halles.stores.objects import Objects
from halles.stores.objects_s3 import BucketObjects
from halles.stores.seaweed import EXCHANGE, Seaweed


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HALLES_OBJECTS", "HALLES_EXCHANGE", "HALLES_EXCHANGE_HOST", "HALLES_EXCHANGE_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def shared(home: Path, s3: Seaweed, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    return home


def test_everything_is_in_the_home_unless_told_otherwise(home: Path) -> None:
    market = Market(home)
    assert (type(market.objects), market.objects.folder) == (Objects, home / "objects")
    assert isinstance(market.exchange, FolderExchange)
    assert market.exchange.folder == home / "exchange"


def test_a_folder_may_be_elsewhere(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLES_OBJECTS", str(tmp_path / "large"))
    assert Market(home).objects.folder == tmp_path / "large"


def test_the_settings_that_the_storage_command_writes_are_all_that_is_needed(shared: Path) -> None:
    market = Market(shared)
    assert isinstance(market.objects, BucketObjects) and isinstance(market.exchange, BucketExchange)
    artifact = market.objects.put(b"la la", "text/plain")
    key = market.exchange.put(artifact)
    assert market.objects.read(market.exchange.get(key, limit_bytes=9)) == b"la la"
    access = market.exchange.access()
    assert access and access.s3_access_key_id.startswith("AKIA") and access.s3_bucket == EXCHANGE


def test_an_operator_may_give_the_key_for_services(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLES_EXCHANGE_ACCESS_KEY_ID", "theirs")
    monkeypatch.setenv("HALLES_EXCHANGE_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("HALLES_EXCHANGE_HOST", "https://s3.example.org/")
    access = Market(shared).exchange.access()
    assert access == S3Access("theirs", "secret", "us-east-1", "https://s3.example.org", EXCHANGE)


def test_an_exchange_needs_a_bucket_of_its_own(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLES_EXCHANGE", "s3://halles-exchange/part")
    with pytest.raises(Problems, match="keys lie flat in the bucket, so give one of its own"):
        _ = Market(shared).exchange


@pytest.mark.parametrize("place", ["s3:bucket", "s3://"])
def test_what_is_no_bucket_is_explained(shared: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("HALLES_OBJECTS", place)
    with pytest.raises(Problems, match=r"is not a bucket\. One is `s3://bucket`, or `s3://bucket/prefix`"):
        _ = Market(shared).objects


def test_what_was_exchanged_is_forgotten_when_its_hours_are_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market(home)
    market.exchange.store("a.txt", [b"a"], limit_bytes=1)
    assert market.forget_exchanged() == 0
    monkeypatch.setenv("HALLES_EXCHANGE_HOURS", "0.000001")
    time.sleep(0.01)
    assert market.forget_exchanged() == 1
