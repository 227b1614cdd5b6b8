"""Stage `data`: gather the clips of a source into one folder, checked, with their folds.

Usage: python training/music_style/collect.py [--out out/data]

What cannot be used is listed in `left_out.csv` and left out: missing and damaged files, silence, the same sound twice
(which would be learned from and measured on). A class with too few clips ends the training.
"""

import argparse
import csv
import hashlib
import json
import shutil
from collections import Counter
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path

from data import CLIPS, FEELINGS, FOLDS, LEFT_OUT, SPECTROGRAMS, in_order, write_table
from folds import deal, group
from progress import watched
from settings import PROJECT, Data, read_settings
from sources import LAYOUTS, Song

from halles.sdk import Audio, InputRefused
from halles_services.music_style.excerpts import AUDIBLE, loudness

RATE = 16_000
LEAST_SECONDS = 1.0
WHOLE = 0.9
"""The share of its stated length under which a file counts as cut off."""


@dataclass(frozen=True)
class Checked:
    """A song that can be learned from."""

    song: Song
    seconds: float
    sha256: str


def check(songs: list[Song]) -> tuple[list[Checked], list[tuple[Song, str]]]:
    """Return the songs that can be used, and the others with what is wrong with them."""
    good: list[Checked] = []
    bad: list[tuple[Song, str]] = []
    seen: dict[str, Song] = {}
    for song in watched(songs, "checking clips"):
        try:
            checked = examine(song)
            first = seen.setdefault(checked.sha256, song)
            if first is not song:
                raise InputRefused(f"the same file as {first.path.name}, which is {first.genre}")
            good.append(checked)
        except (InputRefused, OSError) as error:
            bad.append((song, "missing" if isinstance(error, FileNotFoundError) else str(error)))
    return good, bad


def examine(song: Song) -> Checked:
    """Listen to a file. Raises InputRefused or OSError when there is nothing to learn from it."""
    audio = Audio(song.path)
    sha256 = hashlib.sha256(song.path.read_bytes()).hexdigest()
    stated = audio.probe().seconds
    samples = audio.decode(RATE)
    seconds = len(samples) / RATE
    if stated and seconds < WHOLE * stated:
        raise InputRefused(f"cut off or damaged: {seconds:.1f} of {stated:.1f} s can be read")
    if seconds < LEAST_SECONDS:
        raise InputRefused(f"{seconds:.2f} s long; at least {LEAST_SECONDS:g} s are needed")
    if loudness(samples) < AUDIBLE:
        raise InputRefused("silence")
    return Checked(song, seconds, sha256)


def too_few(clips: list[Checked], least: int) -> list[str]:
    """Return what is wrong with the classes, a line each."""
    found = Counter(clip.song.genre for clip in clips)
    wrong = [
        f"class `{genre}` has {count} usable clips; at least {least} are needed (data.least_clips)"
        for genre, count in sorted(found.items()) if count < least
    ]  # fmt: skip
    artists = {genre: {group(clip.song) for clip in clips if clip.song.genre == genre} for genre in found}
    wrong += [
        f"class `{genre}` has clips of one artist only; at least 2 are needed, to learn from one and measure on another"
        for genre, names in sorted(artists.items()) if len(names) < 2
    ]  # fmt: skip
    if len(found) < 2:
        wrong.append(f"there are {len(found)} classes; at least 2 are needed")
    return wrong


def first_of_each(songs: list[Song], most: int) -> list[Song]:
    """Keep at most `most` songs of a class, spread over it; 0 keeps all."""
    if not most:
        return songs
    by_genre = {genre: [song for song in songs if song.genre == genre] for genre in {song.genre for song in songs}}
    kept = {id(of[i * len(of) // most]) for of in by_genre.values() for i in range(most) if len(of) > most}
    return [song for song in songs if len(by_genre[song.genre]) <= most or id(song) in kept]


def write(out: Path, source: Path, clips: list[Checked], bad: list[tuple[Song, str]]) -> None:
    """Write the folder: the sounds, and the tables that say what they are."""
    shutil.rmtree(out, ignore_errors=True)
    rows: list[list[object]] = []
    for clip, fold in zip(clips, deal([clip.song for clip in clips]), strict=True):
        song, file = clip.song, clip.song.path.relative_to(source)
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(song.path, out / file)
        row = [file.as_posix(), song.track, song.genre, f"{clip.seconds:.2f}", song.split, fold, song.artist]
        rows.append([*row, clip.sha256])
    write_table(out / CLIPS, ["file", "track", "genre", "seconds", "split", "fold", "artist", "sha256"], rows)
    listed: list[list[object]] = [[song.path.relative_to(source).as_posix(), song.genre, why] for song, why in bad]
    write_table(out / LEFT_OUT, ["file", "genre", "why"], listed)


def write_extras(out: Path, source: Path) -> None:
    """Take over what the shared data know besides: spectrograms without audio, and what listeners felt."""
    shutil.copyfile(source / "gtzan_mel" / "gtzan_mel128_u8.npz", out / SPECTROGRAMS)
    with (source / "emotify" / "emotions.csv").open(newline="", encoding="utf-8") as file:
        first, *rows = csv.reader(file)
    number, genre = first.index("track_id"), first.index("genre")
    named: list[list[object]] = [[f"emotify.{row[genre]}.{row[number]}", *row[2:]] for row in rows]
    write_table(out / FEELINGS, ["track", *first[2:]], named)


def tell(clips: list[Checked], bad: list[tuple[Song, str]], source: Path) -> None:
    """Print what there is, what was left out, and what changed since the last time."""
    genres = Counter(clip.song.genre for clip in clips)
    print(f"{len(clips)} clips of {len({clip.song.track for clip in clips})} tracks in {FOLDS} folds:", end=" ")
    print(", ".join(f"{genre} {genres[genre]}" for genre in in_order(set(genres))))
    for song, why in bad:
        print(f"left out: {song.path.relative_to(source)}: {why}")
    last = PROJECT / "work" / "clips.json"
    now = {clip.song.path.relative_to(source).as_posix(): clip.sha256 for clip in clips}
    if last.exists():
        before = json.loads(last.read_text())
        both = now.keys() & before.keys()
        changed = sum(now[name] != before[name] for name in both)
        print(f"The data changed: {len(now) - len(both)} new, {len(before) - len(both)} gone, {changed} different.")
    last.parent.mkdir(exist_ok=True)
    last.write_text(json.dumps(now))


def songs_of(source: Path, layout: str) -> list[Song]:
    """All songs of a folder. Ends the program when it is laid out otherwise."""
    try:
        songs = list(LAYOUTS[layout](source))
    except (OSError, ValueError, KeyError, csv.Error) as error:
        why = f"a table has no column {error}" if isinstance(error, KeyError) else error
        raise SystemExit(f"{source} is not laid out as `{layout}` (data.layout in params.yaml): {why}") from error
    if not songs:
        raise SystemExit(f"{source} has no songs where `{layout}` (data.layout in params.yaml) has them: see README.md")
    if outside := [song.path for song in songs if not Path(normpath(song.path)).is_relative_to(source)]:
        raise SystemExit(f"{outside[0]} lies outside of {source}. Set data.source to a folder that holds all songs.")
    return songs


def collect(data: Data, out: Path) -> None:
    """Do the whole stage. Ends the program when the source cannot be learned from."""
    source = data.folder.resolve()
    if not source.is_dir():
        raise SystemExit(f"There is no folder {source}. Set `data.source` in params.yaml.")
    clips, bad = check(first_of_each(songs_of(source, data.layout), data.most_clips))
    tell(clips, bad, source)
    if wrong := too_few(clips, data.least_clips):
        raise SystemExit("\n".join(wrong))
    write(out, source, clips, bad)
    if data.layout == "shared":
        write_extras(out, source)


def main() -> None:
    """Read the parameters, gather the clips."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PROJECT / "out" / "data")
    collect(read_settings().data, parser.parse_args().out)


if __name__ == "__main__":
    main()
