"""A road through open country."""

import itertools
from typing import Any

import numpy as np

from halles_services.art_generator.field import mix, noise, smooth_tile, step, tile
from halles_services.art_generator.ink import mask, stroke
from halles_services.art_generator.light import sky
from halles_services.art_generator.palette import Array
from halles_services.art_generator.terrain import Camera, Land, see
from halles_services.art_generator.view import Scenery, Spot, View, aloft


def paint(view: View) -> Scenery:
    """A road that swings over low hills to the light, fields and poles beside it."""
    rng, palette, light = view.rng, view.palette, view.light
    hour = light.hour
    horizon = view.between(0.48, 0.62)
    colours = sky(palette, light, rng, horizon, view.size)
    source = light.at(horizon)
    hills, grass = noise(rng, 512, 2.1, 2, 24), noise(rng, 512, 0.9, 24, stretch=0.6)
    offset = rng.uniform(0, 1, 2)
    camera = Camera(horizon, height=0.85, near=0.95, far=80, focal=0.95)
    swing, wind = view.between(0.2, 0.9) * view.either(-1, 1), view.between(0.10, 0.2)
    aim = source[0] - 0.5

    def middle(z: Array) -> Array:
        return np.asarray(aim * np.minimum(z, 40) * 0.55 + swing * np.sin(z * wind) * step(1, 14, z))

    def height(x: Array, z: Array) -> Array:
        raw = smooth_tile(hills, z * 0.011 + offset[0], x * 0.011 + offset[1])
        away = np.abs(x - middle(z))
        roll = 0.16 * np.sin(z * 0.38 + offset[0] * 6) * step(3, 12, z)
        blades = 0.05 * tile(grass, z * 0.30, x * 0.55) * step(0.55, 0.9, away) * step(14, 1, z)
        return np.asarray(
            roll + raw * 0.55 * step(0.8, 7, away) * step(2, 20, z) + 0.9 * step(28, 70, z) * (0.6 + 0.4 * raw) + blades
        )

    land = see(camera, height, view.size, 640)
    side = float(np.sign(light.x - 0.5))
    ground = surface(view, land, land.x - middle(land.z), grass, source[0])
    air = 1 - np.exp(-np.maximum(land.z - 4, 0) * 0.030 * hour.fog)
    haze = hour.horizon * 0.92 + 0.14 * np.exp(-np.abs(view.x - source[0]) / 0.25)
    value = land.show(ground * (0.50 + 0.5 * hour.horizon) * (1 - air) + haze * air)
    colours = mix(colours, palette(value), land.cover)
    posts, paleness = poles(view, camera, middle, height, -side)
    colours = mix(colours, palette(0.03 + paleness * hour.horizon * 0.6), posts)
    stand, beside = spot(camera, middle, height, 3.4, 0.0), spot(camera, middle, height, 5.5, side * 1.9)
    return Scenery(colours, stand, aloft(view, source, horizon), source, beside=beside)


def surface(view: View, land: Land, away: Array, grass: Array, ahead: float) -> Array:
    """Values of asphalt with its lines and of fields with their furrows; `away` is measured from the road's middle."""
    rng, hour, z = view.rng, view.light.hour, land.z
    lit = land.lit((float(np.sign(view.light.x - 0.5)), 0.75, 0.6))
    tufts = tile(grass, z * 0.30, land.x * 0.55) * step(20, 2, z) * (0.3 + lit)
    furrows = (0.5 + 0.5 * np.sin(away * 9) * step(22, 6, z)) * lit
    patches = tile(noise(rng, 512, 2.0, 3), z * 0.016, land.x * 0.016)
    field = 0.07 + 0.34 * lit * hour.ground + 0.05 * (furrows + patches) + 0.045 * tufts
    sheen = (0.16 + 0.30 * np.exp(-np.abs(land.x / z + 0.5 - ahead) / 0.10)) * hour.horizon * step(1, 16, z)
    asphalt = 0.05 + 0.02 * tile(grass, z, land.x) + sheen
    line = (np.abs(away) < 0.020) * ((z * 0.55) % 1 < 0.5) + (np.abs(np.abs(away) - 0.50) < 0.010)
    return np.where(np.abs(away) < 0.55, asphalt + 0.38 * line * (0.5 + 0.5 * hour.horizon), field)


def spot(camera: Camera, middle: Any, height: Any, z: float, aside: float) -> Spot:
    """A place at a depth, so far beside the middle of the road."""
    x = float(middle(np.array(z))) + aside
    ground = float(height(np.array([[x]], np.float32), np.array([[z]], np.float32))[0, 0])
    return Spot(camera.column(x, z), camera.row(z, ground), 0.20, shadow=0.6)


def poles(view: View, camera: Camera, middle: Any, height: Any, side: float) -> tuple[Array, Array]:
    """Telegraph poles with their wires along the road, and how pale each part is with distance."""
    if view.rng.uniform() < 0.35:
        return view.blank(), view.blank()
    depths = np.geomspace(2.6, 34, 9)
    tops: list[tuple[float, float, float]] = []
    feet = []
    for z in depths:
        x = float(middle(np.array(z))) + side * 1.25
        ground = float(height(np.array([[x]]), np.array([[z]]))[0, 0])
        feet.append((camera.column(x, z), camera.row(z, ground)))
        tops.append((camera.column(x, z), camera.row(z, ground + 1.9), z))

    def draw(canvas: Any, pen: Any) -> None:
        import skia

        for (x, top, z), (_, foot) in zip(tops, feet, strict=True):
            canvas.drawLine(x, foot, x, top, stroke(pen, 0.030 / z))
            canvas.drawLine(x - 0.22 / z, top + 0.12 / z, x + 0.22 / z, top + 0.12 / z, stroke(pen, 0.022 / z))
        for (x0, y0, z0), (x1, y1, z1) in itertools.pairwise(tops):
            for arm in (-0.2, 0.2):
                path = skia.Path()
                path.moveTo(x0 + arm / z0, y0 + 0.12 / z0)
                path.quadTo((x0 + x1) / 2, (y0 + y1) / 2 + 0.5 / z0, x1 + arm / z1, y1 + 0.12 / z1)
                canvas.drawPath(path, stroke(pen, 0.005 / z0))

    near = np.interp(view.x[0], sorted(t[0] for t in tops), [t[2] for t in sorted(tops)])
    return mask(view.size, draw), np.broadcast_to(step(3, 30, near.astype(np.float32))[None, :], (view.size, view.size))
