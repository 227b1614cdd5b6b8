"""Things by meaning: words that our list of things does not know are compared with those that it knows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from halles_services.shared.embedding import Vectors
from halles_services.shared.things import LANGUAGES, Thing, things

Embed = Callable[[Sequence[str]], Vectors]


class Clear(NamedTuple):
    """When the nearest thing counts: its least likeness, and the margin to the next thing."""

    least: float
    margin: float


# A small sentence model places rare words near words that are spelt alike ("limousine" near "lemon"), and so answers
# only where it is sure.
OF_THINGS = Clear(0.94, 0.03)
"""For words that are meant to be a thing: of 1,521 names of emoji in five languages that the list does not hold, 47
were answered, 30 rightly (training/things/measure.py); mostly other forms of names that it holds."""
OF_ANY_WORDS = Clear(0.95, 0.05)
"""For words of a running text, most of which are no things."""


def nearest(words: str, embed: Embed, bounds: Clear = OF_THINGS) -> Thing | None:
    """The thing whose names in any language are clearly nearest to `words`; None where it is not clear."""
    vectors, owners = _names()
    likeness = vectors @ embed([words])[0]
    best = np.full(len(things()), -1.0, np.float32)
    np.maximum.at(best, owners, likeness)
    first, second = np.argsort(-best, kind="stable")[:2]
    if best[first] < bounds.least or best[first] - best[second] < bounds.margin:
        return None
    return things()[int(first)]


def by_meaning(text: str, options: Mapping[str, str], embed: Embed) -> dict[str, float]:
    """How near in meaning a text is to each described option: standard deviations above the options' mean, at least 0.

    The first three words of a description stand for it: on 45 phrases in five languages they found the scene 42 times,
    whole descriptions 38 times. What an option has in common with words of all kinds is subtracted.
    """
    vectors = embed([text, *(", ".join(words.split(", ")[:3]) for words in options.values())])
    background = _names()[0].mean(axis=0)
    likeness = vectors[1:] @ (vectors[0] - background)
    raised = np.maximum((likeness - likeness.mean()) / max(float(likeness.std()), 1e-6), 0)
    return dict(zip(options, raised.tolist(), strict=True))


def names() -> Iterator[tuple[int, str]]:
    """Every name in the order of the stored vectors, with the number of its thing."""
    for number, item in enumerate(things()):
        for language in LANGUAGES:
            for word in item.words[language]:
                yield number, word.removeprefix("~")


def packed(vectors: Vectors) -> NDArray[np.int8]:
    """Unit vectors in 8 bits a number; their lengths are made one again when they are read."""
    rounded: NDArray[np.int8] = np.round(vectors * (127 / np.abs(vectors).max())).astype(np.int8)
    return rounded


@cache
def _names() -> tuple[Vectors, NDArray[np.intp]]:
    """Unit vectors (names, 384) as stored in `things.npy` (8 bits a number), and the thing of each."""
    vectors = np.load(Path(__file__).parent / "things.npy").astype(np.float32)
    owners = np.array([number for number, _ in names()])
    if len(vectors) != len(owners):
        raise ValueError(f"things.npy holds {len(vectors)} names and things.txt {len(owners)}: make it again")
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), owners
