"""Artifacts: kept once, whole or not at all, and checked when they are read."""

from pathlib import Path

import pytest

from halles.model import Artifact, CallFailed, Problems
from halles.stores.objects import Objects


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(tmp_path / "objects")


def files(objects: Objects) -> list[Path]:
    return [file for file in objects.folder.rglob("*") if file.is_file()]


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


def test_damage_is_noticed_and_taken_away_so_that_it_is_made_again(objects: Objects) -> None:
    artifact = objects.put(b"la la", "text/plain")
    objects.path(artifact).write_bytes(b"la lo")
    with pytest.raises(CallFailed, match=r"was damaged on the disk, and is deleted now. Run the pipeline again"):
        objects.read(artifact)
    assert not objects.has(artifact)


def test_content_that_was_cut_is_not_here(objects: Objects) -> None:
    artifact = objects.put(b"la la", "text/plain")
    objects.path(artifact).write_bytes(b"la")
    assert not objects.has(artifact)
    assert objects.read(objects.put(b"la la", "text/plain")) == b"la la"


def test_what_is_gone_is_said_to_be_gone(objects: Objects) -> None:
    lost = Artifact(sha256="ab" * 32, media_type="audio/flac", size=9)
    with pytest.raises(
        CallFailed, match=r"A value of type audio/flac \(abababababab\) is not here any more"
    ) as failure:
        objects.path(lost)
    assert not failure.value.retry


def test_all_lists_what_is_kept(objects: Objects) -> None:
    kept = [objects.put(content, "text/plain") for content in (b"a", b"bc")]
    assert sorted((sha256, size) for sha256, size, _ in objects.all()) == sorted((a.sha256, a.size) for a in kept)


def test_a_folder_that_cannot_be_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problems, match=r"cannot be kept in `.*/file/objects`: Not a directory. Set HALLES_HOME"):
        Objects(tmp_path / "file" / "objects")
    with pytest.raises(Problems, match="it is a file"):
        Objects(tmp_path / "file")
