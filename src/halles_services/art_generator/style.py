"""The neural style pass: brush strokes from one of 26 learned styles, colours from the scene."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from halles_services.art_generator.field import Random, blur, mix, noise
from halles_services.art_generator.palette import Array, from_oklab, linear, oklab, srgb
from halles_services.art_generator.upscale import resample
from halles_services.art_generator.weights import STYLES


@dataclass(frozen=True)
class Hand:
    """How a painted medium is made."""

    styles: dict[int, float]
    """Shares of the learned styles, by their index in the network."""
    lightness: float = 0.8
    """Share of the styled lightness in the result."""
    relief: float = 1.1
    """How strongly the strokes stand out."""
    reach: float = 0.02
    """Deviation of the blur that parts strokes from light and shade, as a share of the width."""
    chroma: float = 0.25
    """Share of the styled colour in the result."""
    size: int = 448
    """Pixels at which it is painted: the fewer, the larger the strokes."""
    texture: float = 1.0
    """Strength of the noise that keeps the network from drawing rings into smooth gradients."""


PAINTED: dict[str, Hand] = {
    "oil": Hand({0: 0.55, 23: 0.45}, lightness=0.8, chroma=0.22, size=448),
    "impasto": Hand({19: 0.75, 25: 0.25}, lightness=0.75, relief=0.9, chroma=0.20),
    "watercolour": Hand({12: 0.6, 14: 0.4}, lightness=0.8, chroma=0.28, size=448),
    "pastel": Hand({16: 0.55, 4: 0.45}, lightness=0.75, relief=0.75, chroma=0.22, size=896),
    "ink": Hand({22: 0.5, 2: 0.5}, lightness=0.8, chroma=0.18, size=448),
    "etching": Hand({11: 0.8, 10: 0.2}, lightness=0.8, relief=0.75, chroma=0.15, size=896),
    "woodblock": Hand({24: 1.0}, lightness=0.8, chroma=0.22, size=448),
    "mosaic": Hand({15: 0.7, 13: 0.3}, lightness=0.75, chroma=0.25, size=448),
}


BOUND = 0.16
"""OKLab lightness that no stroke exceeds by much."""


def rest(lightness: Array, smooth: Array) -> Array:
    """How strongly strokes show (n, n): less where the scene is dark or empty, so that the picture has calm zones."""
    busy = np.clip(blur(np.abs(lightness - smooth), 0.02) / 0.022, 0, 1)
    return np.asarray((0.32 + 0.68 * busy) * np.clip(0.30 + 1.5 * smooth, 0, 1), np.float32)


class Painter:
    """The style network (Dumoulin, Shlens and Kudlur 2017, conditional instance normalisation)."""

    def __init__(self, directory: Path, threads: int) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.enable_cpu_mem_arena = False
        self.session: Any = ort.InferenceSession(directory / STYLES, options, providers=["CPUExecutionProvider"])

    def stylise(self, picture: Array, styles: dict[int, float]) -> Array:
        """Paint an sRGB picture (h, w, 3) in [0, 1] in a blend of styles."""
        weights = np.zeros(26, np.float32)
        for index, share in styles.items():
            weights[index] = share
        feed = {"image": np.ascontiguousarray(picture.transpose(2, 0, 1)[None]), "style_weights": weights}
        styled: Array = self.session.run(None, feed)[0][0].transpose(1, 2, 0)
        return np.clip(styled, 0, 1)

    def paint(self, colours: Array, body: Array, hand: Hand, rng: Random) -> Array:
        """Bring a scene (n, n, 3) in linear light into a painted medium; (hand.size, hand.size, 3) sRGB."""
        size = hand.size
        picture = resample(srgb(colours), size)
        rough = 0.020 * noise(rng, size, 0.9, 8, 200) + 0.012 * rng.standard_normal((size, size), np.float32)
        styled = oklab(linear(self.stylise(np.clip(picture + (hand.texture * rough)[..., None], 0, 1), hand.styles)))
        scene = oklab(linear(picture))
        keep = 1 - 0.75 * resample(np.repeat(body[..., None], 3, axis=2), size)[..., 0]
        # The strokes are the styled lightness less its own light and shade, which stay the scene's.
        strokes = styled[..., 0] - blur(styled[..., 0], hand.reach)
        smooth = blur(scene[..., 0], hand.reach)
        strokes = BOUND * np.tanh(strokes * hand.relief / BOUND) * rest(scene[..., 0], smooth)
        light = smooth + strokes
        result = np.empty_like(scene)
        result[..., 0] = np.clip(mix(scene[..., 0], light, hand.lightness * keep), 0, 1)
        soft = blur(scene, 0.002)
        result[..., 1:] = mix(soft[..., 1:], styled[..., 1:], (hand.chroma * keep)[..., None])
        return srgb(from_oklab(result))
