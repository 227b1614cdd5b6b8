"""A package built for distribution serves the web application, where there is neither Node nor a folder of sources."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a machine has that installed the package: the wheel is built from the archive of the sources, as for an index."""
    folder = tmp_path_factory.mktemp("package")
    subprocess.run([UV, "build", "--quiet", "--out-dir", folder / "dist", ROOT], check=True)
    [wheel] = (folder / "dist").glob("*.whl")
    with ZipFile(wheel) as packed:
        packed.extractall(folder / "installed")
    return folder / "installed"


@pytest.fixture
def served(package: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    """`halles serve` of that package in an empty home, with no program of the system within reach."""
    settings = {"PYTHONPATH": str(package), "HALLES_HOME": str(tmp_path / "home"), "PATH": str(tmp_path)}
    begin = "import halles; print(halles.__file__); from halles.cli import app; app()"
    server = subprocess.Popen(
        [sys.executable, "-c", begin, "serve", "--port", "0"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("HALLES_")} | settings,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline().startswith(str(package)), "it is the package that serves"
        address = server.stdout.readline().split("listens on ")[1].split()[0]
        with httpx.Client(base_url=address) as client:
            yield client
    finally:
        server.terminate()
        server.wait(30)


def test_the_package_serves_the_web_application(package: Path, served: httpx.Client) -> None:
    page = served.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    for script in re.findall(r'(?:src|href)="(/assets/[^"]+\.js)"', page.text):
        assert served.get(script).headers["content-type"].startswith("text/javascript")
    assert _files(package / "halles/api/static") == _files(ROOT / "src/halles/api/static"), (
        "all that was built, fonts and pictures too"
    )


def test_no_package_is_built_without_it(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "src/halles/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    told = subprocess.run(
        [UV, "build", "--out-dir", tmp_path / "dist", tmp_path], capture_output=True, text=True, check=False
    )
    assert told.returncode
    assert "run `make web` first" in told.stderr


def _files(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
