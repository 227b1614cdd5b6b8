"""Data and models in versions, on a real S3 server."""

import shutil
from pathlib import Path

import pytest

from halles.stores.s3 import Bucket
from halles.stores.seaweed import Seaweed
from tests.mlops.project import Project
from tests.mlops.test_training import stages_run

pytestmark = pytest.mark.models


@pytest.fixture
def remote(project: Project, s3: Seaweed, bucket: Bucket) -> Project:
    """The project, told where its versions are kept."""
    project.python("remote.py", f"s3://{bucket.name}/{bucket.prefix}", **s3.environment())
    return project


def wipe(project: Project) -> None:
    for made in ("out", "work", ".dvc/cache", ".dvc/tmp"):
        shutil.rmtree(project.folder / made, ignore_errors=True)


def test_what_was_pushed_comes_back_as_it_was_and_nothing_needs_to_run(remote: Project) -> None:
    before, model = remote.outputs(), (remote.out / "model.onnx").read_bytes()
    remote.dvc("push")
    wipe(remote)
    remote.dvc("pull")
    assert (remote.out / "model.onnx").read_bytes() == model
    assert stages_run(remote.dvc("repro")) == []
    assert remote.outputs() == before


def test_the_pulled_data_give_the_same_bytes_when_all_is_computed_again(remote: Project) -> None:
    before = remote.outputs()
    remote.dvc("push")
    wipe(remote)
    remote.dvc("pull")
    printed = remote.dvc("repro", "--force", "--no-run-cache")
    assert stages_run(printed) == ["data", "features", "train", "evaluate", "export"]
    assert remote.outputs() == before


def test_a_machine_without_the_music_trains_from_what_it_pulls(remote: Project, s3: Seaweed, tmp_path: Path) -> None:
    """As a job does that has the repository and the remote only."""
    remote.dvc("push")
    wipe(remote)
    remote.dvc("pull")
    moved = remote.copy(tmp_path / "elsewhere")
    source = moved.folder / "gone"
    lock = moved.folder / "dvc.lock"
    lock.write_text(lock.read_text().replace(moved.source, str(source)))
    moved.set("data", source=str(source))
    moved.set("train", penalty=0.5)
    printed = moved.python("repro.py", WANDB_MODE="disabled")
    assert "uses the clips that were gathered before" in printed
    assert stages_run(printed) == ["train", "evaluate", "export"]


def test_the_keys_stay_out_of_git(remote: Project, s3: Seaweed) -> None:
    secret = s3.keys["secret_access_key"]
    local = remote.folder / ".dvc" / "config.local"
    assert secret in local.read_text()
    assert local.stat().st_mode & 0o077 == 0
    assert "config.local" not in remote.git("status", "--short", "--untracked-files=all")
    assert secret not in (remote.folder / ".dvc" / "config").read_text()
