"""Sends artifacts: whole or a range, under their media type, so that no browser runs what is in them."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from halles.api import problems
from halles.model import Artifact, Problem, extension, say
from halles.stores.objects import Objects
from halles.stores.thumbnails import Thumbnails, Width

SHOWN = ("audio/", "video/", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "text/csv")
"""Types that a browser may show. Others, above all HTML and SVG, are saved as files."""
RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")
MAX_NAME = 150
KEEP = "private, max-age=31536000, immutable"
"""What is behind a hash never changes."""


def send(request: Request, artifact: Artifact, objects: Objects, name: str = "") -> Response:
    """An artifact as the response to a GET or HEAD. Raises `CallFailed` when its content is gone."""
    size, tag = artifact.size, f'"{artifact.sha256}"'
    base = artifact.media_type.partition(";")[0]
    headers = {
        "etag": tag,
        "accept-ranges": "bytes",
        "cache-control": KEEP,
        "content-disposition": disposition(name or file_name(artifact), shown=base.startswith(SHOWN)),
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    if _matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range") if request.headers.get("if-range", tag) == tag else None
    found = _range(wanted, size)
    if found is None:
        message = say("The content has {size:,} bytes; `{wanted}` is beyond its end.", size=size, wanted=wanted)
        problem = Problem(code="bad-range", message=message)
        return problems.respond([problem], 416, {"content-range": f"bytes */{size}"})
    start, end = found
    whole = end - start == size
    headers["content-length"] = str(end - start)
    if not whole:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    media_type = f"{base}; charset=utf-8" if base.startswith("text/") else base
    content: Iterator[bytes] = objects.open_range(artifact, start, end) if request.method != "HEAD" else iter(())
    return StreamingResponse(content, 200 if whole else 206, headers, media_type)


def thumbnail(request: Request, artifact: Artifact, width: Width, thumbnails: Thumbnails) -> Response:
    """A small picture of one that is an artifact. Raises `Problems` for what is no picture."""
    tag = f'"{artifact.sha256}-{width}"'
    headers = {"etag": tag, "cache-control": KEEP, "x-content-type-options": "nosniff"}
    if _matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(thumbnails.of(artifact, width), headers=headers, media_type="image/webp")


def file_name(artifact: Artifact) -> str:
    """What a file of an artifact that nobody named is called."""
    return f"{artifact.sha256[:12]}{extension(artifact.media_type)}"


def disposition(name: str, *, shown: bool) -> str:
    """A `Content-Disposition` in which a name can do no harm: no path, no quotes, no line breaks."""
    plain = re.sub(r'[\x00-\x1f\x7f/\\"]', "_", name)[:MAX_NAME].strip(". ") or "file"
    ascii_name = plain.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_")
    how = "inline" if shown else "attachment"
    return f"{how}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(plain, safe='')}"


def _matches(header: str | None, tag: str) -> bool:
    tags = [each.strip().removeprefix("W/") for each in (header or "").split(",")]
    return tag in tags or "*" in tags


def _range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; the whole for what is no single range, None when it is beyond the end."""
    match = RANGE.fullmatch((header or "").strip())
    if match is None or match.groups() == ("", ""):
        return 0, size
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) and size else None
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return 0, size
    return (start, end) if start < size else None
