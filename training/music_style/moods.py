"""Energy and valence of a sound, learned from what listeners felt.

Emotify: Aljanaki, Wiering and Veltkamp, "Studying emotion induced by music through a crowdsourcing game", Information
Processing & Management 52(1), 2016. Each song has the share of listeners who felt each of nine emotions.
"""

import numpy as np
from data import FOLDS
from heads import Linear, fit_ridge, pooled
from musicnn import EMBEDDING
from tables import Excerpts

MOODS: dict[str, dict[str, float]] = {
    "energy": {"power": 1, "tension": 1, "joyful_activation": 1, "calmness": -1, "tenderness": -1},
    "valence": {"joyful_activation": 1, "sadness": -1},
}


def fit(excerpts: Excerpts, feelings: dict[str, dict[str, float]], penalty: float) -> tuple[Linear, dict[str, float]]:
    """Return the head for energy and valence in standard deviations, and its correlation on unseen artists."""
    rows = np.isin(excerpts.track, list(feelings))
    x, track, fold = excerpts.embedding[rows, : len(EMBEDDING)], excerpts.track[rows], excerpts.fold[rows]
    targets = standard_scores(track, feelings)
    predicted = np.zeros_like(targets)
    for number in range(FOLDS):
        seen = fold != number
        predicted[~seen] = fit_ridge(x[seen], targets[seen], np.ones(seen.sum()), penalty)(x[~seen])
    first, means = pooled(predicted, track)
    figures = {name: round(float(np.corrcoef(means[:, i], targets[first, i])[0, 1]), 3) for i, name in enumerate(MOODS)}
    return widened(fit_ridge(x, targets, np.ones(len(x)), penalty), means), figures


def standard_scores(track: np.ndarray, feelings: dict[str, dict[str, float]]) -> np.ndarray:
    """Return each row's energy and valence, in standard deviations from the mean."""
    values = [
        [sum(sign * feelings[t][emotion] for emotion, sign in mood.items()) for mood in MOODS.values()] for t in track
    ]
    table = np.array(values)
    return np.asarray((table - table.mean(axis=0)) / table.std(axis=0))


def widened(head: Linear, unseen: np.ndarray) -> Linear:
    """Scale a head so that its answers on unseen songs spread as the truth does: a ridge shrinks them to the mean."""
    spread = unseen.std(axis=0)
    return Linear(head.mean, head.deviation, head.weights / spread, (head.bias - unseen.mean(axis=0)) / spread)
