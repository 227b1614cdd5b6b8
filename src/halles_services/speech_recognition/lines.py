"""Lines of lyrics from single words."""

from collections.abc import Sequence

from halles_services.kinds import Segment, Word
from halles_services.speech_recognition.voting import Chosen

PAUSE = 0.8
"""Seconds of silence that end a line."""
HINT = 0.25
"""Seconds that do so where spelling speaks for it: Whisper begins sung lines with a capital letter."""
SHORT = 3
"""A capital letter ends no line of fewer words: it may be a name."""
LONG = 12
"""Words in the longest line."""


def lines(words: Sequence[Chosen], spaced: bool) -> tuple[Segment, ...]:
    """Group words into sung lines; `spaced` says whether the language puts spaces between words."""
    found: list[list[Chosen]] = []
    for word in words:
        if not found or ends(found[-1], word):
            found.append([])
        found[-1].append(word)
    return tuple(segment(part, spaced) for line in found for part in parts(line))


def ends(line: Sequence[Chosen], word: Chosen) -> bool:
    """Whether a line is over before a word."""
    pause = word.start - line[-1].end
    capital = word.text[:1].isupper() and not word.text.startswith("I'") and word.text != "I"
    return (
        pause >= PAUSE
        or line[-1].text.endswith((".", "?", "!", "。", "？", "！", "…"))
        or (capital and len(line) >= SHORT and pause >= HINT)
    )


def parts(line: list[Chosen]) -> list[list[Chosen]]:
    """Cut a line that is too long at its longest pauses, commas counting as one."""
    if len(line) <= LONG:
        return [line]
    breaks = range(SHORT, len(line) - SHORT + 1)
    best = max(breaks, key=lambda i: line[i].start - line[i - 1].end + PAUSE * line[i - 1].text.endswith(","))
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
                text=word.text, start=round(word.start, 2), end=round(word.end, 2), confidence=round(word.confidence, 3)
            )
            for word in line
        ),
    )
