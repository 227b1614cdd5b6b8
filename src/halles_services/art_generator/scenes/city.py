"""A city at the water, tower behind tower."""

from typing import Any

import numpy as np

from halles_services.art_generator.field import mix, noise, step
from halles_services.art_generator.ink import mask
from halles_services.art_generator.light import sky
from halles_services.art_generator.palette import Array
from halles_services.art_generator.view import Scenery, Spot, View, aloft
from halles_services.art_generator.water import flood

Block = tuple[float, float, float]
"""A building: left, width, top."""


def blocks(view: View, depth: float, horizon: float) -> list[Block]:
    """A row of buildings, taller around one or two centres; depth 0 is far, 1 is near."""
    rng = view.rng
    centre, spread = view.between(0.2, 0.8), view.between(0.15, 0.35)
    row, x = [], -0.03
    while x < 1.02:
        width = rng.uniform(0.016, 0.045) * (0.8 + 1.1 * depth)
        crowd = np.exp(-(((x - centre) / spread) ** 2))
        tall = (0.05 + 0.26 * crowd * rng.uniform(0.35, 1.1)) * (1.1 - 0.45 * depth) + 0.03 * rng.pareto(4)
        row.append((x, width, horizon - min(tall, 0.48)))
        x += width * rng.uniform(0.8, 1.15)
    return row


def towers(view: View, row: list[Block], horizon: float) -> Array:
    """The silhouettes of a row, with set-backs, pitched tops and antennas."""
    rng = view.rng
    kinds = rng.integers(0, 6, len(row))

    def draw(canvas: Any, pen: Any) -> None:
        import skia

        for (x, width, top), kind in zip(row, kinds, strict=True):
            canvas.drawRect(skia.Rect.MakeLTRB(x, top, x + width, horizon + 0.01), pen)
            rise = min(horizon - top, 0.2)
            if kind in (1, 2):
                canvas.drawRect(skia.Rect.MakeLTRB(x + width * 0.2, top - rise * 0.14, x + width * 0.8, top), pen)
            if kind in (2, 3):
                canvas.drawRect(skia.Rect.MakeLTRB(x + width * 0.46, top - rise * 0.42, x + width * 0.54, top), pen)
            if kind == 4:
                path = skia.Path()
                path.addPoly(
                    [skia.Point(x, top), skia.Point(x + width / 2, top - rise * 0.3), skia.Point(x + width, top)], True
                )
                canvas.drawPath(path, pen)

    return mask(view.size, draw)


def windows(view: View, row: list[Block], horizon: float, scale: float, share: float) -> tuple[Array, Array]:
    """Lit windows of a row: two masks, of the light's colour and of the accent's."""
    rng = view.rng
    panes: list[list[tuple[float, float, float, float]]] = [[], []]
    for x, width, top in row:
        step_x, step_y = scale * rng.uniform(0.8, 1.3), scale * rng.uniform(1.1, 1.8)
        busy = share * rng.uniform(0.2, 1.5)
        columns = np.arange(x + step_x * 0.6, x + width - step_x * 0.9, step_x)
        for y in np.arange(top + step_y, horizon - step_y, step_y):
            floor = busy * rng.choice([0.4, 1.0, 1.8])
            for c in columns[rng.uniform(0, 1, len(columns)) < floor]:
                panes[int(rng.uniform() < 0.22)].append((c, y, step_x * 0.55, step_y * 0.5))

    def draw(which: int) -> Any:
        def panel(canvas: Any, pen: Any) -> None:
            import skia

            for x, y, w, h in panes[which]:
                pen.setAlphaf(float(rng.uniform(0.35, 1)))
                canvas.drawRect(skia.Rect.MakeXYWH(x, y, w, h), pen)

        return panel

    return mask(view.size, draw(0)), mask(view.size, draw(1))


def paint(view: View) -> Scenery:
    """Rows of towers paling into the haze, lit windows, and water that mirrors both."""
    rng, palette, light = view.rng, view.palette, view.light
    hour = light.hour
    horizon = view.between(0.62, 0.74)
    colours = sky(palette, light, rng, horizon, view.size)
    source = light.at(horizon)
    dark = 1 - hour.horizon
    haze = hour.horizon * 0.9 + 0.12 * np.exp(-np.abs(view.x - source[0]) / 0.25)
    up = np.clip((horizon - view.y) / 0.4, 0, 1)
    accent = palette.accent()
    for k, depth in enumerate((0.0, 0.4, 0.8, 1.15)):
        row = blocks(view, depth, horizon)
        shape = towers(view, row, horizon)
        near = (depth / 1.15) ** 0.7
        clear = np.clip((1 - near) * (0.95 - 0.45 * up), 0, 1) * min(0.55 + 0.35 * hour.fog, 1)
        value = haze * clear + (0.035 + 0.05 * up) * (1 - clear)
        colours = mix(colours, palette(value), shape)
        warm, cool = windows(view, row, horizon, 0.0042 + 0.0034 * near, (0.16 + 0.34 * dark) * (0.5 + 0.5 * near))
        strength = (0.20 + 0.75 * near) * (0.45 + 0.75 * dark)
        colours = colours + (warm * strength)[..., None] * palette.light + (cool * strength * 1.2)[..., None] * accent
        if k < 3:
            mist = step(0.10, 0.0, horizon - view.y) * np.clip(
                0.55 + 0.4 * noise(rng, view.size, 1.7, 2, stretch=5), 0, 1
            )
            colours = mix(colours, palette(haze + view.blank()), 0.40 * mist * min(hour.fog, 1.3))
    colours = flood(colours, palette, rng, horizon, rough=view.between(0.7, 1.2), depth=0.05)
    stand = Spot(source[0] + (0.5 - source[0]) * view.between(0.3, 1.3), 0.90, 0.20, mirror=0.5, wet=True)
    return Scenery(colours, stand, aloft(view, source, horizon), source)
