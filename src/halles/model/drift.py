"""What a model is asked and what it answers, beside what it was trained on: only how often, never what."""

from typing import Literal

from pydantic import Field, model_validator

from halles.model.base import Model
from halles.model.saying import say

Verdict = Literal["few", "like", "moved", "drifted"]


class Spread(Model):
    """How often each value of a trait occurs; of numbers, how many lie between two edges, by the place: `0`, `1`, …"""

    edges: tuple[float, ...] = ()
    counts: dict[str, int] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits(self) -> "Spread":
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError(say("edges rise"))
        if self.edges and not set(self.counts) <= {str(place) for place in range(len(self.edges) + 1)}:
            raise ValueError(say("{count} edges have places from 0 to {count}", count=len(self.edges)))
        if min(self.counts.values()) < 0 or not any(self.counts.values()):
            raise ValueError(say("counts are not negative, and not all 0"))
        return self


class Baseline(Model):
    """What a version of a model was trained on, and what it said of it when it had not learned from it."""

    traits: dict[str, Spread] = Field(min_length=1)


class TraitDrift(Model):
    """A trait of the inputs or answers: how it was in training, and how it is now, in shares."""

    trait: str
    index: float = Field(description="population stability index")
    limit: float = Field(description="from here on it has drifted; higher than usual while there are few calls")
    verdict: Verdict
    edges: tuple[float, ...] = ()
    expected: dict[str, float]
    seen: dict[str, float]


class DriftReport(Model):
    """How far what a version of a model sees has drifted from what it was trained on."""

    model: str
    version: str
    calls: int = Field(description="that count: the newest ones, without those that came from the cache")
    since: float | None = Field(description="when the oldest of them began to be counted, to the hour")
    verdict: Verdict | None = Field(description="the gravest of all traits; null: the version brought no baseline")
    traits: tuple[TraitDrift, ...]
    shadow: dict[str, int] = Field(description="what came of calls that it answered beside the one in production")
