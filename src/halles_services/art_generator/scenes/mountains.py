"""Mountains over a lake."""

import numpy as np

from halles_services.art_generator.field import mix, noise, smooth_tile, step
from halles_services.art_generator.light import sky
from halles_services.art_generator.palette import Array
from halles_services.art_generator.terrain import Camera, see
from halles_services.art_generator.view import Scenery, Spot, View, aloft
from halles_services.art_generator.water import flood


def ridged(rng: np.random.Generator, octaves: int = 6) -> Array:
    """A tileable field of sharp ridges, rougher where it is high (ridged multifractal, Musgrave 1994)."""
    total: Array = np.zeros((512, 512), np.float32)
    weight: Array | float = 1.0
    for octave in range(octaves):
        band = noise(rng, 512, 0.6, 2.2 * 2**octave, 4.4 * 2**octave)
        ridge = (1 - np.minimum(np.abs(band) / 1.8, 1)) ** 2
        total = total + ridge * weight * 0.42**octave
        weight = np.clip(ridge * 1.6, 0, 1)
    return np.asarray(total, np.float32)


def paint(view: View) -> Scenery:
    """A range of mountains, lit from the side, over a lake that mirrors them."""
    rng, palette, light = view.rng, view.palette, view.light
    horizon = view.between(0.56, 0.70)
    colours = sky(palette, light, rng, horizon, view.size)
    ridges = ridged(rng)
    camera = Camera(horizon, height=0.35, near=1.0, far=60, focal=1.1)
    start, tall = view.between(8.0, 12.0), view.between(8.5, 12.5)
    side = np.sign(light.x - 0.5)
    offset = rng.uniform(0, 1, 2)

    def height(x: Array, z: Array) -> Array:
        raw = smooth_tile(ridges, z * 0.0115 + offset[0], x * 0.0115 + offset[1])
        valley = np.exp(-((((x / z) - 0.22 * side) / 0.22) ** 2))
        rise = step(start, start + 14, z) * (0.35 + 0.65 * step(14, 34, z)) * (1 - 0.55 * valley * step(60, 24, z))
        return np.asarray((raw - 0.42) * tall * rise - 0.06)

    land = see(camera, height, view.size)
    lit = land.lit((1.6 * side, 0.7, -0.35))
    slope = np.hypot(*land.slopes())
    steep = step(0.5, 1.3, slope)
    snow = step(0.9, 1.6, land.heights / tall * 2.2 + 0.2 * lit) * (1 - 0.75 * steep)
    hour = light.hour
    ground = 0.03 + 0.46 * lit**1.3 * hour.ground * (0.6 + 0.4 * steep) + 0.34 * snow * (0.25 + lit)
    source = light.at(horizon)
    air = 1 - np.exp(-np.maximum(land.z - 7, 0) * 0.034 * hour.fog)
    thick = np.exp(-np.maximum(land.heights, 0) * 0.6)
    air = np.clip(air * (0.55 + 0.75 * thick), 0, 0.97)
    screen = view.x
    haze = hour.horizon * 0.86 + 0.16 * np.exp(-np.abs(screen - source[0]) / 0.22)
    value = land.show(ground * hour.horizon**0.35 * (1 - air) + haze * air)
    painted = palette(value)
    colours = mix(colours, painted, land.cover * (view.y < horizon + 0.02))
    drift = step(0.10, 0.0, np.abs(view.y - horizon + 0.01)) * np.clip(
        0.5 + 0.5 * noise(rng, view.size, 1.6, 2, stretch=6), 0, 1
    )
    colours = mix(
        colours, palette(haze + 0.04) * np.ones((view.size, 1, 1), np.float32), 0.45 * drift * min(hour.fog, 1.4) / 1.4
    )
    colours = flood(colours, palette, rng, horizon, rough=view.between(0.5, 1.0), depth=0.08)
    foot = view.between(0.80, 0.88)
    return Scenery(
        colours,
        Spot(source[0] + (0.5 - source[0]) * view.between(0.3, 1.3), foot, 0.20, mirror=0.6, wet=True),
        aloft(view, source, horizon),
        source,
    )
