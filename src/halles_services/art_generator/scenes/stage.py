"""A stage, beams of light, and a crowd."""

from typing import Any

import numpy as np

from halles_services.art_generator.field import mix, noise, step
from halles_services.art_generator.ink import mask, stroke
from halles_services.art_generator.palette import Array
from halles_services.art_generator.view import Scenery, Spot, View


def beam(view: View, lamp: tuple[float, float], angle: float, width: float) -> Array:
    """A cone of light in smoke; the angle is measured from straight down."""
    dx, dy = view.x - lamp[0], view.y - lamp[1]
    along = dx * np.sin(angle) + dy * np.cos(angle)
    across = dx * np.cos(angle) - dy * np.sin(angle)
    spread = 0.006 + np.maximum(along, 0) * width
    cone = np.exp(-((across / spread) ** 4) * 1.2) * step(0, 0.02, along)
    return np.asarray(cone * 0.030 / (0.030 + spread) * np.exp(-np.maximum(along, 0) * 0.5), np.float32)


def crowd(view: View, level: float) -> Array:
    """Heads, shoulders and raised arms before the stage."""
    rng = view.rng

    def draw(canvas: Any, pen: Any) -> None:
        for row, (size, top) in enumerate(((0.016, level), (0.026, level + 0.035), (0.044, level + 0.10))):
            for x in np.arange(-0.02, 1.04, size * 2.1):
                cx, cy = x + rng.normal(0, size * 0.5), top + rng.normal(0, size * 0.45)
                canvas.drawOval(oval(cx, cy, size * 0.62, size * 0.80), pen)
                canvas.drawOval(oval(cx, cy + size * 2.35, size * 1.35, size * 1.65), pen)
                if rng.uniform() < 0.20 + 0.06 * row:
                    lean, reach = rng.normal(0, 0.35), size * rng.uniform(2.2, 3.4)
                    elbow = (cx + size * 0.9 + lean * size, cy - reach * 0.25)
                    hand = (elbow[0] + lean * reach * 0.35, elbow[1] - reach * 0.62)
                    canvas.drawLine(cx + size * 0.9, cy + size * 1.3, *elbow, stroke(pen, size * 0.46))
                    canvas.drawLine(*elbow, *hand, stroke(pen, size * 0.36))
                    canvas.drawOval(oval(*hand, size * 0.26, size * 0.34), pen)

    return mask(view.size, draw)


def oval(x: float, y: float, a: float, b: float) -> Any:
    """An ellipse's rectangle."""
    import skia

    return skia.Rect.MakeLTRB(x - a, y - b, x + a, y + b)


def paint(view: View) -> Scenery:
    """Beams through smoke, pools of light on the floor, and people against them."""
    rng, palette, hour = view.rng, view.palette, view.light.hour
    floor = view.between(0.68, 0.75)
    thick = np.clip(0.80 + 0.24 * noise(rng, view.size, 1.8, 2, stretch=1.6), 0.25, 1.5)
    subject = 0.5 + view.either(-1, 1) * view.between(0.06, 0.16)
    light, tint = rig(view, subject)
    key = beam(view, (subject + 0.12, -0.10), np.arctan(-0.12 / floor), 0.10) * 1.6
    back = np.exp(-np.hypot((view.x - subject) * 0.8, (view.y - floor * 0.86) * 1.25) / 0.20)
    value = 0.04 + (0.46 + 0.20 * hour.horizon) * back * thick + 0.10 * thick * np.exp(-np.abs(view.y - floor) / 0.25)
    below = np.clip((view.y - floor) / (1 - floor), 0, 1)
    on_floor = step(-0.001, 0.001, view.y - floor)
    pool = np.exp(-(((view.x - subject) / 0.24) ** 2) - ((view.y - floor - 0.045) / 0.045) ** 2)
    sheen = np.exp(-np.abs(view.x - subject) / 0.16) * np.exp(-below * 2.2)
    boards = 0.015 * noise(rng, view.size, 1.0, 20, stretch=8)
    value = mix(value, 0.08 + 0.50 * pool + 0.30 * sheen + 0.20 * np.exp(-below * 1.2) + boards, on_floor)
    strength = (1 - on_floor * (1 - 0.18 * np.exp(-below * 4))) * thick
    colours = palette(value)
    colours = colours + ((light * 0.95 + key * 0.55) * strength)[..., None] * palette.light
    colours = colours + (tint * 2.2 * strength)[..., None] * palette.accent()
    people = crowd(view, view.between(0.84, 0.87))
    colours = mix(
        colours, palette(0.01 + 0.07 * np.exp(-np.hypot(view.x - subject, (view.y - floor) * 1.5) / 0.14)), people
    )
    stand = Spot(subject, floor + 0.055, 0.30, mirror=0.25, shadow=0.5)
    hover = Spot(subject, floor * 0.55, 0.26, floats=True)
    return Scenery(
        colours, stand, hover, (subject + 0.12, 0.02), veil=0.20 * key * thick * (1 - on_floor), front=people
    )


def rig(view: View, subject: float) -> tuple[Array, Array]:
    """The beams of a row of lamps: of the light's colour, and of the accent's. They meet on the subject or fan out."""
    rng = view.rng
    count, fan = int(rng.integers(5, 9)), rng.uniform() < 0.5
    beams = [view.blank(), view.blank()]
    for k in range(count):
        x = (k + 0.5) / count + rng.normal(0, 0.02)
        aim = (x - 0.5) * rng.uniform(1.2, 1.8) if fan else (subject - x) * rng.uniform(0.4, 1.0)
        beams[k % 2] += beam(view, (x, -0.04), np.arctan(aim), rng.uniform(0.028, 0.055)) * rng.uniform(0.6, 1.2)
    return beams[0], beams[1]
