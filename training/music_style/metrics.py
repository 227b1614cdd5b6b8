"""How good predictions are, with confidence intervals."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

BINS = 10
RESAMPLES = 1000

Metric = Callable[[np.ndarray, np.ndarray], float]
"""Of probabilities (rows, classes) and the number of the true class."""


def accuracy(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Share of rows whose likeliest class is the true one."""
    return float((probabilities.argmax(axis=1) == truth).mean())


def recalls(probabilities: np.ndarray, truth: np.ndarray) -> dict[int, float]:
    """Share found, for each class that occurs."""
    found = probabilities.argmax(axis=1) == truth
    return {int(label): float(found[truth == label].mean()) for label in np.unique(truth)}


def macro_f1(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Mean F1 over the classes that occur; answers outside of them count as errors."""
    said = probabilities.argmax(axis=1)
    labels = np.unique(truth)
    right = [((said == label) & (truth == label)).sum() for label in labels]
    total = [(said == label).sum() + (truth == label).sum() for label in labels]
    return float(np.mean(2 * np.array(right) / np.array(total)))


def calibration_error(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Expected calibration error of the likeliest class over ten bins of equal width."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs((right[bins == b].astype(float) - confidence[bins == b]).sum()) for b in range(BINS)]
    return float(sum(gaps) / len(truth))


def reliability(probabilities: np.ndarray, truth: np.ndarray) -> list[tuple[float, float, int]]:
    """For each bin of the calibration error that is not empty: mean confidence, share that is right, rows."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows = [bins == b for b in range(BINS) if (bins == b).any()]
    return [(round(float(confidence[of].mean()), 4), round(float(right[of].mean()), 4), int(of.sum())) for of in rows]


def confusion(probabilities: np.ndarray, truth: np.ndarray) -> list[list[int]]:
    """Counts, a row for each true class and a column for each answer."""
    size = probabilities.shape[1]
    counts = np.zeros((size, size), int)
    np.add.at(counts, (truth, probabilities.argmax(axis=1)), 1)
    return [[int(count) for count in row] for row in counts]


def interval(metric: Metric, probabilities: np.ndarray, truth: np.ndarray, groups: np.ndarray) -> list[float]:
    """The 95 % bootstrap interval of a metric; whole `groups` (tracks) are drawn, as pieces of one are alike."""
    random = np.random.default_rng(0)
    names = np.unique(groups)
    members = [np.flatnonzero(groups == name) for name in names]
    draws = (random.integers(len(names), size=len(names)) for _ in range(RESAMPLES))
    samples = (np.concatenate([members[group] for group in draw]) for draw in draws)
    values = [metric(probabilities[rows], truth[rows]) for rows in samples]
    return [round(float(value), 4) for value in np.percentile(values, [2.5, 97.5])]


def report(probabilities: np.ndarray, truth: np.ndarray, groups: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """All figures of a set of predictions, as JSON."""
    headline: dict[str, Metric] = {"accuracy": accuracy, "macro_f1": macro_f1, "ece": calibration_error}
    figures: dict[str, Any] = {
        name: {
            "value": round(metric(probabilities, truth), 4),
            "interval_95": interval(metric, probabilities, truth, groups),
        }
        for name, metric in headline.items()
    }
    return {
        "clips": len(truth),
        "tracks": len(np.unique(groups)),
        **figures,
        "recall": {classes[label]: round(recall, 4) for label, recall in recalls(probabilities, truth).items()},
        "classes": list(classes),
        "confusion": confusion(probabilities, truth),
    }
