"""A pipeline that is kept: how it stands, and its versions."""

from pydantic import Field, model_validator

from halles.model.base import Model
from halles.model.pipeline import Pipeline, PipelineInput
from halles.model.saying import Said, remembers
from halles.model.service import ServiceSpec


class PipelineVersion(Model):
    """A version, which never changes its meaning. Its services are described as they were when it was made."""

    number: int
    pipeline: Pipeline
    services: dict[str, ServiceSpec] = {}
    meaning: str = Field(description="hash of the pipeline without its layout")
    author: str
    message: str = ""
    said: Said | None = Field(default=None, description="how the message was put together, if no person wrote it")
    origin: str = Field(default="", description="`pipeline@number` that it was copied from")
    created: float

    _remember = model_validator(mode="before")(remembers("message"))


class PipelineEntry(Model):
    """A pipeline as it stands. `revision` changes with every edit, of the layout too."""

    slug: str
    owner: str
    current: int = Field(description="number of the newest version")
    published: int | None = Field(description="number of the version that everybody may see and run")
    revision: int
    created: float
    updated: float
    version: PipelineVersion


class Node(Model):
    """A step, as a small picture of a pipeline shows it."""

    id: str
    service: str
    after: tuple[str, ...] = Field(description="ids of the steps that it takes something from")


class PipelineSummary(Model):
    """A pipeline as lists show it."""

    slug: str
    name: str
    description: str
    tags: tuple[str, ...]
    owner: str
    current: int
    published: int | None
    created: float
    updated: float
    inputs: dict[str, PipelineInput]
    outputs: tuple[str, ...]
    gives: dict[str, tuple[str, ...]] = Field(description="media types that an output can have, by its name")
    services: tuple[str, ...]
    graph: tuple[Node, ...]
