"""Compare ways to tell genres: what each part of the training is worth.

Usage: python training/music_style/compare.py [--features out/features]
"""

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import yamnet
from genres import GenreHead, fit_hearing
from metrics import accuracy
from settings import PROJECT, Train, read_settings
from tables import Lessons, Table
from train import Fit, Predictions, cross_validate, validate


def rows(lessons: Lessons, table: str, chosen: slice) -> Lessons:
    """Keep some rows of one table."""
    kept: Table = getattr(lessons, table)
    return replace(lessons, **{table: kept[np.arange(len(kept.fold))[chosen]]})


def changed(lessons: Lessons, how: Train, **values: object) -> GenreHead:
    """Learn with other parameters."""
    return fit_hearing(lessons, how.model_copy(update=values))


def without_rows(table: str, chosen: slice, lessons: Lessons, how: Train) -> GenreHead:
    """Learn from fewer rows of one table."""
    return fit_hearing(rows(lessons, table, chosen), how)


def without_split(split: str, lessons: Lessons, how: Train) -> GenreHead:
    """Learn nothing from one part of the data."""
    return fit_hearing(lessons.keep(lambda table: table.split != split), how)


def without_yamnet(lessons: Lessons, how: Train) -> GenreHead:
    """Learn from what musicnn hears alone."""

    def deaf(columns: np.ndarray) -> np.ndarray:
        return np.hstack([columns[:, : -yamnet.UNITS], np.zeros_like(columns[:, -yamnet.UNITS :])])

    tables = {name: getattr(lessons, name) for name in ("audio", "spectra", "pairs")}
    less = {name: replace(table, embedding=deaf(table.embedding)) for name, table in tables.items()}
    less["pairs"] = replace(less["pairs"], estimate=deaf(lessons.pairs.estimate))
    return fit_hearing(replace(lessons, **less), how)


VARIANTS: dict[str, Fit] = {
    "as chosen": fit_hearing,
    "penalty 0.01": partial(changed, penalty=0.01),
    "penalty 0.1": partial(changed, penalty=0.1),
    "48 directions": partial(changed, directions=48),
    "192 directions": partial(changed, directions=192),
    "without YAMNet": without_yamnet,
    "without spectrograms": partial(without_rows, "spectra", slice(0)),
    "with half the pairs": partial(without_rows, "pairs", slice(None, None, 2)),
    "without noise": partial(without_split, "noise"),
    "without Emotify": partial(without_split, "emotify"),
}


def main() -> None:
    """Print a table of accuracies: official validation, folds of GTZAN, folds of Emotify."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", type=Path, default=PROJECT / "out" / "features")
    lessons, how = Lessons.read(parser.parse_args().features), read_settings().train
    print("| learned | validation | folds, GTZAN | folds, Emotify |\n|---|---|---|---|")
    for name, fit in VARIANTS.items():
        folds = cross_validate(lessons, how, fit)
        emotify = folds.split == "emotify"
        parts: list[Predictions] = [validate(lessons, how, fit), folds[~emotify], folds[emotify]]
        figures = [f"{100 * accuracy(part.scores, part.truth):.1f}" for part in parts]
        print(f"| {name} | {' | '.join(figures)} |", flush=True)


if __name__ == "__main__":
    main()
