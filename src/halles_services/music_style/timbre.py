"""How a timbre is: bright, noisy, loud."""

import numpy as np

from halles_services.music_style.excerpts import loudness

FRAME = 1024
DARK, BRIGHT = 600.0, 3000.0
"""Spectral centroids in Hz (5th and 95th percentile of the training clips) that count as 0 and 1."""


def brightness(samples: np.ndarray, rate: int) -> float:
    """Return where the spectral centroid of mono `samples` lies from dark (0) to bright (1), on a logarithmic scale."""
    centroid = spectral_centroid(samples, rate)
    if centroid <= 0:
        return 0.0
    return float(np.clip(np.log(centroid / DARK) / np.log(BRIGHT / DARK), 0, 1))


def spectral_centroid(samples: np.ndarray, rate: int) -> float:
    """Return the mean frequency in Hz weighted by magnitude; 0 for silence."""
    magnitude = spectrum(samples)
    total = float(magnitude.sum())
    return float(magnitude @ np.fft.rfftfreq(FRAME, 1 / rate)) / total if total > 0 else 0.0


def noisiness(samples: np.ndarray) -> float:
    """Return the spectral flatness in dB: about 0 for white noise, far below for music."""
    power = np.maximum(spectrum(samples) ** 2, 1e-12)
    return float(10 * (np.log10(power).mean() - np.log10(power.mean())))


def decibels(samples: np.ndarray) -> float:
    """Return the loudness, 0 for full scale; silence is at -100."""
    return float(20 * np.log10(max(loudness(samples), 1e-5)))


def spectrum(samples: np.ndarray) -> np.ndarray:
    """Return the magnitudes by frequency, summed over the whole of mono `samples`."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return np.asarray(np.abs(np.fft.rfft(frames * np.hanning(FRAME).astype(np.float32))).sum(axis=0))
