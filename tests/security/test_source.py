"""What the source must not have: ways from data to code."""

import ast
from pathlib import Path

import pytest
import yaml

from halles.engine.read import _Loader

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
"""What they read can run code."""
CALLS = {"eval", "exec", "compile", "__import__"}
OTHERS = {
    ("yaml", "unsafe_load"), ("yaml", "full_load"), ("torch", "load"), ("os", "system"), ("os", "popen"), ("tempfile", "mktemp"),
}  # fmt: skip


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def calls(tree: ast.AST) -> list[tuple[str, str, str]]:
    """Module, function and options of each call."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            options = ", ".join(f"{keyword.arg}={ast.unparse(keyword.value)}" for keyword in node.keywords)
            if isinstance(node.func, ast.Name):
                found.append(("", node.func.id, options))
            elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                found.append((node.func.value.id, node.func.attr, options))
    return found


def test_there_is_something_to_look_at():
    assert len(SOURCES) > 100


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT / "src")))
def test_no_data_becomes_code(file):
    tree = ast.parse(file.read_text())
    assert imports(tree) & MODULES == set()
    for module, name, options in calls(tree):
        assert (module, name) not in OTHERS
        assert module or name not in CALLS
        assert (module, name) != ("yaml", "load") or options == "Loader=_Loader"
        assert name != "load" or "allow_pickle=True" not in options
        assert "shell=True" not in options


def test_the_loader_of_yaml_makes_plain_data_only():
    assert issubclass(_Loader, yaml.SafeLoader | yaml.CSafeLoader)
