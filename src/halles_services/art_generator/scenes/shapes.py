"""Circles, arcs and planes."""

import numpy as np

from halles_services.art_generator.field import mix, noise, step
from halles_services.art_generator.light import distance
from halles_services.art_generator.palette import Array
from halles_services.art_generator.view import Scenery, Spot, View


def quarters(view: View) -> Array:
    """A grid of quarter circles, discs and planes, each shaded from one side to the other."""
    rng = view.rng
    n = int(rng.integers(3, 6))
    tile_x, tile_y = view.x * n, view.y * n
    column, row = np.floor(tile_x).astype(int), np.floor(tile_y).astype(int)
    u, v = tile_x - column, tile_y - row
    kind, turn = rng.integers(0, 6, (n, n))[row, column], rng.integers(0, 4, (n, n))[row, column]
    ground, figure = (
        rng.permutation(np.linspace(0.06, 0.94, n * n)).reshape(n, n),
        rng.permutation(np.linspace(0.06, 0.94, n * n)).reshape(n, n),
    )
    figure = np.where(np.abs(figure - ground) < 0.25, (ground + 0.5) % 1, figure)
    a, b = np.where(turn % 2, 1 - u, u), np.where(turn // 2, 1 - v, v)
    corner, middle = np.hypot(a, b), np.hypot(u - 0.5, v - 0.5)
    soft = 1.4 * n / view.size
    quarter = step(1 + soft, 1 - soft, corner)
    forms = (
        quarter,
        step(0.36 + soft, 0.36 - soft, middle),
        step(soft, -soft, a - b),
        quarter * step(0.5 - soft, 0.5 + soft, corner),
        step(0.5 + soft, 0.5 - soft, a),
    )
    inside = np.select([kind == k for k in range(len(forms))], forms, 0.0)
    shade = 0.16 * (a - 0.5) + 0.10 * (b - 0.5)
    return np.asarray(mix(ground[row, column] + shade, figure[row, column] - shade * 1.3, inside), np.float32)


def discs(view: View) -> Array:
    """Large soft-shaded balls that overlap, lit from one side."""
    rng = view.rng
    turn = rng.uniform(0, 2 * np.pi)
    value = 0.55 + 0.45 * (view.x - 0.5) * np.cos(turn) + 0.45 * (view.y - 0.5) * np.sin(turn)
    value = value * 0.85
    for k in range(int(rng.integers(4, 7))):
        radius = rng.uniform(0.07, 0.34) * (1 - 0.08 * k)
        centre = (rng.uniform(0.12, 0.88), rng.uniform(0.15, 0.85))
        far = distance(view.size, centre)
        inside = step(radius + 0.001, radius - 0.001, far)
        slide = ((view.x - centre[0]) * np.cos(turn) + (view.y - centre[1]) * np.sin(turn)) / radius
        shade = np.clip(0.50 - 0.46 * slide, 0.03, 1.0)
        halo = np.exp(-np.maximum(far - radius, 0) / 0.05) * step(0.2, -1.2, slide)
        value = mix(value - 0.20 * halo * np.clip(-slide, 0, 1), shade, inside)
    return np.asarray(value, np.float32)


def arcs(view: View) -> Array:
    """A fan of concentric bands around a sun that sits low, cut by a plane."""
    rng = view.rng
    centre = (view.light.x, rng.uniform(0.52, 0.72))
    far = distance(view.size, centre)
    width = rng.uniform(0.050, 0.085)
    band = np.floor(far / width)
    t = far / width - band
    tone = 0.96 - 0.085 * band + 0.11 * (t - 0.5)
    level = step(-0.0008, 0.0008, view.y - centre[1])
    below = np.sqrt(np.clip(view.y - centre[1], 0, 1)) * 13
    stripe = np.floor(below)
    half = below - stripe
    mirrored = (
        0.08
        + 0.055 * stripe * ((stripe % 2) * 0.8 + 0.4)
        + 0.12 * (half - 0.5)
        + 0.25 * np.exp(-np.abs(view.x - centre[0]) / 0.16)
    )
    return np.asarray(mix(tone, mirrored, level * np.ones_like(far)), np.float32)


def paint(view: View) -> Scenery:
    """One of three orders of simple forms."""
    value = (quarters, discs, arcs)[int(view.rng.integers(0, 3))](view)
    value = value + 0.06 * (view.light.hour.horizon - 0.6) + 0.012 * noise(view.rng, view.size, 1.6, 2)
    spot = Spot(1 - view.light.x, 0.55, 0.34, floats=True)
    return Scenery(view.palette(value.astype(np.float32)), spot, spot, (view.light.x, 0.3))
