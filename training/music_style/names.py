"""What the networks themselves call genres, and whether YAMNet hears music or somebody who speaks.

MSD's listeners and AudioSet's annotators heard far more artists than there are here to learn from. What they call blues
tells blues of an artist whom nobody has heard, so the fit starts from it, and departs from it where the clips say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import yamnet
from musicnn import MSD_TAGS, UNITS

from halles.weights import ensure
from halles_services.shared.checkpoint import read_checkpoint

AUDIOSET = {
    "pop": 211, "hiphop": 212, "rock": 214, "metal": 215, "reggae": 223, "country": 224, "jazz": 230, "disco": 231,
    "classical": 232, "electronic": 234, "blues": 246,
}  # fmt: skip
"""YAMNet's numbers of AudioSet's classes."""
MUSIC, SPEECH = 132, 0
LAST_LAYER = 54
SPOKEN, MUSICAL = -8.0, -2.0
"""By how much the logit of music exceeds that of speech: no genre is told below the first, from the second on freely.
Synthetic speech has -8 to -14; of GTZAN 99 in 100 excerpts have more than 2 (hiphop: 1), of Emotify more than -0.5."""


@dataclass(frozen=True)
class Names:
    """YAMNet's last layer, for the classes of `AUDIOSET`, and music against speech.

    It reads the mean units, whose square roots are given.
    """

    weights: np.ndarray
    bias: np.ndarray

    def __call__(self, units: np.ndarray) -> np.ndarray:
        """Return the logits of those classes."""
        return self._layer(units)[:, :-1]

    def musical(self, units: np.ndarray) -> np.ndarray:
        """Return 1 for music, 0 for speech, and what is between for what is between: a column."""
        return np.asarray(np.clip((self._layer(units)[:, -1:] - SPOKEN) / (MUSICAL - SPOKEN), 0, 1))

    def _layer(self, units: np.ndarray) -> np.ndarray:
        return np.asarray(np.square(units) @ self.weights + self.bias)


def published() -> Names:
    """Read the layer from the checkpoint."""
    variables = read_checkpoint(ensure(yamnet.CHECKPOINT) / "yamnet")
    kernel, bias = (variables[yamnet.NAME.format(LAST_LAYER, part)].astype(float) for part in ("kernel", "bias"))
    numbers = list(AUDIOSET.values())
    told = [np.append(part[..., numbers], part[..., [MUSIC]] - part[..., [SPEECH]], axis=-1) for part in (kernel, bias)]
    return Names(*told)


def expected(genres: Sequence[str], columns: int, trust: float) -> np.ndarray:
    """Return coefficients (columns, genres) from which a fit starts: `trust` where a column has the genre's name.

    The columns are musicnn's units and tags first, and the logits of `Names` last.
    """
    tags = [tag.replace("-", "").replace(" ", "") for tag in MSD_TAGS]
    named = [(UNITS + number, tag) for number, tag in enumerate(tags)]
    named += [(columns - len(AUDIOSET) + number, name) for number, name in enumerate(AUDIOSET)]
    table = np.zeros((columns, len(genres)))
    for column, name in named:
        if name in genres:
            table[column, list(genres).index(name)] = trust
    return table
