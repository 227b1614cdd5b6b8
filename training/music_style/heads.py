"""Linear heads on the embedding, fitted in closed form.

A ridge regression on one-hot targets ranks classes as well as a logistic regression on these few tracks, needs no
iterations, and its scores, averaged over excerpts and scaled by a temperature, are calibrated probabilities.
"""

from dataclasses import dataclass

import numpy as np

CLIP = 5.0
"""Standard deviations at which an unusual feature is cut off, so that strange sound cannot run away with the score."""


@dataclass(frozen=True)
class Ridge:
    """scores = clip((x - mean) / deviation) · weights + bias."""

    mean: np.ndarray
    deviation: np.ndarray
    weights: np.ndarray
    bias: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the scores of features, shape (rows, outputs)."""
        return np.asarray(standardise(x, self.mean, self.deviation) @ self.weights + self.bias)


def fit_ridge(x: np.ndarray, targets: np.ndarray, weights: np.ndarray, penalty: float) -> Ridge:
    """Return the weighted least-squares fit of `targets` (rows, outputs), its coefficients held down by `penalty`."""
    shares = weights / weights.sum()
    mean = shares @ x
    deviation = np.sqrt(shares @ (x - mean) ** 2) + 1e-6
    standard, bias = standardise(x, mean, deviation), shares @ targets
    weighted = standard * shares[:, None]
    gram = weighted.T @ standard + penalty * np.eye(x.shape[1])
    return Ridge(mean, deviation, np.linalg.solve(gram, weighted.T @ (targets - bias)), bias)


def standardise(x: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Return features in units of their deviation, cut off at `CLIP`."""
    return np.asarray(np.clip((x - mean) / deviation, -CLIP, CLIP))


def pooled(scores: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different groups in order of their first row, and the mean score of each."""
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    sums = np.zeros((len(first), scores.shape[1]))
    np.add.at(sums, inverse, scores)
    order = np.argsort(first)
    return first[order], (sums / np.bincount(inverse)[:, None])[order]


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return probabilities along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def best_scale(scores: np.ndarray, truth: np.ndarray) -> float:
    """Return the inverse temperature under which softmax(scale · scores) is the least surprised by the truth."""
    scales = np.geomspace(0.1, 100, 301)
    rows = np.arange(len(truth))
    surprise = [-np.log(softmax(scale * scores)[rows, truth] + 1e-12).mean() for scale in scales]
    return float(scales[np.argmin(surprise)])
