"""Where the music may come from: the layouts of folders that can be learned from.

Each layout yields songs with their genre and what may not be parted: an artist where one is known, else the track.
Tracks that a data set keeps for tests are never among them.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
import numpy as np
from data import FOLDS, TRACKS_A_GENRE, read_table

SOUNDS = {".mp3", ".ogg", ".opus", ".flac", ".wav", ".m4a", ".aac", ".au", ".aif", ".aiff", ".webm"}
OF_FMA = {
    "Blues": "blues", "Classical": "classical", "Country": "country", "Electronic": "electronic", "Hip-Hop": "hiphop",
    "Jazz": "jazz", "Pop": "pop", "Rock": "rock",
}  # fmt: skip
"""FMA's genres that are ours; the others (Folk, Experimental, International, Instrumental …) are left out."""


@dataclass(frozen=True)
class Song:
    """A file of a source. `split` is the official one, or the name of the data set where there is none."""

    path: Path
    track: str
    genre: str
    split: str
    artist: str = ""
    fold: int | None = None
    """Given where the data set orders its tracks by artist; else it is dealt."""


def read_shared(folder: Path) -> Iterator[Song]:
    """GTZAN's pieces and Emotify's songs, where they lie beside the repository.

    GTZAN names no artists, but numbers its tracks artist by artist in most genres, so its folds are runs of twenty
    consecutive numbers. Emotify's artists are dealt to the folds at random, but always in the same way.
    """
    gtzan, emotify = folder / "gtzan_audio", folder / "emotify"
    for row in read_table(gtzan / "clips.csv"):
        yield Song(gtzan / row["file"], row["track"], row["genre"], row["split"], fold=gtzan_fold(row["track"]))
    rows = read_table(emotify / "metadata.csv")
    artists = sorted({row["artist"] for row in rows})
    folds = dict(zip(np.random.default_rng(0).permutation(artists), np.arange(len(artists)) % FOLDS, strict=True))
    for row in rows:
        path = emotify / row["genre"] / f"{row['track']}.opus"
        track = f"emotify.{row['genre']}.{row['track']}"
        yield Song(path, track, row["genre"], "emotify", row["artist"], int(folds[row["artist"]]))


def read_listed(folder: Path) -> Iterator[Song]:
    """A folder with a `clips.csv`: file, genre, and if they are known track, split and artist."""
    for row in read_table(folder / "clips.csv"):
        track = row.get("track") or row["file"]
        yield Song(folder / row["file"], track, row["genre"], row.get("split") or "train", row.get("artist") or "")


def read_gtzan(folder: Path) -> Iterator[Song]:
    """GTZAN as it is published, with the lists of its fault-filtered split beside `genres`, without its test tracks."""
    for split in ("train", "valid"):
        for line in (folder / f"{split}_filtered.txt").read_text().split():
            track = Path(line).stem
            found = [folder / "genres" / Path(line).with_suffix(suffix) for suffix in (".wav", ".au")]
            path = next((path for path in found if path.exists()), found[0])
            yield Song(path, track, Path(line).parent.name, split, fold=gtzan_fold(track))


def read_fma(folder: Path) -> Iterator[Song]:
    """FMA as it is published: `fma_metadata/tracks.csv` and `fma_medium` or `fma_small`, without its test tracks."""
    audio = next((folder / name for name in ("fma_medium", "fma_small") if (folder / name).is_dir()), None)
    if audio is None:
        raise FileNotFoundError(f"{folder} has neither fma_small nor fma_medium")
    splits = {"training": "train", "validation": "valid"}
    with (folder / "fma_metadata" / "tracks.csv").open(newline="", encoding="utf-8") as file:
        table = csv.reader(file)
        names = [".".join(pair) for pair in zip(next(table), next(table), strict=True)]
        for values in table:
            row = dict(zip(names, values, strict=True))
            number = values[0]
            path = audio / number.zfill(6)[:3] / f"{number.zfill(6)}.mp3"
            genre, split = OF_FMA.get(row["track.genre_top"]), splits.get(row["set.split"])
            if genre and split and path.exists():
                yield Song(path, f"fma.{number}", genre, split, row["artist.name"] or number)


def read_folders(folder: Path) -> Iterator[Song]:
    """A folder for each genre. Songs of an artist stay together: by their tag, or by the folder they lie in."""
    for genre in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        for path in sorted(genre.rglob("*")):
            if path.suffix.lower() in SOUNDS:
                within = path.relative_to(genre).parts
                artist = artist_of(path) or (within[0] if len(within) > 1 else "")
                yield Song(path, path.relative_to(folder).as_posix(), genre.name, "train", artist)


def gtzan_fold(track: str) -> int:
    """The fold of a track such as `blues.00042`."""
    return int(track.rpartition(".")[2]) * FOLDS // TRACKS_A_GENRE


def artist_of(path: Path) -> str:
    """What the file's tags say, or nothing."""
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            tags = [*container.metadata.items()]
            tags += chain.from_iterable(stream.metadata.items() for stream in container.streams.audio)
    except (OSError, ValueError):
        return ""
    said = {name.lower(): value.strip() for name, value in reversed(tags)}
    return said.get("album_artist") or said.get("artist") or ""


LAYOUTS: dict[str, Callable[[Path], Iterator[Song]]] = {
    "shared": read_shared,
    "clips": read_listed,
    "gtzan": read_gtzan,
    "fma": read_fma,
    "folders": read_folders,
}
