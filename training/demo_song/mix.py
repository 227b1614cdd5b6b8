"""The desk: placing notes in stereo time, reverb, levelling, mastering and the file."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from instruments import RATE, Floats, band, clock


class Track:
    """A stereo track of fixed length, shape (2, samples), onto which notes are added."""

    def __init__(self, seconds: float) -> None:
        self.samples = np.zeros((2, round(seconds * RATE)))

    def add(self, note: Floats, at: float, gain: float = 1.0, pan: float = 0.0) -> None:
        """Add a mono note at a time in seconds; pan from -1 (left) to 1 (right) at constant power."""
        start = round(at * RATE)
        note = note[max(0, -start) :]
        start = max(0, start)
        note = note[: self.samples.shape[1] - start]
        angle = (pan + 1) * np.pi / 4
        self.samples[0, start : start + len(note)] += gain * np.cos(angle) * note
        self.samples[1, start : start + len(note)] += gain * np.sin(angle) * note


def stereo(sound: Floats, low: float, high: float) -> Floats:
    """`band` on both channels."""
    return np.stack([band(channel, low, high) for channel in sound])


def reverb(sound: Floats, seconds: float, seed: int, pre: float = 0.02) -> Floats:
    """What a hall answers: convolution with noise that dies by 60 dB in `seconds`, its treble faster."""
    t = clock(seconds)
    tails = []
    for channel in range(2):
        rng = np.random.default_rng([seed, channel])
        low, high = rng.normal(size=len(t)), rng.normal(size=len(t))
        tail = band(low, 200, 2500) * 10 ** (-3 * t / seconds) + 0.5 * band(high, 2500, 9000) * 10 ** (-5 * t / seconds)
        tails.append(np.concatenate([np.zeros(round(pre * RATE)), tail / np.sqrt((tail**2).sum())]))
    return np.stack([convolve(sound[channel], tails[channel]) for channel in range(2)])


def convolve(sound: Floats, kernel: Floats) -> Floats:
    """Linear convolution by FFT, cut to the sound's length."""
    size = 1 << (len(sound) + len(kernel) - 1).bit_length()
    return np.asarray(np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(kernel, size), size)[: len(sound)])


def loudness(sound: Floats, seconds: float) -> Floats:
    """Root mean square in a window sliding over a mono sound."""
    window = np.hanning(round(seconds * RATE))
    return np.sqrt(np.maximum(convolve_centred(sound**2, window / window.sum()), 1e-12))


def convolve_centred(sound: Floats, window: Floats) -> Floats:
    """Convolution with a symmetric window, without delay."""
    half = len(window) // 2
    return convolve(np.concatenate([sound, np.zeros(half)]), window)[half:]


def level(voice: Floats, target: float = 0.1, strength: float = 0.75, most: float = 4.0) -> Floats:
    """Even out a voice: its slow loudness is moved towards `target` by `strength` (1 would flatten it).

    Only what is sung counts as loudness, so that a hiss or a click between notes is not blown up.
    """
    heard = np.maximum(loudness(band(voice, 120, 1800), 0.22), loudness(voice, 0.22) / 2)
    return voice * np.minimum((target / heard) ** strength, most)


def soften(voice: Floats, most: float) -> Floats:
    """Hold the hiss of s, t and sh (above 4.5 kHz, in windows of 20 ms) under a root mean square of `most`."""
    hiss = band(voice, 4500, 24_000)
    return np.asarray(voice - hiss * (1 - np.minimum(1, most / loudness(hiss, 0.02))))


def present(voice: Floats) -> Floats:
    """A voice without rumble, and clearer."""
    clean = band(voice, 70, 20_000)
    return clean + 0.8 * band(clean, 2200, 5000)


def duck(sound: Floats, voice: Floats, depth: float) -> Floats:
    """Make room for a voice: a stereo sound goes down by up to `depth` (0 to 1) where the voice is loud."""
    heard = loudness(voice, 0.25)
    return sound * (1 - depth * np.clip(heard / np.percentile(heard, 90), 0, 1))


def master(sound: Floats, peak: float = 0.89) -> Floats:
    """Glue and limit: gentle saturation, then the highest peak (before coding) at `peak`."""
    sound = stereo(sound, 28, 19_000)
    sound = np.tanh(sound / np.percentile(np.abs(sound), 99.7) * 0.65)
    return np.asarray(sound / np.abs(sound).max() * peak)


def double_rate(sound: Floats) -> Floats:
    """A sound at twice its sampling rate, by padding its spectrum with silence."""
    return np.asarray(np.fft.irfft(np.fft.rfft(sound), 2 * len(sound)) * 2)


def write_opus(path: Path, sound: Floats, kbps: int) -> None:
    """Write stereo samples, shape (2, samples), as Ogg Opus; the same samples give the same bytes."""
    import av

    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=RATE, layout="stereo")
        stream.bit_rate = kbps * 1000
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        for start in range(0, sound.shape[1], RATE):
            block = np.ascontiguousarray(sound[:, start : start + RATE].T.reshape(1, -1).astype(np.float32))
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
