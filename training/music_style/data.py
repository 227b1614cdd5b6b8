"""The clips to learn from: where they lie, what they are, and which may not be parted.

Reads the shared data's GTZAN pieces and Emotify songs. GTZAN names no artists, but numbers its tracks artist by artist
in most genres, so its folds are runs of twenty consecutive numbers; Emotify's folds keep an artist together.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

GENRES = (
    "blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock", "electronic",
)  # fmt: skip
EMOTIONS = (
    "amazement", "solemnity", "tenderness", "nostalgia", "calmness", "power", "joyful_activation", "tension", "sadness",
)  # fmt: skip
FOLDS = 5
TRACKS_A_GENRE = 100  # in GTZAN


@dataclass(frozen=True)
class Clip:
    """A piece of a track. `split` is the official one, or the name of the data set where there is none."""

    path: Path
    track: str
    genre: str
    split: str
    fold: int


def read_clips(music: Path) -> list[Clip]:
    """All clips under the folder `music` of the shared data. Raises FileNotFoundError where a table is missing."""
    return [*read_gtzan(music / "gtzan_audio"), *read_emotify(music / "emotify")]


def read_gtzan(folder: Path) -> Iterator[Clip]:
    """Yield the pieces of a folder with a `clips.csv` (file, track, genre, seconds, split)."""
    for row in read_table(folder / "clips.csv"):
        fold = int(row["track"].rpartition(".")[2]) * FOLDS // TRACKS_A_GENRE
        yield Clip(folder / row["file"], row["track"], row["genre"], row["split"], fold)


def read_emotify(folder: Path) -> Iterator[Clip]:
    """Yield the songs of Emotify; artists are dealt to the folds at random, but always in the same way."""
    rows = read_table(folder / "metadata.csv")
    artists = sorted({row["artist"] for row in rows})
    folds = dict(zip(np.random.default_rng(0).permutation(artists), np.arange(len(artists)) % FOLDS, strict=True))
    for row in rows:
        path = folder / row["genre"] / f"{row['track']}.opus"
        yield Clip(path, f"emotify.{row['genre']}.{row['track']}", row["genre"], "emotify", int(folds[row["artist"]]))


def read_feelings(music: Path) -> dict[str, dict[str, float]]:
    """For each Emotify track, the share of listeners who felt each of nine emotions."""
    rows = read_table(music / "emotify" / "emotions.csv")
    return {f"emotify.{row['genre']}.{row['track_id']}": {name: float(row[name]) for name in EMOTIONS} for row in rows}


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a header."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
