"""A meadow, seen from the height of its flowers."""

from typing import Any

import numpy as np

from halles_services.art_generator.field import Random, blur, mix, noise, step
from halles_services.art_generator.ink import mask, stroke
from halles_services.art_generator.light import distance, sky
from halles_services.art_generator.palette import Array
from halles_services.art_generator.view import Scenery, Spot, View, aloft

Bloom = tuple[float, float, float]
"""Where a flower is (x, y), and its radius."""


def flower(canvas: Any, pen: Any, rng: Random, bloom: Bloom, *, petals: int, flat: float) -> None:
    """Petals around a heart, seen a little from the side."""
    import skia

    (x, y, size), turn = bloom, rng.uniform(0, 6.28)
    canvas.save()
    canvas.translate(x, y)
    canvas.rotate(float(rng.uniform(-25, 25)))
    canvas.scale(1, flat)
    for k in range(petals):
        canvas.save()
        canvas.rotate(float(np.degrees(turn) + 360 * k / petals + rng.normal(0, 5)))
        reach = size * rng.uniform(0.85, 1.1)
        petal = skia.Path()
        petal.moveTo(0, 0)
        petal.cubicTo(reach * 0.34, -reach * 0.25, reach * 0.36, -reach * 0.95, 0, -reach)
        petal.cubicTo(-reach * 0.36, -reach * 0.95, -reach * 0.34, -reach * 0.25, 0, 0)
        pen.setAlphaf(float(rng.uniform(0.72, 1.0)))
        canvas.drawPath(petal, pen)
        canvas.restore()
    canvas.restore()
    pen.setAlphaf(1.0)


class Row:
    """One depth of the meadow: grass, stems, petals and hearts as masks."""

    def __init__(self, view: View, depth: float, keep: float) -> None:
        rng = view.rng
        self.flowers: list[Bloom] = []
        size, level = 0.011 + 0.052 * depth**1.3, 0.60 + 0.20 * depth
        for _ in range(int(56 - 44 * depth)):
            x = rng.uniform(-0.02, 1.02)
            if depth > 0.5 and abs(x - keep) < 0.16:
                continue
            self.flowers.append((x, level - rng.uniform(-0.10, 0.24) * (0.5 + depth), size * rng.uniform(0.6, 1.25)))
        self.grass = mask(view.size, lambda c, p: blades(c, p, rng, depth=depth, level=level, flowers=self.flowers))
        petals, flat = int(rng.integers(5, 12)), rng.uniform(0.45, 0.9)

        def heads(canvas: Any, pen: Any) -> None:
            for bloom in self.flowers:
                flower(canvas, pen, rng, bloom, petals=petals, flat=flat)

        def hearts(canvas: Any, pen: Any) -> None:
            for x, y, s in self.flowers:
                canvas.drawOval(oval(x, y, s * 0.24, s * 0.24 * flat), pen)

        self.petals, self.hearts = mask(view.size, heads), mask(view.size, hearts)


def oval(x: float, y: float, a: float, b: float) -> Any:
    """An ellipse's rectangle."""
    import skia

    return skia.Rect.MakeLTRB(x - a, y - b, x + a, y + b)


def blades(
    canvas: Any,
    pen: Any,
    rng: Random,
    *,
    depth: float,
    level: float,
    flowers: list[Bloom],
) -> None:
    """Blades of grass, and the stems of the flowers."""
    import skia

    for _ in range(int(520 - 330 * depth)):
        x, foot = rng.uniform(-0.05, 1.05), 1.02
        top = level + rng.exponential(0.07) - 0.07
        lean, width = rng.normal(0, 0.035) * (0.4 + depth), 0.0016 + 0.0055 * depth
        path = skia.Path()
        path.moveTo(x - width, foot)
        path.quadTo(x - width * 0.6, (top + foot) / 2, x + lean, top)
        path.quadTo(x + width * 0.8, (top + foot) / 2, x + width, foot)
        canvas.drawPath(path, pen)
    for x, y, size in flowers:
        stem = skia.Path()
        stem.moveTo(x, y)
        stem.quadTo(x + rng.normal(0, 0.012), (y + 1) / 2, x + rng.normal(0, 0.03), 1.02)
        canvas.drawPath(stem, stroke(pen, size * 0.10))


def paint(view: View) -> Scenery:
    """Grass and flowers against the light, sharp in the middle distance, soft before and behind it."""
    rng, palette, light = view.rng, view.palette, view.light
    hour = light.hour
    horizon = view.between(0.56, 0.64)
    colours = sky(palette, light, rng, horizon, view.size)
    source = light.at(horizon)
    far = distance(view.size, source)
    hill = horizon + 0.012 * noise(rng, view.size, 2.0, 1, 6)[0][None, :]
    meadow = hour.horizon * (0.62 - 0.55 * step(horizon, 1.0, view.y)) + 0.20 * np.exp(-far / 0.25)
    colours = mix(colours, palette(meadow.astype(np.float32)), step(-0.004, 0.004, view.y - hill))
    colours = blur(colours, 0.004) + bokeh(view, far)[..., None] * palette.light * (0.25 + 0.45 * hour.horizon)
    keep = 1 - source[0]
    through = 0.35 + 0.75 * np.exp(-far / 0.35)
    tones = (palette.accent(), palette(0.86), palette(0.66))
    front = view.blank()
    for k, (depth, soft) in enumerate(((0.0, 0.0016), (0.30, 0.0006), (0.62, 0.0), (1.0, 0.0055))):
        row = Row(view, depth, keep)
        masks = [row.grass, row.petals, row.hearts]
        if soft:
            masks = [blur(m, soft) for m in masks]
        clear = 0.72 * (1 - depth) ** 1.5
        tint = np.asarray(
            hour.horizon * 0.8 * clear * through + (0.05 + 0.10 * through * (1 - depth)) * (1 - clear), np.float32
        )
        colours = mix(colours, palette(tint), masks[0] * 0.96)
        tone = tones[k % 3] if k else palette(0.8)
        lit = (0.30 + 0.75 * through * hour.ground)[..., None] * tone
        petal = mix(lit, palette(hour.horizon * 0.9 + view.blank()), clear * 0.7)
        colours = mix(colours, petal, masks[1])
        colours = mix(colours, palette(0.16 + 0.2 * clear + view.blank()), masks[2])
        if depth == 1.0:
            front = np.maximum(masks[0], masks[1])
    colours = colours + (0.18 * np.exp(-far / 0.3) * hour.horizon)[..., None] * palette.light
    stand = Spot(keep, 0.86, 0.30)
    return Scenery(colours, stand, aloft(view, source, horizon), source, front=front)


def bokeh(view: View, far: Array) -> Array:
    """Discs of light out of focus, near the light."""
    rng = view.rng

    def draw(canvas: Any, pen: Any) -> None:
        for _ in range(34):
            pen.setAlphaf(float(rng.uniform(0.06, 0.35)))
            canvas.drawCircle(
                float(rng.uniform(0, 1)), float(rng.uniform(0.25, 0.9)), float(rng.uniform(0.003, 0.016)), pen
            )

    return np.asarray(blur(mask(view.size, draw), 0.0008) * (0.06 + np.exp(-far / 0.22)), np.float32)
