"""What passages feel and speak about: linear heads on sentence embeddings, and how passages make a whole.

The heads are made by `training/emotions`.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
HEADS = Path(__file__).with_name("heads.npz")
PRESENCE = 3.0


def probabilities(vectors: Floats, head: str) -> dict[str, Floats]:
    """For each label of the head "emotions", "polarity" or "topics", its probability in each passage."""
    arrays = heads()
    logits = vectors @ arrays[f"{head}.weights"] + arrays[f"{head}.bias"]
    columns = (1 / (1 + np.exp(-logits))).T
    return dict(zip(arrays[f"{head}.labels"].tolist(), columns, strict=True))


def whole(passages: Mapping[str, Floats]) -> list[tuple[str, float]]:
    """Labels and their scores over all passages, highest first.

    The cubic mean: near the mean of what is said throughout, and yet a feeling of a single stanza is not levelled
    out by a long song (a tenth of the passages at 0.9 make 0.42; their plain mean would be 0.09).
    """
    scores = {label: float(np.mean(column**PRESENCE) ** (1 / PRESENCE)) for label, column in passages.items()}
    return sorted(scores.items(), key=lambda item: -item[1])


@cache
def heads() -> dict[str, npt.NDArray[np.float32]]:
    """The trained arrays, by name."""
    with np.load(HEADS, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
