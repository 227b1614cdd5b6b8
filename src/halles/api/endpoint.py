"""What the endpoint of a pipeline takes and gives: what its OpenAPI, its snippets and its MCP tool are made from."""

from typing import Any

from pydantic import Field

from halles.engine import SEED, inlined
from halles.model import INPUTS, Model, PipelineVersion, PortSpec, extension, split

READABLE = ("text/", "application/json")
"""Values of these types are given and taken as they are; others are files."""


class Slot(Model):
    """An input or an output."""

    name: str
    description: str = ""
    media: tuple[str, ...]
    many: bool = False
    optional: bool = False
    value: dict[str, Any] | None = Field(description="JSON schema of the plain value; null: it is a file")
    default: Any = None

    @property
    def is_json(self) -> bool:
        """Whether the plain value is JSON; else it is a text, if not a file."""
        return self.media[0].startswith("application/json")

    @property
    def sample(self) -> str:
        """The name of a file as it could be given."""
        kind, _, subtype = self.media[0].partition(";")[0].partition("/")
        usual = {"audio": ".mp3", "image": ".png", "text": ".txt"}.get(kind, ".bin")
        return self.name + (usual if subtype == "*" else extension(self.media[0]))


class Param(Model):
    """A parameter of a step, as a run may set it: `step.parameter`."""

    name: str
    schema_: dict[str, Any]


class Endpoint(Model):
    """The endpoint of a pipeline, or of a service."""

    slug: str
    path: str = Field(description="where it is on the server")
    version: str
    title: str
    description: str
    inputs: tuple[Slot, ...]
    outputs: tuple[Slot, ...]
    params: tuple[Param, ...]


def describe(version: PipelineVersion) -> Endpoint:
    """The endpoint of a version, from its inputs and from its services as they are on record with it."""
    pipeline = version.pipeline
    return Endpoint(
        slug=pipeline.id,
        path=f"/pipelines/{pipeline.id}/run",
        version=str(version.number),
        title=pipeline.name or pipeline.id,
        description=pipeline.description.strip(),
        inputs=tuple(_slot(given.port(name), given.default) for name, given in pipeline.inputs.items()),
        outputs=tuple(_slot(_source(version, name, reference)) for name, reference in pipeline.outputs.items()),
        params=tuple(_params(version)),
    )


def describe_call(version: PipelineVersion) -> Endpoint:
    """The endpoint of a service, from the pipeline of it alone."""
    ((slug, spec),) = version.services.items()
    endpoint = describe(version)
    params = (Param(name=each.name.partition(".")[2], schema_=each.schema_) for each in endpoint.params)
    said = {"slug": slug, "path": f"/services/{slug}/call", "version": spec.version, "params": tuple(params)}
    return endpoint.model_copy(update={**said, "description": f"{spec.summary}\n\n{spec.description}".strip()})


def _slot(port: PortSpec, default: Any = None) -> Slot:
    readable = all(media.startswith(READABLE) for media in port.media)
    json = port.media[0].startswith("application/json")
    value = (inlined(port.json_schema or {}) if json else {"type": "string"}) if readable else None
    return Slot(
        name=port.name, description=port.description, media=port.media, many=port.many,
        optional=port.optional or default is not None, value=value, default=default,
    )  # fmt: skip


def _source(version: PipelineVersion, name: str, reference: str) -> PortSpec:
    """The port behind an output, under the output's name."""
    origin, port = split(reference)
    if origin == INPUTS:
        return version.pipeline.inputs[port].port(name)
    step = next(step for step in version.pipeline.steps if step.id == origin)
    spec = version.services.get(step.service.partition("@")[0])
    found = spec.output(port) if spec else None
    if found is None:  # A service that was broken when the version was made; what it gives is unknown.
        return PortSpec(name=name, media=("application/octet-stream",), optional=True)
    absent = found.optional or _may_be_skipped(version, origin)
    return found.model_copy(update={"name": name, "many": found.many or step.map is not None, "optional": absent})


def _may_be_skipped(version: PipelineVersion, name: str) -> bool:
    """Whether a step has a condition, or needs one that has."""
    step = next((step for step in version.pipeline.steps if step.id == name), None)
    if step is None or step.when is not None:
        return step is not None
    spec = version.services.get(step.service.partition("@")[0])
    needed = {port.name for port in spec.inputs if not port.optional} if spec else set()
    return any(_may_be_skipped(version, split(step.inputs[port])[0]) for port in needed & step.inputs.keys())


def _params(version: PipelineVersion) -> list[Param]:
    found = []
    for step in version.pipeline.steps:
        spec = version.services.get(step.service.partition("@")[0])
        whole = spec.params if spec else {}
        for name, schema in whole.get("properties", {}).items():
            if name != SEED:
                plain = inlined({**schema, "$defs": whole.get("$defs", {})})
                default = {"default": step.params[name]} if name in step.params else {}
                found.append(Param(name=f"{step.id}.{name}", schema_={**plain, **default}))
    return found
