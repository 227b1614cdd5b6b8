"""The engine that the kit plays: it records what a service tells, answers as it is told to, and keeps files."""

import io
import json
import re
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import InitVar, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import httpx
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import File, parse_form

from halles.model import Problem, Problems

CUT = 0
"""Instead of a status: the connection is cut off without an answer."""
MOST = 1 << 30
"""The most bytes of a body."""
STALLED = 120.0
"""The longest for which a file is held back, in seconds."""


@dataclass(frozen=True)
class Heard:
    """Something that a service said: when, to which path, what, and what it was answered."""

    at: float
    path: str
    body: Any
    answer: int
    reachable: bool = False
    """Of an announcement: whether the service answered at its `url`."""


@dataclass
class Engine:
    """An engine on a port of this machine. `host` is the address at which services reach it."""

    host: str = "127.0.0.1"
    port: int = 0
    script: InitVar[Mapping[str, Iterable[int]]] = MappingProxyType({})
    """Statuses with which the first of a kind are answered."""
    heard: dict[str, list[Heard]] = field(default_factory=lambda: defaultdict(list))
    """By kind: `announce`, `look`, `update`, `ping`, and `callback <task>`."""
    answers: dict[str, deque[int]] = field(default_factory=lambda: defaultdict(deque))
    """Statuses with which the next of a kind are answered, before it goes well."""
    files: dict[str, bytes] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)
    """Key → name of the file that was posted."""

    def __post_init__(self, script: Mapping[str, Iterable[int]]) -> None:
        for kind, statuses in script.items():  # Before it listens: a service may announce itself at once.
            self.answers[kind].extend(statuses)
        self._changed = threading.Condition()
        self._released = threading.Event()
        self._records: dict[str, dict[str, Any]] = {}
        try:
            self._server = ThreadingHTTPServer((self.host, self.port), self._handler())
        except OSError as error:
            message = f"The kit's engine cannot listen on {self.host}:{self.port}: {error.strerror}. "
            message += "Give another --engine-host or --engine-port."
            raise Problems([Problem(code="cannot-listen", message=message)]) from error
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where services reach it."""
        return f"http://{self.host}:{self.port}"

    def close(self) -> None:
        """Stop listening."""
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def wait(self, condition: Callable[[], Any], seconds: float) -> Any:
        """What a condition over what was heard gives, when it holds; its last value after so many seconds."""
        with self._changed:
            self._changed.wait_for(condition, seconds)
            return condition()

    def keep(self, content: bytes, extension: str) -> str:
        """Lay a file out. Gives its key."""
        key = f"{uuid.uuid4()}{extension}"
        self.files[key] = content
        return key

    def stalled_key(self, extension: str) -> str:
        """The key of a file that is held back until `release`, and then is missing."""
        return f"stalled-{uuid.uuid4()}{extension}"

    def release(self) -> None:
        """Hold nothing back any more."""
        self._released.set()

    def note(self, kind: str, path: str, body: Any, answer: int, *, reachable: bool = False) -> None:
        """Write down what was heard, and wake who waits for it."""
        with self._changed:
            self.heard[kind].append(Heard(time.monotonic(), path, body, answer, reachable))
            self._changed.notify_all()

    def answer(self, kind: str, usual: int = 200) -> int:
        """The status that the next of a kind gets."""
        with self._changed:
            return self.answers[kind].popleft() if self.answers[kind] else usual

    # The routes.

    def announce(self, path: str, body: Any) -> tuple[int, Any]:
        """`POST /services`"""
        slug = str(body.get("slug")) if isinstance(body, dict) else ""
        reachable = _serves(body.get("url")) if isinstance(body, dict) else False
        status = self.answer("announce", 409 if slug in self._records else 200)
        if status in (200, 409) and isinstance(body, dict):
            self._records.setdefault(slug, {"id": str(uuid.uuid4()), "created_at": _now(), **body})
        self.note("announce", path, body, status, reachable=reachable)
        return status, self._records.get(slug) if status == 200 else {"detail": f"answered {status} by the kit"}

    def look(self, path: str, slug: str) -> tuple[int, Any]:
        """`GET /services/slug/{slug}`"""
        record = self._records.get(slug)
        self.note("look", path, None, 200 if record else 404)
        return (200, record) if record else (404, {"detail": "Service not found"})

    def update(self, path: str, identity: str, body: Any) -> tuple[int, Any]:
        """`PATCH /services/{id}`"""
        record = next((each for each in self._records.values() if each["id"] == identity), None)
        if record is not None and isinstance(body, dict):
            record |= body
        self.note("update", path, body, 200 if record else 404)
        return (200, record) if record else (404, {"detail": "Service not found"})

    def ping(self, path: str, slug: str) -> tuple[int, Any]:
        """`POST /services/{slug}/ping`"""
        status = self.answer("ping", 200 if slug in self._records else 404)
        if status == 404:
            self._records.pop(slug, None)
        self.note("ping", path, slug, status)
        return status, {"detail": "pong" if status == 200 else "Service not found"}

    def callback(self, path: str, task: str, body: Any) -> tuple[int, Any]:
        """`PATCH /tasks/{id}`"""
        status = self.answer(f"callback {task}")
        self.note(f"callback {task}", path, body, status)
        return status, {"detail": "heard"}

    def load(self, key: str) -> bytes | None:
        """`GET /storage/{key}`: the file, or None."""
        if "stalled-" in key:
            self._released.wait(STALLED)
        return self.files.get(key)

    def store(self, name: str, content: bytes) -> str:
        """`POST /storage`: keep a file under a new key."""
        key = self.keep(content, PurePosixPath(name).suffix)
        self.stored[key] = name
        return key

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        engine = self

        class Handler(_Handler):
            desk = engine

        return Handler


class _Handler(BaseHTTPRequestHandler):
    """Between HTTP and the engine."""

    desk: Engine
    protocol_version = "HTTP/1.1"
    routes = (
        ("POST", r"/services", lambda self, path: self.desk.announce(path, self.json())),
        ("GET", r"/services/slug/([^/]+)", lambda self, path, slug: self.desk.look(path, slug)),
        ("PATCH", r"/services/([^/]+)", lambda self, path, which: self.desk.update(path, which, self.json())),
        ("POST", r"/services/([^/]+)/ping", lambda self, path, slug: self.desk.ping(path, slug)),
        ("PATCH", r"/tasks/([^/]+)", lambda self, path, task: self.desk.callback(path, task, self.json())),
        ("GET", r"/storage/(.+)", lambda self, path, key: self.load(key)),
        ("POST", r"/storage", lambda self, path: self.store()),
    )

    def do(self) -> None:
        """Answer by the first route that fits."""
        path = self.path.partition("?")[0]
        self.body = self.rfile.read(min(int(self.headers.get("content-length") or 0), MOST))
        for method, pattern, action in self.routes:
            match = re.fullmatch(pattern, path)
            if match and method == self.command.replace("HEAD", "GET"):
                return self.reply(*action(self, path, *match.groups()))
        self.reply(404, {"detail": "Not Found"})

    do_GET = do_POST = do_PATCH = do_HEAD = do_PUT = do

    def json(self) -> Any:
        """The body, or None when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def load(self, key: str) -> tuple[int, Any]:
        """A file, or the answer of a storage, or of an S3 server, that has none."""
        content = self.desk.load(key)
        return (200, content) if content is not None else (404, {"detail": "NoSuchKey"})

    def store(self) -> tuple[int, Any]:
        """Take the form's field `file`."""
        files: list[File] = []
        headers = {"Content-Type": (self.headers.get("content-type") or "").encode()}
        try:
            parse_form(headers, io.BytesIO(self.body), None, files.append)
        except (FormParserError, ValueError) as error:
            return 422, {"detail": f"no form: {error}"}
        file = next((file for file in files if file.field_name == b"file" and file.file_name), None)
        if file is None:
            return 422, {"detail": "the form has no file in its field `file`"}
        file.file_object.seek(0)
        return 200, {"key": self.desk.store((file.file_name or b"").decode(errors="replace"), file.file_object.read())}

    def reply(self, status: int, body: Any) -> None:
        """Send JSON or bytes; or cut the connection off."""
        if status == CUT:
            self.close_connection = True
            return
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """What is heard is noted elsewhere."""


def _serves(url: Any) -> bool:
    """Whether a service answers where it says that it is."""
    try:
        return httpx.get(f"{str(url).rstrip('/')}/status", timeout=5).status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
