"""Sound itself: silk, ridgelines or interference."""

import numpy as np

from halles_services.art_generator.field import mix, noise, profile, step
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


def ridgelines(view: View) -> Array:
    """Line before line, each hiding what lies behind it, swelling in the middle like a spectrum."""
    rng = view.rng
    n = int(rng.integers(26, 46))
    value = 0.05 + 0.12 * view.y + view.blank()
    centre, width = view.between(0.38, 0.62), view.between(0.14, 0.22)
    envelope = np.exp(-(((view.x[0] - centre) / width) ** 2))
    drift = profile(rng, 512, 1.8, 1)
    for k in range(n):
        t = k / (n - 1)
        base = 0.26 + 0.58 * t
        wave = np.abs(profile(rng, view.size, 2.0, 5, 40)) * 0.8 + 0.25 * profile(rng, view.size, 1.4, 14, 90)
        loud = 0.35 + 0.65 * np.clip(0.5 + 0.4 * drift[k * 8], 0, 1)
        line = (
            base - 0.075 * loud * np.clip(wave, -0.3, 2.5) * envelope * np.sin(np.pi * min(max(t, 0.06), 0.96)) ** 0.5
        )
        inside = step(-0.0008, 0.0008, view.y - line[None, :])
        ends = step(0.10, 0.16, view.x) * step(0.90, 0.84, view.x)
        value = mix(
            value, 0.05 + 0.12 * view.y + view.blank(), inside * ends * step(0.10, 0.06, view.y - line[None, :])
        )
        edge = np.exp(-(((view.y - line[None, :]) / 0.0016) ** 2)) * ends
        tone = 0.45 + 0.55 * envelope * (0.55 + 0.45 * t)
        value = np.maximum(value, edge * tone[None, :])
    return np.asarray(value, np.float32)


def interference(view: View) -> Array:
    """Rings from two or three sources that meet and cancel."""
    rng = view.rng
    total = view.blank()
    count = int(rng.integers(2, 4))
    warp = 0.012 * noise(rng, view.size, 2.4, 1.5, 6)
    pitch = view.between(90, 190)
    for k in range(count):
        centre = (rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9))
        far = distance(view.size, centre) + warp
        total = total + np.sin(far * pitch) * np.exp(-far * 1.3)
    soft = step(-1.1, 1.1, total)
    lightness = 0.9 - 1.0 * distance(view.size, (view.light.x, 0.35))
    return np.asarray(0.08 + 0.80 * soft * np.clip(lightness, 0.08, 1) + 0.15 * np.clip(lightness, 0, 1), np.float32)


def paint(view: View) -> Scenery:
    """One of three pictures of sound."""
    kinds = (silk, ridgelines, interference)
    value = kinds[int(view.rng.integers(0, 3))](view)
    shade = 0.10 * (view.light.hour.horizon - 0.6)
    colours = view.palette((value + shade).astype(np.float32))
    spot = Spot(1 - view.light.x, 0.56, 0.30, floats=True)
    return Scenery(colours, spot, spot, (view.light.x, 0.3))
