"""Stage `evaluate`: the figures of predictions of clips by heads that did not learn from them.

Usage: python training/music_style/measure.py [--trained out/train] [--out out/evaluation]

Writes `metrics.json`, `predictions.csv` (each clip by the heads of the other folds, as `halles models push` takes it),
and what is drawn: `confusion.csv`, `reliability.csv`, `learning.csv`.
"""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import metrics
import numpy as np
from data import write_table
from heads import softmax
from settings import PROJECT
from train import Predictions


def sets_of(trained: Path) -> dict[str, Predictions]:
    """What is heard: all clips by folds, each data set of them alone, and the official validation split."""
    folds = Predictions.read(trained / "folds.npz")
    found = {"folds": folds}
    emotify = folds.split == "emotify"
    if emotify.any() and not emotify.all():
        found |= {"folds, GTZAN": folds[~emotify], "folds, Emotify": folds[emotify]}
    if (trained / "valid.npz").exists():
        found["official validation"] = Predictions.read(trained / "valid.npz")
    return found


def seen_in(trained: Path) -> dict[str, Predictions]:
    """What is seen: the same of spectrograms, where there are any."""
    files = {"spectrograms, folds": "sight_folds.npz", "spectrograms, official validation": "sight_valid.npz"}
    return {name: Predictions.read(trained / file) for name, file in files.items() if (trained / file).exists()}


def figures(predictions: Predictions, heads: dict[str, np.ndarray]) -> dict[str, Any]:
    """All figures of a set, and how many of its clips the model is sure of."""
    probabilities = softmax(heads["scale"] * predictions.scores)
    report = metrics.report(probabilities, predictions.truth, predictions.track, heads["genres"].tolist())
    sure = probabilities.max(axis=1) >= heads["unsure_below"]
    right = probabilities.argmax(axis=1) == predictions.truth
    found = {"share": round(float(sure.mean()), 4)}
    return report | {"sure": found | ({"accuracy": round(float(right[sure].mean()), 4)} if sure.any() else {})}


def write_predictions(path: Path, predictions: Predictions, heads: dict[str, np.ndarray]) -> None:
    """Write the probabilities of each clip."""
    genres = heads["genres"].tolist()
    probabilities = softmax(heads["scale"] * predictions.scores)
    rows: list[list[object]] = [
        [clip, track, genres[truth], *(f"{value:.6f}" for value in values)]
        for clip, track, truth, values in zip(
            predictions.clip, predictions.track, predictions.truth, probabilities, strict=True
        )
    ]
    write_table(path, ["file", "track", "genre", *genres], sorted(rows, key=lambda row: str(row[0])))


def write_drawn(out: Path, predictions: Predictions, heads: dict[str, np.ndarray]) -> None:
    """Write the tables of the confusion matrix and the reliability diagram."""
    genres = heads["genres"].tolist()
    probabilities = softmax(heads["scale"] * predictions.scores)
    said = probabilities.argmax(axis=1)
    pairs: list[list[object]] = [[genres[t], genres[s]] for t, s in zip(predictions.truth, said, strict=True)]
    write_table(out / "confusion.csv", ["true", "said"], pairs)
    rows: list[list[object]] = [list(row) for row in metrics.reliability(probabilities, predictions.truth)]
    write_table(out / "reliability.csv", ["confidence", "right", "clips"], rows)


def write(trained: Path, out: Path) -> dict[str, Any]:
    """Do the whole stage, and return the figures."""
    heads, sets = dict(np.load(trained / "heads.npz")), sets_of(trained)
    report = {name: figures(predictions, heads) for name, predictions in sets.items()}
    if drawn := seen_in(trained):
        sight = dict(np.load(trained / "sight.npz"))
        report |= {name: figures(predictions, sight) for name, predictions in drawn.items()}
    shown: dict[str, Any] = {
        name: {key: value for key, value in each.items() if key not in ("confusion", "classes")}
        for name, each in report.items()
    }
    if mood := json.loads((trained / "mood.json").read_text()):
        shown["mood, correlation on unseen artists"] = mood
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.json").write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")
    write_predictions(out / "predictions.csv", sets["folds"], heads)
    write_drawn(out, sets["folds"], heads)
    shutil.copyfile(trained / "learning.csv", out / "learning.csv")
    return shown


def main() -> None:
    """Read the scores, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, default=PROJECT / "out" / "train")
    parser.add_argument("--out", type=Path, default=PROJECT / "out" / "evaluation")
    arguments = parser.parse_args()
    for name, each in write(arguments.trained, arguments.out).items():
        if "accuracy" in each:
            low, high = each["accuracy"]["interval_95"]
            accuracy = f"{each['accuracy']['value']:.1%} ({low:.1%} to {high:.1%}) of {each['clips']} clips"
            print(f"{name}: {accuracy}, macro-F1 {each['macro_f1']['value']:.3f}, ECE {each['ece']['value']:.3f}")


if __name__ == "__main__":
    main()
