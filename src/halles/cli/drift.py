"""How far a model has drifted from its training, in words and figures."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from halles.cli.registry import parted
from halles.main import Market
from halles.model import DriftReport, TraitDrift
from halles.registry.drift import DRIFTED, LEAST_CALLS, MOVED
from halles.registry.models import number_of
from halles.sdk.trained import BUILT_IN

WORDS = {"few": "too few calls", "like": "as in training", "moved": "has moved", "drifted": "has drifted"}
SAID = {
    "few": f"Too few calls to tell: {LEAST_CALLS} are needed.",
    "like": "The calls are like what it was trained on.",
    "moved": "The calls have moved from what it was trained on. Look at them before you trust the figures of its card.",
    "drifted": "The calls are not what it was trained on: the figures of its card do not hold for them. "
    "Train it on data that are like them.",
}  # fmt: skip


def show(name: str, *, as_json: bool) -> None:
    """The report on a version, the one in production when none is named."""
    market = Market()
    model, version = parted(market, name)
    number = None
    if version:
        number = 0 if version == BUILT_IN else number_of(model, version, market.models.standing(model))
    report = market.drift(model, number)
    if as_json:
        print(json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False))
    else:
        _tell(report)


def _tell(report: DriftReport) -> None:
    if report.verdict is None:
        print(f"{report.version} does not say what it was trained on. Push versions with a `baseline.json`.")
    else:
        since = "" if report.since is None else f", since {datetime.fromtimestamp(report.since):%Y-%m-%d %H:%M}"
        calls = {0: "no calls yet", 1: "one call"}.get(report.calls, f"the newest {report.calls} calls")
        print(f"{report.version}, {calls}{since}. {SAID[report.verdict]}\n")
        print(f"{'':<14}{'index':>7}{'limit':>7}  {'':<16}largest change")
        for each in sorted(report.traits, key=lambda each: -each.index):
            print(f"{each.trait:<14}{each.index:>7.2f}{each.limit:>7.2f}  {WORDS[each.verdict]:<16}{_change(each)}")
        print(f"\nThe index is the population stability index. Below {MOVED:g} there is nothing to speak of; from")
        print(f"{DRIFTED:g} on a trait has drifted. While calls are few, the limit is what luck gives once in 1000.")
    if report.shadow:
        said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.shadow.items()))
        print(f"\nBeside production it answered: {said}.")


def _change(drift: TraitDrift) -> str:
    """Where the share changed the most."""
    if not drift.seen:
        return ""
    places = sorted({*drift.expected, *drift.seen})
    most = max(places, key=lambda place: abs(_of(drift.seen, place) - _of(drift.expected, place)))
    return f"{_named(most, drift.edges)}: {_of(drift.expected, most):.0%} → {_of(drift.seen, most):.0%}"


def _of(shares: Mapping[str, float], place: str) -> float:
    return shares.get(place, 0.0)


def _named(place: str, edges: Sequence[float]) -> str:
    if not edges or not place.isdigit():
        return place
    number = int(place)
    if number == 0:
        return f"under {edges[0]:.3g}"
    return f"over {edges[-1]:.3g}" if number >= len(edges) else f"{edges[number - 1]:.3g} to {edges[number]:.3g}"
