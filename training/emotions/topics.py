"""Topics without examples: a direction for each theme, from the words that describe it."""

import numpy as np
from data import Floats
from logistic import Head

SHRINKAGE = 0.3


def contrast(anchors: Floats, background: Floats) -> Head:
    """Directions that tell each theme from the other themes and from texts about anything.

    `anchors` (themes, languages, 384) are embedded descriptions, `background` (n, 384) texts. A linear discriminant
    (Fisher 1936) with the background's covariance, shrunk towards a sphere; the logits are standard scores, zero and
    one being mean and deviation over the background. The mean over languages keeps a text's language from mattering.

    Wide themes such as love lie near others and never score as high as narrow ones. So each is divided by the root of
    its reach: the score of its description in a language that was left out. (By the reach itself would overdo it.)
    """
    centre = background.mean(axis=0)
    away = background - centre
    covariance = away.T @ away / len(away)
    size = len(centre)
    shrunk = covariance + SHRINKAGE * np.trace(covariance) / size * np.eye(size)

    def directions(some: Floats) -> Floats:
        themes = some.mean(axis=1)
        weights = np.linalg.solve(shrunk, (themes - themes.mean(axis=0)).T)
        scaled: Floats = weights / (away @ weights).std(axis=0)
        return scaled

    languages = range(anchors.shape[1])
    reach = np.mean(
        [
            np.einsum("td,dt->t", anchors[:, language] - centre, directions(np.delete(anchors, language, axis=1)))
            for language in languages
        ],
        axis=0,
    )
    weights = directions(anchors) / np.sqrt(reach)
    return Head(weights, -centre @ weights)
