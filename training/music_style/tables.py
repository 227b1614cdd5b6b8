"""The rows of the feature files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import numpy as np
from data import GENRES

NOISE_WEIGHT = 0.5


@dataclass(frozen=True)
class Table:
    """Columns of equal length."""

    fold: np.ndarray
    split: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> Self:
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @classmethod
    def join(cls, tables: Sequence[Self]) -> Self:
        """One table of many."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: np.concatenate([getattr(table, name) for table in tables]) for name in names})

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read an npz file with these columns."""
        with np.load(path) as columns:
            return cls(**columns)

    def write(self, path: Path) -> None:
        """Write an npz file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})


@dataclass(frozen=True)
class Excerpts(Table):
    """Excerpts of clips: what the networks hear in them, and what they are. Noise has the genre ``""``."""

    embedding: np.ndarray
    track: np.ndarray
    genre: np.ndarray
    clip: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """So that tracks of a class weigh the same, whatever their length, and so do classes; noise weighs less."""
        _, inverse, count = np.unique(self.track, return_inverse=True, return_counts=True)
        weights = 1 / count[inverse]
        for genre in np.unique(self.genre):
            weights[self.genre == genre] /= weights[self.genre == genre].sum()
        return np.asarray(np.where(self.genre == "", NOISE_WEIGHT, 1) * weights)

    @property
    def targets(self) -> np.ndarray:
        """One-hot genres; noise is none more than another."""
        one_hot = (self.genre[:, None] == np.array(GENRES)).astype(float)
        return np.where(self.genre[:, None] == "", 1 / len(GENRES), one_hot)


@dataclass(frozen=True)
class Pairs(Table):
    """The same excerpts heard twice: by their audio, and by a coarse spectrogram of it."""

    embedding: np.ndarray
    estimate: np.ndarray


@dataclass(frozen=True)
class Lessons:
    """All there is to learn from: audio, spectrograms of tracks without audio, and pairs that link the two."""

    audio: Excerpts
    spectra: Excerpts
    pairs: Pairs

    @classmethod
    def read(cls, folder: Path) -> "Lessons":
        """Read the feature files of a folder."""
        return cls(
            Excerpts.read(folder / "audio.npz"),
            Excerpts.read(folder / "spectra.npz"),
            Pairs.read(folder / "pairs.npz"),
        )

    def keep(self, choose: Callable[[Table], np.ndarray]) -> "Lessons":
        """Those rows of each table."""
        audio, spectra, pairs = self.audio, self.spectra, self.pairs
        return Lessons(audio[choose(audio)], spectra[choose(spectra)], pairs[choose(pairs)])
