"""What is kept of a run: locally, with Weights & Biases, and in the report."""

import json
import re
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.mlops.project import Project

pytestmark = pytest.mark.models


BLOCK, HEADER = 32_768, 7
"""An offline run is a log in blocks, as LevelDB writes it: checksum, length and kind before each piece of a record."""
WHOLE, LAST = 1, 4


def offline_run(folder: Path) -> list[Any]:
    """All records of the one offline run in a folder."""
    from wandb.proto import wandb_internal_pb2

    (file,) = folder.glob("wandb/offline-run-*/*.wandb")
    content, place, records, pieces = file.read_bytes(), HEADER, [], b""
    while place + HEADER <= len(content):
        if BLOCK - place % BLOCK < HEADER:
            place += BLOCK - place % BLOCK
            continue
        length, kind = struct.unpack("<xxxxHB", content[place : place + HEADER])
        pieces += content[place + HEADER : place + HEADER + length]
        place += HEADER + length
        if kind in (WHOLE, LAST):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(pieces)
            records.append(record)
            pieces = b""
    return records


class TestWeightsAndBiases:
    @pytest.fixture
    def records(self, project: Project, tmp_path: Path) -> list[Any]:
        place = {"WANDB_DATA_DIR": str(tmp_path), "WANDB_CACHE_DIR": str(tmp_path)}
        assert "tracked offline" in project.python("track.py", "--note", "first", **place)
        return offline_run(project.folder / "runs")

    def test_a_run_has_parameters_and_figures(self, project: Project, records: list[Any]) -> None:
        (run,) = [each.run for each in records if each.HasField("run")]
        config = {item.key: json.loads(item.value_json) for item in run.config.update}
        assert config["train"]["penalty"] == 0.03
        assert len(config["data_sha256"]) == 64
        figures = json.loads((project.out / "evaluation" / "metrics.json").read_text())["folds"]
        summary = {
            item.key or "/".join(item.nested_key): item.value_json
            for each in records if each.HasField("summary") for item in each.summary.update
        }  # fmt: skip
        assert json.loads(summary["folds/accuracy"]) == figures["accuracy"]["value"]

    def test_the_model_and_its_predictions_are_an_artifact(self, project: Project, records: list[Any]) -> None:
        (model,) = [each.artifact for each in records if each.HasField("artifact") and each.artifact.type == "model"]
        files = {entry.path: entry for entry in model.manifest.contents}
        assert model.name == "music-style"
        assert {"model.onnx", "metrics.json", "predictions.csv"} <= set(files)
        assert files["model.onnx"].size == (project.out / "model.onnx").stat().st_size

    def test_without_it_training_works_and_says_that_nothing_is_tracked(self, project: Project, tmp_path: Path) -> None:
        (tmp_path / "wandb.py").write_text("raise ImportError('not installed')\n")
        printed = project.python("track.py", PYTHONPATH=str(tmp_path))
        assert "not tracked: wandb is not installed" in printed
        assert "kept in runs/" in printed

    @pytest.mark.parametrize(
        ("key", "why"), [("0" * 40, "Failed to"), ("short", "API key must have 40")], ids=["no server", "a wrong key"]
    )
    def test_a_run_that_is_not_taken_is_tracked_offline_and_fails_no_training(
        self, project: Project, key: str, why: str
    ) -> None:
        online = {"WANDB_API_KEY": key, "WANDB_BASE_URL": "http://127.0.0.1:9", "WANDB_INIT_TIMEOUT": "2"}
        printed = project.python("track.py", **online)
        assert re.search(rf"not tracked online \(.*{why}.*\), but tracked offline", printed)
        assert offline_run(project.folder / "runs")


class TestRuns:
    def test_the_same_training_is_kept_once(self, project: Project) -> None:
        for _ in range(2):
            project.python("track.py", WANDB_MODE="disabled")
        assert len(list((project.folder / "runs").glob("*/run.json"))) == 1

    def test_a_sweep_tries_each_combination_once_and_says_which_is_best(self, project: Project) -> None:
        file = project.folder / "sweep.yaml"
        sweep = yaml.safe_load(file.read_text())
        sweep["parameters"] = {"train.penalty": {"values": [0.01, 0.03, 0.1]}}
        file.write_text(yaml.safe_dump(sweep))
        first = project.python("sweep.py", WANDB_MODE="disabled")
        assert len(set(re.findall(r"^Run (\w+)", first, re.MULTILINE))) == 3
        again = project.python("sweep.py", WANDB_MODE="disabled")
        assert "Run " not in again
        assert again.strip() == first[first.index("folds/accuracy") :].strip()

    def test_a_trial_of_a_parameter_that_is_none_is_refused(self, project: Project) -> None:
        assert "`train.depth` is no parameter" in project.python("trial.py", "--train.depth=3", check=False)

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            (["--train.penalty", "3"], "`--train.penalty` gives no number. Say it in one word"),
            (["--train.penalty=much"], "`--train.penalty=much` gives no number"),
            (["--train.penalty=-1"], "train.penalty: Input should be greater than 0"),
        ],
        ids=["two words", "no number", "a value that cannot be"],
    )
    def test_a_trial_that_is_not_said_right_is_refused_in_a_line(
        self, project: Project, arguments: list[str], why: str
    ) -> None:
        printed = project.python("trial.py", *arguments, check=False)
        assert why in printed
        assert len(printed.splitlines()) == 1


class TestReport:
    @pytest.fixture(scope="class")
    def compared(self, trained: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
        """A project with two runs and both reports. Not to be changed."""
        project = trained.copy(tmp_path_factory.mktemp("compared") / "copy")
        project.python("track.py", "--note", "first", WANDB_MODE="disabled")
        served = project.root / "served.csv"
        shutil.copyfile(project.out / "evaluation" / "predictions.csv", served)
        project.set("train", penalty=1e6)
        project.dvc("repro")
        project.python("track.py", "--note", "held down", WANDB_MODE="disabled")
        project.python("report.py", "--production", str(served))
        return project

    def test_both_runs_stand_beside_each_other_with_what_differs(self, compared: Project) -> None:
        html = (compared.out / "report.html").read_text()
        assert "train.penalty" in html
        assert "train.mood_penalty" not in html
        assert "held down" in html

    def test_a_training_that_says_what_production_says_is_nothing_to_promote(self, project: Project) -> None:
        project.python("report.py", "--production", str(project.out / "evaluation" / "predictions.csv"))
        text = (project.out / "report.md").read_text()
        assert "there is nothing to promote" in text
        assert "the gate" not in text

    def test_a_training_that_nobody_kept_is_what_the_report_is_about(self, project: Project) -> None:
        """As after `dvc repro`, though a trial is newer."""
        project.python("trial.py", "--train.penalty=0.5", WANDB_MODE="disabled")
        project.python("report.py", HALLES_HOME=str(project.root / "home"))
        first = re.findall(r"<h1>Run (\w+)</h1>", (project.out / "report.html").read_text())[0]
        run = json.loads((project.folder / "runs" / first / "run.json").read_text())
        assert run["params"]["train"]["penalty"] == 0.03

    def test_the_page_asks_no_other_host(self, compared: Project) -> None:
        html = (compared.out / "report.html").read_text()
        assert re.findall(r"(?:src|href)=|url\(|@import|https?://", html) == []

    def test_the_text_says_what_the_gate_would_say(self, compared: Project) -> None:
        text = (compared.out / "report.md").read_text()
        assert "**does not pass** the gate" in text
        assert "too few to tell which is better" in text
        assert "| Accuracy |" in text
