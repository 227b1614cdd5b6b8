"""What passes between this server and the services of others."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from halles.model import Artifact, CallFailed, Problems
from halles.stores import exchange_keys as keys_module
from halles.stores.exchange import Exchange, FolderExchange, S3Access
from halles.stores.exchange_keys import FixedKeys, IamKeys, Key
from halles.stores.exchange_s3 import BucketExchange
from halles.stores.objects import Objects
from halles.stores.s3 import Bucket
from halles.stores.seaweed import EXCHANGE, OBJECTS, Seaweed

KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z0-9]+")


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.1)


def users(bucket: Bucket) -> str:
    content = b"Action=ListUsers&Version=2010-05-08"
    form = "application/x-www-form-urlencoded"
    return bucket.signer.send("POST", f"{bucket.endpoint}/", content, service="iam", media_type=form).text


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(tmp_path / "objects")


@pytest.fixture(params=["folder", "s3"])
def exchange(request: pytest.FixtureRequest, tmp_path: Path, objects: Objects) -> Exchange:
    if request.param == "folder":
        return FolderExchange(tmp_path / "exchange", objects)
    bucket = request.getfixturevalue("bucket")
    return BucketExchange(bucket, IamKeys(bucket, seconds=60), objects)


def test_what_is_laid_out_is_taken_in_as_the_type_of_its_extension(exchange: Exchange, objects: Objects) -> None:
    artifact = objects.put(b"la la", "text/plain;kind=lyrics")
    key = exchange.put(artifact)
    assert KEY.fullmatch(key) and key.endswith(".txt")
    assert exchange.get(key, limit_bytes=5) == artifact.model_copy(update={"media_type": "text/plain"})


def test_what_a_service_stores_keeps_its_extension(exchange: Exchange, objects: Objects) -> None:
    key = exchange.store("Cover.JPEG", [b"ab", b"cd"], limit_bytes=4)
    assert KEY.fullmatch(key)
    taken = exchange.get(key, limit_bytes=4)
    assert (taken.media_type, objects.read(taken)) == ("image/jpeg", b"abcd")


def test_chunks_may_come_one_by_one(exchange: Exchange) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"ab"
        await asyncio.sleep(0)
        yield b"cd"

    async def store() -> str:
        return await exchange.store("a.txt", chunks(), limit_bytes=4)

    assert b"".join(exchange.load(asyncio.run(store())).chunks) == b"abcd"


def test_content_without_end_is_refused_while_it_comes(exchange: Exchange) -> None:
    sent = 0

    def endless():
        nonlocal sent
        while True:
            sent += 1000
            yield b"x" * 1000

    with pytest.raises(Problems, match="larger than the 10,000 bytes that are taken here"):
        exchange.store("a.txt", endless(), limit_bytes=10_000)
    assert sent == 11_000


def test_an_answer_over_the_limit_is_refused(exchange: Exchange) -> None:
    key = exchange.store("a.txt", [b"abcd"], limit_bytes=4)
    with pytest.raises(CallFailed, match=f"`{key}` is larger than the 3 bytes"):
        exchange.get(key, limit_bytes=3)


def test_what_was_never_laid_out_is_missing(exchange: Exchange) -> None:
    with pytest.raises(CallFailed, match="There is nothing under the key") as failed:
        exchange.get("00000000-0000-0000-0000-000000000000.png", limit_bytes=9)
    assert failed.value.problem.code == "missing-output"


@pytest.mark.parametrize("key", ["00000000", "a.exe", "../objects/ab.png", "/etc/passwd.txt", ".png", "", "a\n.png"])
def test_what_is_no_key_is_refused(exchange: Exchange, key: str) -> None:
    with pytest.raises(CallFailed, match="is not a key") as failed:
        exchange.get(key, limit_bytes=9)
    assert not failed.value.retry


def test_a_type_without_an_extension_cannot_be_laid_out(exchange: Exchange, objects: Objects) -> None:
    with pytest.raises(CallFailed, match="A value of type application/octet-stream cannot be sent"):
        exchange.put(objects.put(b"?", "application/octet-stream"))


def test_an_artifact_that_is_gone_cannot_be_laid_out(exchange: Exchange) -> None:
    with pytest.raises(CallFailed, match="is not here any more"):
        exchange.put(Artifact(sha256="ab" * 32, media_type="image/png", size=9))


def test_what_is_deleted_is_missing(exchange: Exchange) -> None:
    key = exchange.store("a.txt", [b"a"], limit_bytes=1)
    exchange.delete(key)
    exchange.delete(key)
    with pytest.raises(CallFailed, match="There is nothing"):
        exchange.load(key)


def test_what_is_old_is_forgotten(exchange: Exchange) -> None:
    key = exchange.store("a.txt", [b"a"], limit_bytes=1)
    assert exchange.sweep(before=time.time() - 60) == 0
    assert exchange.sweep(before=time.time() + 60) == 1
    with pytest.raises(CallFailed, match="There is nothing"):
        exchange.load(key)


def test_a_folder_gives_no_s3_access(tmp_path: Path, objects: Objects) -> None:
    assert FolderExchange(tmp_path / "exchange", objects).access() is None


# What services get of an S3 server.


def as_service(s3: Seaweed, key: Key, bucket: str = EXCHANGE) -> Bucket:
    return Bucket(bucket, s3.endpoint, *key)


def refused(action: Callable[[], object]) -> bool:
    try:
        action()
    except CallFailed as error:
        return error.problem.code == "s3-refused" and not error.retry
    return False


def test_a_service_reads_and_writes_objects_of_the_exchange_bucket_and_nothing_else(s3: Seaweed) -> None:
    s3.bucket(EXCHANGE).put("theirs.txt", b"hello")
    s3.bucket(OBJECTS).put("ours.txt", b"secret")
    key = IamKeys(s3.bucket(EXCHANGE), seconds=60).current()
    ours, theirs = as_service(s3, key, OBJECTS), as_service(s3, key)
    theirs.put("answer.txt", b"bye")
    assert (bytes(theirs.get("theirs.txt").bytes()), theirs.head("none.txt")) == (b"hello", None)
    assert refused(lambda: ours.get("ours.txt")) and refused(lambda: ours.put("more.txt", b""))
    assert refused(lambda: list(theirs.list())) and refused(lambda: theirs.delete("theirs.txt"))


def test_a_service_cannot_give_itself_more_rights(s3: Seaweed) -> None:
    key = IamKeys(s3.bucket(EXCHANGE), seconds=60).current()
    with pytest.raises(CallFailed, match="makes no keys"):
        IamKeys(as_service(s3, key), seconds=60).current()


def test_a_key_is_the_same_for_half_of_its_life_and_the_server_refuses_it_after_its_end(s3: Seaweed) -> None:
    keys = IamKeys(s3.bucket(EXCHANGE), seconds=4)
    first = keys.current()
    bucket = as_service(s3, first)
    bucket.put("a.txt", b"a")
    assert keys.current() == first
    until(lambda: keys.current() != first)
    until(lambda: refused(lambda: bucket.head("a.txt")))


def test_identities_that_have_ended_are_deleted(s3: Seaweed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "GRACE", 0.0)
    bucket = s3.bucket(EXCHANGE)
    first = as_service(s3, IamKeys(bucket, seconds=1).current())
    until(lambda: refused(lambda: first.head("a.txt")))
    IamKeys(bucket, seconds=60).current()
    with pytest.raises(CallFailed, match="refuses the credentials"):
        first.head("a.txt")
    assert not any(float(end) < time.time() - 1 for _, end in keys_module.USER.findall(users(bucket)))


def test_the_message_of_generation_1_says_where_services_reach_the_bucket(s3: Seaweed, objects: Objects) -> None:
    key = Key("id", "secret")
    exchange = BucketExchange(s3.bucket(EXCHANGE), FixedKeys(key), objects, host="http://s3.example:9000")
    assert exchange.access() == S3Access("id", "secret", "us-east-1", "http://s3.example:9000", EXCHANGE)


def test_a_server_that_makes_no_keys_is_explained(s3: Seaweed) -> None:
    with pytest.raises(CallFailed, match="Set HALLES_EXCHANGE_ACCESS_KEY_ID and") as failed:
        IamKeys(Bucket(EXCHANGE, s3.endpoint, "nobody", "wrong"), seconds=60).current()
    assert not failed.value.retry


def test_uploads_that_never_ended_are_given_up(bucket: Bucket) -> None:
    url = f"{bucket.endpoint}/{bucket.name}/{bucket.prefix}/half.bin?uploads="
    assert bucket.signer.send("POST", url).status_code == 200
    assert bucket.abort_uploads(before=time.time() - 60) == 0
    assert bucket.abort_uploads(before=time.time() + 60) == 1
    assert bucket.abort_uploads(before=time.time() + 60) == 0
