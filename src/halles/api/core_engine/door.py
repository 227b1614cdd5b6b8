"""The way in for services that only know a URL."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/core-engine"
"""Where the routes of the engine are."""
TOKEN = f"{PREFIX}/t/"


class Door:
    """Reads an API key from the path: `/core-engine/t/<key>/services` is `/core-engine/services` with that key.

    Published services have one setting for an engine, its URL, and send no `Authorization`. Nothing behind this sees
    the key in a path, so that no log has it. Slashes that a URL with one at its end makes two of are one here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through."""
        if scope["type"] in ("http", "websocket") and scope["path"].startswith(PREFIX):
            scope = _opened(dict(scope))
        await self._app(scope, receive, send)


def _opened(scope: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    path = scope["path"]
    while "//" in path:
        path = path.replace("//", "/")
    if path.startswith(TOKEN):
        key, _, rest = path.removeprefix(TOKEN).partition("/")
        path = f"{PREFIX}/{rest}"
        headers = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
        scope["headers"] = [*headers, (b"authorization", f"Bearer {key}".encode())]
    if path != scope["path"]:
        scope["path"], scope["raw_path"] = path, path.encode()
    return scope
