"""One text from several hearings of the same song: each word is put to the vote.

After ROVER (Fiscus, "A post-processing system to yield reduced word error rates: Recognizer Output Voting Error
Reduction", ASRU 1997): the hearings are aligned word by word, here with the help of their times, and at each place
the word with the most votes wins; "no word" is a candidate too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np

from halles_services.speech_recognition.listening import Heard, key

CERTAIN = 0.5
"""Share of a vote that does not depend on the word's probability."""
SILENCE = 0.5
"""Probability that a hearing without a word at a place is taken to give to that."""
GAP = 0.75
"""Cost of a word without partner; of two different words, up to 1."""
FAR = 3.0
"""Words further apart, in seconds, are never partners."""
PAUSE = 1.0
"""Seconds in which no hearing has a word; the hearings are aligned piece by piece between such pauses."""


@dataclass
class Place:
    """A place in the text with the word that each hearing has there."""

    words: dict[int, Heard] = field(default_factory=dict)

    @property
    def time(self) -> float:
        """The middle of the first word."""
        return middle(next(iter(self.words.values())))


@dataclass(frozen=True)
class Chosen:
    """A word of the voted text; `confidence` is the mean probability over the hearings, 0 for those without it."""

    text: str
    start: float
    end: float
    confidence: float


def vote(hearings: Sequence[Sequence[Heard]]) -> list[Chosen]:
    """Return the words that win, in the order of time. The first hearing decides the order of places."""
    won = []
    for pieces in split(hearings):
        places = [Place({0: word}) for word in pieces[0]]
        for number, words in enumerate(pieces[1:], start=1):
            places = merge(places, words, number)
        won += [word for place in places if (word := elect(place, len(hearings)))]
    return won


def split(hearings: Sequence[Sequence[Heard]]) -> list[list[list[Heard]]]:
    """Cut all hearings at the pauses that they share."""
    spans = sorted((word.start, word.end) for words in hearings for word in words)
    borders: list[float] = []
    reached = spans[0][1] if spans else 0.0
    for start, end in spans:
        if start - reached > PAUSE:
            borders.append((reached + start) / 2)
        reached = max(reached, end)
    edges = [-np.inf, *borders, np.inf]
    return [
        [[word for word in words if low <= middle(word) < high] for words in hearings] for low, high in pairwise(edges)
    ]


def merge(places: list[Place], words: Sequence[Heard], number: int) -> list[Place]:
    """Add a hearing to the places, by the cheapest alignment."""
    step = align(places, words)
    merged: list[Place] = []
    i, j = len(places), len(words)
    while i or j:
        move = step[i, j]
        i, j = i - (move != 2), j - (move != 1)
        place = Place() if move == 2 else places[i]
        if move != 1:
            place.words[number] = words[j]
        merged.append(place)
    return merged[::-1]


def align(places: Sequence[Place], words: Sequence[Heard]) -> np.ndarray:
    """Return the moves (0 both, 1 place only, 2 word only) of the edit distance between the two."""
    cost = np.add.outer(np.arange(len(places) + 1), np.arange(len(words) + 1)) * GAP
    step = np.zeros(cost.shape, dtype=np.int8)
    step[1:, 0], step[0, 1:] = 1, 2
    for i, place in enumerate(places, start=1):
        spellings = {key(word.text) for word in place.words.values()}
        for j, word in enumerate(words, start=1):
            apart = abs(place.time - middle(word))
            unlike = min(difference(key(word.text), spelling) for spelling in spellings) + apart / 10
            moves = (
                cost[i - 1, j - 1] + (unlike if apart <= FAR else np.inf),
                cost[i - 1, j] + GAP,
                cost[i, j - 1] + GAP,
            )
            step[i, j] = min(range(3), key=lambda move: moves[move])
            cost[i, j] = moves[step[i, j]]
    return step


@lru_cache(maxsize=65_536)
def difference(a: str, b: str) -> float:
    """From 0 for equal words over 0.6 for similar ones to 1: shared pairs of letters (Dice)."""
    if a == b:
        return 0.0
    pairs = [{word[i : i + 2] for i in range(len(word) - 1)} or {word} for word in (a, b)]
    return 1 - 0.8 * len(pairs[0] & pairs[1]) / (len(pairs[0]) + len(pairs[1]))


def elect(place: Place, voters: int) -> Chosen | None:
    """Return the word that wins at a place, None when it is silence."""
    votes: dict[str, float] = {"": (voters - len(place.words)) * (CERTAIN + (1 - CERTAIN) * SILENCE)}
    for word in place.words.values():
        votes[key(word.text)] = votes.get(key(word.text), 0.0) + CERTAIN + (1 - CERTAIN) * word.probability
    winner = max(votes, key=lambda spelling: (votes[spelling], spelling))
    if not winner:
        return None
    backers = [word for word in place.words.values() if key(word.text) == winner]
    best = max(backers, key=lambda word: word.probability)
    return Chosen(best.text, best.start, best.end, sum(word.probability for word in backers) / voters)


def middle(word: Heard) -> float:
    """The middle of a word's time."""
    return (word.start + word.end) / 2
