"""What content really is, whatever it is called: by its first bytes, and by opening it."""

import codecs
import json
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from halles.model import say
from halles.sdk import Audio, Image, InputRefused, settings

MAX_TEXT_BYTES = 16 * 1024 * 1024
"""Texts and JSON that are read whole, by services too, are not larger."""
MAX_ZIP_RATIO = 200
"""A zip that unpacks to more than so many times its size is a bomb, unless it stays small."""
SMALL = 10_000_000
ZIP64 = b"PK\x06\x07"
HEAD = 512
CHUNK = 1 << 18
OCTETS = "application/octet-stream"
MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"), (0, b"\xff\xd8\xff", "image/jpeg"), (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"), (0, b"BM", "image/bmp"), (0, b"II*\0", "image/tiff"), (0, b"MM\0*", "image/tiff"),
    (8, b"WAVE", "audio/wav"), (0, b"fLaC", "audio/flac"), (0, b"OggS", "audio/ogg"), (0, b"ID3", "audio/mpeg"),
    (4, b"ftyp", "audio/mp4"), (0, b"\x1aE\xdf\xa3", "audio/webm"), (0, b"FORM", "audio/aiff"),
    (0, b"%PDF-", "application/pdf"), (0, b"PK\x03\x04", "application/zip"), (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"), (0, b"\x7fELF", "application/x-executable"),
)  # fmt: skip
"""Where which bytes say what content is."""
ALIASES = {
    "audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/vnd.wave": "audio/wav", "audio/mp3": "audio/mpeg",
    "audio/x-mpeg": "audio/mpeg", "audio/x-flac": "audio/flac", "audio/m4a": "audio/mp4", "audio/x-m4a": "audio/mp4",
    "audio/opus": "audio/ogg", "application/ogg": "audio/ogg", "audio/x-aiff": "audio/aiff", "audio/x-aac": "audio/aac",
    "audio/x-matroska": "audio/webm", "audio/matroska": "audio/webm", "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg", "image/x-ms-bmp": "image/bmp", "text/json": "application/json",
    "application/x-pdf": "application/pdf", "application/x-zip-compressed": "application/zip",
    "application/x-gzip": "application/gzip",
}  # fmt: skip
"""Other names of types, which clients use."""
CONTAINERS = {
    "video/mp4": "audio/mp4", "video/quicktime": "audio/mp4", "video/webm": "audio/webm",
    "video/x-matroska": "audio/webm", "video/ogg": "audio/ogg",
}  # fmt: skip
"""What the first bytes of films look like."""
WRITTEN = ("image/svg+xml", "application/xml", "application/yaml", "application/x-yaml", "application/javascript")
"""Types beside `text/*` that are texts."""


ALONE = ("application/json", "application/pdf", "application/zip", "application/gzip")
"""Types that are nothing else."""


def canonical(media_type: str) -> str:
    """A media type under its usual name, without parameters other than `kind`."""
    base, *parameters = (part.strip() for part in media_type.split(";"))
    kind = next((f";{p}" for p in parameters if p.startswith("kind=")), "")
    return ALIASES.get(base.lower(), base.lower()) + kind


def check(path: Path, declared: str | None, label: str) -> str:
    """The media type under which content is kept: the declared one when it is true, else what the content is.

    Raises `InputRefused` when the declared type is a lie, and for what is broken, too long or a bomb.
    """
    stated = canonical(declared) if declared else None
    found = recognise(path, stated, label)
    if stated is None:
        return found
    if not _true(stated.partition(";")[0], found):
        raise InputRefused(
            say(
                "`{label}` is {found}, not {declared}. Declare it as what it is, or convert it.",
                label=label,
                found=found,
                declared=declared,
            )
        )
    return stated


def recognise(path: Path, stated: str | None, label: str) -> str:
    """The media type of content. What it is said to be decides only between types that begin alike."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    begins = next((found for at, magic, found in MAGIC if head[at : at + len(magic)] == magic), OCTETS)
    base = (stated or "").partition(";")[0]
    if CONTAINERS.get(base) == begins:
        return base
    if begins == "application/zip":
        _check_zip(path, label)
    looks = begins if begins != OCTETS or base in WRITTEN else base
    # The frames of mp3 and aac have no better mark than their first byte.
    sounds = looks.startswith("audio/") or (begins == OCTETS and head[:1] == b"\xff")
    if not (sounds or looks.startswith("image/")):
        return begins if begins != OCTETS else _text(path, base, head, label)
    try:
        return _sound(path, label) if sounds else Image(path, label=label).probe()
    except InputRefused:
        if base.startswith(("audio/", "image/")):
            raise
        if _is_text(path):
            return _text(path, base, head, label)  # One that begins with "BM", say.
        if begins == OCTETS:
            return OCTETS
        raise


def _sound(path: Path, label: str) -> str:
    from halles.sdk import sound

    audio = Audio(path, label=label)
    found = audio.probe().media_type
    sound.measure(audio)
    return found


def _text(path: Path, base: str, head: bytes, label: str) -> str:
    if not _is_text(path):
        return OCTETS
    beginning = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if base == "application/json":
        read_json(path, label)
        return base
    if beginning[:1] in (b"{", b"["):
        with suppress(InputRefused):
            read_json(path, label)
            return "application/json"
    if beginning.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    return "image/svg+xml" if b"<svg" in beginning else "text/plain"


def _is_text(path: Path) -> bool:
    """Whether a file is UTF-8 throughout. NUL is in no text, but in UTF-16 and in binary files."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                if "\0" in decoder.decode(chunk):
                    return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def read_text(path: Path, label: str) -> str:
    """A text that is not too large to be read whole. Raises `InputRefused`."""
    if path.stat().st_size > MAX_TEXT_BYTES:
        message = say(
            "`{label}` is {size:,.0f} MB of text; at most {most:,.0f} MB are read.",
            label=label,
            size=path.stat().st_size / 1e6,
            most=MAX_TEXT_BYTES / 1e6,
        )
        raise InputRefused(message)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefused(
            say("`{label}` is not UTF-8 text (byte {start}). Save it as UTF-8.", label=label, start=error.start)
        ) from error


def read_json(path: Path, label: str) -> Any:
    """The value of a JSON file. Raises `InputRefused`."""
    try:
        return parse_json(read_text(path, label))
    except ValueError as error:
        raise InputRefused(say("`{label}` is not JSON: {error}.", label=label, error=error)) from error


FAULTS = (
    "Expecting value", "Expecting property name enclosed in double quotes", "Expecting ':' delimiter",
    "Expecting ',' delimiter", "Unterminated string starting at", "Invalid control character at", "Invalid \\escape",
    "Invalid \\uXXXX escape", "Extra data", "Illegal trailing comma before end of object",
    "Illegal trailing comma before end of array",
)  # fmt: skip
"""What Python finds wrong with JSON."""


def parse_json(text: str) -> Any:
    """Strict JSON. Raises `ValueError`."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(say("{constant} is no JSON number", constant=constant))

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        what = say(error.msg) if error.msg in FAULTS else error.msg
        message = say("{what} (line {line}, column {column})", what=what, line=error.lineno, column=error.colno)
        raise ValueError(message) from error
    except RecursionError as error:
        raise ValueError(say("it is nested too deeply")) from error


def _check_zip(path: Path, label: str) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - (1 << 16) - 22))
        end = file.read()
    if ZIP64 in end:  # Its directory may be gigabytes, and is read at once.
        raise InputRefused(say("`{label}` is a zip of more than 65,535 files. Split it.", label=label))
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise InputRefused(
            say("`{label}` is a zip that cannot be read: {error}. Was it cut off?", label=label, error=error)
        ) from error
    packed = path.stat().st_size
    if unpacked > max(SMALL, packed * MAX_ZIP_RATIO) or unpacked > max_bytes():
        raise InputRefused(
            say(
                "`{label}` would unpack from {packed:,} to {unpacked:,} bytes. That much is not taken.",
                label=label,
                packed=packed,
                unpacked=unpacked,
            )
        )


def _true(stated: str, found: str) -> bool:
    """Whether content that was found to be one type may be called another."""
    if stated in (found, OCTETS):
        return True
    written = found.startswith("text/") or found in ("application/json", "image/svg+xml")
    if stated.startswith("text/") or stated in WRITTEN or stated.endswith(("+xml", "+json")):
        return written
    if stated.startswith(("audio/", "image/", "video/")) or stated in ALONE:
        return False  # It would have been found.
    return found in (OCTETS, "text/plain", "application/zip")  # Many a type is a zip inside.


def max_bytes() -> float:
    """The largest input that is taken, `HALLES_MAX_INPUT_BYTES` (default 2 GiB)."""
    return settings.number("HALLES_MAX_INPUT_BYTES", 2 * 1024**3)
