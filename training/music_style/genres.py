"""Heads that tell genres: of sound, and of spectrograms without sound.

Both read what musicnn (MSD) and YAMNet give; of YAMNet's many units, the directions in which music varies the most, and
what YAMNet itself calls the genres.
"""

from dataclasses import dataclass, replace

import numpy as np
import yamnet
from heads import Linear, fit_logistic, fit_ridge, principal
from musicnn import TAGS, UNITS
from names import Names, expected, published
from settings import Train
from tables import Excerpts, Lessons

MSD = UNITS + TAGS
"""The first columns of an embedding; YAMNet's units are the last. What MagnaTagATune's network hears in between tells
moods and words, and made the genres no better."""


@dataclass(frozen=True)
class GenreHead:
    """Embedding → scores of genres, whose softmax is the probability of each."""

    reduce: Linear
    names: Names
    decide: Linear

    def __call__(self, embedding: np.ndarray) -> np.ndarray:
        """Return the scores, shape (rows, genres); of speech they are even."""
        scores = self.decide(features(embedding, self.reduce, self.names))
        return np.asarray(scores * self.names.musical(units(embedding)))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a file needs to hold."""
        return {
            f"{part}_{name}": value
            for part, head in (("reduce", self.reduce), ("names", self.names), ("genres", self.decide))
            for name, value in vars(head).items()
        }

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray]) -> "GenreHead":
        """Find the head in such a file."""
        names = Names(arrays["names_weights"], arrays["names_bias"])
        return cls(linear(arrays, "reduce"), names, linear(arrays, "genres"))


def linear(arrays: dict[str, np.ndarray], name: str) -> Linear:
    """Find a layer among the arrays of a file."""
    return Linear(*(arrays[f"{name}_{part}"] for part in ("mean", "deviation", "weights", "bias")))


def features(embedding: np.ndarray, reduce: Linear, names: Names) -> np.ndarray:
    """Return the columns that genres are told from."""
    heard = units(embedding)
    return np.hstack([embedding[:, :MSD], reduce(heard), names(heard)])


def units(embedding: np.ndarray) -> np.ndarray:
    """Return what YAMNet hears."""
    return embedding[:, -yamnet.UNITS :]


def fit_hearing(lessons: Lessons, how: Train) -> GenreHead:
    """Fit the head for sound: to audio, and to spectrograms once they are translated to what their audio would give."""
    audio, spectra, pairs = lessons.audio, lessons.spectra, lessons.pairs
    reduce, names = principal(units(audio.embedding), how.directions), published()
    heard = [replace(audio, embedding=features(audio.embedding, reduce, names))]
    if len(spectra.fold):
        seen = reduce_seen(lessons, how)
        translate = fit_ridge(
            features(pairs.estimate, seen, names), features(pairs.embedding, reduce, names), np.ones(len(pairs.fold)),
            how.translation_penalty,
        )  # fmt: skip
        heard.append(replace(spectra, embedding=translate(features(spectra.embedding, seen, names))))
    excerpts = Excerpts.join(heard)
    return GenreHead(reduce, names, decide(excerpts, lessons, how, how.penalty))


def fit_sight(lessons: Lessons, how: Train) -> GenreHead:
    """Fit the head for spectrograms, to them alone."""
    reduce, names = reduce_seen(lessons, how), published()
    seen = replace(lessons.spectra, embedding=features(lessons.spectra.embedding, reduce, names))
    return GenreHead(reduce, names, decide(seen, lessons, how, how.sight_penalty))


def reduce_seen(lessons: Lessons, how: Train) -> Linear:
    """Return the directions in which spectrograms vary the most."""
    seen = np.vstack([lessons.spectra.embedding, lessons.pairs.estimate])
    return principal(units(seen), how.seen_directions)


def decide(excerpts: Excerpts, lessons: Lessons, how: Train, penalty: float) -> Linear:
    """Return the last layer."""
    weights, targets = excerpts.weights(how.noise_weight), excerpts.targets(lessons.genres)
    start = expected(lessons.genres, excerpts.embedding.shape[1], how.trust_in_names)
    return fit_logistic(excerpts.embedding, targets, weights, start, penalty=penalty, steps=how.steps)
