"""Measure the service's model on a folder of clips with a `clips.csv` (file, track, genre, seconds, split).

Usage: python training/music_style/evaluate.py FOLDER --split valid --out out/music-style/evaluation

Writes `metrics.json` (accuracy, macro-F1, ECE with 95 % intervals, recall of each class, confusion) and
`predictions.csv` (every clip with its probabilities). Clips that cannot be read are named and left out.
"""

import argparse
import csv
import json
from pathlib import Path

import metrics
import numpy as np
from data import read_table

from halles.sdk import Audio, InputRefused
from halles_services.music_style.classifier import MODEL, Classifier

Row = dict[str, str | float | bool]


def predict(classifier: Classifier, folder: Path, rows: list[dict[str, str]]) -> list[Row]:
    """Return a row for each clip that can be read."""
    predictions: list[Row] = []
    for row in rows:
        try:
            heard = classifier(Audio(folder / row["file"]).decode(classifier.rate))
        except (InputRefused, OSError) as error:
            print(f"left out: {row['file']}: {error}")
            continue
        said = max(heard.genres, key=heard.genres.__getitem__)
        probabilities = {genre: round(value, 6) for genre, value in heard.genres.items()}
        known: Row = {name: row[name] for name in ("file", "track", "genre")}
        predictions.append({**known, "said": said, "unsure": heard.unsure, **probabilities})
    return predictions


def figures(predictions: list[Row], classes: list[str]) -> dict[str, object]:
    """Return the metrics of predictions; `sure` says how many were not unsure, and how many of those were right."""
    probabilities = np.array([[float(row[name]) for name in classes] for row in predictions])
    truth = np.array([classes.index(str(row["genre"])) for row in predictions])
    report = metrics.report(probabilities, truth, np.array([row["track"] for row in predictions]), classes)
    sure = np.array([not row["unsure"] for row in predictions])
    right = probabilities.argmax(axis=1) == truth
    return report | {
        "sure": {"share": float(sure.mean()), "accuracy": float(right[sure].mean()) if sure.any() else None}
    }


def main() -> None:
    """Read the folder, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", help="only the clips of this split")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    rows = read_table(arguments.folder / "clips.csv")
    rows = [row for row in rows if arguments.split in (None, row["split"])]
    classifier = Classifier(arguments.model)
    if unknown := sorted({row["genre"] for row in rows} - set(classifier.genres)):
        parser.error(f"clips.csv has genres that the model does not know: {', '.join(unknown)}")
    predictions = predict(classifier, arguments.folder, rows)
    if not predictions:
        parser.error(f"no readable clips of split {arguments.split} in {arguments.folder}")
    report = figures(predictions, classifier.genres)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "metrics.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    with (arguments.out / "predictions.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, predictions[0])
        writer.writeheader()
        writer.writerows(predictions)
    print(
        json.dumps(
            {name: report[name] for name in ("clips", "accuracy", "macro_f1", "ece", "recall", "sure")}, indent=1
        )
    )


if __name__ == "__main__":
    main()
