"""musicnn as an ONNX graph: audio in, features and tags out.

Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", ISMIR late-breaking,
2019; Pons et al., "End-to-end learning for music audio tagging at scale", ISMIR 2018. The weights (ISC licence) were
trained on the Million Song Dataset (MSD: social tags, among them moods) and MagnaTagATune (MTT: instruments, voices).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from graph import Graph

from halles.weights import Recipe, Source, Wheel, ensure, unpack
from halles_services.shared.checkpoint import read_checkpoint

RATE = 16_000
FFT = 512
HOP = 256
BANDS = 96
FRAMES = 187  # The networks learned from three seconds at a time.
WINDOW = FFT + (FRAMES - 1) * HOP
"""Samples of one excerpt: exactly the frames that the networks learned from, without padding."""

BATCH_NORM_EPSILON = 1e-3
FILTERS = 753  # Feature maps that are pooled over time: five of the front end, three of the middle.
UNITS = 200
TAGS = 50

CORPORA = ("MSD", "MTT")
PARTS = (".index", ".data-00000-of-00001")
CHECKPOINTS = Recipe(
    "musicnn-checkpoints",
    files={
        "MSD.index": "87f3e0f3550c8d3bafc840374003e5c8af5eeb5ecf6add61af09a7822d3282c8",
        "MSD.data-00000-of-00001": "8579734ee6388f799ed0def4bbd0d1fdcbeaf213ef2a9dc860917bd76a303de6",
        "MTT.index": "da2d7bb670b2b31e9bc441bb1bd75eca31b5b061f963cc1f9630c1aff3238f57",
        "MTT.data-00000-of-00001": "041f3935e981a65cea739842d30c188d3a7d2adf4410955c8668eb3de4a5acab",
    },
    sources=[
        Source(
            [
                Wheel(
                    "musicnn",
                    "0.1.0",
                    "musicnn-0.1.0-py3-none-any.whl",
                    "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa",
                )
            ],
            build=unpack(
                {f"musicnn/{corpus}_musicnn/{part}": f"{corpus}{part}" for corpus in CORPORA for part in PARTS}
            ),
        )
    ],
    licence="ISC",
    origin="https://github.com/jordipons/musicnn",
    size=18_941_088,
)

MSD_LINE = (
    "rock|pop|alternative|indie|electronic|female vocalists|dance|00s|alternative rock|jazz|beautiful|metal|chillout|"
    "male vocalists|classic rock|soul|indie rock|mellow|electronica|80s|folk|90s|chill|instrumental|punk|oldies|blues|"
    "hard rock|ambient|acoustic|experimental|female vocalist|guitar|hip-hop|70s|party|country|easy listening|sexy|"
    "catchy|funk|electro|heavy metal|progressive rock|60s|rnb|indie pop|sad|house|happy"
)
MTT_LINE = (
    "guitar|classical|slow|techno|strings|drums|electronic|rock|fast|piano|ambient|beat|violin|vocal|synth|female|"
    "indian|opera|male|singing|vocals|no vocals|harpsichord|loud|quiet|flute|woman|male vocal|no vocal|pop|soft|sitar|"
    "solo|man|classic|choir|voice|new age|dance|male voice|female vocal|beats|harp|cello|no voice|weird|country|metal|"
    "female voice|choral"
)
MSD_TAGS, MTT_TAGS = MSD_LINE.split("|"), MTT_LINE.split("|")
EMBEDDING = [
    *(f"MSD:{n}" for n in range(UNITS)),
    *(f"MSD:{tag}" for tag in MSD_TAGS),
    *(f"MTT:{n}" for n in range(UNITS)),
    *(f"MTT:{tag}" for tag in MTT_TAGS),
]
"""What each column of the embedding is: a unit of the penultimate layer, or the logit of a tag."""


def embed(graph: Graph, spectrum: str, corpora: Sequence[str] = CORPORA) -> str:
    """Append networks: log-mel spectrum (windows, 1, frames, 96) → embedding (windows, 250 for each corpus)."""
    folder = ensure(CHECKPOINTS)
    outputs = [output for corpus in corpora for output in network(graph, spectrum, folder / corpus)]
    return graph.add("Concat", *outputs, axis=1, name="embedding")


def log_mel(graph: Graph, audio: str) -> str:
    """Append the front end: audio (windows, samples) at 16 kHz → (windows, 1, frames, 96).

    log10(1 + 10000 · power) in mel bands, from a Fourier transform that is a convolution with cosines and sines.
    """
    transform = graph.add("Conv", graph.add("Unsqueeze", audio, np.array([1])), fourier_basis()[:, None], strides=[HOP])
    squares = graph.add("Mul", transform, transform)
    power = graph.add("MatMul", np.tile(mel_filters(), 2), squares)
    log = graph.add("Log", graph.add("Add", graph.add("Mul", power, np.float32(10_000)), np.float32(1)))
    bels = graph.add("Mul", log, np.float32(1 / np.log(10)))
    return graph.add("Unsqueeze", graph.add("Transpose", bels, perm=[0, 2, 1]), np.array([1]), name="log_mel")


def fourier_basis() -> np.ndarray:
    """Cosines and sines under a periodic Hann window, shape (514, 512)."""
    time, frequency = np.arange(FFT), np.arange(FFT // 2 + 1)[:, None]
    angle = 2 * np.pi * (frequency * time % FFT) / FFT
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * time / FFT)
    return np.concatenate([np.cos(angle), np.sin(angle)]).astype(np.float32) * hann.astype(np.float32)


def mel_filters(rate: int = RATE, size: int = FFT, bands: int = BANDS) -> np.ndarray:
    """Triangles of equal area between the marks of the mel scale, shape (bands, size / 2 + 1)."""
    edges = mel_scale(rate, bands)
    bins = np.linspace(0, rate / 2, size // 2 + 1)
    low, centre, high = (edges[i : bands + i, None] for i in range(3))
    triangles = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre))
    return np.asarray(np.maximum(triangles, 0) * 2 / (high - low), np.float32)


def mel_scale(rate: int, bands: int) -> np.ndarray:
    """Frequencies in Hz at even distances on Slaney's mel scale (linear below 1 kHz, logarithmic above)."""
    mels = np.linspace(0, 15 + np.log(rate / 2 / 1000) / (np.log(6.4) / 27), bands + 2)
    return np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))


def network(graph: Graph, spectrum: str, checkpoint: Path) -> Iterator[str]:
    """Append one musicnn; yields the penultimate layer (windows, 200) and the logits of its tags (windows, 50)."""
    variables = read_checkpoint(checkpoint)
    scale, shift = batch_norm(variables, 0)
    spectrum = graph.affine(spectrum, scale, shift)
    front = graph.add("Concat", *(shapes(graph, spectrum, variables, layer) for layer in range(5)), axis=1)
    middle = [front, *middle_layers(graph, front, variables)]
    maps = graph.add("Concat", *middle, axis=1)
    pooled = [graph.add(pool, maps, np.array([2]), keepdims=0) for pool in ("ReduceMax", "ReduceMean")]
    yield from dense_layers(graph, graph.add("Concat", *pooled, axis=1), variables)


def shapes(graph: Graph, spectrum: str, variables: dict[str, np.ndarray], layer: int) -> str:
    """Append one kind of the front end's filters, followed by the maximum over all frequencies.

    The layers are convolution, ReLU, normalisation, maximum. Where the normalisation turns the sign, the maximum is
    that of the negated convolution; taking it first spares the other two layers most of their work.
    """
    kernel, bias = parameters(variables, "conv2d", layer)
    scale, shift = batch_norm(variables, layer + 1)
    sign = np.where(scale < 0, np.float32(-1), np.float32(1))
    length = len(kernel)
    same = [(length - 1) // 2, 0, length // 2, 0]
    filters = graph.half(kernel.transpose(3, 2, 0, 1) * sign[:, None, None, None])
    convolved = graph.add("Conv", spectrum, filters, bias * sign, pads=same)
    highest = graph.add("ReduceMax", convolved, np.array([3]), keepdims=0)
    return graph.affine(graph.add("Relu", graph.add("Mul", highest, sign[:, None])), scale[:, None], shift[:, None])


def middle_layers(graph: Graph, front: str, variables: dict[str, np.ndarray]) -> Iterator[str]:
    """Append the three convolutions over time; the second and third add to what came before."""
    value = front
    for layer in (5, 6, 7):
        kernel, bias = parameters(variables, "conv2d", layer)
        filters = graph.half(kernel[:, :, 0].transpose(2, 1, 0))
        convolved = graph.add("Relu", graph.add("Conv", value, filters, bias, pads=[3, 3]))
        scale, shift = batch_norm(variables, layer + 1)
        normed = graph.affine(convolved, scale[:, None], shift[:, None])
        value = normed if layer == 5 else graph.add("Add", normed, value)
        yield value


def dense_layers(graph: Graph, pooled: str, variables: dict[str, np.ndarray]) -> Iterator[str]:
    """Append the two dense layers; the normalisation before the first is folded into it."""
    scale, shift = batch_norm(variables, 9)
    kernel, bias = parameters(variables, "dense", 0)
    folded = (scale[:, None] * kernel).reshape(FILTERS, 2, UNITS)  # The checkpoint's order is map by map.
    weights = graph.half(folded.transpose(1, 0, 2).reshape(2 * FILTERS, UNITS))
    hidden = graph.add("Gemm", pooled, weights, bias + shift @ kernel)
    penultimate = graph.affine(graph.add("Relu", hidden), *batch_norm(variables, 10))
    yield penultimate
    yield graph.add("Gemm", penultimate, *parameters(variables, "dense", 1))


def parameters(variables: dict[str, np.ndarray], kind: str, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of a layer."""
    name = f"{kind}_{number}" if number else kind
    return variables[f"{name}/kernel"], variables[f"{name}/bias"]


def batch_norm(variables: dict[str, np.ndarray], number: int) -> tuple[np.ndarray, np.ndarray]:
    """Scale and shift of a normalisation layer."""
    name = f"batch_normalization_{number}" if number else "batch_normalization"
    scale = variables[f"{name}/gamma"] / np.sqrt(variables[f"{name}/moving_variance"] + BATCH_NORM_EPSILON)
    return scale, variables[f"{name}/beta"] - variables[f"{name}/moving_mean"] * scale
