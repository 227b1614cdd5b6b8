"""A market stall that is installed for a test, and the command line in this process or in one of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from halles.cli import app, running
from tests.cli.stall import SERVICES

ROOT = Path(__file__).parents[2]
PIPELINES = {
    "measured": """
id: measured
name: Measure and hum
inputs: {song: {media: audio/*, description: any song}}
steps:
  - {id: measure, service: measure, inputs: {song: inputs.song}}
  - {id: hum, service: hum, inputs: {text: measure.words}}
outputs: {facts: measure.facts, sound: hum.output}
""",
    "worked": """
id: worked
inputs: {text: {media: text/plain}}
steps:
  - {id: first, service: work, inputs: {text: inputs.text}}
  - {id: second, service: work, inputs: {text: first.output}}
outputs: {done: second.output}
""",
}

Halles = Callable[..., Result]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment in which the services of the stall are installed, and a home is empty."""
    site = tmp_path / "site"
    info = site / "stall-1.0.dist-info"
    (site / "stall_pipelines").mkdir(parents=True)
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stall\nVersion: 1.0\n")
    services = "".join(f"{service.slug} = tests.cli.stall:{service.slug}\n" for service in SERVICES)
    (info / "entry_points.txt").write_text(
        f"[halles.services]\n{services}broken = tests.cli.absent:service\n[halles.pipelines]\nstall = stall_pipelines\n"
    )
    (site / "stall_pipelines" / "__init__.py").touch()
    for name, text in PIPELINES.items():
        (site / "stall_pipelines" / f"{name}.yaml").write_text(text)
    monkeypatch.syspath_prepend(str(site))
    path = os.pathsep.join([str(site), str(ROOT)])
    changes = {"PYTHONPATH": path, "HALLES_HOME": str(tmp_path / "home"), "HALLES_WEIGHTS": str(tmp_path / "weights")}
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return {**os.environ, **changes}


@pytest.fixture
def halles(installed: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Halles:
    """The command line in this process. Nothing that it does may end in a traceback."""

    def leave(code: int) -> None:
        raise typer.Exit(code)

    monkeypatch.setattr(running, "leave", leave)

    def run(*arguments: str | Path) -> Result:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def start(installed: dict[str, str]) -> Callable[..., "subprocess.Popen[str]"]:
    """The command line in a process of its own."""

    def begin(*arguments: str | Path) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", "from halles.cli import app; app()", *map(str, arguments)]
        return subprocess.Popen(command, env=installed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return begin
