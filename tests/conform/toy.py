"""A contract service in a page of code, which can be wrong in one way at a time. It shares no code with ours."""

import json
import os
import queue
import re
import signal
import sys
import threading
import time
import uuid
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from typing import Any

import httpx
import obstore
from obstore.store import S3Store

TYPES = {".txt": "text/plain", ".json": "application/json", ".png": "image/png", ".mp3": "audio/mpeg"}


class Toy:
    """Takes a text and a JSON, gives the text louder and how long it is. `wrong` names what it does wrong."""

    def __init__(self, engine: str, wrong: str = "", *, port: int = 0, beat: float = 0.3, room: int = 4) -> None:
        self.wrong, self.engine, self.beat, self.room = wrong, engine, beat, room
        self.states: dict[str, str] = {}
        self.waiting: queue.Queue[dict[str, Any]] = queue.Queue()
        self.load = self.pings = 0
        self.http = httpx.Client(timeout=60)
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.over = threading.Event()
        for target in (self.server.serve_forever, self.work, self.attend):
            threading.Thread(target=target, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    # Being known.

    def announcement(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "name": "Toy", "slug": "toy", "summary": "A toy.", "description": None, "url": self.url,
            "status": "available", "docs_url": f"{self.url}/docs", "has_ai": False,
            "data_in_fields": [{"name": "text", "type": ["text/plain"]}, {"name": "more", "type": ["application/json"]}],
            "data_out_fields": [{"name": "loud", "type": ["text/plain"]}, {"name": "facts", "type": ["application/json"]}],
            "tags": [{"name": "Generic", "acronym": "GNR"}],
        }  # fmt: skip
        match self.wrong:
            case "announce.fields":
                del body["summary"]
            case "announce.types":
                body["data_out_fields"][0]["type"].append("audio/wav")
            case "announce.tags":
                body["tags"][0]["acronym"] = "GEN"
            case "announce.docs-url":
                body["docs_url"] = None
            case "announce.reachable":
                body["url"] = "http://127.0.0.1:9"
        return body

    def attend(self) -> None:
        """Announce, ping, announce again when forgotten."""
        known = self.wrong == "announce.sent"
        while not self.over.is_set():
            with suppress(httpx.HTTPError):  # The engine is not there yet, or not any more.
                known = self.beat_once(known)
            self.over.wait(self.beat)

    def beat_once(self, known: bool) -> bool:
        if not known:
            answer = self.http.post(f"{self.engine}/services", json=self.announcement())
            if answer.status_code == 409:
                return self.update()
            return answer.status_code == 200 or self.wrong == "announce.again"
        if self.wrong in ("announce.sent", "announce.again", "announce.ping"):
            return True
        self.pings += 1
        if self.wrong == "announce.steady" and self.pings > 2:
            return True
        answer = self.http.post(f"{self.engine}/services/toy/ping")
        return answer.status_code == 200 or self.wrong == "announce.forgotten"

    def update(self) -> bool:
        if self.wrong != "announce.known":
            record = self.http.get(f"{self.engine}/services/slug/toy").json()
            self.http.patch(f"{self.engine}/services/{record['id']}", json=self.announcement())
        return True

    def leave(self) -> None:
        """Fall asleep."""
        if self.wrong != "announce.sleeping":
            record = self.http.get(f"{self.engine}/services/slug/toy").json()
            self.http.patch(f"{self.engine}/services/{record['id']}", json={"status": "sleeping"})
        self.close()

    # Tasks.

    def take(self, message: dict[str, Any]) -> tuple[int, Any]:
        task = message["task"]
        wrong = False
        if "storage_url" not in message and "s3_host" not in message:
            return 422, {"detail": "no place"}
        if self.wrong == f"g{1 if 's3_host' in message else 2}.accepted":
            wrong = True
        if self.load >= self.room and self.wrong != "queue.full":
            return 503, {"detail": "Queue is full"}
        if task["id"] in self.states and self.wrong == "queue.duplicate":
            return 500, {"detail": "exists"}
        if self.wrong == "task.prompt":
            time.sleep(1.3)
        self.states[task["id"]] = "pending"
        self.load += 1
        self.waiting.put(message)
        return 200, {"status": "ok" if wrong else "Task added to the queue"}

    def work(self) -> None:
        while not self.over.is_set():
            message = self.waiting.get()
            task = message["task"]["id"]
            body = self.outcome(message)
            self.load -= 1
            if self.wrong == "queue.drains" and "stalled" in str(message):
                continue
            self.states[task] = "done" if self.wrong == "task.state" else body["status"]
            if self.wrong == "callback.body":
                body.pop("data_out")
            threading.Thread(target=self.call_back, args=(message["callback_url"], body), daemon=True).start()
            if self.wrong == "fault.survives" and body["status"] == "error" and "too few" in body["error_message"]:
                return

    def outcome(self, message: dict[str, Any]) -> dict[str, Any]:
        generation = "g1" if "s3_host" in message else "g2"
        try:
            contents = self.contents(message, generation)
            if self.wrong == f"{generation}.finished":
                raise ValueError("I do not like it")
            outputs = [
                (contents[0].decode().upper().encode(), ".txt"),
                (json.dumps(len(contents[0])).encode(), ".json"),
            ]
            if self.wrong == f"{generation}.keys":
                outputs.reverse()
            if self.wrong == f"{generation}.outputs":
                outputs.pop()
            keys = [self.store(message, content, extension) for content, extension in outputs]
        except Exception as error:
            return {"status": "error", "data_out": [], "error_message": str(error) or type(error).__name__}
        return {"status": "finished", "data_out": keys, "error_message": None}

    def contents(self, message: dict[str, Any], generation: str) -> list[bytes]:
        keys, found = message["task"]["data_in"], []
        if not keys and self.wrong == "fault.count":
            return [b"nothing", b"{}"]
        if len(keys) < 2:
            raise ValueError("too few inputs")
        for key, wanted in zip(keys, ("text/plain", "application/json"), strict=True):
            ending = PurePosixPath(key).suffix
            if not ending and self.wrong != "fault.no-extension":
                raise ValueError(f"{key} has no extension")
            if ending and TYPES.get(ending) != wanted and self.wrong != "fault.wrong-type":
                raise ValueError(f"{key} is of another type than {wanted}")
            try:
                found.append(self.fetch(message, key))
            except (FileNotFoundError, httpx.HTTPStatusError):
                if self.wrong != f"{generation}.missing":
                    raise
                found.append(b"?")
        if self.wrong in ("fault.no-extension", "fault.wrong-type"):
            found[0] = b"whatever"
        return found

    def bucket(self, message: dict[str, Any]) -> S3Store:
        return S3Store(
            message["s3_bucket"], endpoint=message["s3_host"], access_key_id=message["s3_access_key_id"],
            secret_access_key=message["s3_secret_access_key"], region=message["s3_region"],
            client_options={"allow_http": True, "timeout": "60s"},
        )  # fmt: skip

    def fetch(self, message: dict[str, Any], key: str) -> bytes:
        if "s3_host" in message:
            return bytes(obstore.get(self.bucket(message), key).bytes())
        return self.http.get(f"{message['storage_url']}/{key}").raise_for_status().content

    def store(self, message: dict[str, Any], content: bytes, extension: str) -> str:
        key = f"{uuid.uuid4()}{extension}"
        if "s3_host" in message:
            obstore.put(self.bucket(message), key, content)
            return key
        return self.http.post(message["storage_url"], files={"file": (key, content)}).raise_for_status().json()["key"]

    def call_back(self, url: str, body: dict[str, Any]) -> None:
        while not self.over.is_set():
            try:
                heard = self.http.patch(url, json=body).is_success
            except httpx.HTTPError:
                heard = False
            if self.wrong == "callback.once" and heard:
                self.http.patch(url, json=body)
            if heard or self.wrong == "callback.retried":
                return
            time.sleep(0.05)


def main(port: str, wrong: str = "") -> None:
    """Serve as a process, until a signal comes."""
    (engine,) = json.loads(os.environ["ENGINE_URLS"])
    toy = Toy(engine, wrong, port=int(port))
    signal.sigwait({signal.SIGTERM})
    toy.leave()


def handler(toy: Toy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            task = re.fullmatch(r"/tasks/(.+)/status", self.path)
            if self.path == "/" and toy.wrong != "route.root":
                self.reply(307, None, location="/docs")
            elif task:
                state = toy.states.get(task[1])
                unknown = (
                    (200, {"status": "unknown"}) if toy.wrong == "route.unknown-task" else (404, {"detail": "none"})
                )
                self.reply(*((200, {"status": state}) if state else unknown))
            elif self.path == "/status":
                self.reply(200, {"status": "up" if toy.wrong == "route.status" else "Service is available"})
            else:
                self.reply(200 if self.path == "/docs" else 404, {})

        def do_OPTIONS(self) -> None:
            self.reply(200, {})

        def do_POST(self) -> None:
            try:
                message = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self.reply(*toy.take(message))
            except (ValueError, TypeError, KeyError) as error:
                self.reply(500 if toy.wrong == "route.malformed" else 422, {"detail": str(error)})

        def reply(self, status: int, body: Any, **headers: str) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            if toy.wrong != "route.cors":
                headers["access-control-allow-origin"] = "*"
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # Before there are threads that would take it.
    main(*sys.argv[1:])
