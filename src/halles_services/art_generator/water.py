"""Water in perspective: it mirrors what is above it, broken by waves that shrink towards the horizon."""

import numpy as np

from halles_services.art_generator.field import Random, grid, mix, noise, pick, step, tile
from halles_services.art_generator.palette import Array, Palette


def ripples(rng: Random, size: int, horizon: float, crest: float = 3.0) -> tuple[Array, Array]:
    """Slopes of the water sideways and in depth (both (size, size)), unit deviation, nought above the horizon."""
    x, y = grid(size)
    fine = noise(rng, 512, 1.0, 14, stretch=crest)
    swell = noise(rng, 512, 1.7, 3, 24, stretch=crest)
    depth = 1 / np.maximum(y - horizon, 0.004)
    wide = (x - 0.5) * depth * 0.10
    deep = np.broadcast_to(depth * 0.24, (size, size))
    below = (y > horizon).astype(np.float32)
    # Waves smaller than a pixel average out instead of flickering.
    calm = np.clip((y - horizon) * 14, 0.25, 1)
    sideways = (0.6 * tile(fine, deep, wide) + 0.4 * tile(swell, deep * 0.6, wide * 0.6)) * below * calm
    away = (0.6 * tile(fine, deep + 0.37, wide + 0.11) + 0.4 * tile(swell, deep * 0.6 + 0.21, wide * 0.6)) * below
    return sideways, away * calm


def flood(colours: Array, palette: Palette, rng: Random, horizon: float, *, rough: float, depth: float) -> Array:
    """Cover everything below the horizon with water.

    `rough` is how far the waves throw the mirrored picture, `depth` the value of the water's own colour.
    """
    size = len(colours)
    x, y = grid(size)
    sideways, away = ripples(rng, size, horizon)
    below = np.clip(y - horizon, 0, 1)
    # A wave that leans shows a higher part of the sky: the mirror is drawn out towards the eye.
    reach = below * (1 + rough * 0.75 * away) + rough * 0.015 * np.abs(away) + rough * 0.10 * below
    mirrored = pick(colours, np.clip(horizon - np.abs(reach), 0, 1), x + rough * sideways * (0.006 + 0.035 * below))
    fresnel = np.clip(0.92 - 1.1 * below - 0.12 * away * rough, 0.30, 0.96)
    own = palette(depth + 0.05 * away * rough)
    water = mix(own, mirrored, fresnel)
    return mix(colours, water, np.broadcast_to(step(-0.0008, 0.0008, y - horizon), (size, size)))
