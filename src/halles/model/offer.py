"""A service as the catalogue offers it."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from halles.model.base import Model
from halles.model.service import Measure, PortSpec, Retry


class Kind(StrEnum):
    """Where a service runs: in the server itself, or elsewhere, from where it announced itself."""

    embedded = "embedded"
    announced = "announced"


class Health(StrEnum):
    """Whether a service can be called. One that sleeps is woken by a call."""

    available = "available"
    sleeping = "sleeping"
    unavailable = "unavailable"
    disabled = "disabled"


class Port(Model):
    """A port as lists show it."""

    name: str
    media: tuple[str, ...]
    optional: bool = False
    many: bool = False


class _Known(Model):
    slug: str
    name: str
    summary: str = ""
    version: str = ""
    kind: Kind
    health: Health
    problem: str = Field(default="", description="why it is not available")
    licence: str = ""
    tags: tuple[str, ...] = ()
    picture: str | None = Field(default=None, description="address of a small picture of what it does")


class Offer(_Known):
    """A service as lists show it."""

    measure: Measure | None = Field(default=None, description="the first of the figures that were measured")
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()


class WeightsHere(Model):
    """Weights that a service uses, and whether they are on this machine."""

    name: str
    identity: str
    licence: str
    origin: str = ""
    here: bool
    bytes: int = Field(description="that lie on this machine")


class VersionSeen(Model):
    """A version of a service that runs used. Times are seconds since the epoch."""

    version: str
    first: float
    last: float


class DayOfUse(Model):
    """How much something was used on a day."""

    day: str = Field(description="UTC: `2026-11-22`")
    count: int
    cached: int = Field(description="of these, taken from the cache")
    failed: int = Field(description="of these, failed")
    mean_seconds: float | None = Field(description="of those computed; null when there are none")


class Use(Model):
    """How much a service, or a pipeline, was used in the last days, by everybody."""

    days: int
    count: int = Field(description="steps; of a pipeline, runs")
    cached: int = Field(description="of these, taken from the cache")
    failed: int = Field(description="of these, failed")
    mean_seconds: float | None = Field(description="of those computed; null when there are none")
    daily: tuple[DayOfUse, ...] = Field(default=(), description="the days on which it was used, in order")


class Described(_Known):
    """All that is known of a service."""

    description: str = ""
    identity: str = ""
    inputs: tuple[PortSpec, ...] = ()
    outputs: tuple[PortSpec, ...] = ()
    params: dict[str, Any] = Field(default={}, description="JSON schema of its parameters, for forms")
    weights: tuple[WeightsHere, ...] = ()
    timeout: float = Field(default=0.0, description="seconds that one call may take")
    retry: Retry = Retry()
    cacheable: bool = True
    card: str | None = Field(default=None, description="its card, as Markdown")
    quality: tuple[Measure, ...] = Field(default=(), description="what was measured, and how to measure it again")
    versions: tuple[VersionSeen, ...] = Field(default=(), description="that runs used, the newest first")
    use: Use
    instances: int = Field(default=0, description="addresses of an announced service")
    docs_url: str | None = None
