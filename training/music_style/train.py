"""Stage `train`: fit the heads, and predict tracks and artists that they did not see.

Usage: python training/music_style/train.py [--data out/data] [--features out/features] [--out out/train]
       [--hold-out valid]

Writes `heads.npz`; the scores of clips by heads that did not learn from them, `folds.npz` and, where there is an
official validation split, `valid.npz`; and `learning.csv`, the accuracy with a part of the tracks.
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
from heads import Ridge, best_scale, fit_ridge, pooled, softmax
from musicnn import TAGS, UNITS
from settings import PROJECT, Train, read_settings
from tables import Excerpts, Lessons, Table

GENRE_COLUMNS = UNITS + TAGS
"""Genres are told from the features of the Million Song Dataset; those of MagnaTagATune made them no better."""

SOUND = PROJECT / "sound.npz"
"""The heads for mood and tags, for data of which nobody has said what was felt. A copy of `sound.npz` of the stage."""
LEAST_SURE, MOST_SURE = 0.2, 0.9

Fit = Callable[[Lessons, Train], Ridge]


@dataclass(frozen=True)
class Predictions(Table):
    """Scores of whole clips, before calibration."""

    scores: np.ndarray
    truth: np.ndarray
    track: np.ndarray
    clip: np.ndarray

    @classmethod
    def of(cls, head: Ridge, excerpts: Excerpts, genres: Sequence[str]) -> "Predictions":
        """Average the scores over the excerpts of each clip; noise has no true genre and is left out."""
        music = excerpts[excerpts.genre != ""]
        first, scores = pooled(head(music.embedding[:, : len(head.mean)]), music.clip)
        clips = music[first]
        truth = np.array([list(genres).index(genre) for genre in clips.genre])
        return cls(clips.fold, clips.split, scores, truth, clips.track, clips.clip)


def fit_genres(lessons: Lessons, how: Train, columns: int = GENRE_COLUMNS) -> Ridge:
    """Fit the head for genres to audio, and to spectrograms once they are translated to what their audio would give.

    Without spectrograms, more columns of the embedding may be asked for.
    """
    heard = [replace(lessons.audio, embedding=lessons.audio.embedding[:, :columns])]
    if len(lessons.spectra.fold):
        pairs, spectra = lessons.pairs, lessons.spectra
        translate = fit_ridge(pairs.estimate, pairs.embedding, np.ones(len(pairs.fold)), how.translation_penalty)
        heard.append(replace(spectra, embedding=translate(spectra.embedding)))
    excerpts = Excerpts.join(heard)
    weights = excerpts.weights(how.noise_weight)
    return fit_ridge(excerpts.embedding, excerpts.targets(lessons.genres), weights, how.penalty)


def cross_validate(lessons: Lessons, how: Train, fit: Fit = fit_genres) -> Predictions:
    """Predict each clip by a head that learned from nothing of its fold."""

    def predict(fold: int) -> Predictions:
        head = fit(lessons.keep(lambda table: table.fold != fold), how)
        return Predictions.of(head, lessons.audio[lessons.audio.fold == fold], lessons.genres)

    music = lessons.audio.fold[lessons.audio.genre != ""]
    return Predictions.join([predict(fold) for fold in range(FOLDS) if fold in music])


def validate(lessons: Lessons, how: Train, fit: Fit = fit_genres) -> Predictions:
    """Predict the official validation clips by a head that learned from nothing of them."""
    head = fit(lessons.keep(lambda table: table.split != "valid"), how)
    return Predictions.of(head, lessons.audio[lessons.audio.split == "valid"], lessons.genres)


def learning_curve(lessons: Lessons, how: Train, fit: Fit = fit_genres) -> list[list[object]]:
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
    _, means = pooled(music.embedding, music.track)
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


def train(lessons: Lessons, sound: dict[str, np.ndarray], how: Train, folds: Predictions) -> dict[str, np.ndarray]:
    """Return the arrays that the model needs; `folds` are predictions of clips by heads that did not see them."""
    scale = best_scale(folds.scores, folds.truth)
    return {
        **{f"genres_{name}": value for name, value in vars(fit_genres(lessons, how)).items()},
        **sound,
        "scale": np.array(scale),
        "unsure_below": np.array(unsure_below(folds, scale, how.sure_accuracy)),
        "genres": np.array(lessons.genres),
    }


def write(data: Path, lessons: Lessons, out: Path, how: Train, *, curve: bool = True) -> None:
    """Do the whole stage; the learning curve takes most of its time."""
    out.mkdir(parents=True, exist_ok=True)
    sound, mood = fit_sound(lessons.audio, read_feelings(data), how)
    folds = cross_validate(lessons, how)
    folds.write(out / "folds.npz")
    if "valid" in lessons.audio.split:
        validate(lessons, how).write(out / "valid.npz")
    heads = train(lessons, sound, how, folds)
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
