"""Colours: hex, linear light, OKLab, and ramps from the darkest to the lightest colour of a palette."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halles.sdk import say

Array = NDArray[np.floating[Any]]

# Björn Ottosson, "A perceptual color space for image processing", 2020.
TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
FROM_LAB = np.linalg.inv(TO_LAB).astype(np.float32)
FROM_CONE = np.linalg.inv(TO_CONE).astype(np.float32)

STEPS = 512
DARKEST, LIGHTEST = 0.20, 0.86
"""Bounds of OKLab lightness that the ends of a ramp must reach, so that every palette can carry a picture."""


def oklab(linear: Array) -> Array:
    """Linear RGB (…, 3) → OKLab (…, 3)."""
    return (np.cbrt(np.maximum(linear, 0) @ TO_CONE.T) @ TO_LAB.T).astype(np.float32)


def tone(colours: Array) -> Array:
    """OKLab lightness of linear RGB (…, 3)."""
    return oklab(np.clip(colours, 0, 1))[..., 0]


def from_oklab(lab: Array) -> Array:
    """OKLab (…, 3) → linear RGB (…, 3), clipped at zero."""
    cone: Array = lab @ FROM_LAB.T
    return np.maximum(cone * cone * cone @ FROM_CONE.T, 0).astype(np.float32)


def linear(srgb: Array) -> Array:
    """SRGB in [0, 1] → linear light."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)


CURVE_STEPS = 4095
CURVE = np.linspace(0, 1, CURVE_STEPS + 1, dtype=np.float32)
CURVE = np.where(CURVE**2 <= 0.0031308, 12.92 * CURVE**2, 1.055 * CURVE ** (2 / 2.4) - 0.055).astype(np.float32)


def srgb(light: Array) -> Array:
    """Linear light → sRGB in [0, 1]; a table over the square root, because powers are slow."""
    index = np.sqrt(np.clip(light, 0, 1)) * CURVE_STEPS + 0.5
    return CURVE[index.astype(np.int16)]


def _no_colour(text: str) -> ValueError:
    return ValueError(say("`{text}` is not a colour such as #1b2a49", text=text))


def parse(colour: str) -> Array:
    """`#rrggbb` → linear RGB (3,). Raises ValueError for anything else."""
    digits = colour.removeprefix("#")
    if len(digits) != 6 or not colour.startswith("#"):
        raise _no_colour(colour)
    try:
        values = bytes.fromhex(digits)
    except ValueError:
        raise _no_colour(colour) from None
    return linear(np.frombuffer(values, np.uint8).astype(np.float32) / 255)


@dataclass(frozen=True)
class Palette:
    """Colours from darkest to lightest, and every shade between them."""

    stops: Array
    """(n, 3) OKLab."""

    @classmethod
    def of(cls, colours: tuple[str, ...]) -> "Palette":
        """A palette of `#rrggbb`, sorted by lightness and stretched until its ends are dark and light enough."""
        lab = oklab(np.stack([parse(colour) for colour in colours]))
        lab = lab[np.argsort(lab[:, 0], kind="stable")]
        low, high = lab[0, 0], lab[-1, 0]
        wide = (lab[:, 0] - low) / max(high - low, 1e-3)
        even = np.linspace(0, 1, len(lab))
        # A little of the even spacing keeps two near-equal colours from making a flat middle.
        lab[:, 0] = min(low, DARKEST) + (0.6 * wide + 0.4 * even) * (max(high, LIGHTEST) - min(low, DARKEST))
        return cls(lab.astype(np.float32))

    @cached_property
    def table(self) -> Array:
        """(STEPS, 3) linear RGB from darkest to lightest."""
        at = np.linspace(0, 1, STEPS)
        knots = np.linspace(0, 1, len(self.stops))
        lab = np.stack([np.interp(at, knots, self.stops[:, c]) for c in range(3)], axis=-1)
        # Rounds the corners of the ramp, which would show as bands in a sky.
        kernel = np.hanning(61) / np.hanning(61).sum()
        padded = np.pad(lab, ((30, 30), (0, 0)), mode="reflect", reflect_type="odd")
        lab = np.stack([np.convolve(padded[:, c], kernel, "valid") for c in range(3)], axis=-1)
        return from_oklab(lab.astype(np.float32))

    def __call__(self, value: Array | float) -> Array:
        """The linear RGB (…, 3) of values in [0, 1], from the darkest to the lightest colour."""
        index = (np.clip(value, 0, 1) * (STEPS - 1) + 0.5).astype(np.int16)
        return self.table[index]

    @property
    def light(self) -> Array:
        """Linear RGB of the light: the lightest colour."""
        return np.asarray(self.table[-1])

    def accent(self) -> Array:
        """Linear RGB of the most colourful stop that is neither the darkest nor the lightest."""
        middle = self.stops[1:-1]
        return from_oklab(middle[np.argmax(np.hypot(middle[:, 1], middle[:, 2]))])
