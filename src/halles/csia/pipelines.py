"""Between our pipelines and those of the Swiss AI Center's engine. What the other cannot say is told as problems.

That engine has no parameters, lists, optional values or defaults, gives inputs to a service by their position, and a
step after a skipped one waits for ever. So what we export is the form that runs there and comes closest: steps that
others follow run always, and what would not run by default is left out.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from halles.csia import translate
from halles.csia.messages import Announcement, DataField, Message, Tag
from halles.csia.translate import Wire
from halles.model import Model, Pipeline, Problem, ServiceSpec

OWN = "pipeline"
"""The name under which steps there refer to the pipeline's own inputs."""
SOURCE = "pipeline_source"
ABSENT = "absent"
"""Our mark on an input that stands for nothing, because inputs go by position."""


def _none_is_empty(value: Any) -> Any:
    return () if value is None else value


class StepDocument(Message):
    """A step of theirs. One that stands for a whole pipeline has `pipeline_slug` in the place of a service."""

    identifier: str = Field(min_length=1, max_length=200)
    needs: Annotated[tuple[str, ...], BeforeValidator(_none_is_empty)] = ()
    condition: str | None = None
    inputs: Annotated[tuple[str, ...], BeforeValidator(_none_is_empty)] = ()
    service_slug: str | None = None
    pipeline_slug: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _answered(cls, data: Any) -> Any:
        """A pipeline that the engine answers has the whole service in a step, not its slug."""
        service = data.get("service") if isinstance(data, dict) else None
        if isinstance(service, dict) and not data.get("service_slug"):
            return {**data, "service_slug": service.get("slug")}
        return data


class PipelineDocument(Message):
    """A pipeline of theirs: the body of `POST /pipelines`."""

    name: str
    slug: str
    summary: str
    description: str | None = None
    data_in_fields: Annotated[tuple[DataField, ...], BeforeValidator(_none_is_empty)] = ()
    data_out_fields: Annotated[tuple[DataField, ...], BeforeValidator(_none_is_empty)] = ()
    tags: Annotated[tuple[Tag, ...], BeforeValidator(_none_is_empty)] = ()
    steps: tuple[StepDocument, ...]


class Exported(Model):
    """A pipeline for their engine, and what it does there otherwise than here."""

    document: PipelineDocument
    problems: tuple[Problem, ...] = ()


class Imported(Model):
    """A pipeline of theirs as ours, and what we could not take over."""

    pipeline: Pipeline
    problems: tuple[Problem, ...] = ()


class Fields:
    """The fields of services by our names of their ports, and the other way round."""

    def __init__(self, services: Mapping[str, ServiceSpec], announced: Mapping[str, Announcement]) -> None:
        self._services = services
        self._announced = announced

    def inputs(self, service: str) -> tuple[Wire, ...] | None:
        """The input fields of a service in order, or None when it is unknown."""
        if service in self._announced:
            return _wires(self._announced[service].data_in_fields)
        spec = self._services.get(service)
        return None if spec is None else translate.inputs(spec)

    def outputs(self, service: str) -> tuple[Wire, ...] | None:
        """The output fields of a service in order, or None when it is unknown."""
        if service in self._announced:
            return _wires(self._announced[service].data_out_fields)
        spec = self._services.get(service)
        return None if spec is None else translate.outputs(spec)


def _wires(fields: tuple[DataField, ...]) -> tuple[Wire, ...]:
    """Fields of a service of theirs, which are called here otherwise where our names have fewer characters."""
    ports = translate.ports(fields)
    return tuple(Wire(field=field, port=port) for field, port in zip(fields, ports, strict=True))


def looks_like_theirs(content: Any) -> bool:
    """Whether plain data is a pipeline of their engine rather than of ours."""
    if not isinstance(content, dict):
        return False
    steps = content.get("steps")
    steps = steps if isinstance(steps, list) else []
    return "data_in_fields" in content or any(isinstance(step, dict) and "identifier" in step for step in steps)


def identifier(step: str) -> str:
    """What a step of ours is called there, in kebab case."""
    return step.replace("_", "-")
