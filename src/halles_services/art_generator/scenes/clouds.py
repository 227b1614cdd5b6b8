"""Above a sea of clouds."""

import numpy as np

from halles_services.art_generator.field import blur, mix, noise, smooth_tile, step, tile
from halles_services.art_generator.light import sky
from halles_services.art_generator.palette import Array
from halles_services.art_generator.terrain import Camera, see
from halles_services.art_generator.view import Scenery, Spot, View


def billows(rng: np.random.Generator) -> Array:
    """A tileable field of heaped cloud: round tops, narrow clefts."""
    total: Array = np.zeros((512, 512), np.float32)
    for octave in range(5):
        band = noise(rng, 512, 0.6, 2.5 * 2**octave, 5.0 * 2**octave)
        total = total + np.sqrt(np.minimum(band * band, 4.8) + 0.04) * np.float32(0.46**octave)
    return np.asarray(total, np.float32)


def paint(view: View) -> Scenery:
    """Heaped clouds to the horizon, lit through by the light behind them."""
    rng, palette, light = view.rng, view.palette, view.light
    hour = light.hour
    horizon = view.between(0.46, 0.62)
    colours = sky(palette, light, rng, horizon, view.size)
    heap, large = billows(rng), noise(rng, 512, 2.2, 2, 7)
    offset = rng.uniform(0, 1, 2)
    camera = Camera(horizon, height=2.3, near=2.0, far=90, focal=1.0)

    def height(x: Array, z: Array) -> Array:
        puff = smooth_tile(heap, z * 0.022 + offset[0], x * 0.022 + offset[1])
        mass = tile(large, z * 0.012 + offset[1], x * 0.012 + offset[0])
        return (0.85 * puff + 0.60 * mass - 0.5) * step(0.5, 6, z) * (0.75 + 0.25 * step(10, 30, z))

    land = see(camera, height, view.size)
    source = light.at(horizon)
    side = float(np.sign(light.x - 0.5))
    lit = 0.35 + 0.65 * land.lit((1.2 * side, 0.95, 0.55))
    high = step(-0.4, 1.7, land.heights)
    soft = 0.45 * lit + 0.40 * high + 0.15
    towards = np.exp(-np.abs(land.x / land.z + 0.5 - source[0]) / 0.28)
    body = (
        hour.zenith * 0.75
        + 0.06
        + (hour.horizon - hour.zenith * 0.6) * soft**1.5 * (0.72 + 0.5 * towards) * min(hour.ground, 1.05)
    )
    air = 1 - np.exp(-np.maximum(land.z - 7, 0) * 0.024 * hour.fog)
    haze = hour.horizon * 0.95 + 0.14 * towards
    value = blur(land.show(body * (1 - air) + haze * air), 0.0035)
    colours = mix(colours, palette(value), blur(land.cover, 0.003))
    rim = land.show(step(0.55, 0.95, lit) * high * towards * (1 - air * 0.6))
    colours = colours + (0.30 * rim * land.cover)[..., None] * palette.light
    hover = Spot(1 - source[0] * 0.9, horizon * 0.62, 0.22, floats=True)
    return Scenery(colours, Spot(1 - source[0], horizon + 0.15, 0.16), hover, source)
