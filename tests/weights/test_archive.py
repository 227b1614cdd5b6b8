"""Archives give the named members and nothing else."""

import io
import tarfile

import pytest

from halles.weights import WeightsError, join, unpack

from .server import tar_of, zip_of


@pytest.fixture
def into(tmp_path):
    into = tmp_path / "into"
    into.mkdir()
    return into


@pytest.fixture(params=[zip_of, tar_of], ids=["zip", "tgz"])
def archive(request, tmp_path):
    path = tmp_path / "archive"
    path.write_bytes(request.param({"a/one": b"1", "a/two": b"2", "../evil": b"!"}))
    return path


def test_only_the_named_members_are_unpacked(archive, into):
    unpack({"a/one": "kept/one"})([archive], into)
    assert [path.relative_to(into).as_posix() for path in into.rglob("*")] == ["kept", "kept/one"]


def test_members_are_joined_in_the_given_order(archive, into):
    join({"both": [(1, "a/two"), (0, "a/one")]})([archive, archive], into)
    assert (into / "both").read_bytes() == b"21"


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../evil", "a\\..\\evil", "C:evil", ""])
def test_a_name_that_leaves_the_directory_is_refused(name):
    with pytest.raises(WeightsError, match="would leave its directory"):
        unpack({"a/one": name})
    with pytest.raises(WeightsError, match="would leave its directory"):
        unpack({name: "one"})


def test_a_missing_member_is_named_with_near_ones(archive, into):
    with pytest.raises(WeightsError, match=r"no member 'a/oen'; near ones are: a/one"):
        unpack({"a/oen": "one"})([archive], into)


def test_a_member_larger_than_the_limit_is_refused_before_it_is_written(archive, into):
    with pytest.raises(WeightsError, match="at most 1 are allowed"):
        join({"both": [(0, "a/one"), (0, "a/two")]}, limit=1)([archive], into)
    assert list(into.iterdir()) == []


def test_a_link_inside_a_tarball_is_not_followed(tmp_path, into):
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(link)
    (tmp_path / "linked.tar").write_bytes(buffer.getvalue())
    with pytest.raises(WeightsError, match="'link' is a link"):
        unpack({"link": "passwd"})([tmp_path / "linked.tar"], into)


def test_a_file_that_is_no_archive_is_refused(tmp_path, into):
    (tmp_path / "page.whl").write_bytes(b"<html>Please log in</html>")
    with pytest.raises(WeightsError, match=r"page\.whl is neither a zip nor a tar archive"):
        unpack({"a": "a"})([tmp_path / "page.whl"], into)
