"""What a service promises: its ports, parameters, weights and manners."""

from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from halles.model.base import Model, digest
from halles.model.saying import say

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
NAME = r"^[a-z][a-z0-9_]*$"


class PortSpec(Model):
    """A typed input or output of a service."""

    name: str = Field(pattern=NAME)
    description: str = ""
    media: tuple[str, ...] = Field(min_length=1, description="accepted when an input, possible when an output")
    optional: bool = False
    many: bool = Field(default=False, description="holds a list of values")
    json_schema: dict[str, Any] | None = None

    def __str__(self) -> str:
        return say("list of {types:or}", types=self.media) if self.many else say("{types:or}", types=self.media)


class WeightsRef(Model):
    """The weights that a service uses, by identity."""

    name: str
    identity: str
    licence: str
    origin: str = ""


class Measure(Model):
    """A figure of quality that was measured."""

    what: str = Field(description="such as `word error rate`")
    value: float
    unit: str = Field(default="", description="empty for shares and other plain numbers")
    better: Literal["higher", "lower"]
    data: str = Field(description="what it was measured on")
    baseline: float | None = Field(default=None, description="the same of the obvious alternative")
    command: str = Field(description="measures it again")


class Retry(Model):
    """How often a failing call is made, and the pause before each new try (seconds, times `factor` each time)."""

    attempts: int = Field(default=2, ge=1, le=20)
    pause: float = Field(default=0.5, ge=0)
    factor: float = Field(default=2.0, ge=1)


class ServiceSpec(Model):
    """Everything that the engine, the forms and the catalogue need to know of a service."""

    slug: str = Field(pattern=SLUG)
    version: str
    name: str
    summary: str
    description: str = ""
    licence: str
    tags: tuple[str, ...] = ()
    inputs: tuple[PortSpec, ...]
    outputs: tuple[PortSpec, ...] = Field(min_length=1)
    params: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})
    weights: tuple[WeightsRef, ...] = ()
    code: str = Field(default="", description="hash of the service's own files, so that an edit is a new identity")
    retry: Retry = Retry()
    timeout: float = Field(default=600.0, gt=0, description="seconds one call may take")
    cacheable: bool = Field(default=True, description="the same inputs and parameters give the same result")

    @cached_property
    def identity(self) -> str:
        """What makes two results comparable: slug, version, code and weights."""
        return digest([self.slug, self.version, self.code, [w.identity for w in self.weights]])

    def input(self, name: str) -> PortSpec | None:
        """The input port of that name."""
        return next((port for port in self.inputs if port.name == name), None)

    def output(self, name: str) -> PortSpec | None:
        """The output port of that name."""
        return next((port for port in self.outputs if port.name == name), None)

    @property
    def defaults(self) -> dict[str, Any]:
        """The parameters that have a default, with it."""
        return {k: v["default"] for k, v in self.params.get("properties", {}).items() if "default" in v}
