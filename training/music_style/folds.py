"""Deal songs to folds, so that what may not be parted stays together and each fold has its share of each genre."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from data import FOLDS
from sources import Song


def deal(songs: Sequence[Song]) -> list[int]:
    """Return the fold of each song: the one it was given, or the one with the fewest of its artist's genre so far.

    The same songs in any order are dealt in the same way.
    """
    groups: dict[str, list[Song]] = defaultdict(list)
    for song in songs:
        if song.fold is None:
            groups[group(song)].append(song)
    filled = Counter((song.fold, song.genre) for song in songs if song.fold is not None)
    dealt: dict[str, int] = {}
    for name, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        genres = Counter(song.genre for song in members)
        main = min(genres, key=lambda genre: (-genres[genre], genre))
        dealt[name] = min(range(FOLDS), key=lambda fold: (filled[fold, main], fold))
        filled.update((dealt[name], song.genre) for song in members)
    return [dealt[group(song)] if song.fold is None else song.fold for song in songs]


def group(song: Song) -> str:
    """What may not be parted: all of an artist, or the pieces of a track."""
    return f"artist {song.artist}" if song.artist else f"track {song.track}"
