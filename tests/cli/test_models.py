"""Trained models from the command line, with the real service of a registered model."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from halles.main import Market
from halles.registry.evaluation import figures, read_predictions
from halles.sdk import Audio, Context
from halles_services.music_style.classifier import MODEL, PREDICTIONS
from tests.cli.conftest import Halles
from tests.trained import files


@pytest.fixture
def version(tmp_path: Path):
    """The arguments that push a version of the real model, so good on its clips."""

    def arguments(name: str, accuracy: float, **said) -> list[str | Path]:
        folder = tmp_path / name
        # A field that onnxruntime does not read, at the end: another model that says the same.
        note = b"\x0a\x04note\x12" + bytes([len(name)]) + name.encode()
        files(folder, accuracy, **said)
        (folder / "model.onnx").write_bytes(MODEL.read_bytes() + b"\x72" + bytes([len(note)]) + note)
        return [
            "music-style", folder / "model.onnx", "--evaluation", folder, "--card", folder / "card.md",
            "--params", folder / "params.yaml", "--data", "sha of data", "--code", folder / "params.yaml", "--note", name,
        ]  # fmt: skip

    return arguments


@pytest.mark.models
def test_from_push_to_rollback(halles: Halles, version) -> None:
    assert "built-in" in halles("models", "list").output
    own = figures(read_predictions(PREDICTIONS.read_text()))
    assert re.search(
        rf"music-style@built-in +production +{own.accuracy:.1%} .* {own.clips} ",
        halles("models", "show", "music-style").output,
    )
    assert "music-style@1: accuracy 60.0%" in halles("models", "push", *version("first", 0.6)).output
    assert (
        "music-style@1 is in production; music-style@built-in was" in halles("models", "promote", "music-style").output
    )
    halles("models", "push", *version("worse", 0.55))
    refused = halles("models", "promote", "music-style")
    assert refused.exit_code == 3
    assert "`music-style@2` is not promoted" in refused.stderr
    assert "It is not better" in refused.stderr
    halles("models", "push", *version("better", 0.8))
    assert halles("models", "promote", "music-style", "--reason", "better").exit_code == 0
    standing = json.loads(halles("models", "list", "--json").stdout)
    assert standing == [{"model": "music-style", "production": 3, "candidate": 0, "versions": 3}]
    difference = json.loads(halles("models", "diff", "music-style", "1", "production", "--json").stdout)
    assert difference["figures"]["accuracy"] == {"old": 0.6, "new": 0.8}
    assert difference["changed"] == ["code", "params"]
    back = halles("models", "rollback", "music-style", "--reason", "complaints").output
    assert "music-style@1 is in production again, in the place of music-style@3" in back
    shown = halles("models", "show", "music-style").output
    assert "rolled back" in shown
    assert "complaints" in shown
    assert "The card of" in halles("models", "show", "music-style@3").output
    actions = [(each.action, each.object, each.outcome) for each in Market().audit.query()]
    assert actions[0] == ("halles models rollback", "music-style@1", 0)
    assert ("halles models promote", "music-style: gate-refused", 3) in actions


@pytest.mark.models
def test_the_model_that_ships_does_not_take_the_place_of_itself(halles: Halles, version, tmp_path: Path) -> None:
    pushed = version("again", 0.6)
    shutil.copyfile(PREDICTIONS, tmp_path / "again" / "predictions.csv")
    halles("models", "push", *pushed)
    refused = halles("models", "promote", "music-style")
    assert refused.exit_code == 3
    assert "0 clips are won, 0 lost. It is not better." in refused.stderr


@pytest.mark.models
def test_other_sounds_than_those_of_the_training_are_said_to_be_drift(halles: Halles) -> None:
    """Noise, where music was learned from: the sound and the answers change, and the command says how much."""
    service, chance = Market().services.load("music-style"), np.random.default_rng(0)
    for _ in range(60):
        noise = Audio.encode(chance.normal(0, 0.3, 16000 * 2).astype(np.float32), 16000)
        service.run({"song": noise}, {}, Context())
    said = halles("models", "drift", "music-style").stdout
    assert "music-style@built-in, the newest 60 calls, since" in said
    assert "The calls are not what it was trained on" in said
    line = next(line for line in said.splitlines() if line.startswith("noisiness"))
    assert "has drifted" in line and "over -7.89: 10% → 100%" in line
    report = json.loads(halles("models", "drift", "music-style@built-in", "--json").stdout)
    assert (report["verdict"], report["calls"]) == ("drifted", 60)
    assert {each["trait"] for each in report["traits"]} == {
        "genre", "sureness", "loudness", "brightness", "noisiness"
    }  # fmt: skip


@pytest.mark.models
def test_a_file_that_is_no_model_is_refused(halles: Halles, version, tmp_path: Path) -> None:
    arguments = version("broken", 0.6)
    (tmp_path / "broken/model.onnx").write_bytes(b"no model")
    refused = halles("models", "push", *arguments)
    assert refused.exit_code == 3
    assert "`music-style` cannot use `model.onnx`" in refused.stderr


def test_without_predictions_nothing_is_pushed(halles: Halles, version, tmp_path: Path) -> None:
    arguments = version("first", 0.6)
    (tmp_path / "first/predictions.csv").unlink()
    refused = halles("models", "push", *arguments)
    assert refused.exit_code == 3
    assert "has no `predictions.csv`" in refused.stderr


def test_a_misspelt_model_is_said(halles: Halles) -> None:
    refused = halles("models", "show", "music-stile")
    assert refused.exit_code == 3
    assert "There is no model `music-stile`" in refused.stderr
    assert "`music-style`" in refused.stderr
