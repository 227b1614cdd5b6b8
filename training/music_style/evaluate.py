"""Measure the service's model on clips, or on spectrograms of which there is no audio.

Usage: python training/music_style/evaluate.py FOLDER --split valid --out out/evaluation
       python training/music_style/evaluate.py SET.npz --split valid --out out/evaluation

FOLDER has a `clips.csv` (file, genre; if known track, split), SET.npz is a set of spectrograms (`sight.py`). Writes
`metrics.json` (accuracy, macro-F1, ECE with 95 % intervals, recall of each class, confusion) and `predictions.csv`
(every clip with its probabilities). Clips that cannot be read are named, counted as `left_out`, and left out.
"""

import argparse
import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import metrics
import numpy as np
from progress import watched
from sight import SIGHT, BadSet, Drawn, Sight, read_set

from halles.sdk import Audio, InputRefused
from halles_services.music_style.classifier import MODEL, Classifier

Row = dict[str, str | float | bool]
SHOWN = ("clips", "left_out", "accuracy", "macro_f1", "ece", "recall", "sure")


def row(file: str, track: str, genre: str, probabilities: dict[str, float], unsure: bool) -> Row:
    """A line of the table."""
    said = max(probabilities, key=probabilities.__getitem__)
    rounded = {name: round(value, 6) for name, value in probabilities.items()}
    return {"file": file, "track": track, "genre": genre, "said": said, "unsure": unsure, **rounded}


def heard(model: Path, folder: Path, split: str | None) -> tuple[list[str], Iterator[Row | None]]:
    """Return the classes, and a row for each clip of a folder: none where it cannot be read."""
    classifier, table = Classifier(model), folder / "clips.csv"
    clips = [clip for clip in listed(table) if split in (None, clip.get("split"))]
    check_genres((clip["genre"] for clip in clips), classifier.genres, table)

    def answer(clip: dict[str, str]) -> Row | None:
        path = folder / clip["file"]
        try:
            impression = classifier(Audio(path).decode(classifier.rate))
        except (InputRefused, OSError) as error:
            print(f"left out: {clip['file']}: {error if path.exists() else 'there is no such file'}")
            return None
        track = clip.get("track") or clip["file"]
        return row(clip["file"], track, clip["genre"], impression.genres, impression.unsure)

    return classifier.genres, map(answer, watched(clips, "listening"))


def listed(table: Path) -> list[dict[str, str]]:
    """Return the rows of a `clips.csv`, with or without a byte order mark. Raises BadSet."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            clips = list(csv.DictReader(file))
    except FileNotFoundError as error:
        raise BadSet(f"{table.parent} has no clips.csv") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadSet(f"{table} is no table in UTF-8: {error}") from error
    if missing := {"file", "genre"} - set(clips[0] if clips else {"file", "genre"}):
        raise BadSet(f"{table} has no column {', '.join(sorted(missing))}")
    for line, clip in enumerate(clips, 2):
        if not clip["file"] or not clip["genre"]:
            raise BadSet(f"{table}, row {line}: file or genre is missing")
    return clips


def seen(model: Path, head: Path, path: Path, split: str | None) -> tuple[list[str], Iterator[Row]]:
    """Return the classes, and a row for each spectrogram of a set."""
    sight, drawn = Sight(model, head), read_set(path, split)
    check_genres((each.genre for each in drawn), sight.genres, path)

    def answer(each: Drawn) -> Row:
        probabilities, unsure = sight(each.pixels)
        named = dict(zip(sight.genres, probabilities.tolist(), strict=True))
        return row(each.name, each.name, each.genre, named, unsure)

    return sight.genres, map(answer, watched(drawn, "looking at spectrograms"))


def check_genres(there: Iterable[str], known: Sequence[str], where: Path) -> None:
    """Raise BadSet for genres that the model does not know."""
    if unknown := sorted(set(there) - set(known)):
        raise BadSet(f"{where} has genres that the model does not know: {', '.join(unknown)}")


def figures(predictions: list[Row], classes: list[str]) -> dict[str, object]:
    """Return the metrics of predictions; `sure` says how many were not unsure, and how many of those were right."""
    probabilities = np.array([[float(each[name]) for name in classes] for each in predictions])
    truth = np.array([classes.index(str(each["genre"])) for each in predictions])
    report = metrics.report(probabilities, truth, np.array([each["track"] for each in predictions]), classes)
    sure = np.array([not each["unsure"] for each in predictions])
    right = probabilities.argmax(axis=1) == truth
    return report | {
        "sure": {"share": float(sure.mean()), "accuracy": float(right[sure].mean()) if sure.any() else None}
    }


def write(out: Path, predictions: list[Row], report: dict[str, object]) -> None:
    """Write both files."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    with (out / "predictions.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, predictions[0])
        writer.writeheader()
        writer.writerows(predictions)


def main() -> None:
    """Read the clips, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path, metavar="FOLDER or SET.npz")
    parser.add_argument("--split", help="only the clips of this split")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--sight", type=Path, default=SIGHT, help="the head for spectrograms that goes with the model")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    where, split = arguments.clips, arguments.split
    if missing := [path for path in (where, arguments.model, arguments.sight) if not path.exists()]:
        parser.error(f"there is no {missing[0]}")
    try:
        if where.is_dir():
            classes, rows = heard(arguments.model, where, split)
        else:
            classes, rows = seen(arguments.model, arguments.sight, where, split)
    except BadSet as error:
        parser.error(str(error))
    answers = list(rows)
    predictions = [each for each in answers if each]
    if not predictions:
        parser.error(f"no readable clips{f' of split {split}' if split else ''} in {where}")
    report = figures(predictions, classes) | {"left_out": len(answers) - len(predictions)}
    write(arguments.out, predictions, report)
    print(json.dumps({name: report[name] for name in SHOWN}, indent=1))


if __name__ == "__main__":
    main()
