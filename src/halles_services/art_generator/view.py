"""What a scene is given (`View`) and what it gives back (`Scenery`)."""

from dataclasses import dataclass

import numpy as np

from halles_services.art_generator.field import Random, grid
from halles_services.art_generator.light import Light
from halles_services.art_generator.palette import Array, Palette

SIZE = 1024
"""Pixels of the square that is painted; other sizes are made from it at the end."""


@dataclass(frozen=True)
class View:
    """What a scene needs to know: its colours, its light and its dice."""

    palette: Palette
    light: Light
    rng: Random
    size: int = SIZE

    @property
    def x(self) -> Array:
        """(1, size), from 0 left to 1 right."""
        return grid(self.size)[0]

    @property
    def y(self) -> Array:
        """(size, 1), from 0 top to 1 bottom."""
        return grid(self.size)[1]

    def between(self, low: float, high: float) -> float:
        """A throw of the dice."""
        return float(self.rng.uniform(low, high))

    def either(self, *choices: float) -> float:
        """One of the choices."""
        return float(self.rng.choice(np.array(choices)))

    def blank(self, value: float = 0.0) -> Array:
        """(size, size) filled with one value."""
        return np.full((self.size, self.size), value, np.float32)


@dataclass(frozen=True)
class Spot:
    """A place for a subject: (x, y) of its foot or its centre and its height, as shares of the picture."""

    x: float
    y: float
    height: float
    floats: bool = False
    """y is the centre, not the foot."""
    wet: bool = False
    """On open water, where only what swims can stay without a rock."""
    mirror: float = 0.0
    """Strength of its reflection in the ground: 0 none, 1 a mirror."""
    shadow: float = 0.0
    """Strength of the shadow it casts on the ground."""
    value: float = 0.02
    """Where the figure's own colour lies between the darkest (0) and the lightest (1)."""


@dataclass(frozen=True)
class Scenery:
    """A scene without its subject."""

    pixels: Array
    """(size, size, 3) linear light."""
    stand: Spot
    """Where a subject that stands would stand."""
    hover: Spot
    """Where a subject that floats would float."""
    source: tuple[float, float]
    """Where the light is, or where it comes from (may lie outside the picture)."""
    beside: Spot | None = None
    """Where something large would stand, if not there."""
    veil: Array | None = None
    """(size, size) share of the light's colour that lies over everything, the subject too (mist, beams)."""
    front: Array | None = None
    """(size, size) share of the picture that stands before the subject (grass, rail, people)."""


def aloft(view: View, source: tuple[float, float], horizon: float) -> Spot:
    """A place in an open sky, across from the light."""
    return Spot(0.5 + (0.5 - source[0]) * view.between(0.3, 0.9), horizon * view.between(0.36, 0.48), 0.22, floats=True)
