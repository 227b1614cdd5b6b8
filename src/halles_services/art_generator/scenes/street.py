"""A street between tall houses after rain, seen down its length."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from halles_services.art_generator.field import Random, mix, noise, step, tile
from halles_services.art_generator.light import sky
from halles_services.art_generator.palette import Array
from halles_services.art_generator.view import Scenery, Spot, View


class Sight(NamedTuple):
    """Sight lines (dx, dy, 1) from the middle of the street at the height of the eye, and the haze at their ends."""

    dx: Array
    dy: Array
    eye: float
    haze: Array


class Houses:
    """Two rows of fronts along a street: each house has its height, its windows, and perhaps a sign."""

    def __init__(self, rng: Random, share: float) -> None:
        n = 24
        self.edges = np.cumsum(rng.uniform(2.2, 4.5, (2, n)), axis=1).astype(np.float32)
        self.tops = rng.uniform(4.0, 11.0, (2, n + 1)).astype(np.float32)
        self.lit = rng.uniform(0, 1, (2, 512, 64)).astype(np.float32)
        self.share = share * rng.uniform(0.4, 1.6, (2, n + 1)).astype(np.float32)
        self.sign = np.where(rng.uniform(0, 1, (2, n + 1)) < 0.55, rng.uniform(1.7, 3.4, (2, n + 1)), -9).astype(
            np.float32
        )
        self.accent = (rng.uniform(0, 1, (2, n + 1)) < 0.6).astype(np.float32)

    def at(self, side: NDArray[np.int32], y: Array, z: Array) -> tuple[Array, Array, Array]:
        """(is wall, light of windows, light of signs) at points of the fronts; sign is signed: < 0 for the accent."""
        house = np.where(side == 0, np.searchsorted(self.edges[0], z), np.searchsorted(self.edges[1], z)).clip(0, 23)
        wall = (y < self.tops[side, house]).astype(np.float32)
        column, floor = np.floor(z / 0.34).astype(np.int32), np.floor(y / 0.56).astype(np.int32)
        across, up = z / 0.34 - column, y / 0.56 - floor
        pane = step(0.22, 0.27, across) * step(0.80, 0.75, across) * step(0.20, 0.24, up) * step(0.84, 0.80, up)
        pane = (
            pane
            * (1 - 0.75 * step(0.04, 0.02, np.abs(across - 0.51)))
            * (1 - 0.75 * step(0.035, 0.015, np.abs(up - 0.58)))
        )
        dice = self.lit[side, column % 512, floor % 64]
        shop = (floor <= 1) & (dice < 0.55)
        glow = np.where(
            shop, 0.9, np.where(dice < self.share[side, house], 0.35 + dice / self.share[side, house] * 0.6, 0.0)
        )
        level = self.sign[side, house]
        sign = step(0.30, 0.22, np.abs(y - level)) * step(0.12, 0.2, (z * 0.31) % 1) * step(0.75, 0.6, (z * 0.31) % 1)
        return (
            wall,
            (pane * glow * wall).astype(np.float32),
            (sign * (1 - 2 * self.accent[side, house]) * wall).astype(np.float32),
        )


def front(view: View, houses: Houses, sight: Sight) -> tuple[Array, Array]:
    """The colour and cover of the houses."""
    dx, dy, eye, haze = sight
    palette, hour = view.palette, view.light.hour
    half = 2.3
    z = half / np.maximum(np.abs(dx), 1e-3)
    y = eye + dy * z
    wall, pane, sign = houses.at((dx > 0).astype(np.int32), y, z)
    air = 1 - np.exp(-z * 0.045 * (0.6 + hour.fog))
    dark = 1 - hour.horizon
    cornice = step(0.08, 0.03, np.abs(y / 2.24 - np.round(y / 2.24)))
    value = (
        0.05
        + 0.05 * hour.horizon
        + 0.02 * np.clip(y / 6, 0, 1)
        - 0.03 * cornice
        + 0.16 * np.exp(-np.maximum(y, 0) / 0.8)
    )
    colours = palette((value * (1 - air) + haze * air).astype(np.float32))
    near = (1 - 0.75 * air) * (0.55 + 0.6 * dark)
    colours = colours + (pane * near * 0.85)[..., None] * palette.light
    colours = colours + (np.maximum(sign, 0) * near * 1.5)[..., None] * palette.light
    colours = colours + (np.maximum(-sign, 0) * near * 2.2)[..., None] * palette.accent()
    return colours, (wall * (y > 0)).astype(np.float32)


def paint(view: View) -> Scenery:
    """House fronts in one-point perspective, shop lights, fog at the end of the street, all mirrored in wet asphalt."""
    rng, palette, hour = view.rng, view.palette, view.light.hour
    horizon = view.between(0.52, 0.62)
    vanish = 0.5 + view.either(-1, 1) * view.between(0.06, 0.16)
    eye, focal = 1.1, 0.62
    above = sky(palette, view.light, rng, horizon, view.size)
    houses = Houses(rng, 0.10 + 0.40 * (1 - hour.horizon))
    dx, dy = (view.x - vanish) / focal + 0 * view.y, (horizon - view.y) / focal + 0 * view.x
    end = np.exp(-np.hypot(view.x - vanish, (view.y - horizon) * 0.7) / 0.13)
    haze = (hour.horizon * 0.80 + 0.34 * end).astype(np.float32)
    colours = mix(above, palette(haze), np.clip(end * 1.1, 0, 1) * 0.8)
    fronts, cover = front(view, houses, Sight(dx, dy, eye, haze))
    colours = mix(colours, fronts, cover)
    ground = asphalt(view, houses, Sight(dx, dy, eye, haze))
    below = step(-0.001, 0.001, view.y - horizon) * np.ones_like(dx)
    kerb = np.abs(dx) * eye / np.maximum(-dy, 1e-3) < 2.3
    colours = mix(colours, ground, below * kerb)
    colours = colours + lamps(view, vanish, horizon, eye, focal)[..., None] * palette.light
    side = np.sign(0.5 - vanish)
    stand = Spot(vanish + side * 0.10, horizon + 0.24, 0.26, mirror=0.75)
    return Scenery(colours, stand, Spot(vanish, horizon * 0.42, 0.16, floats=True), (vanish, horizon - 0.03))


def lamps(view: View, vanish: float, horizon: float, eye: float, focal: float) -> Array:
    """The glow of street lamps along one kerb, and its streaks on the wet ground."""
    rng = view.rng
    glow, streak = view.blank(), view.blank()
    strength = 1.15 - 0.75 * view.light.hour.horizon
    side, start = rng.choice([-1, 1]), rng.uniform(3.4, 4.6)
    for k in range(7):
        z = start + 2.6 * k
        x, y = vanish + focal * side * 1.75 / z, horizon - focal * (2.5 - eye) / z
        size = 0.020 / z
        far = np.hypot(view.x - x, view.y - y)
        glow += strength * (
            np.exp(-((far / size) ** 2)) + 0.30 * np.exp(-far / (5 * size)) + 0.10 * np.exp(-far / (18 * size))
        )
        foot = horizon + focal * (2.5 + eye) / z
        streak += strength * np.exp(-np.abs(view.x - x) / (1.6 * size)) * np.exp(-np.abs(view.y - foot) / (26 * size))
    broken = np.clip(0.5 + 0.6 * noise(rng, view.size, 0.9, 30, stretch=6), 0, 1.4)
    return np.asarray(glow + 0.30 * streak * broken * (view.y > horizon), np.float32)


def asphalt(view: View, houses: Houses, sight: Sight) -> Array:
    """Wet ground: sight lines bounce off it, thrown about where it is rough and clear in its puddles."""
    rng, palette, hour = view.rng, view.palette, view.light.hour
    dx, dy, eye, haze = sight
    fall = np.maximum(-dy, 1e-3)
    z = eye / fall
    x = dx * z
    rough, puddle = noise(rng, 512, 0.7, 30), noise(rng, 512, 1.8, 2.5)
    wet = step(-0.5, 0.9, tile(puddle, z * 0.06, x * 0.10))
    grain = tile(rough, z * 0.22, x * 0.22)
    throw = (0.10 + 0.26 * (1 - wet)) * grain * np.clip(fall * 2.5, 0.15, 1)
    # From the bounce on, the sight line goes up as steeply as it came down.
    up = fall * (1 + 1.1 * np.abs(throw)) + 0.25 * throw
    side = dx + 0.05 * throw
    wall_z = 2.3 / np.maximum(np.abs(side), 1e-3)
    y = (wall_z - z) * up
    wall, pane, sign = houses.at((side > 0).astype(np.int32), np.maximum(y, 0.01), wall_z)
    air = 1 - np.exp(-wall_z * 0.045 * (0.6 + hour.fog))
    dark = 1 - hour.horizon
    heaven = palette(np.asarray(hour.horizon * 0.55 + 0.45 * (haze - hour.horizon * 0.8), np.float32))
    house = palette((0.07 * (1 - air) + haze * air * 0.9).astype(np.float32))
    near = (1 - 0.7 * air) * (0.55 + 0.6 * dark)
    house = house + ((pane * 0.9 + np.maximum(sign, 0) * 1.4) * near)[..., None] * palette.light
    house = house + (np.maximum(-sign, 0) * near * 2.2)[..., None] * palette.accent()
    mirrored = mix(heaven, house, wall * (y > 0))
    own = palette(np.asarray(0.035 + 0.03 * grain + 0.10 * hour.horizon, np.float32))
    fresnel = np.clip((0.35 + 0.45 * wet) * np.exp(-fall * 0.45), 0, 1)
    return mix(own, mirrored, fresnel)
