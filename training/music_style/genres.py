"""Heads that tell genres: of sound, and of spectrograms without sound.

Both read what musicnn (MSD) and YAMNet give; of YAMNet's many units, the directions in which music varies the most, and
what YAMNet itself calls the genres.
"""

from collections.abc import Mapping
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
        return held({"reduce": self.reduce, "names": self.names, "genres": self.decide})

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray]) -> "GenreHead":
        """Find the head in such a file."""
        names = Names(arrays["names_weights"], arrays["names_bias"])
        return cls(linear(arrays, "reduce"), names, linear(arrays, "genres"))


@dataclass(frozen=True)
class SightHead:
    """What is seen in a spectrogram as a whole → scores of genres.

    An embedding holds what both networks see at one stretch after the other.
    """

    reduce: tuple[Linear, ...]
    names: Names
    decide: Linear

    def __call__(self, embedding: np.ndarray) -> np.ndarray:
        """Return the scores, shape (rows, genres)."""
        return self.decide(self.features(embedding, self.reduce, self.names))

    @staticmethod
    def features(embedding: np.ndarray, reduce: tuple[Linear, ...], names: Names) -> np.ndarray:
        """Return the columns that genres are told from."""
        stretches = np.split(embedding, len(reduce), axis=1)
        return np.hstack(
            [features(each, directions, names) for each, directions in zip(stretches, reduce, strict=True)]
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a file needs to hold."""
        parts = {f"reduce{number}": directions for number, directions in enumerate(self.reduce)}
        return held(parts | {"names": self.names, "genres": self.decide})

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray]) -> "SightHead":
        """Find the head in such a file."""
        stretches = sum(name.startswith("reduce") and name.endswith("_mean") for name in arrays)
        reduce = tuple(linear(arrays, f"reduce{number}") for number in range(stretches))
        return cls(reduce, Names(arrays["names_weights"], arrays["names_bias"]), linear(arrays, "genres"))


def held(parts: Mapping[str, Linear | Names]) -> dict[str, np.ndarray]:
    """Return the arrays of layers, under the layer's name and their own."""
    return {f"{part}_{name}": value for part, layer in parts.items() for name, value in vars(layer).items()}


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


def fit_sight(lessons: Lessons, how: Train) -> SightHead:
    """Fit the head for spectrograms, to them alone."""
    pictures, names = lessons.pictures, published()
    stretches = np.split(pictures.embedding, pictures.embedding.shape[1] // (MSD + yamnet.UNITS), axis=1)
    reduce = tuple(principal(units(each), how.seen_directions) for each in stretches)
    seen = replace(pictures, embedding=SightHead.features(pictures.embedding, reduce, names))
    return SightHead(reduce, names, decide(seen, lessons, how, how.sight_penalty, len(stretches)))


def reduce_seen(lessons: Lessons, how: Train) -> Linear:
    """Return the directions in which excerpts of spectrograms vary the most."""
    seen = np.vstack([lessons.spectra.embedding, lessons.pairs.estimate])
    return principal(units(seen), how.seen_directions)


def decide(excerpts: Excerpts, lessons: Lessons, how: Train, penalty: float, parts: int = 1) -> Linear:
    """Return the last layer, which trusts the names in each of so many equal parts of the columns alike."""
    weights, targets = excerpts.weights(how.noise_weight), excerpts.targets(lessons.genres)
    columns = excerpts.embedding.shape[1] // parts
    start = np.tile(expected(lessons.genres, columns, how.trust_in_names / parts), (parts, 1))
    return fit_logistic(excerpts.embedding, targets, weights, start, penalty=penalty, steps=how.steps)
