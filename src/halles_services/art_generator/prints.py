"""Printed and photographic media, made by rule: film, poster, risograph, halftone, paper cut, linocut."""

from collections.abc import Callable

import numpy as np

from halles_services.art_generator.field import Random, blur, mix, noise, step
from halles_services.art_generator.light import distance
from halles_services.art_generator.palette import Array, Palette, from_oklab, oklab, tone


def grain(size: int, rng: Random, soft: float = 0.0007) -> Array:
    """Photographic grain (size, size), zero mean, unit deviation."""
    field = blur(rng.standard_normal((size, size), np.float32), soft)
    return np.asarray(field / field.std(), np.float32)


def film(colours: Array, body: Array, palette: Palette, rng: Random) -> Array:
    """An analogue photograph: light that spreads in the emulsion, lifted shadows, grain."""
    size = len(colours)
    bright = colours * step(0.45, 1.0, colours.max(-1))[..., None]
    warm = palette.accent() * 0.5 + palette.light * 0.5
    colours = colours + (0.35 * blur(bright.max(-1), 0.012))[..., None] * warm
    lab = oklab(np.clip(colours, 0, 1))
    lab[..., 0] = 0.055 + lab[..., 0] * 0.93 + 0.020 * grain(size, rng) * (1.15 - lab[..., 0])
    leak = np.exp(-((distance(size, (float(rng.choice([-0.08, 1.08])), float(rng.uniform(0, 1)))) / 0.22) ** 2))
    return np.asarray(from_oklab(lab) + (0.10 * leak)[..., None] * warm, np.float32)


def poster(colours: Array, body: Array, palette: Palette, rng: Random) -> Array:
    """Grainy gradients: few colours of the palette, stippled into one another."""
    size = len(colours)
    light = tone(colours)
    low, high = np.quantile(light[::8, ::8], [0.01, 0.99])
    value = np.clip((light - low) / max(high - low, 0.15), 0, 1)
    stipple = 0.60 * grain(size, rng, 0.0005) + 0.25 * grain(size, rng, 0.0016)
    levels = len(palette.stops) + 1
    stepped = value * (levels - 1) + 0.34 * stipple * (1 - 0.7 * body)
    base = np.floor(stepped)
    stepped = base + step(0.18, 0.82, stepped - base)
    flat = oklab(palette(np.clip(stepped / (levels - 1), 0, 1).astype(np.float32)))
    lab = oklab(np.clip(colours, 0, 1))
    mixed = 0.62 * flat + 0.38 * lab
    mixed[..., 0] += 0.012 * stipple
    return from_oklab(mixed.astype(np.float32))


def ring(body: Array) -> Array:
    """The ground just around the subject, which a printmaker clears so that the figure reads."""
    return np.asarray(np.clip(2.6 * blur(body, 0.013), 0, 1) * (1 - body), np.float32)


def screen(size: int, pitch: float, angle: float) -> Array:
    """A halftone screen (size, size) in [0, 1]: cosine hills, `pitch` to a picture's width, turned by an angle."""
    at = (np.arange(size, dtype=np.float32) + 0.5) / size
    x, y = at[None, :], at[:, None]
    u = (x * np.cos(angle) + y * np.sin(angle)) * pitch * 2 * np.pi
    v = (y * np.cos(angle) - x * np.sin(angle)) * pitch * 2 * np.pi
    return np.asarray(0.5 + 0.25 * (np.cos(u) + np.cos(v)), np.float32)


def paper(size: int, palette: Palette, rng: Random) -> Array:
    """Uncoated paper in a pale shade of the palette's light (size, size, 3)."""
    lab = oklab(palette.light)
    lab = np.array([0.945, lab[1] * 0.35, lab[2] * 0.35 + 0.008], np.float32)
    fibres = 0.006 * noise(rng, size, 0.5, 40) + 0.006 * noise(rng, size, 1.5, 3)
    sheet = np.broadcast_to(lab, (size, size, 3)).copy()
    sheet[..., 0] += fibres
    return from_oklab(sheet)


def risograph(colours: Array, body: Array, palette: Palette, rng: Random) -> Array:
    """Two inks on paper: a vivid one in a grainy screen, a dark one over it, not quite in register."""
    size = len(colours)
    light = tone(colours)
    low, high = np.quantile(light[::8, ::8], [0.01, 0.995])
    value = np.clip((light - low) / max(high - low, 0.15), 0, 1)
    accent = oklab(palette.accent())
    vivid = accent * np.array([0, 1.35, 1.35], np.float32) + np.array(
        [np.clip(accent[0], 0.62, 0.72), 0, 0], np.float32
    )
    dark = oklab(palette(0.10))
    dark[0] = min(dark[0], 0.30)
    inks = (
        (vivid, np.clip(1.18 - 1.25 * value, 0, 1), 0.0),
        (dark, np.clip(1.0 - 2.1 * value, 0, 1) ** 1.1, 0.003),
    )
    sheet = paper(size, palette, rng)
    for k, (ink, cover, slip) in enumerate(inks):
        moved = np.roll(cover, (round(slip * size * rng.uniform(-1, 1)), round(slip * size)), (0, 1))
        fine = 0.65 * grain(size, rng, 0.0006) * 0.22 + 0.5 * (screen(size, 190 - 40 * k, 0.4 + 0.7 * k) - 0.5)
        printed = step(0.30, 0.70, moved + fine * (1 - np.abs(2 * moved - 1)) * 1.1)
        printed = printed * (0.93 - 0.06 * np.clip(noise(rng, size, 1.2, 4), -1, 2)) - 0.5 * (
            grain(size, rng, 0.0005) > 2.6
        )
        tint = from_oklab(ink.astype(np.float32))
        sheet = sheet * (1 - np.clip(printed, 0, 1)[..., None] * (1 - tint))
    return np.asarray(sheet, np.float32)


def halftone(colours: Array, body: Array, palette: Palette, rng: Random) -> Array:
    """Flat colours under a screen of dark dots that grow in the shade."""
    size = len(colours)
    light = tone(colours)
    low, high = np.quantile(light[::8, ::8], [0.01, 0.99])
    value = np.clip((light - low) / max(high - low, 0.15), 0, 1)
    value = np.clip(value + 0.45 * ring(body), 0, 1)
    levels = 4
    flat = np.floor(np.clip(value, 0, 0.999) * levels) / (levels - 1)
    base = palette((0.34 + 0.66 * flat).astype(np.float32))
    dots = screen(size, 74, float(rng.uniform(0.5, 1.0)))
    ink = step(-0.05, 0.05, dots - 0.10 - 0.95 * value) * (1 - body)
    ink = np.maximum(ink, body * step(0.45, 0.25, value))
    tint = palette(0.02)
    return mix(base, tint, np.asarray(ink, np.float32)) * (1 + 0.02 * grain(size, rng))[..., None]


def papercut(colours: Array, body: Array, palette: Palette, rng: Random) -> Array:
    """Sheets of paper, each darker one cut out and laid over the lighter, with the shadow it throws."""
    size = len(colours)
    light = tone(colours)
    smooth = mix(blur(light, 0.005), light - 0.04, np.clip(blur(body, 0.001) * 1.5, 0, 1))
    smooth = smooth + 0.22 * ring(body)
    across, down = np.gradient(smooth)
    # Scissors cut sharply however gently the light falls off.
    steep = np.hypot(across, down) + 1e-5
    levels = 7
    cuts = np.quantile(smooth[::8, ::8], np.linspace(0, 1, levels + 1)[1:-1])
    cuts = 0.5 * cuts + 0.5 * np.linspace(smooth.min(), smooth.max(), levels + 1)[1:-1]
    angle = rng.uniform(0.5, 1.1)
    dx, dy = float(np.cos(angle)) * 0.006, float(np.sin(angle)) * 0.008
    sheet = palette(np.full((size, size), 0.97, np.float32))
    sheet = sheet * (1 + 0.020 * noise(rng, size, 0.6, 30))[..., None]
    for k in range(levels - 2, -1, -1):
        cover = np.clip(0.5 + 0.7 * (cuts[k] - smooth) / steep, 0, 1)
        thrown = blur(np.roll(cover, (round(dy * size), round(dx * size)), (0, 1)), 0.006) * (1 - cover)
        sheet = sheet * (1 - 0.42 * thrown)[..., None]
        fibre = 1 + 0.022 * noise(rng, size, 0.6, 30)
        edge = np.clip(cover - np.roll(cover, (2, 2), (0, 1)), 0, 1)
        colour = palette(0.03 + 0.90 * k / (levels - 1)) * (fibre + 0.35 * edge)[..., None]
        sheet = mix(sheet, colour, cover)
    return sheet


def linocut(colours: Array, body: Array, palette: Palette, rng: Random) -> Array:
    """One carved block in dark ink over flat colours: the gouge follows the forms, lines thin out in the light."""
    size = len(colours)
    light = tone(colours)
    low, high = np.quantile(light[::8, ::8], [0.01, 0.99])
    value = np.clip((light - low) / max(high - low, 0.15), 0, 1)
    value = np.clip(value + 0.55 * ring(body) - body, 0, 1)
    soft = blur(value, 0.012)
    y = ((np.arange(size, dtype=np.float32) + 0.5) / size)[:, None]
    wander = 0.006 * noise(rng, size, 2.0, 2, 14) + 0.0011 * noise(rng, size, 1.0, 30)
    lines = 0.5 + 0.5 * np.cos(2 * np.pi * 82 * (y + wander + 0.085 * soft))
    wide = 0.04 + 1.02 * value
    carved = step(-0.07, 0.07, wide - lines)
    carved = np.maximum(carved * step(0.05, 0.16, value), step(0.80, 0.90, value))
    flat = palette((0.42 + 0.58 * np.floor(np.clip(soft, 0, 0.999) * 3) / 2).astype(np.float32))
    ink = palette(0.0) * (1 + 0.25 * np.clip(grain(size, rng, 0.0012), -1, 1) * 0.5)[..., None]
    patchy = 1 - 0.9 * (noise(rng, size, 0.9, 60) > 2.7)
    return mix(flat, ink, np.asarray((1 - carved) * patchy, np.float32))


Press = Callable[[Array, Array, Palette, Random], Array]
PRINTED: dict[str, Press] = {
    "film": film,
    "poster": poster,
    "risograph": risograph,
    "halftone": halftone,
    "papercut": papercut,
    "linocut": linocut,
}
