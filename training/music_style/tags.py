"""The words for what is heard: musicnn's tags without genres and decades, synonyms together."""

import numpy as np
from musicnn import EMBEDDING

SYNONYMS = {
    "female voice": [
        "MSD:female vocalists", "MSD:female vocalist",
        "MTT:female", "MTT:woman", "MTT:female vocal", "MTT:female voice",
    ],
    "male voice": ["MSD:male vocalists", "MTT:male", "MTT:man", "MTT:male vocal", "MTT:male voice"],
    "singing": ["MTT:singing", "MTT:vocal", "MTT:vocals", "MTT:voice"],
    "no voice": ["MSD:instrumental", "MTT:no vocals", "MTT:no vocal", "MTT:no voice"],
    "choir": ["MTT:choir", "MTT:choral"],
    "guitar": ["MSD:guitar", "MTT:guitar"],
    "acoustic": ["MSD:acoustic"],
    "piano": ["MTT:piano"],
    "harpsichord": ["MTT:harpsichord"],
    "strings": ["MTT:strings"],
    "violin": ["MTT:violin"],
    "cello": ["MTT:cello"],
    "flute": ["MTT:flute"],
    "synthesizer": ["MTT:synth"],
    "drums": ["MTT:drums"],
    "beat": ["MTT:beat", "MTT:beats"],
    "solo": ["MTT:solo"],
    "fast": ["MTT:fast"],
    "slow": ["MTT:slow"],
    "loud": ["MTT:loud"],
    "quiet": ["MTT:quiet", "MTT:soft"],
    "weird": ["MTT:weird", "MSD:experimental"],
    "ambient": ["MSD:ambient", "MTT:ambient"],
    "chill": ["MSD:chill", "MSD:chillout"],
    "mellow": ["MSD:mellow", "MSD:easy listening"],
    "beautiful": ["MSD:beautiful"],
    "dance": ["MSD:dance", "MTT:dance"],
    "party": ["MSD:party"],
    "catchy": ["MSD:catchy"],
    "sexy": ["MSD:sexy"],
    "happy": ["MSD:happy"],
    "sad": ["MSD:sad"],
}  # fmt: skip


def tag_head(typical: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (500, tags) and bias of the tags' logits: how far their synonyms, on average, exceed `typical`.

    musicnn says common tags of nearly everything; what an ordinary song does not have is worth saying. Both arguments
    describe the columns of the embedding; `spread` is the standard deviation between songs.
    """
    weights = np.zeros((len(EMBEDDING), len(SYNONYMS)))
    for column, names in enumerate(SYNONYMS.values()):
        rows = [EMBEDDING.index(name) for name in names]
        weights[rows, column] = 2 / spread[rows] / len(names)
    return weights, -typical @ weights
