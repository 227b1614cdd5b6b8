"""What all parts of an examination share: the service, the engine that the kit plays, and the report."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, NamedTuple, Protocol

import httpx

from halles.conform.engine import Engine, Heard
from halles.conform.report import Report
from halles.conform.samples import sample
from halles.csia.messages import TaskState
from halles.model import extension
from halles.stores.s3 import Bucket


@dataclass(frozen=True)
class Patience:
    """Seconds that the contract gives, or after which the kit gives up."""

    answer: float = 5.0
    heartbeat: float = 20.0
    announced: float = 60.0
    """Until the first announcement: a service that is refused may pause a minute."""
    retried: float = 30.0
    """Until what failed is tried again."""
    task: float = 600.0
    """Until a task that computes is called back."""
    fault: float = 60.0
    """Until a task that cannot be done is called back."""
    quiet: float = 3.0
    """In which a callback that was accepted does not come again."""
    flood: int = 300
    """Tasks after which a queue that takes everything counts as endless."""


class Field(NamedTuple):
    """A field as it was announced, right or wrong."""

    name: str
    types: tuple[str, ...]
    hint: Any = None


@dataclass
class Exam:
    """One examination of one service."""

    url: str
    engine: Engine
    patience: Patience = field(default_factory=Patience)
    given: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)
    """Inputs by field: content and extension."""
    announcement: dict[str, Any] | None = None
    report: Report = field(default_factory=Report)

    def __post_init__(self) -> None:
        # What comes late is judged as late, and otherwise taken for what it says.
        self.http = httpx.Client(timeout=4 * self.patience.answer, follow_redirects=False)

    def ask(self, method: str, path: str, **options: Any) -> tuple[httpx.Response | None, str]:
        """The service's answer, and what it was in words. None when there was none in time."""
        try:
            answer = self.http.request(method, f"{self.url}{path}", **options)
        except httpx.HTTPError as error:
            return None, f"{method} {path}: {type(error).__name__} {error}"
        return answer, f"{method} {path} → {answer.status_code} {answer.text[:200]}"

    def fields(self, which: str) -> list[Field]:
        """`data_in_fields` or `data_out_fields` of the announcement, as far as they are some."""
        found = (self.announcement or {}).get(which)
        usable = [each for each in found if is_field(each)] if isinstance(found, list) else []
        return [Field(each["name"], tuple(each["type"]), each.get("format_hint")) for each in usable]

    def inputs(self) -> list[tuple[bytes, str]] | None:
        """Content and extension for each input in order, or None when the inputs are not known."""
        if self.announcement is None:
            return list(self.given.values()) or None
        try:
            return [self.given.get(each.name) or _made(each) for each in self.fields("data_in_fields")]
        except ValueError:
            return None

    def state(self, task: str) -> str:
        """Where the service says that a task stands."""
        answer, _ = self.ask("GET", f"/tasks/{task}/status")
        try:
            return str(answer.json()["status"]) if answer is not None and answer.is_success else ""
        except (ValueError, KeyError, TypeError):
            return ""

    def callbacks(self, task: str) -> list[Heard]:
        """What was heard of a task."""
        return self.engine.heard[f"callback {task}"]

    def outcome(self, task: str, seconds: float) -> Heard | None:
        """The callback of a task that was accepted, when it comes in time."""

        def heard() -> Heard | None:
            return next((each for each in self.callbacks(task) if each.answer == 200), None)

        found: Heard | None = self.engine.wait(heard, seconds)
        return found


class Generation(Protocol):
    """A way in which values travel."""

    name: str

    def put(self, content: bytes, extension: str) -> str:
        """Lay an input out. Gives its key."""
        ...

    def size(self, key: str) -> int | None:
        """The bytes under a key, or None when there is nothing."""
        ...

    def place(self, *, stalled: bool = False) -> dict[str, str]:
        """What a message says of the place; of one where inputs are held back, if wanted."""
        ...


@dataclass
class Storage:
    """Generation 2: an address of the kit's engine."""

    engine: Engine
    name: str = "g2"

    def put(self, content: bytes, extension: str) -> str:
        """Lay an input out."""
        return self.engine.keep(content, extension)

    def size(self, key: str) -> int | None:
        """The bytes under a key."""
        return len(self.engine.files[key]) if key in self.engine.files else None

    def place(self, *, stalled: bool = False) -> dict[str, str]:
        """Where it is; what is held back is in the same place."""
        return {"storage_url": f"{self.engine.url}/storage"}


@dataclass
class S3:
    """Generation 1: a bucket, which the service reaches with a key of its own."""

    engine: Engine
    bucket: Bucket
    key: tuple[str, str]
    name: str = "g1"

    def put(self, content: bytes, extension: str) -> str:
        """Lay an input out."""
        key = f"{uuid.uuid4()}{extension}"
        self.bucket.put(key, content)
        return key

    def size(self, key: str) -> int | None:
        """The bytes under a key."""
        found = self.bucket.head(key)
        return found["size"] if found else None

    def place(self, *, stalled: bool = False) -> dict[str, str]:
        """The five fields. What is held back is in a bucket `storage` of the kit's engine."""
        identity, secret = self.key
        return {
            "s3_access_key_id": identity,
            "s3_secret_access_key": secret,
            "s3_region": self.bucket.region,
            "s3_host": self.engine.url if stalled else self.bucket.endpoint,
            "s3_bucket": "storage" if stalled else self.bucket.name,
        }


def message(exam: Exam, place: Mapping[str, str], keys: list[str], task: str) -> dict[str, Any]:
    """A message of `POST /compute`."""
    return {
        **place,
        "task": {
            "id": task, "data_in": keys, "data_out": None, "status": TaskState.pending.value,
            "service_id": str(uuid.uuid4()), "pipeline_execution_id": None, "pipeline_step_id": None,
            "error_message": None, "created_at": "2026-01-01T00:00:00", "updated_at": "2026-01-01T00:00:00",
        },
        "callback_url": f"{exam.engine.url}/tasks/{task}",
    }  # fmt: skip


def send(
    exam: Exam, place: Mapping[str, str], keys: list[str], task: str | None = None
) -> tuple[str, httpx.Response | None, str]:
    """Send a task. Gives its id, and the answer with it in words."""
    task = task or str(uuid.uuid4())
    answer, said = exam.ask("POST", "/compute", json=message(exam, place, keys, task))
    return task, answer, said


def accepted(answer: httpx.Response | None) -> bool:
    """Whether an answer takes a task exactly as the contract says."""
    try:
        return answer is not None and answer.status_code == 200 and answer.json()["status"] == "Task added to the queue"
    except (ValueError, KeyError, TypeError):
        return False


def taken(answer: httpx.Response | None) -> bool:
    """Whether an answer takes a task, however it says so."""
    return answer is not None and answer.status_code == 200


def suffix(key: Any) -> str:
    """The extension of a key."""
    return PurePosixPath(str(key)).suffix


def is_field(each: Any) -> bool:
    """Whether that is a field: a name, and a list of types."""
    if not isinstance(each, dict) or not isinstance(each.get("name"), str) or not isinstance(each.get("type"), list):
        return False
    return bool(each["type"]) and all(isinstance(kind, str) for kind in each["type"])


def _made(each: Field) -> tuple[bytes, str]:
    return sample(each.types[0], each.hint), extension(each.types[0])
