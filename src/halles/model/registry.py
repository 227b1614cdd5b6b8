"""Trained models: their versions, which of them serves, and what a gate found. Times are seconds since the epoch."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from halles.model.artifact import Artifact
from halles.model.base import Model, digest
from halles.model.saying import Said, remembers
from halles.model.service import SLUG


class Figures(Model):
    """How good a model is on its validation clips."""

    clips: int
    accuracy: float
    macro_f1: float
    ece: float = Field(description="expected calibration error, ten bins")
    recall: dict[str, float] = Field(description="share found, by class")


class Origin(Model):
    """What a version was made from, by hashes. Empty where it is not known."""

    data: str = ""
    code: str = ""
    params: str = ""


class ModelVersion(Model):
    """A version of a model; it never changes. Its identity is the hash of its files and origin."""

    model: str = Field(pattern=SLUG)
    number: int = Field(ge=1)
    identity: str
    files: dict[str, Artifact]
    origin: Origin = Origin()
    figures: Figures
    author: str
    note: str = ""
    created: float

    @property
    def name(self) -> str:
        """As people say it, `music-style@3`."""
        return f"{self.model}@{self.number}"

    def is_whole(self) -> bool:
        """Whether it says what it was written to say."""
        return self.identity == identity(self.files, self.origin)


def identity(files: dict[str, Artifact], origin: Origin) -> str:
    """What a version is known by, whatever its number."""
    return digest([{name: file.sha256 for name, file in files.items()}, origin.model_dump()])


class Alias(StrEnum):
    """What points to a version."""

    production = "production"
    candidate = "candidate"


class Standing(Model):
    """Which versions the aliases point to. Production 0 is the model that comes with the service; candidate 0: none."""

    production: int = Field(default=0, ge=0)
    candidate: int = Field(default=0, ge=0)


class Finding(Model):
    """One thing that the gate looked at. `numbers` are those that the message says."""

    check: Literal["comparable", "better", "class", "calibration", "speed", "size"]
    passed: bool
    message: str
    said: Said | None = None
    subject: str = Field(default="", description="the class that it is about")
    numbers: dict[str, float] = {}

    _remember = model_validator(mode="before")(remembers("message"))


class GateReport(Model):
    """Whether a version may take the place of the one in production, and why. 0: the model of the service itself."""

    candidate: int
    production: int
    passed: bool
    findings: tuple[Finding, ...]


class AliasChange(Model):
    """An alias moved. The changes of a model are numbered without gaps, so no two are made of the same standing."""

    number: int = Field(ge=1)
    action: Literal["push", "promote", "rollback"]
    version: int = Field(description="which version it was about")
    before: Standing
    after: Standing
    who: str
    at: float
    why: str = ""
    forced: bool = Field(default=False, description="against the gate")
    report: GateReport | None = None
    token: str = Field(description="tells two changes of the same number apart")
