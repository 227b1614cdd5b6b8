"""Between what lies under the keys of a task and what a service takes and gives."""

import codecs
from collections.abc import Sequence

from halles.csia import media
from halles.csia.translate import Part, Wire
from halles.model import Media, PortSpec
from halles.sdk import File, InputRefused
from halles.serving.convert import convert, unzipped, zipped

SMALL = 64
"""Bytes up to which a value may say nothing: `null`, `{}` and blanks."""
TEXTS = ("text/plain", "text/csv", "application/json")


def taken(wire: Wire, file: File, limit: float) -> list[File] | None:
    """The values of an input of a fetched file; None when it says nothing and need not. Raises `InputRefused`."""
    port = wire.port
    if port.optional and says_nothing(file, port):
        return None
    if file.media_type == media.ZIP and not _fits(port, media.ZIP):
        return [_taken(item, port) for item in _unpacked(file, port, limit)]
    return [_taken(file, port)]


def given(wire: Wire, files: Sequence[File]) -> File:
    """The file of an output field. An output that was not given is an empty file: the engine wants a key a field."""
    types = wire.field.type
    if wire.part is Part.all:
        return zipped(files, wire.port.name)
    if not files:
        return File(b"", types[0], label=wire.port.name)
    first = files[0]
    first.label = wire.port.name
    return first if first.media_type.partition(";")[0] in types else convert(first, types[0])


def says_nothing(file: File, port: PortSpec) -> bool:
    """Whether a file stands for an absent value: empty, blank, or JSON without content."""
    size = file.path.stat().st_size
    if size == 0:
        return True
    if size > SMALL or file.media_type not in TEXTS:
        return False
    content = file.read().strip()
    if file.media_type != "application/json" or not content:
        return not content
    return content == b"null" or (content == b"{}" and bool((port.json_schema or {}).get("required")))


def _unpacked(file: File, port: PortSpec, limit: float) -> list[File]:
    found = unzipped(file, limit)
    if not port.many and len(found) != 1:
        raise InputRefused(f"`{port.name}` takes a zip with one file; this one has {len(found)}.", port=port.name)
    known = media.accepted(port.media)
    for item in found:
        if known != (media.ZIP,) and item.media_type not in known:
            message = f"The zip `{port.name}` holds {item.media_type}; it may hold {', '.join(known)}."
            raise InputRefused(message, port=port.name)
    return found


def _taken(file: File, port: PortSpec) -> File:
    """The value as a type that the service takes."""
    file.label = port.name
    if file.media_type in TEXTS:
        file = _without_mark(file)
    if _fits(port, file.media_type):
        return file
    wanted = port.media[0].partition(";")[0]
    return convert(file, wanted) if not file.media_type.startswith("application/") else File(file.source, wanted)


def _fits(port: PortSpec, media_type: str) -> bool:
    """Whether a port takes a type, whatever its kind: there are no kinds on the wire."""
    return any(Media.parse(each.partition(";")[0]).accepts(Media.parse(media_type)) for each in port.media)


def _without_mark(file: File) -> File:
    """Text without the mark that some editors put before it."""
    with file.path.open("rb") as content:
        marked = content.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    return File(file.read()[len(codecs.BOM_UTF8) :], file.media_type, label=file.label) if marked else file
