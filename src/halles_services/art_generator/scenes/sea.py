"""The open sea, with swell, rocks or a cliff."""

import numpy as np

from halles_services.art_generator.field import mix, noise, profile, smooth_tile, step, tile
from halles_services.art_generator.light import sky
from halles_services.art_generator.palette import Array
from halles_services.art_generator.terrain import Camera, see
from halles_services.art_generator.view import Scenery, Spot, View, aloft


def swell(rng: np.random.Generator) -> Array:
    """A tileable sea: crossing wave trains, sharp at the crest."""
    long = noise(rng, 512, 1.2, 3, 10, stretch=3.5)
    short = noise(rng, 512, 1.15, 9, 160, stretch=2.2)
    return np.asarray(0.62 * (1 - np.abs(long) / 1.6) + 0.20 * (1 - np.abs(short) / 1.6), np.float32)


def paint(view: View) -> Scenery:
    """Waves that roll towards the eye, each facet mirroring the sky that it faces."""
    rng, palette, light = view.rng, view.palette, view.light
    horizon = view.between(0.40, 0.56)
    colours = sky(palette, light, rng, horizon, view.size)
    hour, source = light.hour, light.at(horizon)
    waves = swell(rng)
    offset = rng.uniform(0, 1)
    rough = view.between(0.25, 0.5) * (2.0 if hour.rain else 1.0)
    camera = Camera(horizon, height=1.1, near=1.3, far=120, focal=1.0)

    def height(x: Array, z: Array) -> Array:
        return rough * smooth_tile(waves, z * 0.060 + offset, x * 0.042) * step(90, 8, z)

    land = see(camera, height, view.size, 640)
    dx, dz = land.slopes()
    # The facet's normal sends the line of sight to a point of the sky: (column, elevation).
    sight = np.clip(camera.height / land.z, 0, 1)
    up = np.clip(0.9 * (sight - 0.9 * dz) + 0.06, 0.01, 1.2)
    aside = (land.x / land.z) - 0.8 * dx * (0.3 + sight)
    value = hour.zenith + (hour.horizon - hour.zenith) * np.exp(-2.4 * up)
    far = np.hypot((0.5 + aside - source[0]) * 1.3, (up - light.height * 0.8) * 0.55)
    glint = np.exp(-((far / 0.085) ** 2)) * (1.0 if light.radius else 0.35) + 0.35 * np.exp(-far / 0.16)
    fresnel = 0.25 + 0.75 * np.clip(1 - 1.3 * np.abs(sight - dz * 0.8), 0, 1) ** 2.0
    crest = step(0.60, 0.95, land.heights / rough) * step(30, 3, land.z)
    foam = (
        crest
        * step(0.2, 1.4, tile(noise(rng, 512, 0.8, 20), land.z * 0.2, land.x * 0.2))
        * (0.7 if hour.rain else 0.25)
    )
    base = 0.05 + (value * 0.95 - 0.05) * fresnel + 0.10 * crest * hour.horizon
    air = 1 - np.exp(-np.maximum(land.z - 14, 0) * 0.012 * hour.fog)
    base = base * (1 - air) + (hour.horizon * 0.9) * air
    water = land.show(base + 0.5 * foam * (0.3 + 0.7 * hour.horizon))
    shine = land.show(glint * (1 - air * 0.4))
    sea = palette(water) + np.minimum(shine, 1.3)[..., None] * palette.light * (0.9 if light.radius else 0.4)
    colours = mix(colours, sea, land.cover)
    if rng.uniform() < 0.6:
        colours = cliff(view, colours, horizon, 1 - source[0])
    return Scenery(
        colours,
        Spot(0.5 + (0.5 - source[0]) * 0.35, horizon + 0.16, 0.15, mirror=0.4, wet=True),
        aloft(view, source, horizon),
        source,
    )


def cliff(view: View, colours: Array, horizon: float, side: float) -> Array:
    """A headland that enters from one side, dark at its foot, pale with distance."""
    rng, palette, hour = view.rng, view.palette, view.light.hour
    reach = view.between(0.16, 0.34)
    from_left = side < 0.5
    along = view.x[0] if from_left else 1 - view.x[0]
    for length, tall, value in ((reach * 1.7, 0.055, 0.55), (reach, 0.15, 0.16)):
        shape = np.clip((length - along) / length, 0, 1) ** 0.55
        crown = (
            tall * shape * (1 + 0.16 * profile(rng, view.size, 1.5, 3))
            + 0.003 * profile(rng, view.size, 0.8, 20) * shape
        )
        top = np.where(shape > 0, horizon - crown, 2)
        rock = noise(rng, view.size, 1.4, 8, stretch=0.35)
        cover = step(-0.001, 0.001, view.y - top[None, :]) * step(
            0.0035, 0.001, view.y - horizon - 0.003 * (1 + shape[None, :])
        )
        shade = hour.horizon * value + 0.035 * rock + 0.10 * step(0.03, 0, view.y - top[None, :]) * hour.ground * value
        colours = mix(colours, palette(np.asarray(shade, np.float32)), cover)
    return colours
