"""The DVC project in a git repository of a test's own."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SERVICE = "src/halles_services/music_style"
NEEDED = ("training/music_style", *(f"{SERVICE}/{name}.py" for name in ("excerpts", "timbre", "traits")))
ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Threads that wait for a core while others work cost ten times what these small matrices do."""
MADE = shutil.ignore_patterns("out", "work", "runs", "__pycache__", "cache", "tmp", "dvc.lock", "config.local")
SMALL: dict[str, dict[str, Any]] = {
    "data": {"layout": "folders", "least_clips": 5},
    "features": {"excerpts_a_clip": 1, "noises": 5},
    "train": {"shares": [0.5, 1.0]},
}


@dataclass(frozen=True)
class Project:
    """A copy of the training. `folder` is `training/music_style` of it."""

    root: Path

    @classmethod
    def make(cls, root: Path, music: Path) -> "Project":
        """Copy the training, point it at songs, and make it quick."""
        for name in NEEDED:
            source, target = ROOT / name, root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=MADE)
            elif source.exists():
                shutil.copyfile(source, target)
        project = cls(root)
        for section, values in SMALL.items():
            project.set(section, **values)
        project.set("data", source=str(music))
        project.git("init", "--quiet")
        project.git("add", "--all")
        project.git("-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "--quiet", "--message", "all")
        return project

    def copy(self, root: Path) -> "Project":
        """The same elsewhere, with what it has made."""
        shutil.copytree(self.root, root, symlinks=True)
        return Project(root)

    @property
    def folder(self) -> Path:
        return self.root / "training" / "music_style"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def source(self) -> str:
        """Where the songs are."""
        return str(yaml.safe_load((self.folder / "params.yaml").read_text())["data"]["source"])

    def set(self, section: str, **values: Any) -> None:
        """Change parameters."""
        path = self.folder / "params.yaml"
        params = yaml.safe_load(path.read_text())
        params[section] |= values
        path.write_text(yaml.safe_dump(params, sort_keys=False))

    def dvc(self, *arguments: str, check: bool = True) -> str:
        return self.run("dvc", *arguments, check=check)

    def python(self, *arguments: str, check: bool = True, **environment: str) -> str:
        return self.run("python", *arguments, check=check, **environment)

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments)

    def run(self, *command: str, check: bool = True, **environment: str) -> str:
        """What a command printed, errors too."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment() | environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0 or not check, f"{' '.join(command)}:\n{done.stdout}"
        return done.stdout

    def environment(self) -> dict[str, str]:
        """Of this Python, and of nobody's accounts."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB_", "AWS_", "HALLES_"))}
        kept |= {name: os.environ[name] for name in ("HALLES_WEIGHTS",) if name in os.environ}
        return kept | {
            **ALONE,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "DVC_NO_ANALYTICS": "1",
        }

    def outputs(self) -> dict[str, str]:
        """The hash of every output, by its name, as the lock has it."""
        lock = yaml.safe_load((self.folder / "dvc.lock").read_text())
        return {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage.get("outs", [])}
