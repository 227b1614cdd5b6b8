"""Shapes drawn by skia, as masks: what is covered, from 0 to 1."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from halles_services.art_generator.palette import Array

Canvas = Any
"""A skia canvas whose unit is the width of the picture."""


def mask(size: int, draw: Callable[[Canvas, Any], None]) -> Array:
    """What `draw(canvas, paint)` covers, as (size, size) in [0, 1], smooth at the edges."""
    import skia

    surface = skia.Surface.MakeRaster(skia.ImageInfo.MakeA8(size, size))
    canvas = surface.getCanvas()
    canvas.scale(size, size)
    draw(canvas, skia.Paint(AntiAlias=True, Color=skia.ColorBLACK))
    pixels = np.zeros((size, size), np.uint8)
    surface.readPixels(skia.ImageInfo.MakeA8(size, size), pixels, size, 0, 0)
    return np.asarray(pixels, np.float32) / 255


def polygon(points: Iterable[tuple[float, float]]) -> Any:
    """A closed path."""
    import skia

    path = skia.Path()
    path.addPoly([skia.Point(float(x), float(y)) for x, y in points], True)
    return path


def stroke(paint: Any, width: float) -> Any:
    """The paint as a round pen."""
    import skia

    pen = skia.Paint(paint)
    pen.setStyle(skia.Paint.kStroke_Style)
    pen.setStrokeWidth(width)
    pen.setStrokeCap(skia.Paint.kRound_Cap)
    return pen
