"""The repository as a runner of workflows has it, with a training of its own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.mlops.project import ALONE, ROOT, SMALL, Project

VENV = ROOT / ".venv"
DONE = (".ready", ".train")
"""Files by which Make knows what is set up."""


@dataclass(frozen=True)
class Checkout:
    """A copy of the repository, and what its workflows are told."""

    project: Project
    variables: Mapping[str, str]

    @classmethod
    def make(cls, root: Path, music: Path, variables: Mapping[str, str]) -> "Checkout":
        """Copy what git knows, and make the training small."""
        known = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, stdout=subprocess.PIPE, check=True,
        ).stdout.decode()  # fmt: skip
        for name in filter(None, known.split("\0")):
            source, target = ROOT / name, root / name
            if source.is_file() and not source.is_symlink() and not name.startswith("docs/"):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
        _set_up(root)
        (root / "training/music_style/dvc.lock").unlink(missing_ok=True)
        project = Project(root)
        for section, values in SMALL.items():
            project.set(section, **values)
        project.set("data", source=str(music))
        project.set("train", shares=[1.0], steps=10)
        checkout = cls(project, variables)
        checkout.git("init", "--quiet", "--initial-branch", "main")
        return checkout

    def git(self, *arguments: str) -> None:
        """Of the whole repository."""
        self.project.git("-C", str(self.project.root), *arguments)

    def push(self, why: str, **parameters: float) -> str:
        """Change how the model is trained, and run the workflow on it. Gives what it printed; it must end well."""
        self.project.set("train", **parameters)
        self.git("add", "--all")
        self.git("-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-q", "-m", why)
        return self._act("push", "--use-gitignore=false", "--platform", "ubuntu-latest=-self-hosted")

    def _act(self, *arguments: str) -> str:
        folder = self.project.root.parent
        secrets = {name: value for name, value in self.variables.items() if "KEY" in name}
        told = {"vars": self.variables.keys() - secrets.keys(), "secrets": secrets.keys()}
        for file, names in told.items():
            (folder / file).write_text("".join(f"{name}={self.variables[name]}\n" for name in sorted(names)))
        command = ["act", *arguments, "--var-file", str(folder / "vars"), "--secret-file", str(folder / "secrets")]
        command += ["--env", f"HALLES_HOME={folder / 'runner'}", "--workflows", ".github/workflows/train.yml"]
        home = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "WANDB_MODE": "offline"}
        known = {
            name: value for name, value in os.environ.items() if not name.startswith(("HALLES_", "AWS_", "WANDB_"))
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command, cwd=self.project.root, env=known | home | ALONE | {"PATH": path}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout


def _set_up(root: Path) -> None:
    """Make the virtual environment of the tests that of the checkout, so that Make has nothing to fetch."""
    (root / ".venv").mkdir()
    for each in VENV.resolve().iterdir():
        if each.name not in DONE:
            (root / ".venv" / each.name).symlink_to(each)
    for name in DONE:
        done = root.parent / name
        done.touch()
        tomorrow = time.time() + 86400  # The runner copies the files, which are all new then.
        os.utime(done, (tomorrow, tomorrow))
        (root / ".venv" / name).symlink_to(done)
