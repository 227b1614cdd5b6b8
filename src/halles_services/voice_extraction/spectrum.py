"""The short-time Fourier transform of Spleeter: Hann windows of 4096 samples, one every 1024."""

import numpy as np

FRAME = 4096
HOP = 1024
OVERLAP = FRAME // HOP
WINDOW = np.hanning(FRAME + 1)[:-1].astype(np.float32)  # periodic
# Squared Hann windows at this hop add up to 3/2 everywhere.
SYNTHESIS = WINDOW * np.float32(2 / 3)


def spectrum(samples: np.ndarray) -> np.ndarray:
    """Return the frames (channels, frames, 2049) of samples (channels, (frames + 3) × 1024), as complex64."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME, axis=-1)[:, ::HOP]
    return np.fft.rfft(frames * WINDOW)


def inverse(frames: np.ndarray) -> np.ndarray:
    """Overlap and add frames (channels, frames, 2049): samples (channels, (frames + 3) × 1024).

    The first and the last 3072 samples lack the frames before and after.
    """
    channels, count, _ = frames.shape
    pieces = (np.fft.irfft(frames) * SYNTHESIS).reshape(channels, count, OVERLAP, HOP)
    samples = np.zeros((channels, count + OVERLAP - 1, HOP), np.float32)
    for part in range(OVERLAP):
        samples[:, part : part + count] += pieces[:, :, part]
    return samples.reshape(channels, -1)
