"""Under water: rays from above, sand below."""

from typing import Any

import numpy as np

from halles_services.art_generator.field import mix, noise, smooth_tile, step, tile
from halles_services.art_generator.ink import mask, stroke
from halles_services.art_generator.light import beams, distance
from halles_services.art_generator.palette import Array
from halles_services.art_generator.terrain import Camera, see
from halles_services.art_generator.view import Scenery, Spot, View


def caustics(rng: np.random.Generator) -> Array:
    """A tileable net of light, as waves focus it."""
    first, second = noise(rng, 512, 0.7, 4, 14), noise(rng, 512, 0.7, 5, 16)
    net = np.exp(-np.abs(first) * 3.4) + np.exp(-np.abs(second) * 3.4)
    return np.asarray(net * net * 0.5, np.float32)


def kelp(view: View, depth: float) -> Array:
    """Weeds that sway at the sides."""
    rng = view.rng

    def draw(canvas: Any, pen: Any) -> None:
        import skia

        for _ in range(int(5 + 4 * depth)):
            side = rng.choice([0, 1])
            x = rng.beta(1.1, 3.2) * 0.38
            x = 1 - x if side else x
            y, tall = 1.03, rng.uniform(0.22, 0.62) * (0.6 + 0.5 * depth)
            phase, sway = rng.uniform(0, 6), rng.uniform(0.010, 0.030)
            n = int(tall * 60)
            for k in range(n):
                t = k / n
                here = x + sway * np.sin(phase + t * 5) * (0.3 + t), y - tall * t
                there = x + sway * np.sin(phase + (t + 1 / n) * 5) * (0.3 + t), y - tall * (t + 1 / n)
                canvas.drawLine(*here, *there, stroke(pen, 0.004 * (1 - t * 0.7) * (0.5 + depth)))
                reach = 0.030 * (1 - t * 0.6) * (0.4 + depth * 0.6) * (1 if k % 2 else -1)
                leaf = skia.Path()
                leaf.moveTo(*here)
                leaf.quadTo(here[0] + reach * 0.6, here[1] - 0.008, here[0] + reach, here[1] - 0.024)
                leaf.quadTo(here[0] + reach * 0.3, here[1] - 0.022, *here)
                canvas.drawPath(leaf, pen)

    return mask(view.size, draw)


def paint(view: View) -> Scenery:
    """The bright skin of the water above, rays that reach down, a floor with a net of light, weeds and bubbles."""
    rng, palette, hour = view.rng, view.palette, view.light.hour
    source = (view.light.x, -0.06)
    far = distance(view.size, source)
    bright = 0.60 + 0.40 * hour.horizon
    value = bright * (0.06 + 0.46 * np.exp(-view.y / 0.42) + 0.52 * np.exp(-far / 0.26)) + 0.014 * noise(
        rng, view.size, 1.8, 2
    )
    net = caustics(rng)
    ceiling = 0.10 / (0.30 - view.y).clip(0.006)
    skin = tile(net, np.broadcast_to(ceiling * 0.7, (view.size, view.size)), (view.x - 0.5) * ceiling * 0.9)
    value = value + 0.20 * bright * (skin - 0.25) * step(0.24, 0.0, view.y) * np.exp(-np.abs(view.x - source[0]) / 0.35)
    value = seabed(view, value.astype(np.float32), net, source)
    colours = palette(value)
    gaps = np.clip(noise(rng, view.size, 1.0, 5, stretch=1.5), 0, 3) * np.exp(-far / 0.22) * step(0.30, 0, view.y)
    rays = beams(gaps.astype(np.float32), (source[0], source[1] - 0.15), 0.97, 6) * np.exp(-view.y * 1.6) * 2.2
    colours = colours + (np.clip(rays, 0, 0.9) * (0.25 + 0.35 * hour.horizon))[..., None] * palette.light
    motes = bubbles(view)
    colours = colours + (motes * (0.15 + 0.5 * np.exp(-far / 0.4)))[..., None] * palette.light
    front = view.blank()
    for depth, tint in ((0.3, 0.30), (1.0, 0.03)):
        weeds = kelp(view, depth)
        colours = mix(colours, palette(np.asarray(tint * value + 0.015, np.float32)), weeds)
        front = np.maximum(front, weeds)
    hover = Spot(0.5 + (0.5 - source[0]) * 0.25, 0.50, 0.26, floats=True)
    return Scenery(
        colours, hover, hover, (source[0], 0.0), veil=(0.35 * np.clip(rays, 0, 1)).astype(np.float32), front=front
    )


def seabed(view: View, value: Array, net: Array, source: tuple[float, float]) -> Array:
    """Lay a floor of sand under the water."""
    rng = view.rng
    hills, horizon = noise(rng, 512, 2.0, 3, 20), view.between(0.68, 0.78)
    camera = Camera(horizon, height=1.4, near=2.5, far=26, focal=0.7)
    land = see(
        camera,
        lambda x, z: 0.34 * smooth_tile(hills, z * 0.03, x * 0.03) + 0.10 * smooth_tile(hills, z * 0.16, x * 0.10),
        view.size,
        300,
    )
    lit = land.lit((source[0] - 0.5, 0.9, 0.2))
    glow = tile(net, land.z * 0.10, land.x * 0.10)
    air = 1 - np.exp(-np.maximum(land.z - 3, 0) * 0.17)
    sand = land.show((0.05 + 0.16 * lit + 0.16 * glow * lit) * view.light.hour.horizon * (1 - air))
    share = land.show(1 - air) * land.cover
    return np.asarray(value * (1 - share) + sand * land.cover, np.float32)


def bubbles(view: View) -> Array:
    """Motes that drift, and a column of bubbles."""
    rng = view.rng

    def draw(canvas: Any, pen: Any) -> None:
        for _ in range(170):
            pen.setAlphaf(float(rng.uniform(0.08, 0.5)))
            canvas.drawCircle(
                float(rng.uniform(0, 1)), float(rng.uniform(0, 1)), float(0.0006 + 0.0009 * rng.pareto(2.5)), pen
            )
        x, y = rng.uniform(0.2, 0.8), 1.0
        while y > 0.1:
            pen.setAlphaf(float(rng.uniform(0.25, 0.7)))
            canvas.drawCircle(
                float(x + rng.normal(0, 0.012)), float(y), float(rng.uniform(0.0015, 0.0055)), stroke(pen, 0.0012)
            )
            y -= rng.uniform(0.012, 0.06)
            x += rng.normal(0, 0.004)

    return mask(view.size, draw)
