"""Puts a subject into a scene so that it belongs there: scale, ground, shadow, mirror image, rim of light, air."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from halles_services.art_generator.field import Random, blur, grid, mix, noise, profile, step
from halles_services.art_generator.ink import mask, stroke
from halles_services.art_generator.light import distance
from halles_services.art_generator.palette import Array, Palette, tone
from halles_services.art_generator.view import Scenery, Spot


@dataclass(frozen=True)
class Subject:
    """A silhouette, and how it would stand in the world."""

    outline: Any
    """A skia path in any unit."""
    place: str = "ground"
    """ground, air, water or surface."""
    metres: float = 1.8
    name: str = ""

    @property
    def glows(self) -> bool:
        """Whether it gives light instead of standing before it."""
        return self.name in GLOWING

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the outline."""
        bounds = self.outline.computeTightBounds()
        return bounds.left(), bounds.top(), max(bounds.width(), 1e-6), max(bounds.height(), 1e-6)


GLOWING = {
    *("flame", "campfire", "candle", "torch", "lantern", "lamp", "light bulb"),
    *("star", "moon", "sun", "comet", "lightning", "ghost", "angel"),
}
"""Things of the list that are lights."""


@dataclass(frozen=True)
class Placed:
    """A subject at its place: the mask of its body and where that is."""

    body: Array
    x: float
    foot: float
    height: float
    width: float

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the body."""
        return self.x, self.foot - self.height / 2


def place(subject: Subject, spot: Spot, size: int) -> Placed:
    """Scale and move a subject to a spot; tall things are drawn taller than small ones, but less than in life."""
    left, top, width, height = subject.box
    grow = 1.0 if spot.floats else float(np.clip((subject.metres / 1.8) ** 0.2, 0.75, 1.55))
    tall = spot.height * grow * 1.25
    # Wide things keep about the area of tall ones.
    tall /= max(1.0, math.sqrt(width / height))
    tall = min(tall, 0.62 * height / width, 0.80)
    scale = tall / height
    wide = width * scale
    x = float(np.clip(spot.x, wide / 2 + 0.05, 0.95 - wide / 2))
    foot = spot.y + tall / 2 if spot.floats else max(spot.y, tall + 0.06)

    def draw(canvas: Any, pen: Any) -> None:
        canvas.translate(x - wide / 2, foot - tall)
        canvas.scale(scale, scale)
        canvas.translate(-left, -top)
        canvas.drawPath(subject.outline, pen)

    return Placed(mask(size, draw), x, foot, tall, wide)


def islet(placed: Placed, rng: Random) -> Array:
    """A rock for what stands in water and does not swim."""
    size = len(placed.body)
    across = (np.arange(size) / size - placed.x).astype(np.float32)
    reach = placed.width * 0.75 + 0.05
    shape = np.clip(1 - np.abs(across / reach) ** 2.2, 0, 1)
    top = placed.foot + 0.010 - (0.030 * shape + 0.006 * profile(rng, size, 1.2, 6) * shape)
    y = ((np.arange(size) + 0.5) / size)[:, None]
    inside = step(-0.001, 0.001, y - top[None, :]) * step(0.001, -0.001, y - placed.foot - 0.016) * (shape > 0.02)
    return np.asarray(inside, np.float32)


def shift(field: Array, dx: float, dy: float) -> Array:
    """Move a mask by shares of the picture (edges wrap; subjects stay clear of them)."""
    n = len(field)
    return np.roll(field, (round(dy * n), round(dx * n)), (0, 1))


def mirrored(body: Array, foot: float, strength: float, rng: Random) -> Array:
    """The upside-down image of a body in wet ground, torn sideways more with each row."""
    n = len(body)
    rows = np.arange(n)
    line = round(foot * n)
    below = rows - line
    sources = np.clip(line - below, 0, n - 1)
    tear = noise(rng, n, 1.0, 20, stretch=7)
    columns = rows[None, :] + (tear * (2 + 0.05 * np.maximum(below, 0)[:, None])).astype(np.int32)
    image = body[sources[:, None], np.clip(columns, 0, n - 1)]
    fade = np.clip(1 - below / (0.45 * n), 0, 1) * (below > 0)
    return np.asarray(image * (strength * fade)[:, None], np.float32)


def cast(placed: Placed, source: tuple[float, float], strength: float) -> Array:
    """The shadow on the ground, away from the light, softer with distance."""
    n = len(placed.body)
    length, lean = 0.55, float(np.clip((placed.x - source[0]) * 1.6, -1.2, 1.2))
    y = (np.arange(n) + 0.5) / n
    below = y - placed.foot
    sources = np.clip(((placed.foot - below / length) * n).astype(int), 0, n - 1)
    columns = np.arange(n)[None, :] - (lean * below * n)[:, None].astype(int)
    shade = (
        placed.body[sources[:, None], np.clip(columns, 0, n - 1)]
        * ((below > -0.004) & (below < placed.height * length))[:, None]
    )
    far = np.clip(below / (placed.height * length), 0, 1)[:, None]
    return np.asarray(
        mix(blur(shade.astype(np.float32), 0.002), blur(shade.astype(np.float32), 0.009), far * np.ones((1, n)))
        * strength
        * (1 - 0.6 * far),
        np.float32,
    )


LARGE = 2.2
"""Metres from which a subject stands beside the way instead of on it."""


def stand(scenery: Scenery, subject: Subject, palette: Palette, rng: Random) -> tuple[Array, Array]:
    """Set a subject on the ground of a scene. Returns the picture and the mask of the subject."""
    spot = scenery.beside if scenery.beside and subject.metres > LARGE else scenery.stand
    colours, size = scenery.pixels, len(scenery.pixels)
    placed = place(subject, spot, size)
    body = placed.body
    if spot.mirror and subject.place != "water" and spot.wet:
        body = np.maximum(body, islet(placed, rng))
    placed = replace(placed, body=body)
    dark = palette(spot.value)
    if spot.shadow:
        colours = mix(colours, colours * 0.30, cast(placed, scenery.source, spot.shadow))
    if spot.mirror:
        colours = mix(colours, dark, 0.85 * mirrored(body, placed.foot + (0.012 if spot.wet else 0), spot.mirror, rng))
    x, y = grid(size)
    wide = placed.width * 0.55 + 0.01
    contact = np.exp(-(((x - placed.x) / wide) ** 2) - ((y - placed.foot) / 0.008) ** 2)
    if not spot.wet:
        colours = colours * (1 - 0.55 * contact)[..., None]
    if subject.glows:
        return shine(replace(scenery, pixels=colours), placed, subject, palette, rng), body
    return belong(stand_out(colours, body, palette), placed, scenery, palette, dark), body


HIGH = 0.38
"""Rows above which a light stands free enough to be eclipsed."""


def stand_out(colours: Array, body: Array, palette: Palette) -> Array:
    """Light haze behind a dark body wherever the ground around it is nearly as dark."""
    around = np.clip(blur(body, 0.03) * 2, 0, 1) * (1 - body)
    lightness = float((tone(colours) * around).sum() / max(float(around.sum()), 1e-6))
    missing = np.clip((CONTRAST - lightness) / CONTRAST, 0, 1)
    haze = missing * (0.55 * blur(body, 0.035) + 0.65 * blur(body, 0.10))
    return mix(colours, palette(0.62 + 0 * haze), np.clip(haze, 0, 0.9))


CONTRAST = 0.52
"""OKLab lightness that the surroundings of a dark figure need."""


def belong(colours: Array, placed: Placed, scenery: Scenery, palette: Palette, tone: Array) -> Array:
    """Paint a body in a tone, with air before it, light that wraps around it, and a rim on the side of the light."""
    body, size = placed.body, len(colours)
    _, y = grid(size)
    up = np.clip((placed.foot - y) / placed.height, 0, 1)
    figure = tone * (1 + 0 * up)[..., None] * np.ones((size, size, 1), np.float32)
    # Light from behind creeps over the edge of a dark body.
    wrap = np.clip(1 - blur(body, 0.006), 0, 1) * body
    figure = figure + 0.30 * wrap[..., None] * blur(colours, 0.014)
    cx, cy = placed.centre
    away = np.hypot(scenery.source[0] - cx, scenery.source[1] - cy) + 1e-6
    dx, dy = (scenery.source[0] - cx) / away, (scenery.source[1] - cy) / away
    rim = body * np.clip(body - shift(body, -dx * 0.0035, -dy * 0.0035), 0, 1)
    rim = blur(rim, 0.0007) * body
    glow = 0.55 * math.exp(-away / 0.7)
    figure = figure + (rim * glow)[..., None] * palette.light
    if scenery.veil is not None:
        figure = figure + (0.5 * scenery.veil)[..., None] * palette.light
    return mix(colours, figure, body)


def hover(scenery: Scenery, subject: Subject, palette: Palette, rng: Random, manner: str) -> tuple[Array, Array]:
    """Let a subject float, in one of the MANNERS. Returns the picture and the mask of the subject."""
    spot, (x, y) = scenery.hover, scenery.source
    if manner == "eclipse" and 0.1 < x < 0.9 and 0.05 < y < HIGH:
        spot = replace(spot, x=x, y=max(y, 0.22))  # the light itself is eclipsed
    placed = place(subject, spot, len(scenery.pixels))
    return MANNERS[manner](scenery, placed, subject, palette, rng), placed.body


def eclipse(scenery: Scenery, placed: Placed, subject: Subject, palette: Palette, rng: Random) -> Array:
    """Dark before a great pale disc."""
    size = len(scenery.pixels)
    radius = 0.5 * math.hypot(placed.height, placed.width) * 1.10 + 0.02
    far = distance(size, placed.centre)
    inside = step(radius + 0.0012, radius - 0.0012, far)
    face = palette.light * (0.92 - 0.18 * (far / radius) ** 3)[..., None]
    face = face * (1 - 0.05 * step(0.2, 1.4, noise(rng, size, 1.9, 6)))[..., None]
    halo = np.exp(-np.maximum(far - radius, 0) / (radius * 0.6)) * 0.25
    colours = mix(scenery.pixels + halo[..., None] * palette.light, face, inside)
    return mix(colours, palette(0.04 + 0.0 * far), placed.body)


def shine(scenery: Scenery, placed: Placed, subject: Subject, palette: Palette, rng: Random) -> Array:
    """Made of light, with its glow around it."""
    colours = scenery.pixels
    inner = blur(placed.body, 0.010)
    shade = 0.80 + 0.20 * inner + 0.05 * noise(rng, len(colours), 1.8, 3)
    halo = 0.55 * blur(placed.body, 0.020) + 0.50 * blur(placed.body, 0.07)
    colours = colours * (1 - 0.35 * np.clip(halo, 0, 1))[..., None] + halo[..., None] * palette.light * 0.75
    return mix(colours, palette.light * shade[..., None] * 1.15, placed.body)


def shadow(scenery: Scenery, placed: Placed, subject: Subject, palette: Palette, rng: Random) -> Array:
    """Dark against the sky, with light around its edges."""
    return belong(stand_out(scenery.pixels, placed.body, palette), placed, scenery, palette, palette(0.03))


def constellation(scenery: Scenery, placed: Placed, subject: Subject, palette: Palette, rng: Random) -> Array:
    """Stars along the outline, joined by thin lines."""
    import skia

    size = len(scenery.pixels)
    left, top, _, height = subject.box
    scale = placed.height / height
    measure = skia.PathMeasure(subject.outline, False)
    points: list[list[tuple[float, float]]] = []
    while True:
        length = measure.getLength()
        count = int(np.clip(length * scale / 0.05, 3, 26))
        loop = []
        for k in range(count):
            at, _ = measure.getPosTan(length * (k + rng.uniform(-0.2, 0.2)) / count)
            loop.append(
                (
                    (at.x() - left) * scale + placed.x - placed.width / 2,
                    (at.y() - top) * scale + placed.foot - placed.height,
                )
            )
        points.append(loop)
        if not measure.nextContour():
            break

    def lines(canvas: Any, pen: Any) -> None:
        for loop in points:
            for a, b in zip(loop, loop[1:] + loop[:1], strict=True):
                canvas.drawLine(*a, *b, stroke(pen, 0.0011))

    def dots(canvas: Any, pen: Any) -> None:
        for loop in points:
            for x, y in loop:
                canvas.drawCircle(x, y, float(0.0016 + 0.0022 * rng.beta(1, 3)), pen)

    thin, bright = mask(size, lines), mask(size, dots)
    light = 0.42 * thin + 1.2 * bright + 1.6 * blur(bright, 0.004) + 0.8 * blur(bright, 0.012) + 0.015 * placed.body
    return np.asarray(scenery.pixels + light[..., None] * palette.light, np.float32)


def neon(scenery: Scenery, placed: Placed, subject: Subject, palette: Palette, rng: Random) -> Array:
    """A glowing tube along the outline."""
    size = len(scenery.pixels)
    left, top, _, height = subject.box
    scale = placed.height / height

    def draw(canvas: Any, pen: Any) -> None:
        canvas.translate(placed.x - placed.width / 2, placed.foot - placed.height)
        canvas.scale(scale, scale)
        canvas.translate(-left, -top)
        canvas.drawPath(subject.outline, stroke(pen, 0.0065 / scale))

    tube = mask(size, draw)
    halo = 0.9 * blur(tube, 0.010) + 0.9 * blur(tube, 0.035)
    colours = scenery.pixels * (1 - 0.25 * placed.body)[..., None] + halo[..., None] * (
        0.6 * palette.accent() + 0.4 * palette.light
    )
    return mix(colours, palette.light * 1.2, tube)


MANNERS = {"eclipse": eclipse, "shine": shine, "shadow": shadow, "constellation": constellation, "neon": neon}
"""Ways in which a subject floats."""
