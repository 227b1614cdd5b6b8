"""Sound itself: silk, strings or interference."""

from typing import Any

import numpy as np

from halles_services.art_generator.field import blur, noise, step
from halles_services.art_generator.ink import mask, stroke
from halles_services.art_generator.light import distance
from halles_services.art_generator.palette import Array
from halles_services.art_generator.view import Scenery, Spot, View


def silk(view: View) -> Array:
    """A cloth of light in long folds."""
    rng = view.rng
    bend = noise(rng, view.size, 2.6, 1.0, 5, stretch=view.between(1.0, 2.2))
    turn = view.between(0, np.pi)
    along = view.x * np.cos(turn) + view.y * np.sin(turn)
    phase = 2 * np.pi * (along * view.between(1.2, 2.6)) + 1.5 * bend
    fine = phase * view.between(3.0, 5.0) + 1.2 * noise(rng, view.size, 2.4, 1.5, 6)
    height = np.sin(phase) + 0.20 * np.sin(fine)
    dy, dx = np.gradient(height * view.size / 12)
    lit = (0.7 * dx - 0.7 * dy + 1.1) / np.sqrt(dx**2 + dy**2 + 1)
    value = 0.30 + 0.24 * height + 0.32 * (lit - 0.5)
    return np.asarray(value - 0.20 * step(0.2, 1.0, distance(view.size, (view.light.x, 0.4))), np.float32)


def strings(view: View) -> Array:
    """Strings of light between two curves that swing, close together where the curves meet."""
    rng = view.rng
    n, at = 70, np.linspace(-0.05, 1.05, 120)
    swing = rng.uniform(0.5, 1.6, (2, 3)) * np.array([1.0, 1.7, 2.9])
    phase, reach = rng.uniform(0, 6.28, (2, 3)), rng.uniform(0.5, 1.0, (2, 3)) * np.array([0.24, 0.13, 0.05])
    middle = rng.uniform(0.42, 0.60)
    edges = [
        middle + (reach[i][:, None] * np.sin(swing[i][:, None] * at * 6.28 + phase[i][:, None])).sum(0)
        for i in range(2)
    ]
    hush = np.sin(np.pi * np.clip(at, 0, 1)) ** 0.7
    turn = float(rng.uniform(-28, 28))

    def draw(canvas: Any, pen: Any) -> None:
        canvas.rotate(turn, 0.5, 0.5)
        canvas.translate(-0.15, -0.15)
        canvas.scale(1.3, 1.3)
        for k in range(n):
            t = k / (n - 1)
            line = edges[0] * (1 - t) + edges[1] * t + 0.030 * hush * np.sin(at * 19 + t * 5)
            pen.setAlphaf(float(0.10 + 0.55 * (0.5 + 0.5 * np.cos(t * 6.28)) ** 2))
            canvas.drawPath(curve(at, line), stroke(pen, 0.0011))

    light = mask(view.size, draw)
    far = distance(view.size, (view.light.x, middle))
    base = 0.05 + 0.26 * np.exp(-far / 0.30) + 0.012 * noise(rng, view.size, 1.8, 2)
    shine = (
        light * (0.55 + 0.9 * np.exp(-far / 0.25))
        + 0.8 * blur(light, 0.006) * np.exp(-far / 0.3)
        + 0.5 * blur(light, 0.03)
    )
    return np.asarray(base + 0.62 * shine, np.float32)


def curve(x: Array, y: Array) -> Any:
    """An open path through points."""
    import skia

    path = skia.Path()
    path.moveTo(float(x[0]), float(y[0]))
    for a, b in zip(x[1:], y[1:], strict=True):
        path.lineTo(float(a), float(b))
    return path


def interference(view: View) -> Array:
    """Rings from two or three sources that meet and cancel."""
    rng = view.rng
    total = view.blank()
    count = int(rng.integers(2, 4))
    warp = 0.012 * noise(rng, view.size, 2.4, 1.5, 6)
    pitch = view.between(90, 190)
    for _ in range(count):
        centre = (rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9))
        far = distance(view.size, centre) + warp
        total = total + np.sin(far * pitch) * np.exp(-far * 1.3)
    soft = step(-1.1, 1.1, total)
    lightness = 0.9 - 1.0 * distance(view.size, (view.light.x, 0.35))
    return np.asarray(0.08 + 0.80 * soft * np.clip(lightness, 0.08, 1) + 0.15 * np.clip(lightness, 0, 1), np.float32)


def paint(view: View) -> Scenery:
    """One of three pictures of sound."""
    kinds = (silk, strings, interference)
    value = kinds[int(view.rng.integers(0, 3))](view)
    shade = 0.10 * (view.light.hour.horizon - 0.6)
    colours = view.palette((value + shade).astype(np.float32))
    spot = Spot(1 - view.light.x, 0.56, 0.30, floats=True)
    return Scenery(colours, spot, spot, (view.light.x, 0.3))
