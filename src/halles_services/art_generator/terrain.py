"""Landscapes in true perspective: a height field seen from above the ground, column by column.

The ground is evaluated on a grid of depths × screen columns; for every pixel the first depth whose ground reaches up to
it is found (the running maximum along the line of sight is sorted, so a binary search suffices).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halles_services.art_generator.palette import Array


@dataclass(frozen=True)
class Camera:
    """A level camera over the ground; lengths in world units."""

    horizon: float
    """Row of the horizon, as a share of the picture."""
    height: float = 1.0
    focal: float = 1.0
    near: float = 1.2
    far: float = 60.0

    def rays(self, size: int, depths: int) -> tuple[Array, Array]:
        """World x and z (both (depths, size)) of the grid of depths × columns."""
        z = np.geomspace(self.near, self.far, depths).astype(np.float32)[:, None]
        across = ((np.arange(size) + 0.5) / size - 0.5).astype(np.float32)[None, :]
        return (across * z / self.focal).astype(np.float32), np.broadcast_to(z, (depths, size))

    def row(self, z: float, height: float = 0.0) -> float:
        """The row of a point at a depth and a height."""
        return self.horizon + self.focal * (self.height - height) / z

    def column(self, x: float, z: float) -> float:
        """The column of a point."""
        return 0.5 + self.focal * x / z


@dataclass(frozen=True)
class Land:
    """Ground seen through a camera."""

    index: Array
    """(size, size) fractional depth index of each pixel's ground; negative where there is none."""
    cover: Array
    """(size, size) share of the pixel that is ground."""
    heights: Array
    """(depths, size)."""
    x: Array
    z: Array

    def show(self, values: Array) -> Array:
        """Bring values on the grid (depths, size) to the screen (size, size)."""
        low = np.clip(self.index.astype(np.int32), 0, len(values) - 2)
        share = np.clip(self.index - low, 0, 1).astype(np.float32)
        below, above = (np.take_along_axis(values, row, axis=0) for row in (low, low + 1))
        return np.asarray(below * (1 - share) + above * share, np.float32)

    def slopes(self) -> tuple[Array, Array]:
        """How steeply the ground rises towards +x and away from the camera, on the grid."""
        dx = self.x[:, 1:2] - self.x[:, 0:1]
        along_x = np.gradient(self.heights, axis=1) / dx
        z = self.z[:, 0]
        dz = np.gradient(z)[:, None]
        # At a fixed column x changes with z, which must be taken off again.
        along_z = np.gradient(self.heights, axis=0) / dz - along_x * (self.x / self.z)
        return along_x.astype(np.float32), along_z.astype(np.float32)

    def lit(self, towards: tuple[float, float, float]) -> Array:
        """Lambert shading on the grid for a light in a direction (x right, y up, z away)."""
        dx, dz = self.slopes()
        lx, ly, lz = np.array(towards) / np.linalg.norm(towards)
        return np.asarray(np.clip((-dx * lx + ly - dz * lz) / np.sqrt(dx**2 + dz**2 + 1), 0, 1), np.float32)


def see(camera: Camera, height: Callable[[Array, Array], Array], size: int, depths: int = 520) -> Land:
    """Look at the ground `height(x, z)`."""
    x, z = camera.rays(size, depths)
    heights = height(x, z).astype(np.float32)
    rise = camera.horizon + camera.focal * (camera.height - heights) / z
    # Up the screen the row falls; the running minimum is what nearer ground leaves visible.
    top = np.minimum.accumulate(rise, axis=0)
    index = search(-top, size)
    crest = top[-1]
    rows = ((np.arange(size) + 0.5) / size).astype(np.float32)[:, None]
    cover = np.clip((rows - crest) * size + 0.5, 0, 1)
    return Land(index, cover.astype(np.float32), heights, x, z)


def search(rising: Array, size: int) -> Array:
    """For each pixel of a column, the fractional index at which the rising (depths, size) reaches it."""
    depths, columns = rising.shape
    rows = -((np.arange(size) + 0.5) / size)
    # One search for all columns: each is lifted above the one before.
    lift = 64.0 * np.arange(columns)
    keys = (np.clip(rising, -30, 30) + lift).T.ravel()
    found = np.searchsorted(keys, (rows[:, None] + lift).T.ravel()).reshape(columns, size).T
    index = found - np.arange(columns) * depths
    low = np.clip(index - 1, 0, depths - 1)
    high = np.clip(index, 0, depths - 1)
    under, over = (np.take_along_axis(rising, i, axis=0) for i in (low, high))
    share = np.clip((rows[:, None] - under) / np.maximum(over - under, 1e-9), 0, 1)
    return np.asarray(low + share * (high - low), np.float32)
