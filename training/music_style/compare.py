"""Compare ways to tell genres: what each part of the training is worth.

Usage: python training/music_style/compare.py [--features out/features]
"""

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from heads import Ridge, softmax
from metrics import accuracy
from musicnn import EMBEDDING
from settings import PROJECT, Train, read_settings
from tables import Lessons
from train import Fit, Predictions, cross_validate, fit_genres, validate


def hearing_only(lessons: Lessons, how: Train, penalty: float, columns: int) -> Ridge:
    """Learn from audio alone."""
    nothing = np.array([], int)
    audio = replace(lessons, spectra=lessons.spectra[nothing], pairs=lessons.pairs[nothing])
    return fit_genres(audio, how.model_copy(update={"penalty": penalty}), columns)


def held_down(lessons: Lessons, how: Train, penalty: float) -> Ridge:
    """Learn with another penalty."""
    return fit_genres(lessons, how.model_copy(update={"penalty": penalty}))


def half_the_pairs(lessons: Lessons, how: Train) -> Ridge:
    """Learn the translation of spectrograms from every other pair."""
    return fit_genres(replace(lessons, pairs=lessons.pairs[np.arange(0, len(lessons.pairs.fold), 2)]), how)


def without(split: str, lessons: Lessons, how: Train) -> Ridge:
    """Learn nothing from one part of the data."""
    return fit_genres(lessons.keep(lambda table: table.split != split), how)


VARIANTS: dict[str, Fit] = {
    "audio, penalty 0.1": partial(hearing_only, penalty=0.1, columns=250),
    "audio, penalty 1": partial(hearing_only, penalty=1, columns=250),
    "audio, MSD and MTT, penalty 0.1": partial(hearing_only, penalty=0.1, columns=len(EMBEDDING)),
    "audio, MSD and MTT, penalty 1": partial(hearing_only, penalty=1, columns=len(EMBEDDING)),
    "audio and spectrograms, as chosen": fit_genres,
    "audio and spectrograms, penalty 1": partial(held_down, penalty=1),
    "audio and spectrograms, half the pairs": half_the_pairs,
    "audio and spectrograms, without noise": partial(without, "noise"),
    "audio and spectrograms, without Emotify": partial(without, "emotify"),
}


def main() -> None:
    """Print a table of accuracies: official validation, folds of GTZAN, folds of Emotify."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", type=Path, default=PROJECT / "out" / "features")
    lessons, how = Lessons.read(parser.parse_args().features), read_settings().train
    print("| learned from | validation | folds, GTZAN | folds, Emotify |\n|---|---|---|---|")
    for name, fit in VARIANTS.items():
        folds = cross_validate(lessons, how, fit)
        emotify = folds.split == "emotify"
        parts: list[Predictions] = [validate(lessons, how, fit), folds[~emotify], folds[emotify]]
        figures = [f"{100 * accuracy(softmax(part.scores), part.truth):.1f}" for part in parts]
        print(f"| {name} | {' | '.join(figures)} |", flush=True)


if __name__ == "__main__":
    main()
