"""Lines of lyrics from single words."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from halles_services.kinds import Segment, Word
from halles_services.speech_recognition.voting import Chosen

PAUSE = 0.8
"""Seconds of silence that end a line."""
HELD = 1.3
"""The last word of a line is held: times the usual distance of two words, with which a capital letter begins a line."""
SHORT = 3
"""A capital letter ends no line of fewer words: it may be a name."""
LONG = 12
"""Words in the longest line."""
STOPS = (".", "?", "!", "…", "。", "？", "！")
ABBREVIATION = 4
"""Letters, dot included, of a word such as `Mr.` that ends no sentence."""


def lines(words: Sequence[Chosen], spaced: bool) -> tuple[Segment, ...]:
    """Group words into sung lines; `spaced` says whether the language puts spaces between words."""
    pace = median([b.start - a.start for a, b in pairwise(words)] or [0.0])
    found: list[list[Chosen]] = []
    for word in words:
        if not found or ends(found[-1], word, pace):
            found.append([])
        found[-1].append(word)
    return tuple(segment(part, spaced) for line in found for part in parts(line))


def ends(line: Sequence[Chosen], word: Chosen, pace: float) -> bool:
    """Whether a line is over before a word, `pace` being the usual time from one word to the next."""
    last = line[-1]
    stop = last.text.endswith(STOPS) and not (last.text.endswith(".") and len(last.text) <= ABBREVIATION)
    held = word.start - last.start > HELD * pace
    return word.start - last.end >= PAUSE or stop or (len(line) >= SHORT and held and capital(word.text))


def capital(text: str) -> bool:
    """Whether a word has a capital letter that it would not always have."""
    return text[:1].isupper() and text.rstrip(",") != "I" and not text.startswith(("I'", "I’"))


def parts(line: list[Chosen]) -> list[list[Chosen]]:
    """Cut a line that is too long: before a capital letter if there is one, and after the word that is held longest."""
    if len(line) <= LONG:
        return [line]
    breaks = range(SHORT, len(line) - SHORT + 1)
    best = max(breaks, key=lambda i: (capital(line[i].text), line[i].start - line[i - 1].start))
    return [*parts(line[:best]), *parts(line[best:])]


def segment(line: Sequence[Chosen], spaced: bool) -> Segment:
    """Return a line as the kind says it: times to the hundredth, probabilities to the thousandth."""
    return Segment(
        text=(" " if spaced else "").join(word.text for word in line).rstrip(",;"),
        start=round(line[0].start, 2),
        end=round(max(word.end for word in line), 2),
        confidence=round(sum(word.confidence for word in line) / len(line), 3),
        words=tuple(
            Word(
                text=word.text,
                start=round(word.start, 2),
                end=round(word.end, 2),
                confidence=round(word.confidence, 3),
            )
            for word in line
        ),
    )
