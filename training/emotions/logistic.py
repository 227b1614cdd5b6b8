"""Logistic regression of many labels at once, and its calibration."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]
FOLDS = 4


@dataclass(frozen=True)
class Head:
    """Label logits of a vector x are `x @ weights + bias`: (384, labels) and (labels,)."""

    weights: Floats
    bias: Floats

    def __call__(self, vectors: Floats) -> Floats:
        """Logits (n, labels)."""
        return vectors @ self.weights + self.bias

    def sharpened(self, factor: float, shift: float) -> "Head":
        """The head with all logits multiplied and shifted."""
        return Head(self.weights * factor, self.bias * factor + shift)


def fit(vectors: Floats, labels: Bools, sample_weights: Floats, penalty: float) -> Head:
    """Minimise the weighted log loss plus `penalty` / 2 times the squared weights of standardised vectors."""
    centre, scale = vectors.mean(axis=0), vectors.std()
    x = (vectors - centre) / scale
    y, by_row = labels.astype(np.float32), sample_weights[:, None].astype(np.float32)
    shape = (x.shape[1] + 1, y.shape[1])

    def loss(flat: Floats) -> tuple[float, Floats]:
        parameters = flat.reshape(shape).astype(np.float32)
        logits = x @ parameters[:-1] + parameters[-1]
        error = by_row * (expit(logits) - y)
        losses = by_row * (np.logaddexp(0, logits) - y * logits)
        slope = np.vstack([x.T @ error + penalty * parameters[:-1], error.sum(axis=0)])
        return float(losses.sum() + penalty / 2 * np.square(parameters[:-1]).sum()), slope.ravel().astype(np.float64)

    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    weights, bias = found.reshape(shape)[:-1] / scale, found.reshape(shape)[-1]
    return Head(weights, bias - centre @ weights)


def folds(count: int) -> Iterator[Bools]:
    """Masks of held-out rows. Every fourth line, because the lines of one feeling stand together."""
    for fold in range(FOLDS):
        yield np.arange(count) % FOLDS == fold


def calibrate(logits: Floats, labels: Bools) -> tuple[float, float]:
    """The factor and the shift of all logits that make held-out probabilities fit (temperature scaling, Guo 2017)."""

    def loss(values: Floats) -> float:
        scaled = values[0] * logits + values[1]
        return float(np.mean(np.logaddexp(0, scaled) - labels * scaled))

    factor, shift = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(factor), float(shift)
