"""The trained model: excerpts of a song in, genres, tags and mood out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halles_services.music_style.excerpts import excerpts

MODEL = Path(__file__).with_name("model.onnx")
BASELINE = MODEL.with_name("baseline.json")
"""What it was trained on, by the traits that are observed."""
PREDICTIONS = MODEL.with_name("predictions.csv")
"""What it said of its validation clips, before it learned from them too."""
MOST_EXCERPTS = 24
"""A song is judged by that many pieces of three seconds at most, so that a long one costs no more."""


@dataclass(frozen=True)
class Impression:
    """What the model heard, with names for the numbers."""

    genres: dict[str, float]
    """Probabilities that sum to 1."""
    unsure: bool
    tags: dict[str, float]
    energy: float
    """From 0 to 1."""
    valence: float
    """From -1 to 1."""


class Classifier:
    """An ONNX model that carries its own labels, window and threshold as metadata.

    Its input is `audio` (1, samples); its outputs are `genres` (probabilities), `tags` and `mood` (energy, valence).
    """

    def __init__(self, model: Path = MODEL) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # An excerpt is little work: a second thread costs half as much CPU again.
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        known = self._session.get_modelmeta().custom_metadata_map
        self.genres: list[str] = json.loads(known["genres"])
        self.tags: list[str] = json.loads(known["tags"])
        self.rate, self.window = int(known["rate"]), int(known["window"])
        self.unsure_below, self.shortest = float(known["unsure_below"]), float(known["shortest"])

    def __call__(self, samples: np.ndarray, progress: Callable[[float, str], None] = lambda *_: None) -> Impression:
        """Judge mono float32 `samples` at the model's rate; silence gives even probabilities."""
        pieces = excerpts(samples, self.window, MOST_EXCERPTS)
        outputs = []
        for number, piece in enumerate(pieces):
            progress(number / len(pieces), "listening")
            outputs.append(self._session.run(["genres", "tags", "mood"], {"audio": piece[None]}))
        if not outputs:
            return self._nothing_heard()
        genres, tags, mood = (np.concatenate(parts) for parts in zip(*outputs, strict=True))
        probabilities = pool(genres)
        return Impression(
            genres=dict(zip(self.genres, probabilities.tolist(), strict=True)),
            unsure=bool(probabilities.max() < self.unsure_below or len(samples) < self.shortest * self.rate),
            tags=dict(zip(self.tags, tags.mean(axis=0).tolist(), strict=True)),
            energy=float(mood[:, 0].mean()),
            valence=float(mood[:, 1].mean()),
        )

    def _nothing_heard(self) -> Impression:
        return Impression(dict.fromkeys(self.genres, 1 / len(self.genres)), True, {}, energy=0.0, valence=0.0)


def pool(probabilities: np.ndarray) -> np.ndarray:
    """Return the normalised geometric mean of each excerpt's probabilities: what averaging their logits gives."""
    logs = np.log(np.maximum(probabilities.astype(np.float64), 1e-12)).mean(axis=0)
    pooled = np.exp(logs - logs.max())
    return np.asarray(pooled / pooled.sum())
