"""The band: every instrument is a formula. A note is a mono array of float samples at RATE."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATE = 48_000
TAU = 2 * np.pi


def clock(seconds: float) -> Floats:
    """The time of every sample, from 0."""
    return np.arange(round(seconds * RATE)) / RATE


def fade(note: Floats, start: float = 0.003, end: float = 0.05) -> Floats:
    """The note without clicks: its first and last seconds are ramps."""
    rise, fall = round(start * RATE), round(end * RATE)
    note = note.copy()
    note[:rise] *= np.linspace(0, 1, rise)
    note[-fall:] *= np.linspace(1, 0, fall)
    return note


def band(sound: Floats, low: float, high: float) -> Floats:
    """Keep what lies between two frequencies (hertz), with slopes of 12 dB an octave and no phase shift."""
    size = len(sound) + RATE // 4  # Room for the ringing, or the end would leak into the beginning.
    f = np.fft.rfftfreq(size, 1 / RATE)[1:]
    gain = np.concatenate([[0], 1 / ((1 + (low / f) ** 2) * (1 + (f / high) ** 2))])
    return np.asarray(np.fft.irfft(np.fft.rfft(sound, size) * gain, size)[: len(sound)])


def noise(seconds: float, seed: int) -> Floats:
    """White noise of unit power."""
    return np.random.default_rng(seed).normal(size=round(seconds * RATE))


def guitar(hz: float, seconds: float, force: float = 1.0, pluck: float = 0.18) -> Floats:
    """A nylon string: harmonics with the weights of a plucked string, the high ones stiff and short-lived."""
    t = clock(seconds)
    k = np.arange(1, int(min(40, 9000 / hz)) + 1)[:, None]
    weight = np.sin(np.pi * k * pluck) / k**1.25 * np.exp(-k * (1.15 - force) / 11)
    partial = hz * k * np.sqrt(1 + 4e-5 * k**2)
    decay = np.exp(-t * (0.9 + hz / 300 + 0.06 * k**1.4))
    string = (weight * decay * np.sin(TAU * partial * t)).sum(0)
    body = band(noise(0.03, int(hz)), 90, 900) * np.exp(-clock(0.03) / 0.006) * 0.25
    string[: len(body)] += body
    return fade(string * force, 0.001, 0.12)


def piano(hz: float, seconds: float, force: float = 1.0) -> Floats:
    """An electric piano by frequency modulation (Chowning 1973): a soft tone, and a bell that fades at once."""
    t = clock(seconds)
    tone = np.sin(TAU * hz * t + 1.1 * force * np.exp(-t / 0.5) * np.sin(TAU * hz * t))
    bell = np.sin(TAU * hz * t + 0.9 * np.exp(-t / 0.12) * np.sin(TAU * 14 * hz * t)) * np.exp(-t / 0.6)
    return fade((0.8 * tone * np.exp(-t / 1.3) + 0.3 * bell) * force, 0.002, 0.25)


def bell(hz: float, seconds: float, force: float = 1.0) -> Floats:
    """A glass bell: few, inharmonic partials."""
    t = clock(seconds)
    ratio, weight, life = np.array([(1, 1, 1.1), (2.01, 0.5, 0.8), (3.93, 0.22, 0.35), (6.7, 0.08, 0.12)]).T[..., None]
    return fade(force * (weight * np.exp(-t / life) * np.sin(TAU * hz * ratio * t)).sum(0), 0.002, 0.2)


def pad(hz: float, seconds: float, detune: float, brightness: float = 8) -> Floats:
    """A string pad: soft saws, one a few cents off the other side's; it swells and lets go slowly."""
    t = clock(seconds)
    sound = np.zeros_like(t)
    for cents in (-7 + detune, detune, 6 + detune):
        f = hz * 2 ** (cents / 1200)
        for k in range(1, int(min(24, 6000 / f)) + 1):
            sway = 1 + 0.25 * np.sin(TAU * 0.23 * t + k + cents)
            sound += np.exp(-k / brightness) / k * sway * np.sin(TAU * f * k * t + k * cents)
    return fade(sound / 3, min(0.7, seconds / 3), min(0.9, seconds / 3))


def bass(hz: float, seconds: float) -> Floats:
    """A round electric bass."""
    t = clock(seconds)
    tone = np.sin(TAU * hz * t) + 0.45 * np.exp(-t / 0.5) * np.sin(2 * TAU * hz * t)
    tone += 0.16 * np.exp(-t / 0.2) * np.sin(3 * TAU * hz * t)
    return fade(np.tanh(1.2 * tone) * np.exp(-t / 1.6), 0.004, 0.06)


def kick() -> Floats:
    """A felt-beaten bass drum."""
    t = clock(0.4)
    sweep = np.cumsum(46 + 90 * np.exp(-t / 0.028)) / RATE
    return fade(np.sin(TAU * sweep) * np.exp(-t / 0.13) + 0.12 * band(noise(0.4, 1), 1500, 5000) * np.exp(-t / 0.004))


def snare() -> Floats:
    """A snare with some room around it."""
    t = clock(0.35)
    wires = band(noise(0.35, 2), 1400, 9000) * np.exp(-t / 0.075)
    return fade(0.7 * wires + 0.5 * np.sin(TAU * (175 + 60 * np.exp(-t / 0.01)) * t) * np.exp(-t / 0.07))


def rim() -> Floats:
    """A stick laid across the rim."""
    t = clock(0.12)
    return fade(band(noise(0.12, 3), 900, 4000) * np.exp(-t / 0.012) + 0.4 * np.sin(TAU * 820 * t) * np.exp(-t / 0.015))


def hat(seconds: float, seed: int) -> Floats:
    """A hi-hat; the longer it lasts, the more open it is."""
    return fade(band(noise(seconds, seed), 6500, 15000) * np.exp(-clock(seconds) / (seconds / 4)), 0.001, 0.01)


def cymbal(seconds: float, seed: int, *, swell: bool = False) -> Floats:
    """A cymbal struck, or rolled into a swell."""
    t = clock(seconds)
    shape = (t / seconds) ** 2.5 if swell else np.exp(-t / (seconds / 4))
    return fade(band(noise(seconds, seed), 3500, 12000) * shape, 0.002, 0.04)


def sea(seconds: float, seed: int) -> Floats:
    """Waves on a shore: noise that comes and goes in slow, unequal breaths."""
    t = clock(seconds)
    swell = 0.35 + 0.4 * np.sin(TAU * t / 5.3 + seed) ** 2 + 0.25 * np.sin(TAU * t / 3.1 + 2 * seed) ** 2
    return fade(band(noise(seconds, seed), 140, 1100) * swell**2, 1.5, 2.5)
