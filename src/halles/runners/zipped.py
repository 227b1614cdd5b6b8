"""Zips that are written while they are read: no file, no more memory than a piece."""

import zipfile
from collections.abc import Iterable, Iterator

Entry = tuple[str, Iterable[bytes]]
"""A name inside, and its content in chunks."""
PACKED = (".mp3", ".ogg", ".opus", ".flac", ".m4a", ".aac", ".webm", ".png", ".jpg", ".webp", ".zip", ".pdf")
"""What does not get smaller."""
MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every file inside, so that the same content is the same zip."""


class _Pipe:
    """What `zipfile` writes to: it hands over what came since the last time."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        held, self._held = self._held, []
        return b"".join(held)


def stream(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The bytes of a zip with these entries, in their order."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", allowZip64=True) as archive:  # type: ignore[call-overload]
        for name, chunks in entries:
            info = zipfile.ZipInfo(name, MOMENT)
            info.compress_type = zipfile.ZIP_STORED if name.endswith(PACKED) else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=True) as member:
                for chunk in chunks:
                    member.write(chunk)
                    yield pipe.take()
            yield pipe.take()
    yield pipe.take()
