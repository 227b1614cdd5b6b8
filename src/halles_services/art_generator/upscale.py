"""Other sizes: smooth resampling, and a network that redraws edges when a picture grows."""

from pathlib import Path
from typing import Any

import numpy as np

from halles_services.art_generator.field import shrink
from halles_services.art_generator.palette import Array
from halles_services.art_generator.weights import UPSCALER

FACTOR = 4
TILE, MARGIN = 256, 16
"""Pixels of a tile, and how far it looks beyond its edges (the network sees 18 pixels far, the last few dimly)."""


class Enlarger:
    """Real-ESRGAN for drawn pictures, on the processor."""

    def __init__(self, directory: Path, threads: int) -> None:
        import ncnn

        self.net: Any = ncnn.Net()
        self.net.opt.num_threads = threads
        self.net.opt.use_vulkan_compute = False
        self.net.load_param(str(directory / f"{UPSCALER}.param"))
        self.net.load_model(str(directory / f"{UPSCALER}.bin"))

    def enlarge(self, picture: Array, factor: int = FACTOR) -> Array:
        """Two or four times the size: (n, n, 3) in [0, 1] → (factor · n, factor · n, 3), tile by tile."""
        n = len(picture)
        result = np.empty((n * factor, n * factor, 3), np.float32)
        for top in range(0, n, TILE):
            for left in range(0, n, TILE):
                bottom, right = min(top + TILE, n), min(left + TILE, n)
                y, x = max(top - MARGIN, 0), max(left - MARGIN, 0)
                tile = self._run(picture[y : bottom + MARGIN, x : right + MARGIN])
                inside = tile[(top - y) * FACTOR : (bottom - y) * FACTOR, (left - x) * FACTOR : (right - x) * FACTOR]
                area = slice(top * factor, bottom * factor), slice(left * factor, right * factor)
                result[area] = inside if factor == FACTOR else shrink(inside, FACTOR // factor)
        return result

    def _run(self, tile: Array) -> Array:
        import ncnn

        pixels = np.ascontiguousarray(tile.transpose(2, 0, 1), np.float32)
        extractor = self.net.create_extractor()
        # A Mat of an array only points to it: `pixels` must live until the output is there.
        extractor.input("data", ncnn.Mat(pixels))
        _, output = extractor.extract("output")
        enlarged = np.array(output).transpose(1, 2, 0)
        del extractor, pixels
        return np.asarray(np.clip(enlarged, 0, 1), np.float32)


def resample(picture: Array, size: int) -> Array:
    """A square picture (n, n, 3) in [0, 1] at another size, by a cubic kernel (with averaging when it shrinks)."""
    import skia

    n = len(picture)
    if n == size:
        return picture
    pixels = np.ones((n, n, 4), np.float32)
    pixels[..., :3] = picture
    info = skia.ImageInfo.Make(n, n, skia.kRGBA_F32_ColorType, skia.kOpaque_AlphaType)
    image = skia.Image.MakeRasterData(info, skia.Data.MakeWithoutCopy(pixels), n * 16)
    target = np.empty((size, size, 4), np.float32)
    grow = skia.SamplingOptions(skia.CubicResampler.Mitchell())
    shrink = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    pixmap = skia.Pixmap(info.makeWH(size, size), target, size * 16)
    if not image.scalePixels(pixmap, grow if size > n else shrink):
        raise RuntimeError(f"could not scale a picture from {n} to {size} pixels")
    return np.clip(target[..., :3], 0, 1)
