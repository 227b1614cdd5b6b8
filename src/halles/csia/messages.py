"""The messages of the contract. What is read may say more than we know; what is written says exactly this."""

from enum import StrEnum
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, JsonValue, TypeAdapter, model_validator

from halles.model import Media, Model


class Message(Model):
    """A frozen message. Engines and services of other versions add fields, which are not ours to refuse."""

    model_config = ConfigDict(extra="ignore")


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"`{text}` is no address of HTTP; one looks like http://host:8000")
    return text


def _base(text: str) -> str:
    return _url(text).rstrip("/")


def _media(text: str) -> str:
    media = Media.parse(text)
    return f"{media.type}/{media.subtype}"


Url = Annotated[str, AfterValidator(_url), Field(max_length=2048)]
Base = Annotated[str, AfterValidator(_base), Field(max_length=2048)]
"""An address to which paths are added."""
Id = Annotated[str, Field(min_length=1, max_length=128)]
"""A UUID on the engine, which nobody else needs to check."""
Key = Annotated[str, Field(min_length=1, max_length=1024)]


def _none_is_empty(value: Any) -> Any:
    return () if value is None else value


class ServiceState(StrEnum):
    """What an engine thinks of a service."""

    available = "available"
    unavailable = "unavailable"
    disabled = "disabled"
    sleeping = "sleeping"


class TaskState(StrEnum):
    """Where a task stands; a service itself knows the states from `pending` to `error`."""

    pending = "pending"
    fetching = "fetching"
    processing = "processing"
    saving = "saving"
    finished = "finished"
    error = "error"
    scheduled = "scheduled"
    skipped = "skipped"
    archived = "archived"
    unavailable = "unavailable"

    @property
    def done(self) -> bool:
        """Whether nothing more will happen to a task in this state."""
        return self in (TaskState.finished, TaskState.error, TaskState.skipped, TaskState.archived)


class DataField(Message):
    """One input or output of a service: what a key of it may hold."""

    name: str = Field(min_length=1, max_length=200)
    type: tuple[Annotated[str, AfterValidator(_media)], ...] = Field(min_length=1)
    format_hint: JsonValue = None


class Tag(Message):
    """What a service is about."""

    name: str
    acronym: str


class Announcement(Message):
    """The body of `POST /services`, and of the `PATCH` that brings an announced service up to date."""

    name: str = Field(min_length=1, max_length=200)
    slug: str = Field(min_length=1, max_length=200)
    summary: str
    description: str | None = None
    url: Base
    docs_url: Url = Field(description="never null: an engine that stores null cannot list its services any more")
    status: ServiceState = ServiceState.available
    data_in_fields: Annotated[tuple[DataField, ...], BeforeValidator(_none_is_empty)] = ()
    data_out_fields: Annotated[tuple[DataField, ...], BeforeValidator(_none_is_empty)] = ()
    tags: Annotated[tuple[Tag, ...], BeforeValidator(_none_is_empty)] = ()
    has_ai: bool = False

    @model_validator(mode="before")
    @classmethod
    def _documented(cls, data: Any) -> Any:
        """Published services may leave `docs_url` and `has_ai` out, or null."""
        if not isinstance(data, dict):
            return data
        filled = {**data, "has_ai": data.get("has_ai") or False}
        if not data.get("docs_url") and isinstance(data.get("url"), str):
            filled["docs_url"] = data["url"].rstrip("/") + "/docs"
        return filled


class ServiceRecord(Announcement):
    """An announced service, as an engine answers it."""

    id: str
    created_at: str | None = None
    updated_at: str | None = None


class StateChange(Message):
    """The body of the `PATCH` with which a service falls asleep."""

    status: ServiceState


class TaskMessage(Message):
    """A task as it travels."""

    id: Id
    data_in: Annotated[tuple[Key, ...], BeforeValidator(_none_is_empty)] = ()
    data_out: tuple[Key, ...] | None = None
    status: TaskState = TaskState.pending
    service_id: str | None = None
    pipeline_execution_id: str | None = None
    pipeline_step_id: str | None = None
    error_message: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class ComputeS3(Message):
    """Generation 1 of `POST /compute`: the values lie in a bucket."""

    s3_access_key_id: str
    s3_secret_access_key: str = Field(repr=False)
    s3_region: str = ""
    s3_host: Base
    s3_bucket: str = Field(min_length=1)
    task: TaskMessage
    callback_url: Url


class ComputeStorage(Message):
    """Generation 2: the values are fetched from and posted to an address."""

    storage_url: Base
    task: TaskMessage
    callback_url: Url


def _one_generation(data: Any) -> Any:
    """A message is of one generation; null stands for absent."""
    if not isinstance(data, dict):
        return data
    said = {name for name, value in data.items() if value is not None}
    s3 = sorted(name for name in said if name.startswith("s3_"))
    if s3 and "storage_url" in said:
        raise ValueError(
            f"A message has either `storage_url` or the five `s3_*` fields; this one has {', '.join(s3)} too."
        )
    generation = ComputeStorage if "storage_url" in said else ComputeS3
    return generation.model_validate({name: data[name] for name in data if name in said})


Compute: TypeAlias = Annotated[ComputeS3 | ComputeStorage, BeforeValidator(_one_generation)]
compute_adapter: TypeAdapter[ComputeS3 | ComputeStorage] = TypeAdapter(Compute)


class Callback(Message):
    """How a service tells that a task ended. `data_out` is always there, empty on an error."""

    status: TaskState
    data_out: Annotated[tuple[Key, ...], BeforeValidator(_none_is_empty)] = ()
    error_message: str | None = None


class Status(Message):
    """The answer of `/status`, of `/tasks/{id}/status`, and of an accepted `/compute`."""

    status: str


class Detail(Message):
    """How that engine and its services say what went wrong."""

    detail: str


class StoredKey(Message):
    """The answer of `POST {storage_url}`."""

    key: Key
