"""A toy service of the contract: it says a text louder, and can misbehave in every way that services do.

`python -m tests.callers.toys SLUG PORT BEHAVIOUR` runs one as a process, which can be killed.
"""

import json
import re
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import obstore
from obstore.store import S3Store

TEXT = {"name": "text", "type": ["text/plain"]}
http = httpx.Client(timeout=30)


class Toy:
    """A service in a thread. `behaviour` can be changed while it runs; `computed` counts by text."""

    def __init__(self, slug: str, *, generation: int = 2, behaviour: str = "good", port: int = 0, gives: str = "text/plain") -> None:  # fmt: skip
        self.slug = slug
        self.generation = generation
        self.behaviour = behaviour
        self.gives = gives
        self.computed: Counter[str] = Counter()
        self.states: dict[str, str] = {}
        self.full = 0
        self.gone = False
        self.go = threading.Event()
        toy = self

        class Handler(_Handler):
            service = toy

        self._server = _Server(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def announcement(self) -> dict[str, Any]:
        return {
            "name": self.slug, "slug": self.slug, "summary": "Say it louder", "description": None, "url": self.url,
            "status": "available", "data_in_fields": [TEXT], "data_out_fields": [{"name": "result", "type": [self.gives]}],
            "tags": None, "docs_url": f"{self.url}/docs", "has_ai": False,
        }  # fmt: skip

    def announce(self, engine: str) -> httpx.Response:
        """As published services do: a POST, and a PATCH when the engine knows the slug already."""
        answer = http.post(f"{engine}/services", json=self.announcement())
        if answer.status_code == 409:
            known = http.get(f"{engine}/services/slug/{self.slug}").json()
            answer = http.patch(f"{engine}/services/{known['id']}", json=self.announcement())
        return answer

    def stop(self) -> None:
        self.gone = True
        self._server.shutdown()
        self._server.server_close()

    def compute(self, message: dict[str, Any]) -> None:
        """One task, from its inputs to the callback."""
        task = message["task"]["id"]
        self.states[task] = "processing"
        text = self._fetch(message, message["task"]["data_in"][0]).decode()
        self.computed[text] += 1
        what, _, amount = self.behaviour.partition(":")
        if what == "wait":
            self.go.wait(60)
        time.sleep(float(amount) if what == "slow" else 0)
        misdeed = getattr(self, f"_{what}", None)
        if misdeed:
            misdeed(message, amount)
            return
        key = self._store(message, text.upper().encode(), extension(self.gives))
        self.states[task] = "finished"
        self.tell(message, "finished", [key])
        del self.states[task]

    def _forget(self, message: dict[str, Any], _: str) -> None:
        del self.states[message["task"]["id"]]

    def _silent(self, message: dict[str, Any], _: str) -> None:
        """Whoever asks for the state gets no answer, see `do_GET`."""

    _uncalled = _silent

    def _broken(self, message: dict[str, Any], _: str) -> None:
        self.tell(message, "error", [], "The model is out of order.")

    def _few(self, message: dict[str, Any], _: str) -> None:
        self.tell(message, "finished", [])

    def _many(self, message: dict[str, Any], _: str) -> None:
        self.tell(message, "finished", [self._store(message, b"one", ".txt")] * 2)

    def _untyped(self, message: dict[str, Any], _: str) -> None:
        self.tell(message, "finished", [str(uuid.uuid4())])

    def _nothing(self, message: dict[str, Any], _: str) -> None:
        self.tell(message, "finished", [f"{uuid.uuid4()}.txt"])

    def _mistyped(self, message: dict[str, Any], _: str) -> None:
        self.tell(message, "finished", [self._store(message, b"{}", ".json")])

    def _rubbish(self, message: dict[str, Any], _: str) -> None:
        self.tell(message, "finished", [self._store(message, b"\xff\xfe rubbish", extension(self.gives))])

    def _huge(self, message: dict[str, Any], amount: str) -> None:
        self.tell(message, "finished", [self._store(message, b"x" * int(amount), ".txt")])

    def tell(self, message: dict[str, Any], status: str, data_out: list[str], error: str | None = None) -> None:
        """The callback, until it is taken."""
        body = {"status": status, "data_out": data_out, "error_message": error}
        _patiently(lambda: http.patch(message["callback_url"], json=body))

    def _fetch(self, message: dict[str, Any], key: str) -> bytes:
        if self.generation == 1:
            return bytes(obstore.get(_bucket(message), key).bytes())
        return http.get(f"{message['storage_url']}/{key}").raise_for_status().content

    def _store(self, message: dict[str, Any], content: bytes, suffix: str) -> str:
        if self.generation == 1:
            key = f"{uuid.uuid4()}{suffix}"
            obstore.put(_bucket(message), key, content)
            return key
        file = {"file": (f"result{suffix}", content)}
        answer = _patiently(lambda: http.post(message["storage_url"], files=file))
        return str(answer.json().get("key") or f"{uuid.uuid4()}{suffix}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Who asked has left meanwhile."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service: Toy

    def parse_request(self) -> bool:
        self.close_connection = self.service.gone
        return not self.service.gone and super().parse_request()

    def do_GET(self) -> None:
        toy = self.service
        if found := re.fullmatch(r"/tasks/([^/]+)/status", self.path):
            if toy.behaviour == "silent":
                toy.go.wait(30)
                self.close_connection = True
                return
            state = "finished" if toy.behaviour == "uncalled" else toy.states.get(found[1])
            self._say(200 if state else 404, {"status": state} if state else {"detail": "Task not found"})
        elif self.path == "/openapi.json":
            fields = ["s3_host", "s3_bucket"] if toy.generation == 1 else ["storage_url"]
            body = {"properties": {name: {"type": "string"} for name in [*fields, "task", "callback_url"]}}
            content = {"application/json": {"schema": {"$ref": "#/components/schemas/Compute"}}}
            paths = {"/compute": {"post": {"requestBody": {"content": content}}}, "/tasks/{task_id}/status": {}}
            self._say(200, {"paths": paths, "components": {"schemas": {"Compute": body}}})
        else:
            self._say(200, {"status": "Service is available"})

    def do_POST(self) -> None:
        toy = self.service
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if toy.full > 0:
            toy.full -= 1
            self._say(503, {"detail": "Queue is full"})
            return
        toy.states[message["task"]["id"]] = "pending"
        self._say(200, {"status": "Task added to the queue"})
        threading.Thread(target=toy.compute, args=(message,), daemon=True).start()

    def _say(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def extension(media_type: str) -> str:
    return {"text/plain": ".txt", "image/png": ".png", "application/json": ".json", "audio/ogg": ".ogg"}[media_type]


def _patiently(send: Callable[[], httpx.Response]) -> httpx.Response:
    """Send a request until the engine, which may be away, answers."""
    while True:
        try:
            answer = send()
            if answer.status_code < 500:
                return answer
        except httpx.HTTPError:
            time.sleep(0.1)


def _bucket(message: dict[str, Any]) -> S3Store:
    return S3Store(
        message["s3_bucket"], endpoint=message["s3_host"], region=message["s3_region"],
        access_key_id=message["s3_access_key_id"], secret_access_key=message["s3_secret_access_key"],
        virtual_hosted_style_request=False, client_options={"allow_http": True},
    )  # fmt: skip


if __name__ == "__main__":
    print("ready", Toy(sys.argv[1], port=int(sys.argv[2]), behaviour=sys.argv[3]).url.rpartition(":")[2], flush=True)
    threading.Event().wait()
