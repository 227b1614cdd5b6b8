"""What is put into the registry, promoted and waited for is what was trained, and who asks too early is told."""

from pathlib import Path

import pytest

from tests.api.serving import serving
from tests.mlops.project import Project

pytestmark = pytest.mark.models


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HALLES_HOME": str(tmp_path / "home")}


def test_a_training_is_registered_once_and_the_first_one_serves(project: Project, home: dict[str, str]) -> None:
    for _ in range(2):
        assert "This training is music-style@1" in project.python("release.py", "register", **home)
    assert "music-style@1 is in production." in project.python("release.py", "promote", **home)
    assert "is in production already" in project.python("release.py", "promote", **home)


def test_what_was_changed_after_the_training_is_not_registered(project: Project, home: dict[str, str]) -> None:
    project.set("train", penalty=7.0)
    with (project.folder / "heads.py").open("a") as code:
        code.write("# Other code.\n")
    (project.out / "model.onnx").write_bytes(b"another model")
    said = project.python("release.py", "register", check=False, **home)
    assert "Not as dvc.lock has it: heads.py, out/model.onnx, params.yaml (train). Run `make train`" in said
    assert "No training was registered here" in project.python("release.py", "promote", check=False, **home)


def test_a_workflow_without_a_registry_is_told_so(project: Project, home: dict[str, str]) -> None:
    said = project.python("release.py", "register", check=False, GITHUB_ACTIONS="true", **home)
    assert "set the variable HALLES_MODELS" in said


def test_a_roll_out_of_the_services_own_model_is_waited_for_by_its_name(
    project: Project, home: dict[str, str], tmp_path: Path
) -> None:
    """As after a rollback to what the service came with."""
    with serving(tmp_path / "server") as (url, _):
        told = project.python("release.py", "rollout", HALLES_SERVER=url, **home)
    assert f"{url} answers with music-style@built-in." in told
