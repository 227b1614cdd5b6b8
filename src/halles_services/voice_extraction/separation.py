"""Separating a stream of stereo samples into vocals and accompaniment, in bounded memory."""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from halles_services.voice_extraction.spectrum import FRAME, HOP, inverse, spectrum

RATE = 44100
BINS = 1024  # what the network sees: up to 11 kHz
HIGHEST = 128  # bins, from 9.6 kHz
SEGMENT = 512  # frames that the network sees at once, as in its training
CONTEXT = 64  # frames at either end of a segment whose shares lack surroundings: the neighbours give them
LATENCY = FRAME - HOP  # a sample is complete once all frames that overlap it were added
LEVEL = 0.15  # root mean square at which the network separates best; by 20 dB quieter it loses 4 dB
TINY = np.float32(1e-10)  # so that two shares of nothing divide


class Separator:
    """Spleeter's two U-Nets in one session."""

    def __init__(self, model: Path, threads: int) -> None:
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that wait for work by spinning took half as much processor time again.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def separate(
        self, blocks: Iterable[np.ndarray], rms: float, segment: int = SEGMENT
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield vocals and accompaniment piece by piece; they add up to the song, sample by sample.

        `blocks` are consecutive float32 arrays of shape (2, samples) at 44.1 kHz, of any length; the two arrays
        of a piece are alike. `rms` is the root mean square of the whole song, `segment` the number of frames that
        the network sees at once, a multiple of 64.
        """
        gain = np.float32(LEVEL / rms) if rms else np.float32(1)
        inner = (segment - 2 * CONTEXT) * HOP
        stream = Stream(blocks)
        unfinished = np.zeros((2, LATENCY), np.float32)
        for start, window in stream.windows(-LATENCY, inner, CONTEXT * HOP, CONTEXT * HOP + LATENCY):
            frames = spectrum(window)
            frames *= self.vocal_share(gain * np.abs(frames))
            vocals = inverse(frames[:, CONTEXT:-CONTEXT])
            vocals[:, :LATENCY] += unfinished
            vocals, unfinished = np.split(vocals, [inner], axis=1)
            mix = window[:, CONTEXT * HOP : CONTEXT * HOP + inner]
            song = slice(max(0, -start), max(0, stream.length - start))
            yield vocals[:, song], (mix - vocals)[:, song]

    def vocal_share(self, magnitudes: np.ndarray) -> np.ndarray:
        """Return the vocals' share of each magnitude, by the two stems' estimates to the power of 1.5.

        Both have shape (2, frames, 2049). What the network does not see goes the way of the highest that it sees.
        """
        shares = self.session.run(None, {"magnitudes": magnitudes[None, ..., :BINS]})
        vocals, accompaniment = (share[0] * np.sqrt(share[0]) for share in shares)
        seen = vocals / (vocals + accompaniment + TINY)
        above = seen[..., -HIGHEST:].mean(axis=-1, keepdims=True)
        return np.concatenate([seen, np.repeat(above, magnitudes.shape[-1] - BINS, axis=-1)], axis=-1)


class Level(NamedTuple):
    """How loud and how long a song is."""

    rms: float
    samples: int


def measure(blocks: Iterable[np.ndarray]) -> Level:
    """Return the root mean square of a song over all channels, and its samples a channel."""
    energy, samples, channels = 0.0, 0, 1
    for block in blocks:
        energy += float(np.vdot(block, block))
        channels = len(block)
        samples += block.shape[1]
    return Level(math.sqrt(energy / max(1, samples * channels)), samples)


class Stream:
    """Samples that arrive in blocks and leave in overlapping windows, with silence before and after."""

    def __init__(self, blocks: Iterable[np.ndarray]) -> None:
        self.blocks = iter(blocks)
        self.length = 0  # samples that have arrived

    def windows(self, start: int, inner: int, before: int, after: int) -> Iterator[tuple[int, np.ndarray]]:
        """Yield windows of `before + inner + after` samples, whose inner parts follow each other from `start` on.

        With each comes the position of its inner part; the last inner part holds the last sample.
        """
        size = before + inner + after
        held = np.zeros((2, before - start), np.float32)
        while True:
            held = self._fill(held, size)
            if start >= self.length:
                return
            yield start, np.pad(held[:, :size], ((0, 0), (0, max(0, size - held.shape[1]))))
            held = held[:, inner:]
            start += inner

    def _fill(self, held: np.ndarray, size: int) -> np.ndarray:
        """Append blocks until there are `size` samples, or no more blocks."""
        pieces, missing = [held], size - held.shape[1]
        while missing > 0 and (block := next(self.blocks, None)) is not None:
            pieces.append(block)
            missing -= block.shape[1]
            self.length += block.shape[1]
        return np.concatenate(pieces, axis=1)
