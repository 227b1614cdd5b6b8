"""Whether a version may take the place of the one that serves. Nothing here reads or writes anything."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from halles.model import Finding, GateReport
from halles.registry.evaluation import Prediction, accuracy, calibration_error, recalls

LEAST_CLIPS = 50
"""Clips that both must have judged."""
ALPHA = 0.05
"""How likely it may be that so much is better by luck alone."""
FLOOR, DROP = 0.55, 0.10
"""A class is lost when its recall falls below the floor, or by more than this."""
WORSE_CALIBRATED, WELL_CALIBRATED = 0.01, 0.03
"""An error may be so much larger; one that is below the second is never too large."""


@dataclass(frozen=True)
class Limits:
    """What an operator allows."""

    bytes: float = 20e6
    slowdown: float = 1.5
    """How many times as slow as the one that serves."""


@dataclass(frozen=True)
class Trial:
    """A version as the gate sees it. `seconds` are of CPU for the same work on the same machine, if it was measured."""

    number: int
    bytes: int
    predictions: Sequence[Prediction] = ()
    seconds: float | None = None


def judge(candidate: Trial, production: Trial, limits: Limits) -> GateReport:
    """Compare a candidate with what serves. One without predictions is no opponent, except in speed."""
    findings = [*_quality(candidate, production), *_cost(candidate, production, limits)]
    return GateReport(
        candidate=candidate.number, production=production.number, passed=all(each.passed for each in findings),
        findings=tuple(findings),
    )  # fmt: skip


def mcnemar(won: int, lost: int) -> float:
    """How likely at least `won` of the clips that only one got right fall to it by luck: the exact one-sided test."""
    n = won + lost
    return float(Fraction(sum(math.comb(n, k) for k in range(won, n + 1)), 2**n))


def _quality(candidate: Trial, production: Trial) -> Iterator[Finding]:
    if not production.predictions:
        message = "There is no version in production to be better than."
        yield Finding(check="comparable", passed=True, message=message)
        return
    old = {(each.clip, each.truth): each for each in production.predictions}
    new = [each for each in candidate.predictions if (each.clip, each.truth) in old]
    same = [old[each.clip, each.truth] for each in new]
    counts = {"common": len(new), "candidate": len(candidate.predictions), "production": len(old)}
    if len(new) < max(LEAST_CLIPS, 0.9 * len(old)):
        message = f"The two cannot be compared: of {len(old)} clips that the one in production was validated on, "
        message += f"{len(new)} are among the {len(candidate.predictions)} of the candidate. Use the same clips."
        yield Finding(check="comparable", passed=False, message=message, numbers=counts)
        return
    yield _better(new, same)
    yield from _classes(recalls(new), recalls(same))
    yield _calibration(calibration_error(new), calibration_error(same))


def _better(new: Sequence[Prediction], old: Sequence[Prediction]) -> Finding:
    won = sum(a.right and not b.right for a, b in zip(new, old, strict=True))
    lost = sum(b.right and not a.right for a, b in zip(new, old, strict=True))
    n, p = len(new), mcnemar(won, lost)
    effect = (won - lost) / n
    spread = 1.96 * math.sqrt(max(0.0, won + lost - (won - lost) ** 2 / n)) / n
    passed = p <= ALPHA
    said = f"{accuracy(new):.1%} against {accuracy(old):.1%} of {n} clips are right: {_points(effect)} "
    said += f"(95 %: {_points(effect - spread)} to {_points(effect + spread)}). "
    said += f"{won} clips are won, {lost} lost; p = {p:.2g}"
    said += (
        "."
        if passed
        else f", and it must be {ALPHA:g} or less: {'that can be luck' if won > lost else 'it is no better'}."
    )
    numbers = {
        "candidate": accuracy(new), "production": accuracy(old), "clips": n, "effect": effect,
        "low": effect - spread, "high": effect + spread, "won": won, "lost": lost, "p": p, "alpha": ALPHA,
    }  # fmt: skip
    return Finding(check="better", passed=passed, message=said, numbers=numbers)


def _classes(new: dict[str, float], old: dict[str, float]) -> Iterator[Finding]:
    lost = [name for name in old if new[name] < old[name] and (new[name] < FLOOR <= old[name] or _fell(new, old, name))]
    for name in lost:
        limit = max(old[name] - DROP, FLOOR if old[name] >= FLOOR else 0.0)
        message = f"`{name}` is lost: {new[name]:.0%} of it are found, {old[name]:.0%} were; "
        message += f"at least {limit:.0%} are asked for."
        numbers = {"candidate": new[name], "production": old[name], "limit": limit}
        yield Finding(check="class", passed=False, subject=name, message=message, numbers=numbers)
    if not lost:
        worst = min(old, key=lambda name: new[name] - old[name])
        message = f"No class is lost; `{worst}` did the least well, from {old[worst]:.0%} to {new[worst]:.0%}."
        numbers = {"candidate": new[worst], "production": old[worst]}
        yield Finding(check="class", passed=True, subject=worst, message=message, numbers=numbers)


def _fell(new: dict[str, float], old: dict[str, float], name: str) -> bool:
    return old[name] - new[name] > DROP + 1e-9


def _calibration(new: float, old: float) -> Finding:
    limit = max(old + WORSE_CALIBRATED, WELL_CALIBRATED)
    passed = new <= limit
    message = f"The calibration error is {new:.3f}, and {old:.3f} in production"
    message += "." if passed else f"; at most {limit:.3f} is allowed."
    numbers = {"candidate": new, "production": old, "limit": limit}
    return Finding(check="calibration", passed=passed, message=message, numbers=numbers)


def _cost(candidate: Trial, production: Trial, limits: Limits) -> Iterator[Finding]:
    if candidate.seconds is not None and production.seconds is not None:
        times = candidate.seconds / max(production.seconds, 1e-9)
        passed = times <= limits.slowdown
        message = f"A typical call takes {candidate.seconds:.2f} s of CPU, {times:.1f} times what serves now"
        message += "." if passed else f"; at most {limits.slowdown:g} times is allowed."
        numbers = {
            "candidate": candidate.seconds, "production": production.seconds, "times": times, "limit": limits.slowdown
        }  # fmt: skip
        yield Finding(check="speed", passed=passed, message=message, numbers=numbers)
    passed = candidate.bytes <= limits.bytes
    message = f"The model has {candidate.bytes / 1e6:.1f} MB"
    message += "." if passed else f"; at most {limits.bytes / 1e6:g} MB are allowed."
    numbers = {"candidate": candidate.bytes / 1e6, "production": production.bytes / 1e6, "limit": limits.bytes / 1e6}
    yield Finding(check="size", passed=passed, message=message, numbers=numbers)


def _points(share: float) -> str:
    return f"{100 * share:+.1f} points"
