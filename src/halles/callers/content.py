"""Whether content is of the type that its key says: services of others make mistakes, and some lie."""

import codecs
import json
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from halles.model import say

HEAD = 16
"""Bytes that tell a file's format."""
CHUNK = 1 << 20
PARSED = 64 << 20
"""Bytes of JSON that are parsed as a whole; of more only the beginning is looked at."""


def complaint(path: Path, media_type: str) -> str:
    """What is wrong with a file that should be of a type of the contract, or an empty string."""
    if path.stat().st_size == 0 and media_type not in ("text/plain", "text/csv"):
        return say("it is empty")
    check = _CHECKS.get(media_type)
    if check is None:
        return ""
    with path.open("rb") as file:
        return check(file)


def _begins(*signatures: bytes) -> Callable[[BinaryIO], str]:
    def check(file: BinaryIO) -> str:
        head = file.read(HEAD)
        return "" if any(head.startswith(signature) for signature in signatures) else _other(head)

    return check


def _other(content: bytes) -> str:
    return say("it begins with {head}", head=repr(content[:8]))


def _mpeg(file: BinaryIO) -> str:
    """An ID3 tag, or the eleven set bits of a frame."""
    head = file.read(HEAD)
    frame = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0
    return "" if head.startswith(b"ID3") or frame else _other(head)


def _text(file: BinaryIO) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return say("it is not UTF-8 text (byte {start})", start=error.start)
    return ""


def _json(file: BinaryIO) -> str:
    content = file.read(PARSED + 1)
    if len(content) > PARSED:
        return "" if content.lstrip()[:1] in (b"{", b"[", b'"') else _other(content)
    try:
        json.loads(content)
    except (ValueError, RecursionError) as error:
        return say("it cannot be parsed: {error}", error=error)
    return ""


_CHECKS: dict[str, Callable[[BinaryIO], str]] = {
    "image/png": _begins(b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": _begins(b"\xff\xd8\xff"),
    "application/pdf": _begins(b"%PDF-"),
    "application/zip": _begins(b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"),
    "audio/ogg": _begins(b"OggS"),
    "audio/mpeg": _mpeg,
    "text/plain": _text,
    "text/csv": _text,
    "application/json": _json,
}
