"""Linear heads on the embedding: by ridge regression, by logistic regression, and by directions of most variance."""

from dataclasses import dataclass

import numpy as np

CLIP = 5.0
"""Standard deviations at which an unusual feature is cut off, so that strange sound cannot run away with the score."""


@dataclass(frozen=True)
class Linear:
    """scores = clip((x - mean) / deviation) · weights + bias."""

    mean: np.ndarray
    deviation: np.ndarray
    weights: np.ndarray
    bias: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the scores of features, shape (rows, outputs)."""
        return np.asarray(standardise(x, self.mean, self.deviation) @ self.weights + self.bias)


def fit_ridge(x: np.ndarray, targets: np.ndarray, weights: np.ndarray, penalty: float) -> Linear:
    """Return the weighted least-squares fit of `targets` (rows, outputs), its coefficients held down by `penalty`."""
    shares = weights / weights.sum()
    mean, deviation = spread(x, shares)
    standard, bias = standardise(x, mean, deviation), shares @ targets
    weighted = standard * shares[:, None]
    gram = weighted.T @ standard + penalty * np.eye(x.shape[1])
    return Linear(mean, deviation, np.linalg.solve(gram, weighted.T @ (targets - bias)), bias)


def fit_logistic(
    x: np.ndarray, targets: np.ndarray, weights: np.ndarray, start: np.ndarray, *, penalty: float, steps: int
) -> Linear:
    """Return the weights under which softmax(scores) is the least surprised by `targets` (rows, classes).

    `penalty` times the squared distance of the coefficients from `start` is added to the mean surprise. Few `steps` are
    enough: what comes after them changes the last digits.
    """
    from scipy.optimize import minimize  # Of the extra `train`; heads are read and measured without it.

    shares = weights / weights.sum()
    mean, deviation = spread(x, shares)
    standard = standardise(x, mean, deviation)
    size, classes = x.shape[1], targets.shape[1]

    def surprise(flat: np.ndarray) -> tuple[float, np.ndarray]:
        table = flat.reshape(size + 1, classes)
        probabilities = softmax(standard @ table[:-1] + table[-1])
        loss = -shares @ (targets * np.log(probabilities + 1e-12)).sum(axis=1)
        wrong = (probabilities - targets) * shares[:, None]
        learned = table[:-1] - start
        gradient = np.vstack([standard.T @ wrong + 2 * penalty * learned, wrong.sum(axis=0)])
        return float(loss + penalty * (learned**2).sum()), gradient.ravel()

    first = np.vstack([start, np.zeros(classes)]).ravel()
    found = minimize(surprise, first, jac=True, method="L-BFGS-B", options={"maxiter": steps}).x
    found = found.reshape(size + 1, classes)
    return Linear(mean, deviation, found[:-1], found[-1])


def principal(x: np.ndarray, count: int) -> Linear:
    """Return the projection to the `count` directions in which standardised rows vary the most.

    The last digits and the signs of a decomposition depend on the load of the machine; 16 bits and a rule do not.
    """
    mean, deviation = spread(x, np.full(len(x), 1 / len(x)))
    standard = standardise(x, mean, deviation)
    _, directions = np.linalg.eigh(standard.T @ standard / len(x))
    kept = directions[:, ::-1][:, : min(count, len(x) - 1)]
    largest = np.take_along_axis(kept, np.abs(kept).argmax(axis=0)[None], axis=0)
    rounded = (kept * np.sign(largest)).astype(np.float16).astype(float)
    return Linear(mean, deviation, rounded, np.zeros(rounded.shape[1]))


def spread(x: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighted mean and standard deviation of each column."""
    mean = shares @ x
    return mean, np.sqrt(shares @ (x - mean) ** 2) + 1e-6


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
