"""A small engine for tests: it records what a service tells it, keeps files, and can be away or forgetful."""

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response, UploadFile

from halles.serving.server import listen

PATIENCE = 60.0
http = httpx.Client()
"""One for all: a new one reads all certificates of the machine."""


def wait(condition: Callable[[], Any], what: str = "") -> Any:
    """What a condition gives once it holds. Fails after a generous while."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError(f"waited in vain for {what or condition}")


class Web:
    """An application on loopback, in a thread; it can go away and come back at the same address."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        with listen("127.0.0.1", 0) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        listener = listen("127.0.0.1", self.port)
        self._server = uvicorn.Server(uvicorn.Config(self.app, log_config=None, timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        wait(lambda: self._server.started, "the engine to start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


class Engine:
    """What it was told, and what it answers."""

    def __init__(self) -> None:
        self.services: dict[str, dict[str, Any]] = {}
        self.requests: list[str] = []
        self.callbacks: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[int]] = {}
        """Status codes with which the next requests of a kind are answered: `announce`, `ping`, `callback`, `store`."""
        self.web = Web(self._app())
        self.url = self.web.url

    def keep(self, content: bytes, extension: str) -> str:
        """Lay a file out for a task."""
        key = f"{uuid.uuid4()}{extension}"
        self.files[key] = content
        return key

    def submit(
        self, service: str, keys: list[str], *, task: str | None = None, callback: str = "",
        execution: str | None = None, **message: Any,
    ) -> str:  # fmt: skip
        """Send a task to a service, of generation 2 unless told otherwise. Gives its id."""
        task = task or str(uuid.uuid4())
        body = message or {"storage_url": f"{self.url}/storage"}
        body |= {"task": self.task(task, keys, execution), "callback_url": callback or f"{self.url}/tasks/{task}"}
        http.post(f"{service}/compute", json=body).raise_for_status()
        return task

    def task(self, task: str, keys: list[str], execution: str | None = None) -> dict[str, Any]:
        """A task as it travels, with a field that this version of us does not know."""
        return {
            "id": task,
            "data_in": keys,
            "data_out": None,
            "status": "pending",
            "service_id": str(uuid.uuid4()),
            "pipeline_execution_id": execution,
            "news": 1,
        }

    def outcome(self, task: str) -> dict[str, Any]:
        """The callback of a task, when it has come."""
        return wait(lambda: self.callbacks.get(task), f"the callback of {task}")[-1]

    def run(self, service: str, *files: tuple[bytes, str]) -> dict[str, Any]:
        """Send a task with these files, and wait for its callback."""
        return self.outcome(self.submit(service, [self.keep(content, ending) for content, ending in files]))

    def outputs(self, callback: dict[str, Any]) -> list[bytes]:
        """What lies under the keys of a finished task."""
        assert callback["status"] == "finished", callback["error_message"]
        return [self.files[key] for key in callback["data_out"]]

    def _fault(self, kind: str) -> None:
        self.requests.append(kind)
        if self.faults.get(kind):
            raise HTTPException(self.faults[kind].pop(0), "a fault that was asked for")

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/services")
        async def announce(request: Request) -> dict[str, Any]:
            self._fault("announce")
            body = await request.json()
            if body["slug"] in self.services:
                raise HTTPException(409, "exists")
            async with httpx.AsyncClient(verify=False) as client:  # noqa: S501 - there is nothing to verify.
                if not (await client.get(f"{body['url']}/status")).is_success:
                    raise HTTPException(503, "not reachable")
            self.services[body["slug"]] = {"id": str(uuid.uuid4()), **body}
            return self.services[body["slug"]]

        @app.get("/services/slug/{slug}")
        async def read(slug: str) -> dict[str, Any]:
            if slug not in self.services:
                raise HTTPException(404, "Service Not Found")
            return self.services[slug]

        @app.patch("/services/{service}")
        async def change(service: str, request: Request) -> dict[str, Any]:
            self.requests.append("change")
            (record,) = [each for each in self.services.values() if each["id"] == service]
            record.update(await request.json())
            return record

        @app.post("/services/{slug}/ping")
        async def ping(slug: str) -> None:
            self._fault("ping")
            if slug not in self.services:
                raise HTTPException(404, "Service Not Found")

        @app.patch("/tasks/{task}")
        async def callback(task: str, request: Request) -> None:
            self._fault("callback")
            self.callbacks.setdefault(task, []).append(await request.json())

        @app.get("/storage/{key}")
        async def load(key: str) -> Response:
            if key not in self.files:
                raise HTTPException(404, "no such key")
            return Response(self.files[key])

        @app.get("/elsewhere/{key}")
        async def lead_away(key: str) -> Response:
            return Response(status_code=302, headers={"Location": f"http://169.254.169.254/{key}"})

        @app.post("/storage")
        async def store(file: UploadFile) -> dict[str, str]:
            self._fault("store")
            return {"key": self.keep(await file.read(), "." + str(file.filename).rpartition(".")[2])}

        return app
