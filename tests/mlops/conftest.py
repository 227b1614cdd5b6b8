"""A copy of the training with a few songs of its own."""

from pathlib import Path

import pytest

from tests.mlops import songs
from tests.mlops.project import Project


@pytest.fixture(scope="session")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of songs by genre. Not to be changed."""
    return songs.write(tmp_path_factory.mktemp("music"))


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, music: Path) -> Project:
    """A project that was trained. Not to be changed."""
    project = Project.make(tmp_path_factory.mktemp("trained"), music)
    project.dvc("repro")
    return project


@pytest.fixture
def project(tmp_path: Path, trained: Project) -> Project:
    """A copy of it, to be changed."""
    return trained.copy(tmp_path / "copy")
