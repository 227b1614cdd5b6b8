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
    cone = np.exp(-((across / spread) ** 2) * 1.6) * step(0, 0.02, along)
    return np.asarray(cone * 0.030 / (0.030 + spread) * np.exp(-np.maximum(along, 0) * 0.5), np.float32)


def crowd(view: View, level: float) -> Array:
    """Heads, shoulders and raised arms before the stage."""
    rng = view.rng

    def draw(canvas: Any, pen: Any) -> None:
        for row, (size, top) in enumerate(((0.020, level), (0.030, level + 0.045), (0.046, level + 0.11))):
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
    floor = view.between(0.66, 0.74)
    smoke = noise(rng, view.size, 1.7, 2, stretch=1.6)
    subject = 0.5 + view.either(-1, 1) * view.between(0.04, 0.14)
    count = int(rng.integers(5, 9))
    light, tint = view.blank(), view.blank()
    fan = rng.uniform() < 0.5
    for k in range(count):
        x = (k + 0.5) / count + rng.normal(0, 0.02)
        aim = (subject - x) * rng.uniform(0.4, 1.0) if not fan else (x - 0.5) * rng.uniform(1.2, 1.8)
        ray = beam(view, (x, -0.04), np.arctan(aim), rng.uniform(0.030, 0.060)) * rng.uniform(0.5, 1.0)
        if k % 2:
            tint = tint + ray
        else:
            light = light + ray
    key = beam(view, (subject + 0.10, -0.08), np.arctan(-0.10 / floor), 0.12) * 1.3
    back = np.exp(-np.hypot(view.x - subject, (view.y - floor * 0.72) * 1.1) / 0.17)
    thick = np.clip(0.72 + 0.30 * smoke, 0.1, 1.6)
    value = 0.035 + (0.20 + 0.20 * hour.horizon) * back * thick + 0.05 * np.clip(smoke, 0, 2) * (1 - view.y)
    below = np.clip((view.y - floor) / (1 - floor), 0, 1)
    on_floor = step(-0.001, 0.001, view.y - floor)
    pool = np.exp(-(((view.x - subject) / 0.20) ** 2) - ((view.y - floor - 0.045) / 0.040) ** 2)
    gloss = 0.28 * back[::-1, :][: view.size] * np.exp(-below * 3)
    value = mix(value, 0.03 + 0.55 * pool + gloss * 0.5 + 0.02 * noise(rng, view.size, 1.0, 20, stretch=8), on_floor)
    strength = (1 - on_floor * (1 - 0.15 * np.exp(-below * 4))) * thick
    colours = palette(value.astype(np.float32))
    colours = colours + ((light * 0.62 + key * 0.50) * strength)[..., None] * palette.light
    colours = colours + (tint * 1.5 * strength)[..., None] * palette.accent()
    people = crowd(view, view.between(0.83, 0.87))
    colours = mix(colours, palette(0.012 + 0.05 * np.exp(-np.hypot(view.x - subject, view.y - floor) / 0.2)), people)
    stand = Spot(subject, floor + 0.055, 0.30, mirror=0.25, shadow=0.5)
    hover = Spot(subject, floor * 0.55, 0.26, floats=True)
    return Scenery(
        colours,
        stand,
        hover,
        (subject + 0.10, 0.02),
        veil=(0.30 * key * thick * (1 - on_floor)).astype(np.float32),
        front=people,
    )
