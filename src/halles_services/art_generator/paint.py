"""One picture, from its idea to its pixels: scene, subject, weather, lens, medium."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from halles_services.art_generator import figure
from halles_services.art_generator.field import Random, mix
from halles_services.art_generator.ink import mask, stroke
from halles_services.art_generator.light import HOURS, Light, glow, lens
from halles_services.art_generator.palette import Array, Palette, srgb
from halles_services.art_generator.prints import PRINTED, grain
from halles_services.art_generator.scenes import SCENES
from halles_services.art_generator.style import PAINTED, Painter
from halles_services.art_generator.upscale import Enlarger, resample
from halles_services.art_generator.view import SIZE, Scenery, View
from halles_services.kinds import Idea

Pixels = NDArray[np.uint8]

OPEN_AIR = {"mountains", "sea", "city", "street", "forest", "desert", "road", "garden"}
"""Scenes in which it can rain."""

INDOORS = {"room", "stage", "street", "garden"}
EMBLEM = 0.5
"""Metres below which a thing would be lost in a landscape; it becomes a sign in the sky."""

NEON = {"city", "street", "stage"}
COARSE = {"papercut", "halftone", "linocut", "risograph", "ink", "mosaic", "impasto"}
"""Media in which a thin line is lost."""

ABSTRACT = {"waves", "shapes"}
NIGHT_SKY = {"mountains", "sea", "desert", "space", "road", "garden", "clouds", "forest"}


def compose(idea: Idea, subject: figure.Subject | None, rng: Random) -> tuple[Array, Array, Palette]:
    """The scene with its subject in linear light, the mask of the subject, and the palette of both."""
    palette = Palette.of(idea.palette)
    light = Light.of(idea.light, rng)
    scenery = SCENES[idea.scene](View(palette, light, rng))
    colours: Array = scenery.pixels
    body: Array = np.zeros((SIZE, SIZE), np.float32)
    if subject is not None:
        colours, body = settle(idea, scenery, subject, palette, rng)
    if scenery.front is not None:
        colours, body = mix(colours, scenery.pixels, scenery.front), body * (1 - scenery.front)
    if light.hour.rain and idea.scene in OPEN_AIR:
        colours = rain(colours, palette, rng)
    return lens(glow(colours), rng), body, palette


def settle(idea: Idea, scenery: Scenery, subject: figure.Subject, palette: Palette, rng: Random) -> tuple[Array, Array]:
    """Set the subject on the ground, or in the air in a manner that suits the scene and the hour."""
    emblem = subject.place == "surface" and subject.metres < EMBLEM and idea.scene not in INDOORS
    if subject.place != "air" and not scenery.stand.floats and not emblem:
        return figure.stand(scenery, subject, palette, rng)
    return figure.hover(scenery, subject, palette, rng, manner(idea, scenery, subject, rng))


def manner(idea: Idea, scenery: Scenery, subject: figure.Subject, rng: Random) -> str:
    """How a subject floats: in lines of light only where the medium can draw them, never as a second sun."""
    dark = HOURS[idea.light].horizon < 0.6
    # What has weight stays a dark body even in the dark; signs of the sky may be made of light.
    choices = ["shine"] if subject.glows or (dark and subject.place in ("air", "surface")) else ["shadow"]
    if not subject.glows and (0.05 < scenery.source[1] < figure.HIGH or idea.scene in ABSTRACT):
        choices.append("eclipse")
    if dark and idea.medium not in COARSE:
        choices += ["neon"] * (idea.scene in NEON) + ["constellation"] * (idea.scene in NIGHT_SKY)
    return choices[int(rng.integers(len(choices)))]


def rain(colours: Array, palette: Palette, rng: Random) -> Array:
    """Streaks of rain at two distances, all leaning the same way."""
    lean = rng.normal(0, 0.18)

    def draw(canvas: Any, pen: Any) -> None:
        for length, width, count in ((0.030, 0.0008, 700), (0.075, 0.0016, 130)):
            for x, y, strength in rng.uniform(0, 1, (count, 3)):
                pen.setAlphaf(float(0.05 + 0.16 * strength))
                long = length * (0.5 + strength)
                canvas.drawLine(
                    x * 1.2 - 0.1, y * 1.1 - 0.1, x * 1.2 - 0.1 + lean * long, y * 1.1 - 0.1 + long, stroke(pen, width)
                )

    return np.asarray(colours + mask(SIZE, draw)[..., None] * palette(0.82), np.float32)


class Studio:
    """The networks that paint, opened once."""

    def __init__(self, painter: Painter, enlarger: Enlarger) -> None:
        self.painter, self.enlarger = painter, enlarger

    def paint(self, idea: Idea, subject: figure.Subject | None, size: int, rng: Random) -> Pixels:
        """The finished picture (size, size, 3)."""
        colours, body, palette = compose(idea, subject, rng)
        if idea.medium in PRINTED:
            picture = self.fit(srgb(PRINTED[idea.medium](colours, body, palette, rng)), size)
        else:
            picture = self.fit(self.painter.paint(colours, body, PAINTED[idea.medium], rng), size)
            picture = picture + 0.014 * grain(size, rng)[..., None]
        return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)

    def fit(self, picture: Array, size: int) -> Array:
        """Bring a picture to its size; the network redraws what has to grow by more than a quarter."""
        if size > 1.25 * len(picture):
            picture = self.enlarger.enlarge(picture, 2 if size <= 2 * len(picture) else 4)
        return resample(picture, size)
