"""A room that one window lights."""

from typing import Any

import numpy as np

from halles_services.art_generator.field import blur, mix, noise, step
from halles_services.art_generator.ink import mask
from halles_services.art_generator.light import beams, sky
from halles_services.art_generator.palette import Array
from halles_services.art_generator.view import Scenery, Spot, View


def paint(view: View) -> Scenery:
    """A dark room, a window at one third with the hour in it, and its light across the floor."""
    rng, palette, light = view.rng, view.palette, view.light
    hour = light.hour
    side = float(np.sign(light.x - 0.5))
    corner, floor = 0.5 - side * view.between(0.24, 0.34), view.between(0.66, 0.72)
    wide, tall = view.between(0.24, 0.34), view.between(0.34, 0.46)
    left, top = (0.5 + side * 0.16) - wide / 2, view.between(0.12, 0.17)
    right, sill = left + wide, min(top + tall, floor - 0.06)
    outside = window_view(view, (left, top, right, sill))
    glass, bars = panes(view, left, top, right, sill)
    value = walls(view, corner, floor, side, (left + wide / 2, (top + sill) / 2))
    patch = carpet(view, glass * (1 - bars), floor, (left, right, top, sill), side)
    value = value + patch * (0.26 + 0.36 * hour.horizon)
    colours: Array = palette(value) + (patch * (0.05 + 0.11 * hour.ground))[..., None] * palette.light
    frame = mask(view.size, lambda c, p: rectangle(c, p, left - 0.016, top - 0.016, right + 0.016, sill + 0.016))
    colours = mix(colours, palette(0.10 + 0.10 * hour.horizon + view.blank()), frame)
    colours = mix(colours, outside, glass * (1 - bars))
    colours = mix(colours, palette(np.asarray(value * 0.8 + 0.02, np.float32)), curtains(view, left, top, right, sill))
    things, shade = furniture(view, floor, corner, side)
    colours = mix(colours, palette(np.asarray(value * 0.22 + shade, np.float32)), things)
    rays = beams(
        np.asarray(glass * (1 - bars) * hour.horizon, np.float32), (left + wide / 2 + side * 0.12, top - 0.25), 0.75
    )
    dust = np.clip(rays * (0.80 + 0.10 * noise(rng, view.size, 1.9, 2)), 0, 1) * 0.16
    colours = colours + dust[..., None] * palette.light
    middle = (left + wide / 2, (top + sill) / 2)
    stand = Spot(0.5 - side * 0.10, floor + 0.17, 0.36, shadow=0.8)
    return Scenery(colours, stand, Spot(*middle, tall * 0.42, floats=True), middle, veil=0.5 * dust)


def rectangle(canvas: Any, pen: Any, *box: float) -> None:
    """Fill a rectangle: left, top, right, bottom."""
    import skia

    canvas.drawRect(skia.Rect.MakeLTRB(*box), pen)


def window_view(view: View, box: tuple[float, float, float, float]) -> Array:
    """The sky in the window and the roofs under it."""
    rng, palette = view.rng, view.palette
    left, top, right, sill = box
    horizon = sill - (sill - top) * 0.16
    light = view.light
    near = type(light)(
        light.hour,
        left + (right - left) * rng.uniform(0.25, 0.75),
        rng.uniform(0.30, 0.60),
        min(light.radius, 0.05),
        light.cloud,
    )
    colours = sky(palette, near, rng, horizon, view.size) * 1.1

    def roofs(canvas: Any, pen: Any) -> None:
        x = left - 0.02
        while x < right:
            width = rng.uniform(0.02, 0.06)
            rectangle(canvas, pen, x, horizon - rng.uniform(0.0, 0.07), x + width, sill + 0.01)
            x += width

    return mix(colours, palette(0.10 + 0.35 * light.hour.horizon + view.blank()), mask(view.size, roofs))


def panes(view: View, left: float, top: float, right: float, sill: float) -> tuple[Array, Array]:
    """(glass, bars) of a window."""
    columns, rows = int(view.rng.integers(2, 4)), int(view.rng.integers(2, 4))

    def bars(canvas: Any, pen: Any) -> None:
        for k in range(1, columns):
            x = left + (right - left) * k / columns
            rectangle(canvas, pen, x - 0.005, top, x + 0.005, sill)
        for k in range(1, rows):
            y = top + (sill - top) * k / rows
            rectangle(canvas, pen, left, y - 0.004, right, y + 0.004)

    return mask(view.size, lambda c, p: rectangle(c, p, left, top, right, sill)), mask(view.size, bars)


def walls(view: View, corner: float, floor: float, side: float, middle: tuple[float, float]) -> Array:
    """Value of walls and floor, lit by what the window throws back."""
    rng, hour = view.rng, view.light.hour
    slope = 0.62
    beyond = (corner - view.x) * side
    edge = floor + np.maximum(beyond, 0) * slope
    on_floor = step(-0.001, 0.001, view.y - edge)
    aside = step(-0.001, 0.001, beyond) * (1 - on_floor)
    far = np.hypot(view.x - middle[0], (view.y - middle[1]) * 1.1)
    bounce = np.exp(-far / 0.33) * (0.30 + 0.25 * hour.horizon) * hour.ground
    plaster = 0.010 * noise(rng, view.size, 1.3, 3)
    boards = np.abs(((view.x - 0.5) / np.maximum(view.y - 0.42, 0.05) * 3.2) % 1 - 0.5) > 0.485
    value = 0.045 + bounce + plaster
    value = value * (1 - aside * 0.38) * (1 - on_floor * 0.30) - 0.02 * boards * on_floor
    value = value - 0.03 * np.exp(-np.abs(view.y - edge) / 0.02) * (1 - on_floor)
    return np.asarray(np.clip(value, 0, 1), np.float32)


def carpet(view: View, glass: Array, floor: float, box: tuple[float, float, float, float], side: float) -> Array:
    """The window's light where it falls on the floor: the panes, drawn out towards the eye, softer with distance."""
    left, right, top, sill = box
    fall = np.clip((view.y - floor - 0.035) / 0.26, -0.1, 1.3)
    spread = 1 + 0.55 * fall
    middle = (left + right) / 2
    x = middle + ((view.x - middle) + side * 0.30 * (fall + 0.12)) / spread
    y = sill - fall * (sill - top)
    rows, columns = (y.clip(0, 0.999) * view.size).astype(int), (x.clip(0, 0.999) * view.size).astype(int)
    rows, columns = np.broadcast_arrays(rows, columns)
    patch = glass[rows, columns] * (view.y > floor + 0.03)
    return np.asarray(
        mix(blur(patch, 0.0025), blur(patch, 0.012), np.clip(fall, 0, 1) * np.ones_like(patch)), np.float32
    )


def curtains(view: View, left: float, top: float, right: float, sill: float) -> Array:
    """Curtains at both sides, with folds."""
    rng = view.rng
    if rng.uniform() < 0.35:
        return view.blank()
    width = rng.uniform(0.05, 0.10)
    hang = sill + rng.uniform(0.02, 0.12)
    sway = 0.012 * np.sin(view.y * 14 + rng.uniform(0, 6)) * view.y
    inner = np.minimum(np.abs(view.x - left + sway + 0.01), np.abs(view.x - right - sway - 0.01))
    cloth = (
        step(width * 0.5 + 0.001, width * 0.5 - 0.001, inner)
        * step(hang + 0.001, hang - 0.001, view.y)
        * step(top - 0.03, top - 0.028, view.y)
    )
    folds = 0.80 + 0.20 * np.sin(view.x * 620 + 3 * np.sin(view.y * 6))
    return np.asarray(cloth * folds, np.float32)


def furniture(view: View, floor: float, corner: float, side: float) -> tuple[Array, float]:
    """A plant in a pot or a chair against the light, as a mask and its value."""
    rng = view.rng
    x = corner + side * rng.uniform(0.04, 0.10)

    def plant(canvas: Any, pen: Any) -> None:
        import skia

        foot = floor + 0.05
        path = skia.Path()
        path.addPoly(
            [
                skia.Point(x - 0.035, foot - 0.07),
                skia.Point(x + 0.035, foot - 0.07),
                skia.Point(x + 0.026, foot),
                skia.Point(x - 0.026, foot),
            ],
            True,
        )
        canvas.drawPath(path, pen)
        for _ in range(14):
            lean, length = rng.normal(0, 0.075), rng.uniform(0.14, 0.30)
            tip = (x + lean * 1.5, foot - 0.07 - length * (1 - abs(lean) * 2))
            leaf = skia.Path()
            leaf.moveTo(x, foot - 0.07)
            leaf.quadTo(x + lean * 0.2 - 0.012, foot - 0.07 - length * 0.7, *tip)
            leaf.quadTo(x + lean * 0.5 + 0.018, foot - 0.07 - length * 0.55, x, foot - 0.07)
            canvas.drawPath(leaf, pen)

    return mask(view.size, plant), 0.01
