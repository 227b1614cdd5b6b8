"""Media types with a semantic kind, such as `audio/*` or `text/plain;kind=lyrics`."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from halles.model.saying import say

_MEDIA = re.compile(r"(?P<type>[\w.+-]+)/(?P<subtype>\*|[\w.+-]+)(?:\s*;\s*kind=(?P<kind>[a-z0-9-]+))?")


@dataclass(frozen=True, slots=True)
class Media:
    """A parsed media type; `subtype` may be `*` where values are accepted."""

    type: str
    subtype: str
    kind: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Media":
        """Read a media type, or raise `ValueError` that says what one looks like."""
        match = _MEDIA.fullmatch(text.strip())
        if match is None:
            raise ValueError(
                say("`{text}` is not a media type. One looks like `audio/*` or `text/plain;kind=lyrics`.", text=text)
            )
        return cls(match["type"].lower(), match["subtype"].lower(), match["kind"])

    def accepts(self, other: "Media") -> bool:
        """Whether every value of `other` may be used where this type is asked for."""
        return self.type == other.type and self.subtype in ("*", other.subtype) and self.kind in (None, other.kind)

    def __str__(self) -> str:
        return f"{self.type}/{self.subtype}" + (f";kind={self.kind}" if self.kind else "")


_EXTENSIONS = {
    "audio/wav": ".wav", "audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/flac": ".flac", "audio/mp4": ".m4a",
    "audio/aac": ".aac", "audio/webm": ".webm", "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp",
    "text/plain": ".txt", "text/csv": ".csv", "application/json": ".json", "application/pdf": ".pdf",
    "application/zip": ".zip",
}  # fmt: skip


def extension(media_type: str) -> str:
    """The file extension of a media type, `.bin` when it has none of its own."""
    return _EXTENSIONS.get(media_type.partition(";")[0], ".bin")


_TYPES = {extension: media for media, extension in _EXTENSIONS.items()} | {
    ".jpeg": "image/jpeg", ".jpe": "image/jpeg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".mp2": "audio/mpeg",
    ".text": "text/plain",
}  # fmt: skip


def media_type(name: str) -> str | None:
    """The media type that a file name's extension stands for, or None when it has none that is known."""
    return _TYPES.get(PurePosixPath(name).suffix.lower())


def accepts(wanted: tuple[str, ...], offered: tuple[str, ...]) -> bool:
    """Whether a port that takes any of `wanted` can be fed by one that gives any of `offered`."""
    return all(any(Media.parse(w).accepts(Media.parse(o)) for w in wanted) for o in offered)
