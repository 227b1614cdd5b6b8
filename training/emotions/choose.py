"""Choose the penalty and the weight of our lines by cross-validation on them.

    python training/emotions/choose.py --goemotions ../shared/data/text/goemotions

Prints, for each pair, how many held-out lines have the right emotion first, and their log loss after calibration. An
eighth of GoEmotions is enough to choose with.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
from data import goemotions, lines
from logistic import calibrate, fit, folds
from measures import first
from platformdirs import user_cache_path

from halles.weights import ensure
from halles_services.shared.embedding import embedder
from halles_services.shared.weights import E5

PENALTIES, LINE_WEIGHTS = (100.0, 300.0, 1000.0, 3000.0), (30.0, 100.0, 300.0)
SHARE = 8


def main() -> None:
    """Try all pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--goemotions", type=Path, default=Path("../shared/data/text/goemotions"))
    parser.add_argument("--cache", type=Path, default=user_cache_path("halles") / "training")
    options = parser.parse_args()
    embed = embedder(ensure(E5), threads=2).embed
    comments = goemotions(options.goemotions, "train", embed, options.cache)[slice(None, None, SHARE)]
    own = lines(Path(__file__).with_name("lines.tsv"), embed)
    felt = own.emotions.any(axis=1)
    for penalty, line_weight in product(PENALTIES, LINE_WEIGHTS):
        held_out = np.zeros(own.emotions.shape)
        for out in folds(len(own)):
            vectors = np.concatenate([comments.vectors, own.vectors[~out]])
            labels = np.concatenate([comments.emotions, own.emotions[~out]])
            # The part of the comments counts as all of them.
            weights = np.concatenate([np.full(len(comments), SHARE), np.full((~out).sum(), line_weight)])
            held_out[out] = fit(vectors, labels, weights, penalty)(own.vectors[out])
        factor, shift = calibrate(held_out, own.emotions)
        scaled = factor * held_out + shift
        loss = np.mean(np.logaddexp(0, scaled) - own.emotions * scaled)
        right = first(held_out[felt], own.emotions[felt].argmax(axis=1), 1).mean()
        print(f"penalty {penalty:5.0f}, line weight {line_weight:3.0f}: first {right:.3f}, log loss {loss:.4f}")


if __name__ == "__main__":
    main()
