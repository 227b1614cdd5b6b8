"""Which parts of a song are listened to."""

import numpy as np

AUDIBLE = 1e-3
"""Root mean square (-60 dB) under which an excerpt counts as silence."""


def excerpts(samples: np.ndarray, size: int, most: int) -> list[np.ndarray]:
    """Return up to `most` audible pieces of `size` samples, spread evenly over the song.

    A song shorter than that is one piece of its own length; silence gives none.
    """
    count = min(most, -(-len(samples) // size))
    starts = np.linspace(0, max(0, len(samples) - size), count).astype(int)
    pieces = [samples[start : start + size] for start in starts]
    return [piece for piece in pieces if loudness(piece) >= AUDIBLE]


def loudness(samples: np.ndarray) -> float:
    """Root mean square of samples in [-1, 1]."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0
