"""Planets, rings, nebulae and stars."""

import numpy as np

from halles_services.art_generator.field import mix, noise, step, tile
from halles_services.art_generator.light import stars
from halles_services.art_generator.palette import Array
from halles_services.art_generator.view import Scenery, Spot, View


def nebula(view: View) -> Array:
    """Gas that folds into itself: noise looked up through noise."""
    rng, size = view.rng, view.size
    base, fold = noise(rng, 512, 1.75, 1.5), noise(rng, 512, 1.9, 1.2)
    offset = noise(rng, size, 2.0, 1.2) * 0.045
    wide, deep = view.x * 0.55 + offset, view.y * 0.55 - offset
    first = tile(fold, deep, wide)
    cloud = tile(base, deep + 0.06 * first, wide + 0.05 * tile(fold, deep + 0.3, wide + 0.6))
    angle = view.between(-0.9, 0.9)
    band = (view.y - 0.5 - (view.x - 0.5) * np.tan(angle) + view.between(-0.15, 0.15)) * np.cos(angle)
    dense = np.exp(-(((band + 0.05 * first) / 0.24) ** 2))
    lanes = step(0.2, 1.5, tile(base, deep + 0.5 + 0.08 * first, wide + 0.2))
    return np.asarray(dense * (0.55 + 0.33 * cloud) * (1 - 0.6 * lanes), np.float32)


def planet(
    view: View, centre: tuple[float, float], radius: float, towards: tuple[float, float, float], gas: bool
) -> tuple[Array, Array, Array]:
    """(value, cover, rim of air) of a ball lit from a direction (x right, y down, z to the eye)."""
    rng = view.rng
    px, py = (view.x - centre[0]) / radius, (view.y - centre[1]) / radius
    square = px * px + py * py
    pz = np.sqrt(np.clip(1 - square, 0, 1))
    tilt = rng.uniform(-0.5, 0.5)
    north, east = py * np.cos(tilt) + px * np.sin(tilt), px * np.cos(tilt) - py * np.sin(tilt)
    long, lat = np.arctan2(east, pz + 1e-3) / 6.28, np.arcsin(np.clip(north, -1, 1)) / 3.14
    rough = noise(rng, 512, 1.5, 3)
    if gas:
        swirl = tile(noise(rng, 512, 1.6, 2, stretch=5), lat * 0.7, long * 0.7)
        bands = np.sin((lat + 0.012 * swirl) * rng.uniform(26, 44)) * 0.5 + 0.5 * tile(
            noise(rng, 512, 1.2, 4, stretch=9), lat, long
        )
        skin = 0.58 + 0.17 * bands + 0.05 * tile(rough, lat, long)
    else:
        land = tile(rough, lat * 1.1, long * 1.1)
        skin = 0.50 + 0.15 * np.clip(land, -1.5, 1.5) + 0.10 * step(0.8, 1.6, tile(rough, lat * 1.1 + 0.4, long * 1.1))
    toward = np.array(towards) / np.linalg.norm(towards)
    sun = px * toward[0] + py * toward[1] + pz * toward[2]
    lit = step(-0.16, 0.75, sun)
    value = 0.015 + skin * lit * 1.25
    far = np.sqrt(square)
    cover = step(1 + 1.2 / (radius * view.size), 1 - 1.2 / (radius * view.size), far)
    facing = np.clip(0.55 + 0.75 * (px * toward[0] + py * toward[1]) / np.maximum(far, 0.3), 0, 1) ** 2
    rim = np.exp(-np.abs(far - 1) * np.where(far > 1, 16, 13)) * facing
    return np.asarray(value, np.float32), cover, np.asarray(rim, np.float32)


def paint(view: View) -> Scenery:
    """A nebula, a great planet cut by the frame or whole, a moon or two, perhaps a ring."""
    rng, palette, hour = view.rng, view.palette, view.light.hour
    gas = nebula(view)
    value = 0.02 + 0.10 * hour.horizon + gas * (0.46 + 0.40 * hour.horizon)
    colours = palette(value.astype(np.float32))
    field = stars(rng, view.size, 1.6 - 0.9 * np.clip(gas, 0, 1)) + stars(rng, view.size, np.clip(gas * 2.2, 0, 2))
    colours = colours + field[..., None] * palette.light
    side = np.sign(view.light.x - 0.5)
    towards = (float(side) * 0.8, -0.55, view.between(0.05, 0.5))
    big = rng.uniform() < 0.5
    if big:
        radius, centre = view.between(0.55, 0.95), (0.5 - side * view.between(0.05, 0.3), 0.0)
        centre = (centre[0], 0.66 + radius)
    else:
        radius = view.between(0.17, 0.29)
        centre = (0.5 - side * view.between(0.08, 0.18), view.between(0.36, 0.58))
    skin, cover, rim = planet(view, centre, radius, towards, rng.uniform() < 0.5)
    behind, before = ring(view, centre, radius) if not big and rng.uniform() < 0.65 else (None, None)
    if behind is not None:
        colours = mix(colours, palette(0.55 + 0.35 * behind), behind * 0.8)
    colours = mix(colours, palette(skin), cover)
    colours = colours + (rim * (0.85 if big else 0.55))[..., None] * palette(0.85)
    if before is not None:
        colours = mix(colours, palette(0.55 + 0.35 * before), before * 0.85)
    moon = (0.5 + side * view.between(0.15, 0.3), view.between(0.14, 0.34))
    small, hide, edge = planet(view, moon, view.between(0.018, 0.06), towards, gas=False)
    colours = mix(colours, palette(small), hide) + (edge * 0.25 * (1 - hide))[..., None] * palette(0.8)
    source = (0.5 + float(side) * 0.75, -0.2)
    rise = centre[1] - np.sqrt(max(radius**2 - (0.5 - centre[0] + side * 0.1) ** 2, 0.0)) if big else 0.62
    hover = Spot(0.5 + float(side) * (0.04 if big else 0.22), 0.42 if big else 0.70, 0.24, floats=True)
    stand = Spot(0.5 + float(side) * 0.1, float(rise) + 0.012, 0.17) if big else hover
    return Scenery(colours, stand, hover, source)


def ring(view: View, centre: tuple[float, float], radius: float) -> tuple[Array, Array]:
    """The parts of a ring behind and before its planet."""
    rng = view.rng
    tilt, open_ = rng.uniform(-0.5, 0.5), rng.uniform(0.16, 0.32)
    px, py = (view.x - centre[0]) / radius, (view.y - centre[1]) / radius
    along, across = px * np.cos(tilt) + py * np.sin(tilt), py * np.cos(tilt) - px * np.sin(tilt)
    far = np.hypot(along, across / open_)
    lines = np.interp(
        far.ravel(), np.linspace(1.2, 2.4, 400), np.clip(0.55 + 0.4 * np.cumsum(rng.normal(0, 0.12, 400)), 0, 1)
    )
    band = (
        step(1.32, 1.36, far) * step(2.25, 2.1, far) * np.clip(lines.reshape(far.shape), 0.12, 0.9).astype(np.float32)
    )
    return np.asarray(band * (across < 0), np.float32), np.asarray(band * (across >= 0), np.float32)
