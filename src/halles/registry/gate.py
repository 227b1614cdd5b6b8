"""Whether a version may take the place of the one that serves. Nothing here reads or writes anything."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from halles.model import Finding, GateReport, Saying, say
from halles.registry.evaluation import Prediction, accuracy, calibration_error, recalls

LEAST_CLIPS = 50
"""Clips that both must have judged."""
SAME_CLIPS = 0.9
"""And how many of those that the one in production was validated on."""
ALPHA = 0.05
"""How likely it may be that so much is better by luck alone."""
FLOOR, DROP = 0.55, 0.10
"""A class is lost when its recall falls below the floor, or by more than this."""
LITTLE = 0.001
"""A smaller probability is told as being below this."""
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
        message = say("There is no version in production to be better than.")
        yield Finding(check="comparable", passed=True, message=message)
        return
    old = {(each.clip, each.truth): each for each in production.predictions}
    new = [each for each in candidate.predictions if (each.clip, each.truth) in old]
    same = [old[each.clip, each.truth] for each in new]
    counts = {"common": len(new), "candidate": len(candidate.predictions), "production": len(old)}
    if wrong := _incomparable(**counts):
        yield Finding(check="comparable", passed=False, message=wrong, numbers=counts)
        return
    yield _better(new, same)
    yield from _classes(recalls(new), recalls(same))
    yield _calibration(calibration_error(new), calibration_error(same))


def _incomparable(common: int, candidate: int, production: int) -> Saying | None:
    """Why two versions cannot be compared by the clips that both judged; None when they can."""
    if common < SAME_CLIPS * production:
        return say(
            "The two cannot be compared: of {production} clips that the one in production was validated on, {common} "
            "are among the {candidate} of the candidate. Use the same clips.",
            production=production, common=common, candidate=candidate,
        )  # fmt: skip
    if common < LEAST_CLIPS:
        return say(
            "Both were validated on {common} clips, too few to tell which is better. At least {least} are needed.",
            common=common, least=LEAST_CLIPS,
        )  # fmt: skip
    return None


def _better(new: Sequence[Prediction], old: Sequence[Prediction]) -> Finding:
    won = sum(a.right and not b.right for a, b in zip(new, old, strict=True))
    lost = sum(b.right and not a.right for a, b in zip(new, old, strict=True))
    n, p = len(new), mcnemar(won, lost)
    effect = (won - lost) / n
    spread = 1.96 * math.sqrt(max(0.0, won + lost - (won - lost) ** 2 / n)) / n
    passed = p <= ALPHA
    numbers = {
        "candidate": accuracy(new), "production": accuracy(old), "clips": n, "effect": effect,
        "low": effect - spread, "high": effect + spread, "won": won, "lost": lost, "p": p, "alpha": ALPHA,
    }  # fmt: skip
    message = say(
        "{candidate:.1%} of {clips} clips are right, {production:.1%} in production: {effect:+.1f} points "
        "(95 %: {low:+.1f} to {high:+.1f}). {won} clips are won, {lost} lost. {verdict}",
        **{**numbers, **{name: 100 * numbers[name] for name in ("effect", "low", "high")}},
        verdict=_verdict(p, passed=passed, better=won > lost),
    )
    return Finding(check="better", passed=passed, message=message, numbers=numbers)


def _verdict(p: float, *, passed: bool, better: bool) -> Saying:
    if passed and p < LITTLE:
        return say("By luck alone: p < {p:.3f}.", p=LITTLE)
    if passed:
        return say("By luck alone: p = {p:.3f}.", p=p)
    if better:
        return say("That can be luck: p = {p:.3f}, and at most {alpha:g} is allowed.", p=p, alpha=ALPHA)
    return say("It is not better.")


def _classes(new: dict[str, float], old: dict[str, float]) -> Iterator[Finding]:
    lost = [name for name in old if new[name] < old[name] and (new[name] < FLOOR <= old[name] or _fell(new, old, name))]
    for name in lost:
        limit = max(old[name] - DROP, FLOOR if old[name] >= FLOOR else 0.0)
        numbers = {"candidate": new[name], "production": old[name], "limit": limit}
        message = say(
            "{genre} is lost: {candidate:.1%} are found, {production:.1%} before. At least {limit:.1%} are asked for.",
            genre=name,
            **numbers,
        )
        yield Finding(check="class", passed=False, subject=name, message=message, numbers=numbers)
    if not lost:
        worst = min(old, key=lambda name: new[name] - old[name])
        numbers = {"candidate": new[worst], "production": old[worst]}
        message = say(
            "No class is lost. The least gain is {genre}: {candidate:.0%} are found, {production:.0%} before.",
            genre=worst,
            **numbers,
        )
        yield Finding(check="class", passed=True, subject=worst, message=message, numbers=numbers)


def _fell(new: dict[str, float], old: dict[str, float], name: str) -> bool:
    return old[name] - new[name] > DROP + 1e-9


def _calibration(new: float, old: float) -> Finding:
    limit = max(old + WORSE_CALIBRATED, WELL_CALIBRATED)
    numbers = {"candidate": new, "production": old, "limit": limit}
    message = say("The error of its probabilities is {candidate:.3f}, {production:.3f} in production.", **numbers)
    if new > limit:
        message = say(
            "The error of its probabilities is {candidate:.3f}, {production:.3f} in production. At most {limit:.3f} is "
            "allowed.",
            **numbers,
        )
    return Finding(check="calibration", passed=new <= limit, message=message, numbers=numbers)


def _cost(candidate: Trial, production: Trial, limits: Limits) -> Iterator[Finding]:
    if candidate.seconds is not None and production.seconds is not None:
        times = candidate.seconds / max(production.seconds, 1e-9)
        numbers = {
            "candidate": candidate.seconds, "production": production.seconds, "times": times, "limit": limits.slowdown
        }  # fmt: skip
        message = say("A typical call takes {candidate:.2f} s of CPU, {times:.1f} times what serves now.", **numbers)
        if times > limits.slowdown:
            message = say(
                "A typical call takes {candidate:.2f} s of CPU, {times:.1f} times what serves now. At most {limit:g} "
                "times is allowed.",
                **numbers,
            )
        yield Finding(check="speed", passed=times <= limits.slowdown, message=message, numbers=numbers)
    numbers = {"candidate": candidate.bytes / 1e6, "production": production.bytes / 1e6, "limit": limits.bytes / 1e6}
    message = say("The model has {candidate:.1f} MB of the {limit:g} MB that are allowed.", **numbers)
    if candidate.bytes > limits.bytes:
        message = say("The model has {candidate:.1f} MB; at most {limit:g} MB are allowed.", **numbers)
    yield Finding(check="size", passed=candidate.bytes <= limits.bytes, message=message, numbers=numbers)
