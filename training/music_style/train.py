"""Stage `train`: fit the heads, and predict tracks and artists that they did not see.

Usage: python training/music_style/train.py [--data out/data] [--features out/features] [--out out/train]
       [--hold-out valid]

Writes `heads.npz`; the scores of clips by heads that did not learn from them, `folds.npz` and, where there is an
official validation split, `valid.npz`; and `learning.csv`, the accuracy with a part of the tracks. Where there are
spectrograms, also `sight.npz`, the head for them, and its scores, `sight_folds.npz` and `sight_valid.npz`.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import metrics
import moods
import numpy as np
from data import FOLDS, read_feelings, write_table
from genres import GenreHead, SightHead, fit_hearing, fit_sight
from heads import best_scale, pooled, softmax
from musicnn import EMBEDDING
from settings import PROJECT, Train, read_settings
from tables import Excerpts, Lessons, Table

SOUND = PROJECT / "sound.npz"
"""The heads for mood and tags, for data of which nobody has said what was felt. A copy of `sound.npz` of the stage."""
LEAST_SURE, MOST_SURE = 0.2, 0.9

Head = GenreHead | SightHead
Fit = Callable[[Lessons, Train], Head]


@dataclass(frozen=True)
class Predictions(Table):
    """Scores of whole clips, before calibration."""

    scores: np.ndarray
    truth: np.ndarray
    track: np.ndarray
    clip: np.ndarray

    @classmethod
    def of(cls, head: Head, excerpts: Excerpts, genres: Sequence[str]) -> "Predictions":
        """Average the scores over the excerpts of each clip; noise has no true genre and is left out."""
        music = excerpts[excerpts.genre != ""]
        first, scores = pooled(head(music.embedding), music.clip)
        clips = music[first]
        truth = np.array([list(genres).index(genre) for genre in clips.genre])
        return cls(clips.fold, clips.split, scores, truth, clips.track, clips.clip)


def heard(lessons: Lessons) -> Excerpts:
    """What the model is measured on."""
    return lessons.audio


def seen(lessons: Lessons) -> Excerpts:
    """The same of spectrograms: each as a whole."""
    pictures = lessons.pictures
    return pictures[pictures.clip == pictures.track]


def cross_validate(
    lessons: Lessons, how: Train, fit: Fit = fit_hearing, of: Callable[[Lessons], Excerpts] = heard
) -> Predictions:
    """Predict each clip by a head that learned from nothing of its fold."""
    excerpts = of(lessons)

    def predict(fold: int) -> Predictions:
        head = fit(lessons.keep(lambda table: table.fold != fold), how)
        return Predictions.of(head, excerpts[excerpts.fold == fold], lessons.genres)

    music = excerpts.fold[excerpts.genre != ""]
    return Predictions.join([predict(fold) for fold in range(FOLDS) if fold in music])


def validate(
    lessons: Lessons, how: Train, fit: Fit = fit_hearing, of: Callable[[Lessons], Excerpts] = heard
) -> Predictions:
    """Predict the official validation clips by a head that learned from nothing of them."""
    excerpts = of(lessons)
    head = fit(lessons.keep(lambda table: table.split != "valid"), how)
    return Predictions.of(head, excerpts[excerpts.split == "valid"], lessons.genres)


def learning_curve(lessons: Lessons, how: Train, fit: Fit = fit_hearing) -> list[list[object]]:
    """Return the share and number of tracks learned from, and the accuracy on unseen clips and on the learned ones.

    Tracks are left out by a random order that stays the same, so that each share holds the smaller ones; noise stays.
    """
    music = lessons.audio.track[lessons.audio.genre != ""]
    names = np.unique(np.concatenate([music, lessons.spectra.track]))
    place = dict(zip(np.random.default_rng(0).permutation(names), np.arange(len(names)) / len(names), strict=True))

    def part(lessons: Lessons, share: float) -> Lessons:
        audio, spectra = (
            table[np.array([place.get(track, 0) < share for track in table.track], bool)]
            for table in (lessons.audio, lessons.spectra)
        )
        return replace(lessons, audio=audio, spectra=spectra)

    rows: list[list[object]] = []
    for share in how.shares:
        unseen = cross_validate(lessons, how, lambda seen, how, share=share: fit(part(seen, share), how))  # type: ignore[misc]
        learned = part(lessons, share)
        again = Predictions.of(fit(learned, how), learned.audio, lessons.genres)
        found = [metrics.accuracy(each.scores, each.truth) for each in (unseen, again)]
        rows.append([share, round(share * len(names)), *(round(value, 4) for value in found)])
    return rows


def unsure_below(predictions: Predictions, scale: float, sure_accuracy: float) -> float:
    """Return the least confidence above which so many answers are right."""
    probabilities = softmax(scale * predictions.scores)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == predictions.truth
    thresholds = [float(each) for each in np.arange(LEAST_SURE, MOST_SURE, 0.01) if (confidence >= each).any()]
    good = (each for each in thresholds if right[confidence >= each].mean() >= sure_accuracy)
    return round(next(good, MOST_SURE), 2)


def ordinary(excerpts: Excerpts) -> tuple[np.ndarray, np.ndarray]:
    """Return the level that a song exceeds as rarely as a tag is said (at least one in ten), and the songs' spread."""
    music = excerpts[excerpts.genre != ""]
    _, means = pooled(music.embedding[:, : len(EMBEDDING)], music.track)
    rate = np.clip((1 / (1 + np.exp(-means))).mean(axis=0), 0.1, 0.5)
    level = [np.quantile(column, 1 - share) for column, share in zip(means.T, rate, strict=True)]
    return np.array(level), means.std(axis=0)


def fit_sound(
    audio: Excerpts, feelings: dict[str, dict[str, float]], how: Train
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Return the arrays for mood and tags, and how well the mood of unseen artists was told."""
    if not feelings:
        print(f"Nobody has said what was felt in these clips: mood and tags are those of {SOUND.name}.")
        return dict(np.load(SOUND)), {}
    mood, figures = moods.fit(audio, feelings, how.mood_penalty)
    typical, spread = ordinary(audio)
    return {
        **{f"mood_{name}": value for name, value in vars(mood).items()},
        "typical": typical,
        "spread": spread,
    }, figures


def arrays(head: Head, lessons: Lessons, how: Train, folds: Predictions) -> dict[str, np.ndarray]:
    """Return what tells genres; `folds` are predictions of clips by heads that did not learn from them."""
    scale = best_scale(folds.scores, folds.truth)
    return head.arrays() | {
        "scale": np.array(scale),
        "unsure_below": np.array(unsure_below(folds, scale, how.sure_accuracy)),
        "genres": np.array(lessons.genres),
    }


def train_sight(lessons: Lessons, how: Train, out: Path) -> None:
    """Write the head for spectrograms, and its scores."""
    folds = cross_validate(lessons, how, fit_sight, seen)
    folds.write(out / "sight_folds.npz")
    if "valid" in lessons.pictures.split:
        validate(lessons, how, fit_sight, seen).write(out / "sight_valid.npz")
    found = arrays(fit_sight(lessons, how), lessons, how, folds)
    half = {name: value.astype(np.float16) if value.ndim == 2 else value for name, value in found.items()}
    np.savez(out / "sight.npz", allow_pickle=False, **half)


def write(data: Path, lessons: Lessons, out: Path, how: Train, *, curve: bool = True) -> None:
    """Do the whole stage; the learning curve takes most of its time."""
    out.mkdir(parents=True, exist_ok=True)
    sound, mood = fit_sound(lessons.audio, read_feelings(data), how)
    folds = cross_validate(lessons, how)
    folds.write(out / "folds.npz")
    if "valid" in lessons.audio.split:
        validate(lessons, how).write(out / "valid.npz")
    heads = arrays(fit_hearing(lessons, how), lessons, how, folds) | sound
    if len(lessons.pictures.fold):
        train_sight(lessons, how, out)
    np.savez(out / "sound.npz", allow_pickle=False, **sound)
    np.savez(out / "heads.npz", allow_pickle=False, **heads)
    (out / "mood.json").write_text(json.dumps(mood) + "\n")
    rows = learning_curve(lessons, how) if curve else []
    write_table(out / "learning.csv", ["share", "tracks", "unseen clips", "learned clips"], rows)
    print(f"{len(lessons.genres)} genres; scale {heads['scale']:.2f}, unsure below {heads['unsure_below']}")


def main() -> None:
    """Read the feature files, write heads and what they say of clips that they did not see."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "features"):
        parser.add_argument(f"--{name}", type=Path, default=PROJECT / "out" / name)
    parser.add_argument("--out", type=Path, default=PROJECT / "out" / "train")
    parser.add_argument("--hold-out", metavar="SPLIT", help="learn nothing from this split, to measure the model on it")
    arguments = parser.parse_args()
    lessons = Lessons.read(arguments.features).keep(lambda table: table.split != arguments.hold_out)
    write(arguments.data, lessons, arguments.out, read_settings().train)


if __name__ == "__main__":
    main()
