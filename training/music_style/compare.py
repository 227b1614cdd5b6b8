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
from tables import Lessons
from train import Fit, Predictions, cross_validate, validate


def changed(lessons: Lessons, how: Train, **values: object) -> GenreHead:
    """Learn with other parameters."""
    return fit_hearing(lessons, how.model_copy(update=values))


def without_spectra(lessons: Lessons, how: Train) -> GenreHead:
    """Learn from audio alone."""
    return fit_hearing(replace(lessons, spectra=lessons.spectra[np.array([], int)]), how)


def with_half_the_pairs(lessons: Lessons, how: Train) -> GenreHead:
    """Learn the translation of spectrograms from every other pair."""
    half = lessons.pairs[np.arange(0, len(lessons.pairs.fold), 2)]
    return fit_hearing(replace(lessons, pairs=half), how)


def without_split(split: str, lessons: Lessons, how: Train) -> GenreHead:
    """Learn nothing from one part of the data."""
    return fit_hearing(lessons.keep(lambda table: table.split != split), how)


def without_yamnet(lessons: Lessons, how: Train) -> GenreHead:
    """Learn from what musicnn hears alone."""

    def deaf(columns: np.ndarray) -> np.ndarray:
        return np.hstack([columns[:, : -yamnet.UNITS], np.zeros_like(columns[:, -yamnet.UNITS :])])

    audio, spectra, pairs = lessons.audio, lessons.spectra, lessons.pairs
    less = replace(
        lessons,
        audio=replace(audio, embedding=deaf(audio.embedding)),
        spectra=replace(spectra, embedding=deaf(spectra.embedding)),
        pairs=replace(pairs, embedding=deaf(pairs.embedding), estimate=deaf(pairs.estimate)),
    )
    return fit_hearing(less, how)


VARIANTS: dict[str, Fit] = {
    "as chosen": fit_hearing,
    "penalty 0.01": partial(changed, penalty=0.01),
    "penalty 0.1": partial(changed, penalty=0.1),
    "48 directions": partial(changed, directions=48),
    "192 directions": partial(changed, directions=192),
    "without names": partial(changed, trust_in_names=0),
    "names trusted half as much": partial(changed, trust_in_names=1),
    "without YAMNet": without_yamnet,
    "without spectrograms": without_spectra,
    "with half the pairs": with_half_the_pairs,
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
