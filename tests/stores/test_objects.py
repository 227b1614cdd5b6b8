"""Artifacts: kept once, whole or not at all, and checked when they are read."""

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from halles.model import Artifact, CallFailed, Problems
from halles.stores import objects_s3
from halles.stores import s3 as s3_module
from halles.stores.objects import Objects, key_of
from halles.stores.objects_s3 import BucketObjects
from halles.stores.s3 import PART, Bucket, bucket_at
from halles.stores.seaweed import OBJECTS, Seaweed


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return Objects(tmp_path / "objects")
    return BucketObjects(tmp_path / "objects", request.getfixturevalue("bucket"), bound_bytes=1e9)


@pytest.fixture
def local(tmp_path: Path) -> Objects:
    return Objects(tmp_path / "objects")


def files(objects: Objects) -> list[Path]:
    return [file for file in objects.folder.rglob("*") if file.is_file()]


def song(size: int = 1_000_000) -> Iterator[bytes]:
    for start in range(0, size, 1000):
        yield f"{start:1000}".encode()


def test_what_is_put_is_read(objects: Objects, tmp_path: Path) -> None:
    (tmp_path / "song.txt").write_bytes(b"la la")
    artifact = objects.put(tmp_path / "song.txt", "text/plain")
    assert (artifact.size, artifact.media_type) == (5, "text/plain")
    assert objects.read(artifact) == objects.path(artifact).read_bytes() == b"la la"


def test_the_same_content_is_one_file(objects: Objects) -> None:
    assert objects.put(b"la", "text/plain") == objects.put(b"la", "text/plain")
    assert objects.put(b"la", "text/csv").sha256 == objects.put(b"la", "text/plain").sha256
    assert len(files(objects)) == 1


def test_nothing_is_content_too(objects: Objects) -> None:
    assert objects.read(objects.put(b"", "text/plain")) == b""


def test_content_comes_in_chunks(objects: Objects) -> None:
    artifact = objects.put_stream(song(), "audio/flac")
    assert (artifact.size, artifact.media_type) == (1_000_000, "audio/flac")
    assert objects.read(artifact) == b"".join(song())
    assert objects.put(b"".join(song()), "audio/flac") == artifact


def test_content_comes_in_chunks_one_by_one(objects: Objects) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for chunk in song():
            yield chunk

    async def put() -> Artifact:
        return await objects.put_stream(chunks(), "audio/flac")

    assert objects.read(asyncio.run(put())) == b"".join(song())


def test_more_than_the_limit_is_refused_while_it_comes_and_leaves_nothing(objects: Objects) -> None:
    with pytest.raises(Problems, match="larger than the 1,500 bytes that are taken here"):
        objects.put_stream(song(), "audio/flac", limit_bytes=1500)
    assert (list(objects.all()), files(objects)) == ([], [])


@pytest.mark.parametrize(("start", "end"), [(0, None), (0, 10), (999, 300_001), (999_999, None), (5, 5)])
def test_a_part_is_read_alone(objects: Objects, tmp_path: Path, start: int, end: int | None) -> None:
    artifact = objects.put_stream(song(), "audio/flac")
    assert b"".join(objects.open_range(artifact, start, end)) == b"".join(song())[start:end]


def test_a_part_of_nothing_is_nothing(objects: Objects) -> None:
    assert b"".join(objects.open_range(objects.put(b"", "text/plain"))) == b""


def test_damage_is_noticed_and_taken_away_so_that_it_is_made_again(local: Objects) -> None:
    artifact = local.put(b"la la", "text/plain")
    local.path(artifact).write_bytes(b"la lo")
    with pytest.raises(CallFailed, match=r"was damaged on the disk, and is deleted now. Run the pipeline again"):
        local.read(artifact)
    assert not local.has(artifact)


def test_content_that_was_cut_is_not_here(local: Objects) -> None:
    artifact = local.put(b"la la", "text/plain")
    local.path(artifact).write_bytes(b"la")
    assert not local.has(artifact)
    assert local.read(local.put(b"la la", "text/plain")) == b"la la"


def test_what_is_gone_is_said_to_be_gone(objects: Objects) -> None:
    lost = Artifact(sha256="ab" * 32, media_type="audio/flac", size=9)
    with pytest.raises(
        CallFailed, match=r"A value of type audio/flac \(abababababab\) is not here any more"
    ) as failure:
        objects.path(lost)
    assert not failure.value.retry
    with pytest.raises(CallFailed, match="is not here any more"):
        objects.open_range(lost)


def test_what_is_deleted_is_gone_unless_it_is_wanted_again(objects: Objects) -> None:
    artifact = objects.put(b"la", "text/plain")
    assert not objects.delete(artifact.sha256, before=time.time() - 60)
    assert objects.has(artifact)
    assert objects.delete(artifact.sha256)
    assert not objects.has(artifact)
    with pytest.raises(CallFailed, match="is not here any more"):
        objects.read(artifact)


def test_all_lists_what_is_kept(objects: Objects) -> None:
    kept = [objects.put(content, "text/plain") for content in (b"a", b"bc")]
    assert sorted((sha256, size) for sha256, size, _ in objects.all()) == sorted((a.sha256, a.size) for a in kept)


def test_a_folder_that_cannot_be_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problems, match=r"cannot be kept in `.*/file/objects`: Not a directory. Set HALLES_HOME"):
        Objects(tmp_path / "file" / "objects")
    with pytest.raises(Problems, match="it is a file"):
        Objects(tmp_path / "file")


# Artifacts in a bucket that several servers share.


@pytest.fixture
def far(tmp_path: Path, bucket: Bucket) -> BucketObjects:
    return BucketObjects(tmp_path / "far", bucket, bound_bytes=1e9)


@pytest.fixture
def near(tmp_path: Path, bucket: Bucket) -> BucketObjects:
    return BucketObjects(tmp_path / "near", bucket, bound_bytes=1e9)


def test_what_one_server_keeps_another_reads(far: Objects, near: Objects) -> None:
    artifact = far.put_stream(song(), "audio/flac")
    assert near.has(artifact)
    assert b"".join(near.open_range(artifact, 10, 20)) == b"".join(song())[10:20]
    assert files(near) == [], "a part is read without a copy of the whole"
    assert near.path(artifact).read_bytes() == b"".join(song())
    assert len(files(near)) == 1


def test_what_is_uploaded_in_parts_is_whole(far: BucketObjects, near: BucketObjects) -> None:
    content = os.urandom(2 * PART + 1)
    assert near.read(far.put(content, "audio/flac")) == content


def test_a_copy_that_was_damaged_is_made_anew(near: Objects) -> None:
    artifact = near.put(b"la la", "text/plain")
    near.path(artifact).write_bytes(b"la lo")
    assert near.read(artifact) == b"la la"


def test_damage_in_the_bucket_is_noticed_and_taken_away(far: Objects, near: Objects, bucket: Bucket) -> None:
    artifact = far.put(b"la la", "text/plain")
    bucket.put(key_of(artifact.sha256), b"la lo")
    with pytest.raises(CallFailed, match="was damaged in the bucket, and is deleted now"):
        near.path(artifact)
    assert not near.has(artifact)


def test_the_copies_used_longest_ago_make_room(tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects_s3, "SPARED", 60.0)
    objects = BucketObjects(tmp_path / "few", bucket, bound_bytes=35)
    first, second, third = (objects.put(letter * 10, "text/plain") for letter in (b"a", b"b", b"c"))
    for number, artifact in enumerate((third, second, first)):
        os.utime(objects.path(artifact), (number, number))
    objects.path(third)  # It is used again, so it is not the oldest any more.
    objects.put(b"d" * 10, "text/plain")
    assert {objects.folder / key_of(a.sha256) for a in (second,)} & set(files(objects)) == set()
    assert sum(file.stat().st_size for file in files(objects)) <= 35
    assert objects.read(second) == b"b" * 10, "it is in the bucket all the same"


def test_a_bucket_that_is_not_there_is_explained(tmp_path: Path, bucket: Bucket) -> None:
    objects = BucketObjects(tmp_path / "near", replace(bucket, name="nowhere"), bound_bytes=1e9)
    with pytest.raises(CallFailed, match=r"The bucket `nowhere` of http.* is not there. Make it, or name another") as e:
        objects.put(b"la", "text/plain")
    assert not e.value.retry


def test_wrong_credentials_are_explained(tmp_path: Path, bucket: Bucket) -> None:
    objects = BucketObjects(tmp_path / "near", replace(bucket, secret_access_key="w" * 9), bound_bytes=1e9)
    with pytest.raises(CallFailed, match=r"refuses the credentials `halles\w+`. Check HALLES_S3_ACCESS_KEY_ID") as e:
        objects.put(b"la", "text/plain")
    assert not e.value.retry
    assert files(objects) == []


def test_a_server_that_is_down_may_be_up_later(tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_module, "PATIENCE", 0.1)
    objects = BucketObjects(tmp_path / "near", replace(bucket, endpoint="http://127.0.0.1:9"), bound_bytes=1e9)
    with pytest.raises(
        CallFailed, match=r"cannot be used now: Connection refused. Is the server up\? `halles storage`"
    ) as e:
        objects.put(b"la", "text/plain")
    assert e.value.retry


def test_the_settings_choose_the_bucket(s3: Seaweed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    assert bucket_at("s3://halles-objects/some/where") == replace(s3.bucket(OBJECTS), prefix="some/where")


def test_settings_that_are_missing_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HALLES_S3_ENDPOINT", raising=False)
    monkeypatch.setenv("HALLES_S3_ACCESS_KEY_ID", "me")
    with pytest.raises(Problems) as found:
        bucket_at("s3://halles-objects")
    assert [problem.message.split("set ")[1] for problem in found.value.problems] == [
        "HALLES_S3_ENDPOINT too.",
        "HALLES_S3_SECRET_ACCESS_KEY too.",
    ]


def test_what_becomes_whole_while_leftovers_are_swept_is_no_fault(tmp_path, monkeypatch):
    objects = Objects(tmp_path)
    (tmp_path / "ab").mkdir()
    part = tmp_path / "ab" / "cd#1"
    part.write_bytes(b"half")

    def renamed(self, pattern):
        part.rename(tmp_path / "ab" / "cd")
        yield part

    monkeypatch.setattr(type(tmp_path), "glob", renamed)
    assert objects.sweep(before=math.inf) == 0
