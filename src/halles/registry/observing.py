"""Counts what services observe with each version of their models, and says how far that has drifted."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from halles.model import Baseline, CallFailed, DriftReport, Problems, digest
from halles.registry.drift import compare, gravest, places, read_baseline
from halles.registry.models import Models
from halles.registry.store import BASELINE, Registry
from halles.sdk import Trained
from halles.sdk.trained import BUILT_IN
from halles.stores.observations import Observations

SHADOW = "in the shadow"
"""A trait that no call can have: what came of answers beside the version in production."""

log = logging.getLogger("halles.models")


@dataclass(frozen=True)
class Observing:
    """What is known of the versions of one model. The counts are opened when there is something to count."""

    registry: Registry
    trained: Trained
    counts: Callable[[], Observations]

    def observer(self, number: int) -> Callable[[Mapping[str, str | float]], None] | None:
        """What counts the observations of calls with a version; None when it brought no baseline."""
        try:
            known = baseline(self.registry, self.trained.name, number, self.trained)
        except (Problems, CallFailed, OSError) as error:
            log.warning("what %s@%s was trained on is not known: %s", self.trained.name, number or BUILT_IN, error)
            return None
        if known is None:
            return None
        version, subject = name(self.trained.name, number), _subject(known)
        return lambda traits: self._count(version, subject, places(known, traits))

    def shadow(self, version: str, outcome: str) -> None:
        """Count an answer of a candidate beside production's."""
        self._count(version, SHADOW, {SHADOW: outcome})

    def _count(self, version: str, subject: str, found: Mapping[str, str]) -> None:
        try:
            if found:
                self.counts().add(version, subject, found)
        except Exception:  # The call is answered, and must not fail of being counted.
            log.exception("a call of %s was not counted", version)


def drift(models: Models, counts: Observations, model: str, number: int | None = None) -> DriftReport:
    """How far a version, the one in production unless said, has drifted from its training.

    Raises `Problems` when there is no such version.
    """
    number = models.standing(model).production if number is None else number
    trained = next((user.trained for user in models.users() if user.model == model), None)
    version = name(model, number)
    known = baseline(models.registry, model, number, trained)
    shadow = counts.read(version, SHADOW).counts.get(SHADOW, {})
    if known is None:
        return DriftReport(
            model=model, version=version, calls=0, since=None, verdict=None, traits=(), shadow=dict(shadow)
        )
    seen = counts.read(version, _subject(known))
    traits = compare(known, seen.counts)
    return DriftReport(
        model=model, version=version, calls=seen.calls, since=seen.since, verdict=gravest(traits), traits=traits,
        shadow=dict(shadow),
    )  # fmt: skip


def baseline(registry: Registry, model: str, number: int, trained: Trained | None) -> Baseline | None:
    """What a version was trained on, 0: the service's own; None when it does not say. Raises `Problems`."""
    if number:
        text = registry.text(registry.version(model, number), BASELINE)
    else:
        text = trained.baseline.read_text(encoding="utf-8") if trained and trained.baseline else ""
    return read_baseline(text) if text else None


def name(model: str, number: int) -> str:
    """A version as people say it, `music-style@3`."""
    return f"{model}@{number or BUILT_IN}"


def _subject(known: Baseline) -> str:
    """Counts are by the places of one baseline, and mean nothing by those of another one."""
    return digest(known.model_dump())
