"""A pipeline: services wired together. One format for files, API, builder and runners."""

from typing import Annotated, Any

from pydantic import Field, JsonValue, StrictBool

from halles.model.base import Model
from halles.model.service import NAME, SLUG, PortSpec

INPUTS = "inputs"
"""The name under which steps refer to the pipeline's own inputs."""


Name = Annotated[str, Field(pattern=NAME)]


class PipelineInput(Model):
    """What a run must be given, or may be when `optional` or with a `default`."""

    media: str = "application/json"
    description: str = ""
    optional: StrictBool = False
    many: StrictBool = False
    json_schema: dict[str, Any] | None = Field(default=None, alias="schema")
    default: JsonValue = None

    def port(self, name: str) -> PortSpec:
        """The same as a port, so that edges from inputs are checked like any other."""
        return PortSpec(
            name=name, description=self.description, media=(self.media,), many=self.many,
            optional=self.optional and self.default is None, json_schema=self.json_schema,
        )  # fmt: skip


class Step(Model):
    """One use of a service. `inputs` says where each port's value comes from: `step.port` or `inputs.name`."""

    id: str = Field(pattern=NAME)
    service: str = Field(description="slug, or `slug@version` to pin it")
    params: dict[str, JsonValue] = {}
    inputs: dict[str, str] = {}
    when: str | None = Field(default=None, description="CEL condition; the step is skipped when it is false")
    map: str | None = Field(default=None, description="port that is fed a list: the step runs once an item")
    timeout: float | None = Field(default=None, gt=0)


class Pipeline(Model):
    """Steps and the edges between them, which are derived from the steps' references and stored nowhere else."""

    id: str = Field(pattern=SLUG)
    name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    inputs: dict[Name, PipelineInput] = {}
    outputs: dict[Name, str] = Field(default={}, description="name → `step.port`")
    steps: tuple[Step, ...] = ()
    layout: dict[str, JsonValue] = Field(default={}, description="canvas positions; never part of the meaning")


def split(reference: str) -> tuple[str, str]:
    """The step and port of a reference such as `step.port`; the port is empty when there is no dot."""
    step, _, port = reference.partition(".")
    return step, port
