"""Stage `baseline`: what the training was like, so that a server can tell when it is asked about other music.

Usage: python training/music_style/baseline.py [--data out/data] [--predictions out/evaluation/predictions.csv]
       [--out out/evaluation/baseline.json]

The sound of a clip is measured as the service measures it; the answers are those of heads that did not learn from it.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from halles.registry.drift import baseline
from halles.registry.evaluation import read_predictions
from halles.sdk import Audio
from halles_services.music_style.service import TEMPO_SECONDS, middle
from halles_services.music_style.traits import of_answer, of_sound

RATE = 16000
"""Of the audio that the model hears."""
PROJECT = Path(__file__).parent


def rows(data: Path, predictions: Path) -> Iterator[Mapping[str, str | float]]:
    """What the service would have observed of each clip."""
    with (data / "clips.csv").open(newline="", encoding="utf-8") as table:
        files = {row["file"] for row in csv.DictReader(table)}
    for each in read_predictions(predictions.read_text(encoding="utf-8")):
        if each.clip in files:
            heard = middle(Audio(data / each.clip).decode(RATE), TEMPO_SECONDS * RATE)
            yield of_sound(heard, RATE) | of_answer(each.scores)


def main() -> None:
    """Write the baseline."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=PROJECT / "out" / "data")
    parser.add_argument("--predictions", type=Path, default=PROJECT / "out" / "evaluation" / "predictions.csv")
    parser.add_argument("--out", type=Path, default=PROJECT / "out" / "evaluation" / "baseline.json")
    arguments = parser.parse_args()
    found = baseline(list(rows(arguments.data, arguments.predictions)))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(found.model_dump_json(indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
