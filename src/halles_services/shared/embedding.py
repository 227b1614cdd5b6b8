"""Sentence embeddings: texts of a hundred languages as vectors whose angle says how alike their meanings are.

Multilingual-E5-small (Wang et al. 2024, "Multilingual E5 Text Embeddings"), 4-bit weights, by onnxruntime.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from halles_services.shared.e5 import HIDDEN, MODEL, POSITIONS
from halles_services.shared.vocabulary import END, START, Vocabulary

Vectors = npt.NDArray[np.float32]
_loading = Lock()


class Embedder:
    """The model, loaded from the directory of its weights."""

    def __init__(self, directory: Path, threads: int) -> None:
        self.vocabulary = Vocabulary(directory)
        self.session = session(directory / MODEL, threads)

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"] = "query") -> Vectors:
        """Unit vectors (len(texts), 384) of `texts`.

        `kind` is what the model was trained to tell apart: for likeness of meaning use "query" on both sides; for a
        search use "query" for what is asked and "passage" for what is searched. A text's vector depends on nothing
        but the text, and texts of any length are read to their end.
        """
        known: dict[str, Vectors] = {}
        for text in texts:
            if text not in known:
                known[text] = self._vector(f"{kind}: {text}")
        return np.stack([known[text] for text in texts]) if known else np.zeros((0, HIDDEN), np.float32)

    def _vector(self, text: str) -> Vectors:
        """The direction of the mean token vector, each window of a long text counting by its length."""
        tokens = self.vocabulary.tokens(text)
        windows = [tokens[at : at + POSITIONS - 2] for at in range(0, len(tokens), POSITIONS - 2)]
        total = np.sum([len(window) * self._mean(window) for window in windows], axis=0)
        unit: Vectors = total / np.linalg.norm(total)
        return unit

    def _mean(self, tokens: list[int]) -> Vectors:
        # One text a call: padding or neighbours would change the last bits of its vector, and save little time.
        mean: Vectors = self.session.run(None, {"ids": np.array([[START, *tokens, END]], np.int64)})[0][0]
        return mean


def session(model: Path, threads: int) -> Any:
    """An onnxruntime session on the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait busily for the next short matrix would cost more than the matrices.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@cache
def _embedder(directory: Path, threads: int) -> Embedder:
    return Embedder(directory, threads)


def embedder(directory: Path, threads: int = 1) -> Embedder:
    """The process's one embedder for these weights, such as `embedder(context.weights(E5), context.threads)`."""
    with _loading:
        return _embedder(directory, threads)
