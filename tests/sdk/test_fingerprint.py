"""A service is itself only as long as nothing that it is made of changes."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from halles.sdk.service import fingerprint

FILES = {
    "shop/__init__.py": "",
    "shop/singing/__init__.py": "",
    "shop/singing/service.py": """
from shop.shared import (
    first,
    tables,
)
from ..shared.relative import help

def run(text: str) -> str:
    import shop.shared.late
    return text
""",
    "shop/singing/head.npy": "numbers",
    "shop/singing/card.md": "# Card",
    "shop/shared/__init__.py": "",
    "shop/shared/first.py": "from shop.shared import indirect",
    "shop/shared/indirect.py": "",
    "shop/shared/tables.py": "",
    "shop/shared/tables.csv": "a,b",
    "shop/shared/relative.py": "def help(): pass",
    "shop/shared/late.py": "",
    "shop/shared/unrelated.py": "",
    "shop/dancing/service.py": "",
    "shop/small.py": "def run(text: str) -> str: return text",
    "shop/broken.py": "this is no Python",
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


def service(module: str) -> Callable[..., str]:
    function: Callable[..., str] = importlib.import_module(module).run
    return function


def change(file: Path) -> None:
    before = file.stat().st_mtime_ns
    file.write_text(file.read_text() + "\n#")
    os.utime(file, ns=(before + 1, before + 1))


def test_it_stays_the_same_when_nothing_changes(shop: Path) -> None:
    assert fingerprint(service("shop.singing.service")) == fingerprint(service("shop.singing.service")) != ""


@pytest.mark.parametrize(
    "name",
    [
        "singing/service.py", "singing/head.npy", "shared/first.py", "shared/indirect.py", "shared/tables.py",
        "shared/tables.csv", "shared/relative.py", "shared/late.py", "shared/__init__.py",
    ],
)  # fmt: skip
def test_it_changes_with_all_that_the_service_is_made_of(shop: Path, name: str) -> None:
    before = fingerprint(service("shop.singing.service"))
    change(shop / "shop" / name)
    assert fingerprint(service("shop.singing.service")) != before


@pytest.mark.parametrize(
    "name", ["singing/card.md", "shared/unrelated.py", "dancing/service.py", "small.py", "broken.py"]
)
def test_it_does_not_change_with_anything_else(shop: Path, name: str) -> None:
    before = fingerprint(service("shop.singing.service"))
    change(shop / "shop" / name)
    assert fingerprint(service("shop.singing.service")) == before


def test_a_new_file_in_its_folder_changes_it(shop: Path) -> None:
    before = fingerprint(service("shop.singing.service"))
    (shop / "shop/singing/tail.npy").write_text("more")
    assert fingerprint(service("shop.singing.service")) != before


def test_a_module_that_is_not_called_service_owns_itself_alone(shop: Path) -> None:
    before = fingerprint(service("shop.small"))
    change(shop / "shop/singing/service.py")
    assert fingerprint(service("shop.small")) == before
    change(shop / "shop/small.py")
    assert fingerprint(service("shop.small")) != before


def test_where_it_is_installed_does_not_matter(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(service("shop.singing.service"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (shop / "shop").rename(elsewhere / "shop")
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]
    monkeypatch.syspath_prepend(str(elsewhere))
    assert fingerprint(service("shop.singing.service")) == before
