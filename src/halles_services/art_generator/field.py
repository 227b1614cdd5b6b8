"""Fields over the picture: coordinates, fractal noise, blur, and sampling one field by others."""

import math
from functools import lru_cache

import numpy as np

from halles_services.art_generator.palette import Array

Random = np.random.Generator


@lru_cache(maxsize=4)
def grid(size: int) -> tuple[Array, Array]:
    """Coordinates of pixel centres: x as (1, size) and y as (size, 1), both in [0, 1]."""
    at = ((np.arange(size) + 0.5) / size).astype(np.float32)
    return at[None, :], at[:, None]


def mix(a: Array | float, b: Array | float, share: Array | float) -> Array:
    """From `a` (share 0) to `b` (share 1); a share of (h, w) also mixes colours of (h, w, 3)."""
    if isinstance(share, np.ndarray) and share.ndim == 2 and (np.ndim(a) == 3 or np.shape(b)[-1:] == (3,)):
        share = share[..., None]
    return np.asarray(a + (np.subtract(b, a)) * share, np.float32)


def step(low: float, high: float, value: Array) -> Array:
    """Smooth step: 0 below `low`, 1 above `high` (or the other way round when `high` < `low`)."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


@lru_cache(maxsize=8)
def frequencies(rows: int, columns: int, stretch: float) -> Array:
    """Radial frequency of each bin of a real FFT, in cycles a tile; `stretch` > 1 draws features out sideways."""
    fy = np.fft.fftfreq(rows, 1 / rows)[:, None] / math.sqrt(stretch)
    fx = np.fft.rfftfreq(columns, 1 / columns)[None, :] * math.sqrt(stretch)
    radius = np.hypot(fy, fx).astype(np.float32)
    radius[0, 0] = 1e-6
    return np.asarray(radius)


def noise(
    rng: Random, size: int, slope: float = 1.6, low: float = 2, high: float = 1e9, *, stretch: float = 1.0
) -> Array:
    """Tileable fractal noise (size, size) with zero mean and unit deviation.

    Amplitude falls as frequency^-slope; `low` and `high` bound the frequencies, in cycles a tile.
    """
    radius = frequencies(size, size, stretch)
    # Soft bounds: hard ones ring.
    shape = radius ** -np.float32(slope) / (1 + (low / radius) ** 4) / (1 + (radius / np.float32(high)) ** 4)
    shape[0, 0] = 0
    waves = rng.standard_normal((2, *radius.shape), dtype=np.float32)
    field = np.fft.irfft2((waves[0] + 1j * waves[1]) * shape, s=(size, size)).astype(np.float32)
    return np.asarray(field / field.std(), np.float32)


def profile(rng: Random, size: int, slope: float = 1.3, low: float = 1, high: float = 1e9) -> Array:
    """One-dimensional fractal noise (size,), zero mean, unit deviation; it does not repeat within the picture."""
    radius = np.fft.rfftfreq(2 * size, 1 / (2 * size)).astype(np.float32)
    radius[0] = 1e-6
    shape = radius**-slope / (1 + (low / radius) ** 4) / (1 + (radius / high) ** 4)
    waves = rng.standard_normal((2, len(radius)))
    line = np.fft.irfft((waves[0] + 1j * waves[1]) * shape, n=2 * size)[:size]
    line = line - line.mean()
    return np.asarray(line / line.std(), np.float32)


def uniform(field: Array) -> Array:
    """Unit normal noise → [0, 1], evenly spread (a logistic stands in for the normal distribution)."""
    return np.asarray(1 / (1 + np.exp(-1.702 * field)), np.float32)


def tile(texture: Array, y: Array, x: Array) -> Array:
    """Sample a tileable texture (n, n) at tile coordinates, bilinearly; y and x broadcast."""
    n = len(texture)
    y, x = np.broadcast_arrays(y * n, x * n)
    y0, x0 = np.floor(y), np.floor(x)
    fy, fx = (y - y0).astype(np.float32), (x - x0).astype(np.float32)
    row, column = y0.astype(np.int32) % n, x0.astype(np.int32) % n
    row1, column1 = (row + 1) % n, (column + 1) % n
    flat = texture.ravel()
    top = flat[row * n + column] * (1 - fx) + flat[row * n + column1] * fx
    bottom = flat[row1 * n + column] * (1 - fx) + flat[row1 * n + column1] * fx
    return np.asarray(top * (1 - fy) + bottom * fy, np.float32)


def smooth_tile(texture: Array, y: Array, x: Array) -> Array:
    """Like `tile`, with quadratic B-splines: slopes of the result have no facets."""
    n = len(texture)
    y, x = np.broadcast_arrays(y * n, x * n)
    row, column = np.rint(y), np.rint(x)
    fy, fx = (y - row).astype(np.float32), (x - column).astype(np.float32)
    rows, columns = row.astype(np.int32) % n, column.astype(np.int32) % n
    flat, total = texture.ravel(), np.zeros(y.shape, np.float32)
    for j, wy in ((-1, 0.5 * (0.5 - fy) ** 2), (0, 0.75 - fy * fy), (1, 0.5 * (0.5 + fy) ** 2)):
        line = (rows + j) % n * n
        for i, wx in ((-1, 0.5 * (0.5 - fx) ** 2), (0, 0.75 - fx * fx), (1, 0.5 * (0.5 + fx) ** 2)):
            total += wy * wx * flat[line + (columns + i) % n]
    return total


def pick(image: Array, y: Array, x: Array) -> Array:
    """Sample a picture (h, w[, 3]) at coordinates in [0, 1]; reflected at the borders, linear between rows."""
    h, w = image.shape[:2]
    y, x = np.broadcast_arrays(np.abs(y) * h - 0.5, np.abs(x) * w)
    column = (w - 1 - np.abs(w - 1 - x)).clip(0, w - 1).astype(np.int32)
    y = (h - 1 - np.abs(h - 1 - y)).clip(0, h - 1.001)
    row = y.astype(np.int32)
    share = (y - row).astype(np.float32)
    if image.ndim == 3:
        share = share[..., None]
    return np.asarray(image[row, column] * (1 - share) + image[np.minimum(row + 1, h - 1), column] * share, np.float32)


@lru_cache(maxsize=32)
def spline(n: int, cells: int) -> Array:
    """Cubic B-spline matrix (n, cells) that resamples `cells` values to `n`."""
    at = (np.arange(n) + 0.5) / n * cells - 0.5
    distance = np.abs(at[:, None] - np.arange(cells)[None, :])
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.clip(2 - distance, 0, None) ** 3 / 6
    weight = np.where(distance < 1, near, far)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), np.float32)


def resize(image: Array, size: int) -> Array:
    """Smoothly enlarge a small picture (h, w[, 3]) to (size, size[, 3])."""
    rows, columns = spline(size, image.shape[0]), spline(size, image.shape[1])
    if image.ndim == 2:
        return np.asarray(rows @ image @ columns.T, np.float32)
    return np.stack([rows @ image[..., c] @ columns.T for c in range(image.shape[2])], axis=-1)


def shrink(image: Array, factor: int) -> Array:
    """Average blocks of `factor` × `factor` pixels."""
    h, w = image.shape[0] // factor, image.shape[1] // factor
    blocks = image[: h * factor, : w * factor].reshape(h, factor, w, factor, *image.shape[2:])
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


@lru_cache(maxsize=32)
def gauss(n: int, sigma: float) -> Array:
    """Gaussian blur matrix (n, n), rows sum to one."""
    at = np.arange(n)
    weight = np.exp(-0.5 * ((at[:, None] - at[None, :]) / sigma) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), np.float32)


def blur(image: Array, radius: float) -> Array:
    """Gaussian blur of a square picture (n, n[, 3]); `radius` is the deviation as a share of the width."""
    n = len(image)
    factor = 1
    # A blurred picture holds no detail: work at the smallest size that still carries it.
    while radius * n / factor > 4 and n // factor > 64 and n % (factor * 2) == 0:
        factor *= 2
    small = shrink(image, factor) if factor > 1 else image
    matrix = gauss(len(small), max(radius * len(small), 0.01))
    if image.ndim == 2:
        soft = matrix @ small @ matrix.T
    else:
        soft = np.stack([matrix @ small[..., c] @ matrix.T for c in range(3)], axis=-1)
    return resize(soft, n) if factor > 1 else np.asarray(soft, np.float32)
