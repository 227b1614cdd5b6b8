"""A real HTTP server that speaks the simple API of a package index, npm's paths and the hub's."""

import hashlib
import io
import json
import tarfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from halles.weights import Hub, Wheel


class Server(ThreadingHTTPServer):
    """Serves bytes by path; can break a transfer off after some bytes, dawdle, or fail for a while."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []  # (path, its Range header)
        self.breaks: dict[str, list[int]] = {}  # where the next transfers of a path break off
        self.fail: dict[str, int] = {}  # how often to answer 503
        self.pause = 0.0  # seconds after each 64 KiB
        self.honours_ranges = True
        self.speaks_json = True
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """A client that goes away is what some tests are about."""

    def publish(self, package: str, members: dict[str, bytes]) -> Wheel:
        content = zip_of(members)
        file = f"{package.replace('-', '_')}-1.0-py3-none-any.whl"
        self.files[f"/files/{file}"] = content
        return Wheel(package, "1.0", file, sha256(content))

    def upload(self, path: str, content: bytes) -> Hub:
        self.files[f"/someone/model/resolve/main/{path}"] = content
        return Hub("someone/model", "main", path, sha256(content))

    def transfers(self, file: str) -> list[str]:
        """The Range headers of the requests for a file."""
        return [asked for path, asked in self.asked if path.endswith(f"/{file}")]


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        wanted = self.headers.get("Range", "")
        self.server.asked.append((self.path, wanted))
        if self.server.fail.get(self.path, 0) > 0:
            self.server.fail[self.path] -= 1
            return self.send_error(503)
        if self.path.startswith("/simple/"):
            return self.send_page(self.path.split("/")[2])
        if self.path not in self.server.files:
            return self.send_error(404)
        return self.send_file(self.server.files[self.path], wanted if self.server.honours_ranges else "")

    def send_page(self, package: str):
        stem = f"{package.replace('-', '_')}-"
        names = [path.removeprefix("/files/") for path in self.server.files if path.startswith(f"/files/{stem}")]
        if not names:
            return self.send_error(404)
        if self.server.speaks_json:
            kind = "application/vnd.pypi.simple.v1+json"
            page = json.dumps({"files": [{"filename": name, "url": f"../../files/{name}"} for name in names]})
        else:
            kind = "text/html"
            page = "".join(f'<a href="../../files/{name}#sha256=0">{name}</a>' for name in names)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        return self.wfile.write(page.encode())

    def send_file(self, content: bytes, wanted: str):
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if wanted and start >= len(content):
            return self.send_error(416)
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Type", "application/json" if content[:1] == b"{" else "application/octet-stream")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        breaks = self.server.breaks.get(self.path)
        end = breaks.pop(0) if breaks else len(content)
        for offset in range(start, end, 1 << 16):
            self.wfile.write(content[offset : min(offset + (1 << 16), end)])
            self.wfile.flush()
            time.sleep(self.server.pause)
        self.close_connection = end < len(content)
        return None


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def zip_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tar_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()
