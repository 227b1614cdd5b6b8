"""Tempo from the periodicity of onsets.

Onset strength is spectral flux, tempo the best-supported period of its autocorrelation under a preference for moderate
tempi: Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36(1), 2007.
"""

import numpy as np

FRAME = 1024
FRAMES_A_SECOND = 100
SLOWEST, FASTEST = 40.0, 220.0  # beats a minute
USUAL = 120.0
OCTAVES = 0.9  # standard deviation of the preference around the usual tempo
LEAST_SECONDS = 4.0
LEAST_PERIODICITY = 0.15
"""Share of the onsets' variance that returns after one beat, under which there is none to speak of."""


def tempo(samples: np.ndarray, rate: int) -> float | None:
    """Return the beats a minute of mono `samples`, or None where there is no beat or too little to tell."""
    if len(samples) < LEAST_SECONDS * rate:
        return None
    onsets = onset_strength(samples, rate)
    periodicity = autocorrelation(onsets)
    lags = np.arange(int(60 * FRAMES_A_SECOND / FASTEST), int(60 * FRAMES_A_SECOND / SLOWEST) + 1)
    lags = lags[lags * 2 + 2 < len(periodicity)]
    # A beat returns after two periods as well; a chance peak does not.
    support = periodicity[lags] + 0.5 * np.maximum.reduce([periodicity[2 * lags + shift] for shift in (-1, 0, 1)])
    preference = np.exp(-0.5 * (np.log2(60 * FRAMES_A_SECOND / lags / USUAL) / OCTAVES) ** 2)
    best = int(lags[np.argmax(support * preference)])
    if periodicity[best] < LEAST_PERIODICITY:
        return None
    return 60 * FRAMES_A_SECOND / (best + peak_offset(periodicity[best - 1 : best + 2]))


def onset_strength(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return how much the logarithmic spectrum rises a hundred times a second, above the mean of the second around."""
    hop = rate // FRAMES_A_SECOND
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::hop]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(FRAME).astype(np.float32)))
    rise = np.diff(np.log1p(10 * spectrum), axis=0)
    flux = np.maximum(rise, 0).mean(axis=1)
    half = FRAMES_A_SECOND // 2
    around = np.convolve(np.pad(flux, half, mode="edge"), np.full(2 * half + 1, 1 / (2 * half + 1)), mode="valid")
    return np.asarray(np.maximum(flux - around, 0))


def autocorrelation(signal: np.ndarray) -> np.ndarray:
    """Return the autocorrelation at each lag, 1 at lag 0; every lag is a mean over the same measure of signal."""
    centred = signal - signal.mean()
    length = len(centred)
    power = np.abs(np.fft.rfft(centred, 2 * length)) ** 2
    raw = np.fft.irfft(power)[:length] / np.arange(length, 0, -1)
    return raw / raw[0] if raw[0] > 0 else np.zeros(length)


def peak_offset(around: np.ndarray) -> float:
    """Return where the parabola through three neighbouring values has its peak, relative to the middle one."""
    before, middle, after = around
    curvature = before - 2 * middle + after
    return float(np.clip(0.5 * (before - after) / curvature, -0.5, 0.5)) if curvature < 0 else 0.0
