"""The rows of the feature files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import numpy as np
from data import in_order


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

    @classmethod
    def empty(cls, columns: int) -> "Excerpts":
        """No excerpts."""
        nothing, words = np.zeros(0, int), np.zeros(0, str)
        return cls(nothing, words, np.zeros((0, columns), np.float32), words, words, words)

    def weights(self, of_noise: float) -> np.ndarray:
        """So that tracks of a class weigh the same, whatever their length, and so do classes; noise has its own."""
        _, inverse, count = np.unique(self.track, return_inverse=True, return_counts=True)
        weights = 1 / count[inverse]
        for genre in np.unique(self.genre):
            weights[self.genre == genre] /= weights[self.genre == genre].sum()
        return np.asarray(np.where(self.genre == "", of_noise, 1) * weights)

    def targets(self, genres: Sequence[str]) -> np.ndarray:
        """One-hot genres; noise is none more than another."""
        one_hot = (self.genre[:, None] == np.array(genres)).astype(float)
        return np.where(self.genre[:, None] == "", 1 / len(genres), one_hot)


@dataclass(frozen=True)
class Pairs(Table):
    """The same excerpts heard twice: by their audio, and by a coarse spectrogram of it."""

    embedding: np.ndarray
    estimate: np.ndarray

    @classmethod
    def empty(cls, columns: int) -> "Pairs":
        """No pairs."""
        nothing = np.zeros((0, columns), np.float32)
        return cls(np.zeros(0, int), np.zeros(0, str), nothing, nothing)


@dataclass(frozen=True)
class Lessons:
    """All there is to learn from: audio, spectrograms of tracks without audio, and pairs that link the two."""

    audio: Excerpts
    spectra: Excerpts
    pairs: Pairs
    pictures: Excerpts
    """The spectrograms as wholes, a row each (`clip` is the track), and their halves, to learn from only."""
    genres: tuple[str, ...]
    """The classes, in the order that the model gives them."""

    @classmethod
    def read(cls, folder: Path) -> "Lessons":
        """Read the feature files of a folder."""
        audio = Excerpts.read(folder / "audio.npz")
        spectra, pairs = Excerpts.read(folder / "spectra.npz"), Pairs.read(folder / "pairs.npz")
        pictures = Excerpts.read(folder / "pictures.npz")
        return cls(audio, spectra, pairs, pictures, in_order({*audio.genre.tolist(), *spectra.genre.tolist()} - {""}))

    def keep(self, choose: Callable[[Table], np.ndarray]) -> "Lessons":
        """Those rows of each table."""
        return Lessons(
            self.audio[choose(self.audio)],
            self.spectra[choose(self.spectra)],
            self.pairs[choose(self.pairs)],
            self.pictures[choose(self.pictures)],
            self.genres,
        )
