"""Stage `export`, second half: the card that goes with a version of the model into the registry.

Usage: python training/music_style/card.py [--out out/card.md]
"""

import argparse
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

from data import CLIPS, in_order, read_table
from settings import PARAMS, PROJECT


def card(out: Path, params: str) -> str:
    """What a version was made from, and how good it is on what it did not learn from."""
    data, evaluation, model = out / "data", out / "evaluation", out / "model.onnx"
    figures = json.loads((evaluation / "metrics.json").read_text())
    rows = read_table(data / CLIPS)
    genres = Counter(row["genre"] for row in rows)
    artists = len({row["artist"] for row in rows if row["artist"]})
    named = f", {artists} known artists" if artists else ""
    tracks = len({row["track"] for row in rows})
    listed, file = (hashlib.sha256(path.read_bytes()).hexdigest() for path in (data / CLIPS, model))
    parts = [
        "# music-style\n",
        f"Trained on {len(rows)} clips of {tracks} tracks{named}.",
        f"The list of their names and hashes has the sha256 `{listed}`, the model file `{file}`.\n",
        "Inside: musicnn by Jordi Pons (ISC licence) and YAMNet by Google (Apache-2.0).\n",
        "## On clips that it did not learn from\n",
        "Folds keep artists together, or tracks where none are known. In brackets: 95 % intervals.\n",
        "| measured on | clips | accuracy | macro-F1 | ECE |",
        "|---|---|---|---|---|",
        *(measured(name, each) for name, each in figures.items() if "accuracy" in each),
        "\n| genre | clips | recall |",
        "|---|---|---|",
        *(f"| {name} | {genres[name]} | {recall:.0%} |" for name, recall in recalls(figures["folds"])),
        "\nHow often clips of a genre (rows) were taken for each (columns):\n",
        *confusion(read_table(evaluation / "confusion.csv")),
        "\nHow often the model was right when it was so sure:\n",
        *calibration(read_table(evaluation / "reliability.csv")),
        "\n## Parameters\n",
        f"```yaml\n{params.strip()}\n```\n",
    ]  # fmt: skip
    return "\n".join(parts)


def measured(name: str, figures: dict[str, Any]) -> str:
    """A line of the table."""
    shown = [
        f"{figures[key]['value']:.3f} ({' – '.join(f'{end:.3f}' for end in figures[key]['interval_95'])})"
        for key in ("accuracy", "macro_f1", "ece")
    ]
    return f"| {name} | {figures['clips']} | {' | '.join(shown)} |"


def recalls(figures: dict[str, Any]) -> list[tuple[str, float]]:
    """Each genre with its recall."""
    return [(name, figures["recall"][name]) for name in in_order(set(figures["recall"]))]


def confusion(pairs: list[dict[str, str]]) -> list[str]:
    """The lines of the matrix."""
    counts = Counter((pair["true"], pair["said"]) for pair in pairs)
    genres = in_order({genre for pair in counts for genre in pair})
    return [
        f"| | {' | '.join(genres)} |",
        f"|---|{'---|' * len(genres)}",
        *(f"| {true} | {' | '.join(str(counts[true, said]) for said in genres)} |" for true in genres),
    ]


def calibration(bins: list[dict[str, str]]) -> list[str]:
    """The lines of the reliability diagram."""
    shown = [(float(each["confidence"]), float(each["right"]), each["clips"]) for each in bins]
    rows = [f"| {sure:.0%} | {right:.0%} | {clips} |" for sure, right, clips in shown]
    return ["| sure, on average | right | clips |", "|---|---|---|", *rows]


def main() -> None:
    """Read what the other stages made, write the card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PROJECT / "out" / "card.md")
    text = card(PROJECT / "out", PARAMS.read_text(encoding="utf-8"))
    parser.parse_args().out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
