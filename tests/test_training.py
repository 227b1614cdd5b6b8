"""The project that trains the music-style model, as far as it can be looked at without training."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[1] / "training" / "music_style"
STAGES: dict[str, dict[str, Any]] = yaml.safe_load((PROJECT / "dvc.yaml").read_text())["stages"]
PARAMS: dict[str, dict[str, Any]] = yaml.safe_load((PROJECT / "params.yaml").read_text())


def outputs(stage: dict[str, Any]) -> list[str]:
    return [out for kind in ("outs", "metrics", "plots") for out in stage.get(kind, ())]


def test_the_stages_lead_from_data_to_a_model() -> None:
    assert [name for name in STAGES if name != "baseline"] == ["data", "features", "train", "evaluate", "export"]


@pytest.mark.parametrize("name", STAGES)
def test_what_a_stage_depends_on_is_a_file_or_comes_from_a_stage(name: str) -> None:
    made = [out for stage in STAGES.values() for out in outputs(stage)]
    code = [dep for dep in STAGES[name]["deps"] if not dep.startswith(("out/", "${"))]
    assert [dep for dep in code if not (PROJECT / dep).exists()] == []
    needed = [dep for dep in STAGES[name]["deps"] if dep.startswith("out/")]
    assert [dep for dep in needed if not any(dep == out or dep.startswith(f"{out}/") for out in made)] == []


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_the_code_of_its_own_modules(name: str) -> None:
    """Else a change of it would go unnoticed. What only tells, keeps and reads parameters changes no result."""
    aside = {"progress.py", "settings.py", "kept.py"}
    command = STAGES[name]["cmd"]
    scripts = {word for line in ([command] if isinstance(command, str) else command) for word in line.split()[1:2]}
    needed, todo = set[str](), sorted(scripts)
    while todo:
        script = todo.pop()
        if script not in needed:
            needed.add(script)
            imports = re.findall(r"^(?:from|import) (\w+)", (PROJECT / script).read_text(), re.MULTILINE)
            todo += [f"{module}.py" for module in imports if (PROJECT / f"{module}.py").exists()]
    assert needed - aside - set(STAGES[name]["deps"]) == set()


@pytest.mark.parametrize(
    ("stage", "made"),
    [
        ("export", "out/model.onnx"),
        ("evaluate", "out/evaluation/predictions.csv"),
        ("baseline", "out/evaluation/baseline.json"),
    ],
)
def test_the_model_that_ships_is_the_one_that_the_lock_describes(stage: str, made: str) -> None:
    """Whoever ships another one trains it by `make train`, and commits dvc.lock and params.yaml with it."""
    outs = yaml.safe_load((PROJECT / "dvc.lock").read_text())["stages"][stage]["outs"]
    (locked,) = [out["md5"] for out in outs if out["path"] == made]
    shipped = PROJECT.parents[1] / "src" / "halles_services" / "music_style" / Path(made).name
    assert hashlib.md5(shipped.read_bytes(), usedforsecurity=False).hexdigest() == locked


@pytest.mark.parametrize(("target", "name"), [("train", "NOTE"), ("register", "NOTE"), ("promote", "REASON")])
def test_a_reason_is_no_command(target: str, name: str) -> None:
    """Whoever starts the workflow by hand may write anything there."""
    said = {name: 'a "reason" `touch one` $(touch two) ; touch three'}
    told = subprocess.run(
        ["make", "--dry-run", "--always-make", target], cwd=PROJECT.parents[1], env=os.environ | said,
        stdout=subprocess.PIPE, text=True, check=True,
    ).stdout  # fmt: skip
    assert f'"${name}"' in told
    assert "touch one" not in told


def test_every_parameter_is_used() -> None:
    code = "\n".join(path.read_text() for path in PROJECT.glob("*.py") if path.name != "settings.py")
    names = [name for section in PARAMS.values() for name in section if name != "source"]
    assert [name for name in names if not re.search(rf"\.{name}\b", code)] == []


def test_every_section_of_parameters_belongs_to_a_stage() -> None:
    used = {section for stage in STAGES.values() for section in stage.get("params", ())}
    assert used == set(PARAMS)


def test_a_sweep_tries_parameters_that_there_are() -> None:
    sweep = yaml.safe_load((PROJECT / "sweep.yaml").read_text())
    assert {name.split(".")[0] for name in sweep["parameters"]} == {"train"}
    assert {name.split(".")[1] for name in sweep["parameters"]} <= set(PARAMS["train"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ((PROJECT / "params.yaml").read_bytes().replace(b"  penalty:", b"  penlaty:", 1), "train.penlaty"),
        (b"train: [", "params.yaml is no YAML in UTF-8"),
        (b"\xff\xfe\x00", "params.yaml is no YAML in UTF-8"),
        (None, "There is no "),
    ],
    ids=["misspelt", "cut off", "binary", "missing"],
)
def test_parameters_that_cannot_be_read_are_told_in_words(tmp_path: Path, content: bytes | None, said: str) -> None:
    wrong = tmp_path / "params.yaml"
    if content is not None:
        wrong.write_bytes(content)
    code = f"from pathlib import Path; from settings import read_settings; read_settings(Path({str(wrong)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode
    assert said in done.stderr
    assert "Traceback" not in done.stderr
