"""How far what a model sees now is from what it was trained on. Nothing here reads or writes anything."""

import math
import statistics
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from halles.model import Baseline, Problem, Problems, Spread, TraitDrift, Verdict, fault_at, say

LEAST_CALLS = 30
"""Fewer say nothing."""
MOVED, DRIFTED = 0.1, 0.25
"""The usual bounds of the population stability index: below the first, nothing to speak of; from the second, much."""
LUCK = 0.001
"""How likely it may be that calls like those of the training exceed the limit by luck alone."""
PLACES = 10
"""Numbers are counted between the deciles of the training."""
GRAVITY: tuple[Verdict, ...] = ("few", "like", "moved", "drifted")

Traits = Mapping[str, str | float]


def baseline(rows: Sequence[Traits]) -> Baseline:
    """What a training was like, of what its inputs and answers were like, one by one."""
    traits = sorted({trait for row in rows for trait in row})
    return Baseline(traits={trait: _spread([row[trait] for row in rows if trait in row]) for trait in traits})


def places(known: Baseline, traits: Traits) -> dict[str, str]:
    """Where in the spreads of a baseline an observation lies; what the baseline does not know is left out."""
    return {
        trait: _place(spread.edges, traits[trait])
        for trait, spread in known.traits.items()
        if trait in traits and traits[trait] == traits[trait]
    }


def read_baseline(text: str) -> Baseline:
    """A baseline of a file. Raises `Problems`."""
    try:
        return Baseline.model_validate_json(text)
    except ValidationError as error:
        message = say("`baseline.json` is no baseline: {fault}.", fault=fault_at(error.errors()[0]))
        raise Problems([Problem(code="bad-baseline", message=message)]) from error


def compare(known: Baseline, seen: Mapping[str, Mapping[str, int]]) -> tuple[TraitDrift, ...]:
    """Each trait of a baseline beside what was seen of it."""
    return tuple(_drift(trait, spread, seen.get(trait, {})) for trait, spread in known.traits.items())


def gravest(traits: Sequence[TraitDrift]) -> Verdict:
    """The verdict on all of them."""
    return max((each.verdict for each in traits), key=GRAVITY.index, default="few")


def stability_index(expected: Mapping[str, int], seen: Mapping[str, int]) -> float:
    """The population stability index: how much one would be surprised, both ways, to take the one for the other.

    Half an observation more at each place keeps a place where nothing was from being infinitely surprising.
    """
    every = {*expected, *seen}
    before, after = (sum(counts.values()) + len(every) / 2 for counts in (expected, seen))
    index = 0.0
    for place in every:
        p, q = (expected.get(place, 0) + 0.5) / before, (seen.get(place, 0) + 0.5) / after
        index += (q - p) * math.log(q / p)
    return index


def luck(count: int, trained: int, kinds: int, likely: float = LUCK) -> float:
    """The index that so many observations exceed by luck with a probability, though they are like the training's.

    It is nearly chi-squared with one degree of freedom less than there are places (Yurdakul, 2018), whose quantile is
    Wilson and Hilferty's.
    """
    freedom = max(1, kinds - 1)
    spread = 2 / (9 * freedom)
    quantile = freedom * (1 - spread + statistics.NormalDist().inv_cdf(1 - likely) * math.sqrt(spread)) ** 3
    return quantile * (1 / count + 1 / trained)


def _drift(trait: str, spread: Spread, seen: Mapping[str, int]) -> TraitDrift:
    count, trained = sum(seen.values()), sum(spread.counts.values())
    kinds = len({*spread.counts, *seen})
    index = stability_index(spread.counts, seen) if count else 0.0
    chance = luck(count, trained, kinds) if count else math.inf
    verdict: Verdict = "like"
    if count < LEAST_CALLS:
        verdict = "few"
    elif index >= max(DRIFTED, chance):
        verdict = "drifted"
    elif index >= max(MOVED, chance):
        verdict = "moved"
    return TraitDrift(
        trait=trait, index=round(index, 4), limit=round(max(DRIFTED, chance), 4) if count else DRIFTED,
        verdict=verdict, edges=spread.edges, expected=_shares(spread.counts), seen=_shares(seen),
    )  # fmt: skip


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {place: round(count / total, 4) for place, count in counts.items()}


def _spread(values: Sequence[str | float]) -> Spread:
    numbers = [value for value in values if not isinstance(value, str)]
    cuts = statistics.quantiles(numbers, n=PLACES) if len(numbers) > 1 else []
    edges = tuple(sorted({float(f"{cut:.6g}") for cut in cuts}))
    counted = Counter(_place(edges, value) for value in values)
    names = map(str, range(len(edges) + 1)) if edges else sorted(counted)
    return Spread(edges=edges, counts={name: counted[name] for name in names})


def _place(edges: Sequence[float], value: str | float) -> str:
    return value[:200] if isinstance(value, str) else str(bisect_right(edges, value))
