"""What the engine's answers look like."""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, Field

from halles.csia import translate
from halles.csia.messages import DataField, ServiceRecord, ServiceState, Tag, TaskState
from halles.model import Problem, Problems, ServiceSpec
from halles.stores.directory import Entry
from halles.stores.tasks import Sent


class ServiceChange(BaseModel):
    """The body of `PATCH /services/{id}`: what is said is changed. Services send all of their announcement."""

    name: str | None = None
    slug: str | None = None
    url: str | None = None
    docs_url: str | None = None
    summary: str | None = None
    description: str | None = None
    status: ServiceState | None = None
    data_in_fields: list[DataField] | None = None
    data_out_fields: list[DataField] | None = None
    tags: list[Tag] | None = None
    has_ai: bool | None = None


class ServicesWithCount(BaseModel):
    """A page of services, and how many there are."""

    count: int
    services: list[ServiceRecord]


class TaskRecord(BaseModel):
    """A task."""

    id: str
    created_at: str
    updated_at: str
    data_in: list[str] | None
    data_out: list[str] | None
    status: TaskState
    service_id: str
    pipeline_execution_id: str | None = None
    pipeline_step_id: str | None = None
    error_message: str | None = None


class TaskWithService(TaskRecord):
    """A task with the service that does it."""

    service: ServiceRecord | None = None


class StepRecord(BaseModel):
    """A step of a pipeline."""

    id: str
    identifier: str
    needs: list[str]
    condition: str | None
    inputs: list[str]
    pipeline_id: str
    service_id: str
    service_slug: str


class PipelineRecord(BaseModel):
    """A pipeline."""

    id: str
    name: str
    slug: str
    summary: str
    description: str | None = None
    status: ServiceState = ServiceState.available
    data_in_fields: list[DataField]
    data_out_fields: list[DataField]
    tags: list[Tag]
    steps: list[StepRecord]
    created_at: str | None = None
    updated_at: str | None = None


class ExecutionRecord(BaseModel):
    """The execution of a pipeline, with a task a step."""

    id: str
    created_at: str
    updated_at: str
    pipeline_id: str
    current_pipeline_step_id: str | None = None
    pipeline: PipelineRecord
    tasks: list[TaskRecord]


class StatusCount(BaseModel):
    """How many tasks are in a state."""

    status: TaskState
    count: int


class ServiceStats(BaseModel):
    """The tasks of a service."""

    service_id: str
    service_name: str
    total: int
    status: list[StatusCount]


class Stats(BaseModel):
    """All tasks, by state and by service."""

    total: int
    summary: list[StatusCount]
    services: list[ServiceStats]


class StoredKey(BaseModel):
    """Where something was stored."""

    key: str = Field(examples=["3fa85f64-5717-4562-b3fc-2c963f66afa6.png"])


def record(entry: Entry) -> ServiceRecord:
    """An announced service."""
    said = entry.announcement.model_dump() | {"status": entry.state}
    if entry.instances and said["url"] not in {instance.url for instance in entry.instances}:
        said["url"] = entry.instances[0].url
    return ServiceRecord(**said, id=entry.id, created_at=moment(entry.created), updated_at=moment(entry.updated))


def installed(spec: ServiceSpec, address: str) -> ServiceRecord:
    """A service of this server, as it would announce itself."""
    said = translate.announcement(spec, f"{address}/services/{spec.slug}").model_dump()
    return ServiceRecord(**said | {"docs_url": f"{address}/docs"}, id=service_id(spec.slug))


def service_id(slug: str) -> str:
    """The id of a service that is installed here."""
    return str(uuid5(NAMESPACE_URL, f"urn:halles:service:{slug}"))


def task(sent: Sent, service: str | None) -> TaskRecord:
    """A task that this server gave to a service."""
    return TaskRecord(
        id=sent.id, created_at=moment(sent.created), updated_at=moment(sent.updated), data_in=list(sent.data_in),
        data_out=list(sent.data_out) if sent.state.done else None, status=sent.state,
        service_id=service or service_id(sent.service), error_message=sent.error or None,
    )  # fmt: skip


def moment(seconds: float) -> str:
    """Seconds since the epoch, as the engine writes times."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def not_found(what: str) -> Problems:
    """That there is no such thing, in the engine's words."""
    return Problems([Problem(code="not-found", message=f"{what} Not Found")])
