"""What passes between this server and the services of others."""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from halles.model import Artifact, CallFailed, Problems
from halles.stores.exchange import Exchange, FolderExchange
from halles.stores.objects import Objects

KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z0-9]+")


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(tmp_path / "objects")


@pytest.fixture
def exchange(tmp_path: Path, objects: Objects) -> Exchange:
    return FolderExchange(tmp_path / "exchange", objects)


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
    assert isinstance(exchange, FolderExchange)
    old, new = (exchange.store("a.txt", [b"a"], limit_bytes=1) for _ in range(2))
    os.utime(exchange.folder / old, (0, 0))
    assert exchange.sweep(before=time.time() - 60) == 1
    assert b"".join(exchange.load(new).chunks) == b"a"
    with pytest.raises(CallFailed, match="There is nothing"):
        exchange.load(old)
