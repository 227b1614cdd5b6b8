"""Fit the heads and measure them on tracks and artists that they did not see.

Usage: python training/music_style/train.py ../shared/data/music out/music-style/features.npz out/music-style
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import metrics
import moods
import numpy as np
from data import FOLDS, GENRES, read_feelings
from heads import Ridge, best_scale, fit_ridge, pooled, softmax

PENALTY = 1.0
NOISE_WEIGHT = 0.5
SURE_ACCURACY = 0.85
"""Where the model does not say "unsure", at least that share of its answers is right."""


@dataclass(frozen=True)
class Excerpts:
    """The rows of the feature file."""

    embedding: np.ndarray
    track: np.ndarray
    genre: np.ndarray
    split: np.ndarray
    fold: np.ndarray
    clip: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> "Excerpts":
        return Excerpts(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @property
    def weights(self) -> np.ndarray:
        """So that tracks of a class weigh the same, whatever their length, and so do classes; noise weighs less."""
        weights = 1 / counts(self.track)
        for genre in np.unique(self.genre):
            weights[self.genre == genre] /= weights[self.genre == genre].sum()
        return np.where(self.genre == "", NOISE_WEIGHT, 1) * weights

    @property
    def targets(self) -> np.ndarray:
        """One-hot genres; noise is none more than another."""
        one_hot = (self.genre[:, None] == np.array(GENRES)).astype(float)
        return np.where(self.genre[:, None] == "", 1 / len(GENRES), one_hot)


@dataclass(frozen=True)
class Predictions:
    """Scores of whole clips, before calibration."""

    scores: np.ndarray
    truth: np.ndarray
    track: np.ndarray
    split: np.ndarray

    @classmethod
    def of(cls, head: Ridge, excerpts: Excerpts) -> "Predictions":
        """Average the scores over the excerpts of each clip."""
        first, scores = pooled(head(excerpts.embedding), excerpts.clip)
        truth = np.array([GENRES.index(genre) for genre in excerpts.genre[first]])
        return cls(scores, truth, excerpts.track[first], excerpts.split[first])

    @classmethod
    def join(cls, parts: list["Predictions"]) -> "Predictions":
        """One set of many."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))

    def report(self, scale: float, rows: np.ndarray) -> dict[str, Any]:
        """The figures of some of the clips."""
        return metrics.report(softmax(scale * self.scores[rows]), self.truth[rows], self.track[rows], GENRES)


def fit(excerpts: Excerpts, penalty: float = PENALTY) -> Ridge:
    """Fit the head for genres."""
    return fit_ridge(excerpts.embedding, excerpts.targets, excerpts.weights, penalty)


def cross_validate(excerpts: Excerpts, penalty: float = PENALTY) -> Predictions:
    """Predict each clip by a head that saw none of its fold."""
    parts = []
    for fold in range(FOLDS):
        head = fit(excerpts[excerpts.fold != fold], penalty)
        parts.append(Predictions.of(head, excerpts[(excerpts.fold == fold) & (excerpts.genre != "")]))
    return Predictions.join(parts)


def unsure_below(predictions: Predictions, scale: float) -> float:
    """Return the least confidence above which `SURE_ACCURACY` of the answers are right."""
    probabilities = softmax(scale * predictions.scores)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == predictions.truth
    thresholds = np.arange(0.2, 0.9, 0.01)
    good = [t for t in thresholds if right[confidence >= t].mean() >= SURE_ACCURACY]
    return round(float(good[0]), 2)


def counts(labels: np.ndarray) -> np.ndarray:
    """How often each row's label occurs."""
    _, inverse, number = np.unique(labels, return_inverse=True, return_counts=True)
    return np.asarray(number[inverse])


def evaluate(excerpts: Excerpts) -> tuple[dict[str, Any], float, float]:
    """Report on folds and on the official split; also the inverse temperature and threshold, from the folds."""
    folds = cross_validate(excerpts)
    scale = best_scale(folds.scores, folds.truth)
    unseen = Predictions.of(fit(excerpts[excerpts.split != "valid"]), excerpts[excerpts.split == "valid"])
    everything = np.ones(len(folds.truth), bool)
    figures = {
        "folds": folds.report(scale, everything),
        "folds, GTZAN": folds.report(scale, folds.split != "emotify"),
        "folds, Emotify": folds.report(scale, folds.split == "emotify"),
        "official validation": unseen.report(scale, np.ones(len(unseen.truth), bool)),
    }
    return figures, scale, unsure_below(folds, scale)


def main() -> None:
    """Write `heads.npz` and `report.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("music", type=Path, help="the folder `music` of the shared data")
    parser.add_argument("features", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    excerpts = Excerpts(**np.load(arguments.features))
    figures, scale, threshold = evaluate(excerpts)
    head = fit(excerpts)
    mood, mood_figures = moods.fit(excerpts, read_feelings(arguments.music))
    figures |= {"mood, correlation on unseen artists": mood_figures, "scale": scale, "unsure_below": threshold}
    typical, spread = ordinary(excerpts)
    arguments.out.mkdir(parents=True, exist_ok=True)
    np.savez(
        arguments.out / "heads.npz",
        **{f"genres_{name}": value for name, value in vars(head).items()},
        **{f"mood_{name}": value for name, value in vars(mood).items()},
        scale=scale,
        unsure_below=threshold,
        typical=typical,
        spread=spread,
    )
    (arguments.out / "report.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: summary(value) for name, value in figures.items()}, indent=1))


def ordinary(excerpts: Excerpts) -> tuple[np.ndarray, np.ndarray]:
    """Return the level that a song exceeds as rarely as a tag is said (at least one in ten), and the songs' spread."""
    first, means = pooled(excerpts.embedding, excerpts.track)
    means = means[excerpts.genre[first] != ""]
    rate = np.clip((1 / (1 + np.exp(-means))).mean(axis=0), 0.1, 0.5)
    level = [np.quantile(column, 1 - share) for column, share in zip(means.T, rate, strict=True)]
    return np.array(level), means.std(axis=0)


def summary(value: Any) -> Any:
    """Leave the tables out."""
    return {k: v for k, v in value.items() if k not in ("confusion", "classes")} if isinstance(value, dict) else value


if __name__ == "__main__":
    main()
