"""The clips to learn from, as the stage `data` leaves them: where they lie, what they are, which may not be parted."""

import csv
from dataclasses import dataclass
from pathlib import Path

GENRES = (
    "blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock", "electronic",
)  # fmt: skip
"""The order of the classes; others follow by name."""
EMOTIONS = (
    "amazement", "solemnity", "tenderness", "nostalgia", "calmness", "power", "joyful_activation", "tension", "sadness",
)  # fmt: skip
FOLDS = 5
TRACKS_A_GENRE = 100  # in GTZAN
CLIPS, LEFT_OUT, FEELINGS, SPECTROGRAMS = "clips.csv", "left_out.csv", "feelings.csv", "spectrograms.npz"


@dataclass(frozen=True)
class Clip:
    """A piece of a track. `split` is the official one, or the name of the data set where there is none."""

    path: Path
    file: str
    """Its name in tables."""
    track: str
    genre: str
    split: str
    fold: int
    sha256: str


def read_clips(folder: Path) -> list[Clip]:
    """All clips of a folder that the stage `data` made."""
    return [
        Clip(
            folder / row["file"], row["file"], row["track"], row["genre"], row["split"], int(row["fold"]), row["sha256"]
        )
        for row in read_table(folder / CLIPS)
    ]


def read_feelings(folder: Path) -> dict[str, dict[str, float]]:
    """For each track of which it is known, the share of listeners who felt each of nine emotions."""
    if not (folder / FEELINGS).exists():
        return {}
    rows = read_table(folder / FEELINGS)
    return {row["track"]: {name: float(row[name]) for name in EMOTIONS} for row in rows}


def in_order(genres: set[str]) -> tuple[str, ...]:
    """Classes in the order that models give them."""
    return (*(genre for genre in GENRES if genre in genres), *sorted(genres - set(GENRES)))


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a header."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_table(path: Path, columns: list[str], rows: list[list[object]]) -> None:
    """Write a CSV file with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
