"""Palettes built in OKLCH: from feelings to five colours, from the darkest to the light.

OKLCH is the polar form of OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020): lightness,
chroma and hue, of which each can be changed without the others seeming to change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from halles.sdk import Saying, say

_CONE_FROM_LAB = np.array(
    [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]]
)
_RGB_FROM_CONE = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)
_HUES = (
    (15, "crimson"),
    (40, "red"),
    (72, "orange"),
    (95, "golden"),
    (118, "yellow"),
    (160, "green"),
    (215, "teal"),
    (275, "blue"),
    (310, "violet"),
    (340, "magenta"),
    (360, "rose"),
)


class Hue(NamedTuple):
    """A colour that something speaks for, and the one that would set it off."""

    hue: float
    accent: float
    weight: float
    because: str


@dataclass(frozen=True)
class Tone:
    """How light, vivid and contrasting a palette is, each in [0, 1]."""

    light: float
    vivid: float
    contrast: float


@dataclass(frozen=True)
class Harmony:
    """A base hue with its neighbours, and an accent, in degrees."""

    base: float
    accent: float

    def words(self) -> Saying:
        """The two hues by name."""
        first, second = say(hue_name(self.base)), say(hue_name(self.accent))
        if first == second:
            return say("shades of {colour}", colour=first)
        return say("{first} with {second}", first=first, second=second)


def harmony(hues: Iterable[Hue]) -> Harmony:
    """The hue that most weight lies near, and the accent that most weight lies near at a fair distance from it.

    A hue is chosen and never averaged: the mean of yellow and blue would be mud.
    """
    voters = list(hues)
    angles = np.arange(0, 360, 5.0)
    base = float(angles[np.argmax(_weight_near(angles, [(h.hue, h.weight) for h in voters]))])
    # A second feeling sets a better accent than the one that goes with the first.
    own = [(h.accent, 0.7 * h.weight) for h in voters if abs(_turn(h.hue, base)) < 45]
    wishes = own + [(h.hue, h.weight) for h in voters]
    # Not so near that it is no accent, nor so opposite that every shade between the two is grey.
    distance = _apart(angles, base)
    allowed = angles[(distance >= 60) & (distance <= 165)]
    return Harmony(base, float(allowed[np.argmax(_weight_near(allowed, wishes))]))


def palette(chosen: Harmony, tone: Tone) -> tuple[str, ...]:
    """Five colours `#rrggbb` from darkest to lightest: three neighbours of the base hue, the accent, and the light."""
    turn = _turn(chosen.base, chosen.accent)
    reach = 0.09 + 0.05 * tone.contrast
    middle = 0.38 + 0.20 * tone.light
    lightness = (
        0.14 + 0.12 * tone.light,
        middle - reach - 0.06,
        middle + 0.03,
        middle + reach + 0.10,
        0.89 + 0.07 * tone.light,
    )
    vivid = 0.06 + 0.13 * tone.vivid
    chroma = (0.35 * vivid + 0.010, 0.75 * vivid, 0.85 * vivid, 1.15 * vivid, 0.32 * vivid + 0.012)
    # The third leans towards the accent, as a bridge; the light leans towards the warm end, as lights do.
    light_hue = chosen.accent + 0.35 * _turn(chosen.accent, 85)
    hues = (
        _shaded(chosen.base - 0.06 * turn, 0.9),
        _shaded(chosen.base, 0.65),
        _shaded(chosen.base + 0.22 * turn, 0.4),
        chosen.accent,
        light_hue,
    )
    return tuple(hex_colour(*colour) for colour in zip(lightness, chroma, hues, strict=True))


def hex_colour(lightness: float, chroma: float, hue: float) -> str:
    """OKLCH as `#rrggbb`; a chroma beyond what sRGB can show is lowered until it can."""
    for step in np.linspace(1, 0, 64):
        rgb = _linear(lightness, chroma * step, hue)
        if rgb.min() >= -1e-4 and rgb.max() <= 1 + 1e-4:
            break
    light = np.clip(rgb, 0, 1)
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(value) * 255):02x}" for value in srgb)


def hue_name(hue: float) -> str:
    """An English word for a hue in degrees."""
    return next(name for end, name in _HUES if hue % 360 <= end)


def _shaded(hue: float, depth: float) -> float:
    """The hue of a shadow: dark yellow is mud, so painters let it fall towards red or, from green, towards teal."""
    hue %= 360
    if not _MUDDY[0] < hue < _MUDDY[1]:
        return hue
    return hue + depth * _turn(hue, _RED if hue < _GREENISH else _TEAL)


_MUDDY, _GREENISH, _RED, _TEAL = (40, 165), 112, 12, 185


def _linear(lightness: float, chroma: float, hue: float) -> NDArray[np.float64]:
    angle = np.radians(hue)
    cone = _CONE_FROM_LAB @ np.array([lightness, chroma * np.cos(angle), chroma * np.sin(angle)])
    return np.asarray(_RGB_FROM_CONE @ cone**3)


def _weight_near(angles: NDArray[np.float64], voters: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """How much weight lies around each angle, within about thirty degrees."""
    total = np.zeros(len(angles))
    for hue, weight in voters:
        total += weight * np.exp(-((_apart(angles, hue) / 28) ** 2))
    return total


def _apart(angles: NDArray[np.float64], hue: float) -> NDArray[np.float64]:
    """Degrees between each angle and a hue, in [0, 180]."""
    return np.abs((angles - hue + 180) % 360 - 180)


def _turn(start: float, end: float) -> float:
    """Degrees from one hue to another, the short way round."""
    return (end - start + 180) % 360 - 180
