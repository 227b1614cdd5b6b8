"""Sand dunes under a large sky."""

import numpy as np

from halles_services.art_generator.field import mix, noise, smooth_tile, step, tile
from halles_services.art_generator.light import sky
from halles_services.art_generator.palette import Array
from halles_services.art_generator.terrain import Camera, see
from halles_services.art_generator.view import Scenery, Spot, View, aloft


def dunes(rng: np.random.Generator) -> Array:
    """A tileable field of dunes: long crests, gentle to windward and steep to lee."""
    size = 512
    x = np.arange(size, dtype=np.float32) / size
    bend = noise(rng, size, 2.2, 1.5, 8) * 0.085
    phase = (x[:, None] * 4 + x[None, :] + bend * 4) % 1
    wave = np.where(phase < 0.72, phase / 0.72, (1 - phase) / 0.28)
    crest = wave * wave * (3 - 2 * wave)
    tall = 0.55 + 0.30 * noise(rng, size, 2.2, 1.5, 6)
    return np.asarray(crest * np.clip(tall, 0.1, 1.4), np.float32)


def paint(view: View) -> Scenery:
    """Dunes to the horizon, with ripples in the sand and light from the side."""
    rng, palette, light = view.rng, view.palette, view.light
    horizon = view.between(0.44, 0.58)
    colours = sky(palette, light, rng, horizon, view.size)
    sand, fine = dunes(rng), noise(rng, 512, 0.9, 30, stretch=5)
    offset = rng.uniform(0, 1, 2)
    side = float(np.sign(light.x - 0.5))
    camera = Camera(horizon, height=2.6, near=2.6, far=90, focal=1.0)

    def height(x: Array, z: Array) -> Array:
        far = smooth_tile(sand, z * 0.024 + offset[0], side * x * 0.030 + offset[1])
        return 1.9 * far * step(1.0, 9, z)

    land = see(camera, height, view.size)
    lit = land.lit((1.5 * side, 0.50, 0.30))
    sparkle = tile(fine, land.z * 0.12, land.x * 0.12) * step(16, 2, land.z)
    ground = 0.05 + (0.95 * step(0.12, 0.85, lit) + 0.030 * sparkle * (0.3 + lit)) * light.hour.ground
    hour, source = light.hour, light.at(horizon)
    air = 1 - np.exp(-np.maximum(land.z - 4, 0) * 0.022 * hour.fog)
    haze = hour.horizon * 0.92 + 0.12 * np.exp(-np.abs(view.x - source[0]) / 0.25)
    value = land.show(ground * (0.45 + 0.55 * hour.horizon) * (1 - air) + haze * air)
    colours = mix(colours, palette(value), land.cover)
    foot = (1 - source[0]) * 0.9 + 0.05
    row = int(0.72 * view.size)
    return Scenery(colours, Spot(foot, row / view.size, 0.17, shadow=0.7), aloft(view, source, horizon), source)
