"""Fit the heads and measure them on tracks and artists that they did not see.

Usage: python training/music_style/train.py ../shared/data/music out/music-style [--hold-out valid]

Reads `audio.npz`, `spectra.npz` and `pairs.npz` of the folder; writes `heads.npz` and `report.json`.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import metrics
import moods
import numpy as np
from data import FOLDS, GENRES, read_feelings
from heads import Ridge, best_scale, fit_ridge, pooled, softmax
from musicnn import TAGS, UNITS
from tables import Excerpts, Lessons, Table

PENALTY = 0.1
TRANSLATION_PENALTY = 1.0
SURE_ACCURACY = 0.8
"""Where the model does not say "unsure", at least that share of its answers is right."""
GENRE_COLUMNS = UNITS + TAGS
"""Genres are told from the features of the Million Song Dataset; those of MagnaTagATune made them no better."""

Fit = Callable[[Lessons], Ridge]


@dataclass(frozen=True)
class Predictions(Table):
    """Scores of whole clips, before calibration."""

    scores: np.ndarray
    truth: np.ndarray
    track: np.ndarray

    @classmethod
    def of(cls, head: Ridge, excerpts: Excerpts) -> "Predictions":
        """Average the scores over the excerpts of each clip; noise has no true genre and is left out."""
        music = excerpts[excerpts.genre != ""]
        first, scores = pooled(head(music.embedding[:, : len(head.mean)]), music.clip)
        clips = music[first]
        truth = np.array([GENRES.index(genre) for genre in clips.genre])
        return cls(clips.fold, clips.split, scores, truth, clips.track)

    def report(self, scale: float) -> dict[str, Any]:
        """All figures."""
        return metrics.report(softmax(scale * self.scores), self.truth, self.track, GENRES)


def fit_genres(lessons: Lessons, penalty: float = PENALTY, columns: int = GENRE_COLUMNS) -> Ridge:
    """Fit the head for genres to audio, and to spectrograms once they are translated to what their audio would give.

    Without spectrograms, more columns of the embedding may be asked for.
    """
    heard = [replace(lessons.audio, embedding=lessons.audio.embedding[:, :columns])]
    if len(lessons.spectra.fold):
        pairs, spectra = lessons.pairs, lessons.spectra
        translate = fit_ridge(pairs.estimate, pairs.embedding, np.ones(len(pairs.fold)), TRANSLATION_PENALTY)
        heard.append(replace(spectra, embedding=translate(spectra.embedding)))
    excerpts = Excerpts.join(heard)
    return fit_ridge(excerpts.embedding, excerpts.targets, excerpts.weights, penalty)


def cross_validate(lessons: Lessons, fit: Fit = fit_genres) -> Predictions:
    """Predict each clip by a head that learned from nothing of its fold."""

    def predict(fold: int) -> Predictions:
        head = fit(lessons.keep(lambda table: table.fold != fold))
        return Predictions.of(head, lessons.audio[lessons.audio.fold == fold])

    return Predictions.join([predict(fold) for fold in range(FOLDS)])


def validate(lessons: Lessons, fit: Fit = fit_genres) -> Predictions:
    """Predict the official validation clips by a head that learned from nothing of them."""
    head = fit(lessons.keep(lambda table: table.split != "valid"))
    return Predictions.of(head, lessons.audio[lessons.audio.split == "valid"])


def unsure_below(predictions: Predictions, scale: float) -> float:
    """Return the least confidence above which `SURE_ACCURACY` of the answers are right."""
    probabilities = softmax(scale * predictions.scores)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == predictions.truth
    thresholds = np.arange(0.2, 0.9, 0.01)
    return round(float(next(t for t in thresholds if right[confidence >= t].mean() >= SURE_ACCURACY)), 2)


def ordinary(excerpts: Excerpts) -> tuple[np.ndarray, np.ndarray]:
    """Return the level that a song exceeds as rarely as a tag is said (at least one in ten), and the songs' spread."""
    music = excerpts[excerpts.genre != ""]
    _, means = pooled(music.embedding, music.track)
    rate = np.clip((1 / (1 + np.exp(-means))).mean(axis=0), 0.1, 0.5)
    level = [np.quantile(column, 1 - share) for column, share in zip(means.T, rate, strict=True)]
    return np.array(level), means.std(axis=0)


def train(lessons: Lessons, feelings: dict[str, dict[str, float]]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays that the model needs, and the report."""
    folds = cross_validate(lessons)
    scale = best_scale(folds.scores, folds.truth)
    threshold = unsure_below(folds, scale)
    mood, mood_figures = moods.fit(lessons.audio, feelings)
    typical, spread = ordinary(lessons.audio)
    heads = {
        **{f"genres_{name}": value for name, value in vars(fit_genres(lessons)).items()},
        **{f"mood_{name}": value for name, value in vars(mood).items()},
        "scale": np.array(scale),
        "unsure_below": np.array(threshold),
        "typical": typical,
        "spread": spread,
    }
    report = {
        "folds": folds.report(scale),
        "folds, GTZAN": folds[folds.split != "emotify"].report(scale),
        "folds, Emotify": folds[folds.split == "emotify"].report(scale),
        "mood, correlation on unseen artists": mood_figures,
        "scale": scale,
        "unsure_below": threshold,
    }
    if "valid" in lessons.audio.split:
        report["official validation"] = validate(lessons).report(scale)
    return heads, report


def main() -> None:
    """Read the feature files, write heads and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("music", type=Path, help="the folder `music` of the shared data")
    parser.add_argument("out", type=Path)
    parser.add_argument("--hold-out", metavar="SPLIT", help="learn nothing from this split, to measure the model on it")
    arguments = parser.parse_args()
    lessons = Lessons.read(arguments.out).keep(lambda table: table.split != arguments.hold_out)
    heads, report = train(lessons, read_feelings(arguments.music))
    np.savez(arguments.out / "heads.npz", allow_pickle=False, **heads)
    (arguments.out / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: summary(value) for name, value in report.items()}, indent=1))


def summary(value: Any) -> Any:
    """Leave the tables out."""
    return {k: v for k, v in value.items() if k not in ("confusion", "classes")} if isinstance(value, dict) else value


if __name__ == "__main__":
    main()
