"""Genres of spectrograms of which there is no audio: the model's own networks, and the head that learned to read them.

A set is an npz file with `X` (n, 128 bands, columns) uint8, `name`, `genre` and perhaps `split`; `spectrograms.py` says
how such pictures are drawn.
"""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import onnx
import onnxruntime
import yamnet
from genres import SightHead
from heads import softmax
from musicnn import BANDS
from onnx import TensorProto, helper
from settings import PROJECT
from spectrograms import LEAST_COLUMNS, SOURCE_BANDS, Spectrogram, look

SIGHT = PROJECT / "sight.npz"
"""The head that goes with the service's model. A copy of `sight.npz` of the stage `train`."""
SPECTRA: dict[str, list[str | int]] = {
    "log_mel": ["windows", 1, "frames", BANDS], "yamnet_log_mel": ["windows", "patch_frames", yamnet.BANDS],
}  # fmt: skip
HEARD = ("embedding", "yamnet")


class BadSet(ValueError):
    """The file is no set of spectrograms; the message says why."""


@dataclass(frozen=True)
class Drawn:
    """A spectrogram of a set."""

    name: str
    genre: str
    pixels: np.ndarray


class Sight:
    """Spectrogram → probabilities of `genres`, and whether none of them stands out."""

    def __init__(self, model: Path, sight: Path = SIGHT) -> None:
        with np.load(sight) as arrays:
            found = {name: arrays[name] for name in arrays}
        self.genres: list[str] = found["genres"].tolist()
        self._head, self._scale = SightHead.of(found), float(found["scale"])
        self._unsure_below = float(found["unsure_below"])
        self._networks = networks(model)

    def __call__(self, pixels: np.ndarray) -> tuple[np.ndarray, bool]:
        """Judge all of a spectrogram."""
        scores = self._head(look(self._networks, Spectrogram(pixels))[None])[0]
        probabilities = softmax(self._scale * scores)
        return probabilities, bool(probabilities.max() < self._unsure_below)


def networks(model: Path) -> onnxruntime.InferenceSession:
    """The part of a model file between the spectra and what is heard in them. Raises BadSet where there is none."""
    graph = onnx.load(model).graph
    made = {name for node in graph.node for name in node.output}
    if missing := sorted({*SPECTRA, *HEARD} - made):
        raise BadSet(f"{model} reads no spectrograms: it has no {', '.join(missing)}")
    needed, nodes = set(HEARD), []
    for node in reversed(graph.node):
        if needed & set(node.output) and not SPECTRA.keys() & set(node.output):
            nodes.append(node)
            needed |= set(node.input)
    inputs, outputs = (
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in side]
        for side in (SPECTRA.items(), [(name, None) for name in HEARD])
    )
    constants = [each for each in graph.initializer if each.name in needed]
    part = helper.make_graph(nodes[::-1], "networks", inputs, outputs, constants)
    opset = helper.make_opsetid("", 18)
    whole = helper.make_model(part, ir_version=10, opset_imports=[opset])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(whole.SerializeToString(), options, providers=["CPUExecutionProvider"])


def read_set(path: Path, split: str | None = None) -> list[Drawn]:
    """Return the spectrograms of a set, or of one split of it. Raises BadSet."""
    try:
        with np.load(path) as file:
            columns = {name: file[name] for name in ("X", "name", "genre", "split") if name in file}
    except (OSError, ValueError, TypeError, BadZipFile) as error:  # TypeError: a single array, as .npy files hold it.
        why = error if isinstance(error, OSError | BadZipFile) else "it is another kind of file"
        raise BadSet(f"{path} cannot be read as npz: {why}") from error
    if missing := [name for name in ("X", "name", "genre") if name not in columns]:
        raise BadSet(f"{path} has no {', '.join(missing)}")
    pixels = columns["X"]
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[1] != SOURCE_BANDS:
        raise BadSet(f"X must be uint8 of shape (n, {SOURCE_BANDS}, columns), and is {pixels.dtype} {pixels.shape}")
    if pixels.shape[2] < LEAST_COLUMNS:
        raise BadSet(f"X has {pixels.shape[2]} columns; at least {LEAST_COLUMNS} (one second) are needed")
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise BadSet(f"the columns differ in length: {', '.join(f'{name} {size}' for name, size in lengths.items())}")
    splits = columns.get("split")
    if split is not None and splits is None:
        raise BadSet(f"{path} has no `split`; leave --split out to measure all of it")
    chosen = [n for n in range(len(pixels)) if split is None or splits is None or str(splits[n]) == split]
    if not chosen:
        there = "" if splits is None else f"; there are {', '.join(sorted({str(each) for each in splits}))}"
        raise BadSet(f"{path} has no spectrograms{f' of split {split}' if split else ''}{there}")
    return [Drawn(str(columns["name"][n]), str(columns["genre"][n]), pixels[n]) for n in chosen]
