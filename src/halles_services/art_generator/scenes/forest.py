"""A forest with light between the trunks."""

import math
from typing import Any

import numpy as np

from halles_services.art_generator.field import Random, mix, noise, profile, step
from halles_services.art_generator.ink import mask, polygon, stroke
from halles_services.art_generator.light import beams, distance
from halles_services.art_generator.palette import Array
from halles_services.art_generator.view import Scenery, Spot, View


def trunk(canvas: Any, pen: Any, rng: Random, x: float, *, foot: float, width: float) -> None:
    """A bare trunk with a crooked edge and a few branches."""
    rows = np.linspace(-0.05, foot, 40)
    lean = rng.normal(0, 0.018)
    bow = rng.normal(0, 0.012)
    t = rows / foot
    middle = x + lean * (1 - t) + bow * np.sin(t * 3) + 0.0022 * np.cumsum(rng.normal(0, 0.5, 40)) * width * 18
    half = width / 2 * (0.62 + 0.38 * t + 1.3 * np.clip(t - 0.93, 0, 1) * 7) * (1 + 0.05 * rng.normal(0, 1, 40))
    left, right = list(zip(middle - half, rows, strict=True)), list(zip(middle + half, rows, strict=True))
    canvas.drawPath(polygon(left + right[::-1]), pen)
    for _ in range(rng.integers(3, 8)):
        k = int(rng.integers(2, 24))
        angle = rng.choice([-1, 1]) * rng.uniform(0.5, 1.15)
        fork = float(middle[k]), float(rows[k])
        branch(canvas, pen, rng, fork, angle=angle, width=width * 0.30, length=width * 2.2 + 0.02)


def branch(
    canvas: Any, pen: Any, rng: Random, at: tuple[float, float], *, angle: float, width: float, length: float
) -> None:
    """A branch that forks until it is a twig; the angle is measured from straight up."""
    if width < 0.0007:
        return
    for _ in range(5):
        angle += rng.normal(0, 0.16)
        there = at[0] + math.sin(angle) * length / 5, at[1] - math.cos(angle) * length / 5
        canvas.drawLine(*at, *there, stroke(pen, width))
        at = there
        width *= 0.93
    for _ in range(2):
        turned, shorter = angle + rng.normal(0, 0.5), length * rng.uniform(0.55, 0.8)
        branch(canvas, pen, rng, at, angle=turned, width=width * 0.66, length=shorter)


def conifer(canvas: Any, pen: Any, rng: Random, x: float, *, foot: float, tall: float) -> None:
    """A spruce: tiers of hanging boughs around a thin stem."""
    tiers = int(16 + 26 * min(tall, 0.8))
    side = []
    for sign in (-1, 1):
        edge = []
        for k in range(tiers):
            t = (k + 1) / tiers
            reach = 0.20 * tall * t**0.85 * rng.uniform(0.7, 1.1)
            y = foot - tall * (1 - t * 0.94)
            edge += [
                (x + sign * reach * 0.42, y - 0.015 * tall),
                (x + sign * reach, y + 0.022 * tall * rng.uniform(0.6, 1.4)),
            ]
        side.append(edge)
    stem, skirt = 0.012 * tall, foot - 0.05 * tall
    trunk_ = [(x + stem, skirt), (x + stem, foot), (x - stem, foot), (x - stem, skirt)]
    canvas.drawPath(polygon([(x, foot - tall), *side[1], *trunk_, *side[0][::-1]]), pen)


def row_of_trees(view: View, depth: float, conifers: bool, gap: float) -> Array:
    """One row of trees: depth 0 is far, 1 is near; the middle of the picture (`gap`) is kept open in front."""
    rng = view.rng
    foot = 0.70 + 0.26 * depth**1.4
    spacing = 0.028 + 0.15 * depth**1.3

    def draw(canvas: Any, pen: Any) -> None:
        x = -0.05
        while x < 1.05:
            x += spacing * rng.uniform(0.45, 1.7)
            if depth > 0.3 and abs(x - gap) < 0.20 * depth + 0.07:
                continue
            level = foot + rng.normal(0, 0.008)
            if conifers:
                conifer(canvas, pen, rng, x, foot=level, tall=(0.26 + 0.75 * depth) * rng.uniform(0.65, 1.15))
            else:
                trunk(canvas, pen, rng, x, foot=level, width=(0.007 + 0.062 * depth**1.6) * rng.uniform(0.6, 1.3))

    return mask(view.size, draw)


def paint(view: View) -> Scenery:
    """Rows of trees that pale into the fog, with beams of light falling between them."""
    rng, palette, hour = view.rng, view.palette, view.light.hour
    conifers = rng.uniform() < 0.4
    source = (view.light.x, view.between(0.10, 0.34) if not conifers else view.between(0.25, 0.45))
    gap = 0.5 + (source[0] - 0.5) * 0.8
    far = distance(view.size, source)
    bright = 0.52 + 0.40 * hour.horizon
    air = bright * (0.50 + 0.62 * np.exp(-far / 0.24)) * (0.90 + 0.045 * noise(rng, view.size, 1.7, 2))
    air = air - 0.20 * step(0.62, 1.0, view.y) * bright
    value = air.astype(np.float32)
    light = np.clip(air * 1.25 - 0.35, 0, 1)
    rows = 6
    for k in range(rows):
        depth = k / (rows - 1)
        trees = row_of_trees(view, depth, conifers, gap)
        ground = step(
            -0.012, 0.02, view.y - (0.70 + 0.26 * depth**1.4) - 0.010 * profile(rng, view.size, 1.2, 2)[None, :]
        )
        clear = 0.80 * (1 - depth) ** 1.25
        tint = air * clear + (0.02 + 0.02 * depth) * (1 - clear)
        soil = (
            air * (0.30 + 0.6 * clear) * (0.9 + 0.06 * noise(rng, view.size, 1.0, 12, stretch=5)) * (1 - 0.55 * depth)
        )
        value = mix(mix(value, soil, ground), tint, trees)
        light = light * (1 - trees * (0.25 + 0.75 * depth)) * (1 - 0.85 * ground)
        if k < rows - 1:
            mist = (
                np.clip(0.5 + 0.42 * noise(rng, view.size, 1.7, 2, stretch=4), 0, 1)
                * step(0.35, 0.75, view.y)
                * step(1.0, 0.8, view.y)
            )
            value = mix(value, air, 0.22 * min(hour.fog, 1.5) * mist * (1 - 0.7 * depth))
    leaves = step(0.0, 1.3, noise(rng, view.size, 1.2, 10)) * 0.7 + 0.3
    rays = beams(light * light * leaves, source, 0.9) * (0.55 + 0.3 * noise(rng, view.size, 1.8, 3))
    value = np.asarray(value, np.float32)
    colours = palette(value) + np.clip(rays, 0, 1)[..., None] * palette.light * 0.75
    stand = Spot(gap + view.between(-0.05, 0.05), 0.86, 0.20, shadow=0.45)
    return Scenery(colours, stand, Spot(*source, 0.17, floats=True), source, veil=0.25 * np.clip(rays, 0, 1))
