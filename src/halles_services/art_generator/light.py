"""Light: hours and weathers, skies, discs, glow, beams, and the lens."""

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from halles_services.art_generator.field import Random, blur, grid, mix, noise, resize, shrink, step, tile
from halles_services.art_generator.ink import mask, stroke
from halles_services.art_generator.palette import Array, Palette


@dataclass(frozen=True)
class Hour:
    """How an hour lights a scene: values lie between the darkest (0) and the lightest colour (1)."""

    zenith: float
    horizon: float
    fog: float
    """Thickness of the air."""
    height: tuple[float, float]
    """How high the source may stand over the horizon, as a share of the sky."""
    disc: tuple[float, float]
    """Radius of the source, as a share of the picture."""
    stars: float = 0.0
    cloud: tuple[float, float] = (0.0, 0.6)
    rain: float = 0.0
    ground: float = 1.0
    """How much light falls on the ground."""


HOURS: dict[str, Hour] = {
    "night": Hour(0.06, 0.42, 0.5, (0.35, 0.75), (0.035, 0.10), stars=1.0, cloud=(0.0, 0.5), ground=0.75),
    "dusk": Hour(0.22, 0.82, 0.8, (0.06, 0.30), (0.06, 0.15), stars=0.25, cloud=(0.2, 0.9)),
    "dawn": Hour(0.42, 0.93, 1.2, (0.05, 0.22), (0.05, 0.11), cloud=(0.1, 0.6)),
    "day": Hour(0.46, 0.80, 0.6, (0.55, 0.85), (0.03, 0.06), cloud=(0.6, 1.0), ground=1.25),
    "storm": Hour(0.08, 0.50, 1.1, (0.15, 0.45), (0.0, 0.0), cloud=(1.2, 1.5), rain=1.0, ground=0.7),
    "mist": Hour(0.50, 0.74, 2.6, (0.25, 0.55), (0.05, 0.10), cloud=(0.0, 0.25), ground=0.9),
}
"""One for each of the shared LIGHTS."""


@dataclass(frozen=True)
class Light:
    """The one light of a picture."""

    hour: Hour
    x: float
    height: float
    """Over the horizon, as a share of the sky above it."""
    radius: float
    cloud: float

    @classmethod
    def of(cls, name: str, rng: Random) -> "Light":
        """The light of an hour, placed by the rule of thirds with some play, never in the middle."""
        hour = HOURS[name]
        third = rng.choice([0.30, 0.70]) + rng.uniform(-0.07, 0.07)
        return cls(hour, float(third), float(rng.uniform(*hour.height)), float(rng.uniform(*hour.disc)),
                   float(rng.uniform(*hour.cloud)))  # fmt: skip

    def at(self, horizon: float) -> tuple[float, float]:
        """(x, y) of the source over a horizon."""
        return self.x, horizon * (1 - self.height)


def distance(size: int, source: tuple[float, float]) -> Array:
    """(size, size) distance of each pixel from a point, as a share of the width."""
    x, y = grid(size)
    return np.asarray(np.hypot(x - np.float32(source[0]), y - np.float32(source[1])), np.float32)


def sky(palette: Palette, light: Light, rng: Random, horizon: float, size: int) -> Array:
    """A sky (size, size, 3) down to the horizon (and mirrored dimly below it): gradient, glow, stars, clouds, disc."""
    hour, source = light.hour, light.at(horizon)
    _, y = grid(size)
    elevation = np.clip((horizon - y) / max(horizon, 0.2), -0.3, 1.2)
    far = distance(size, source)
    value = hour.zenith + (hour.horizon - hour.zenith) * np.exp(-2.1 * np.abs(elevation))
    # The sky is brighter around its light, and a little more so along the horizon.
    value = value + (0.30 * np.exp(-(far / 0.20)) + 0.16 * np.exp(-(far / 0.5))) * (1.05 - 0.5 * hour.horizon)
    unrest = noise(rng, size, 1.7, 1.5, stretch=1.8)
    value = value + 0.022 * unrest * (0.4 + elevation)
    colours = palette(value)
    if hour.stars:
        colours = (
            colours
            + stars(rng, size, hour.stars * np.clip(elevation, 0, 1) * np.clip(far * 4, 0, 1))[..., None]
            * palette.light
        )
    if light.radius:
        colours = disc(colours, palette, rng, source, radius=light.radius, moon=hour.stars > 0.5)
    if light.cloud > 0.05:
        colours = clouds(colours, palette, light, rng, horizon)
    if hour.rain and rng.uniform() < 0.6:
        colours = lightning(colours, palette, rng, source, horizon)
    return colours


def stars(rng: Random, size: int, density: Array) -> Array:
    """Stars (size, size): many faint, few bright, gathered along a band."""
    field = np.zeros((size, size), np.float32)
    band = np.exp(-((noise(rng, size // 4, 1.8, 1, stretch=2) - 0.8) ** 2))
    n = 1500
    where = rng.uniform(0, 1, (n, 2))
    spots = (where * size).astype(int)
    bright = (rng.pareto(2.2, n) * 0.10).clip(0, 1.6)
    keep = density[spots[:, 0], spots[:, 1]] * band[spots[:, 0] // 4, spots[:, 1] // 4]
    np.add.at(field, (spots[:, 0], spots[:, 1]), (bright * keep * 2.2).astype(np.float32))
    return np.asarray(field * 0.55 + blur(field, 0.0009) * 5 + blur(field, 0.004) * 6, np.float32)


def disc(
    colours: Array, palette: Palette, rng: Random, source: tuple[float, float], *, radius: float, moon: bool
) -> Array:
    """Put the sun or the moon (with its seas) into a sky."""
    size = len(colours)
    far = distance(size, source)
    inside = step(radius + 0.0012, radius - 0.0012, far)
    face = palette.light * 1.15
    shade = np.ones_like(far)
    if moon:
        shade = 1 - 0.20 * step(0.1, 1.3, noise(rng, size, 1.9, 6)) - 0.22 * (far / radius) ** 4 * inside
    glow = 0.55 * np.exp(-((far / radius).clip(1) - 1) * 2.2) + 0.25 * np.exp(-(far / 0.16))
    colours = colours + (glow * (1 - inside) * 0.35)[..., None] * palette.light
    return mix(colours, shade[..., None] * face, inside)


def clouds(colours: Array, palette: Palette, light: Light, rng: Random, horizon: float) -> Array:
    """Clouds on a flat ceiling, so that they crowd towards the horizon; lit on the side of the light."""
    size = len(colours)
    x, y = grid(size)
    source = light.at(horizon)
    texture = noise(rng, 512, 1.75, 2.0, stretch=1.6)
    depth = 0.16 / (np.maximum(horizon - y, 0) + 0.035)
    wide = (x - 0.5) * depth * 0.55 + 0.5
    deep = np.broadcast_to(depth * 0.30, (size, size)) + rng.uniform(0, 1)
    here = tile(texture, deep, wide)
    # Looking one step towards the light tells which side of a cloud is lit.
    towards = tile(texture, deep + 0.012, wide + 0.020 * np.tanh((source[0] - x) * 6))
    cover = step(1.25 - 1.3 * light.cloud, 2.4 - 1.3 * light.cloud, here)
    cover = cover * step(0.0, 0.10, horizon - y)
    lit = np.clip(0.5 + 0.8 * (here - towards), 0, 1)
    far = distance(size, source)
    hour = light.hour
    base = hour.zenith * 0.65 + (hour.horizon - hour.zenith) * 0.45 * step(0.6, 0.0, horizon - y)
    value = base + lit * (0.16 + 0.55 * np.exp(-far / 0.30)) * (0.45 + 0.55 * hour.horizon)
    edge = cover * (1 - cover) * 4 * np.exp(-far / 0.22) * 0.35
    return mix(colours, palette(value + edge), 0.88 * cover)


def bolt(
    rng: Random, start: tuple[float, float], end: tuple[float, float], jag: float = 0.5
) -> list[tuple[float, float]]:
    """A flash of lightning: midpoints are thrown aside, less at each halving."""
    points = [start, end]
    reach = jag * math.hypot(end[0] - start[0], end[1] - start[1]) / 3
    for _ in range(7):
        denser = [points[0]]
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            denser += [((x0 + x1) / 2 + rng.normal(0, reach / 2), (y0 + y1) / 2 + rng.normal(0, reach / 6)), (x1, y1)]
        points, reach = denser, reach * 0.52
    return points


def lightning(colours: Array, palette: Palette, rng: Random, source: tuple[float, float], horizon: float) -> Array:
    """A flash with two or three branches, and the clouds that it lights."""
    x = source[0]
    stem = bolt(rng, (x, -0.02), (x + rng.normal(0, 0.06), horizon))
    twigs = []
    for _ in range(int(rng.integers(2, 5))):
        at = stem[int(rng.uniform(0.15, 0.7) * len(stem))]
        twigs.append(bolt(rng, at, (at[0] + rng.normal(0, 0.13), at[1] + rng.uniform(0.08, 0.22)), 0.7))

    def draw(canvas: Any, pen: Any) -> None:
        for line, width in [(stem, 0.0030), *((twig, 0.0013) for twig in twigs)]:
            for a, b in itertools.pairwise(line):
                canvas.drawLine(*a, *b, stroke(pen, width))

    flash = mask(len(colours), draw)
    lit = flash + 1.2 * blur(flash, 0.006) + 1.3 * blur(flash, 0.03) + 1.0 * blur(flash, 0.10)
    return np.asarray(colours * (1 + 0.9 * blur(flash, 0.10))[..., None] + lit[..., None] * palette.light, np.float32)


def glow(colours: Array, amount: float = 0.5, threshold: float = 0.55) -> Array:
    """Bloom: what is bright spills over its edges, at three widths."""
    brightness = colours.max(axis=-1)
    bright = colours * step(threshold, threshold + 0.5, brightness)[..., None]
    small = shrink(bright, 4)
    spill = 0.5 * blur(small, 0.008) + 0.32 * blur(small, 0.03) + 0.25 * blur(small, 0.10)
    return np.asarray(colours + amount * resize(spill, len(colours)), np.float32)


def beams(bright: Array, source: tuple[float, float], length: float = 0.7, steps: int = 5) -> Array:
    """Shafts of light: a brightness map (n, n) smeared away from the source, by repeated halving of the zoom."""
    n = 256
    rays = shrink(bright, len(bright) // n)
    x, y = grid(n)
    for k in range(steps):
        zoom = 1 - length / 2 ** (k + 1)
        there_x = source[0] + (x - source[0]) * zoom
        there_y = source[1] + (y - source[1]) * zoom
        columns = (there_x * n).clip(0, n - 1).astype(np.int32)
        rows = (there_y * n).clip(0, n - 1).astype(np.int32)
        rays = 0.5 * (rays + rays[rows, columns])
    return resize(rays, len(bright))


def lens(colours: Array, rng: Random, vignette: float = 0.35) -> Array:
    """What a lens does: darker corners, a little unevenly."""
    size = len(colours)
    centre = (0.5 + rng.uniform(-0.06, 0.06), 0.5 + rng.uniform(-0.06, 0.06))
    shade = 1 - vignette * step(0.35, 0.85, distance(size, centre))
    return np.asarray(colours * shade[..., None], np.float32)
