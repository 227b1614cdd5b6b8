"""Multipart bodies, part by part: files go to disk as they come, fields are small and stay in memory."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import PurePosixPath

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from halles.model import Problem, Problems, say
from halles.runners.content import max_bytes
from halles.stores.spool import Spool

MAX_PARTS = 1000
MAX_FIELD_BYTES = 1_000_000
MAX_FIELDS_BYTES = 8_000_000
"""All fields of a body together."""
MAX_NAME = 200


@dataclass(frozen=True)
class Part:
    """A field or a file of a form, whole."""

    name: str
    content: str | Spool
    filename: str | None = None
    media_type: str | None = None


class Form:
    """Takes a multipart body chunk by chunk. What was spooled and not kept is deleted when the stack is closed.

    Files are bounded each (`HALLES_MAX_INPUT_BYTES`), fields, headers and the number of parts together.
    """

    def __init__(self, boundary: bytes, spool: Callable[[float], Spool], stack: ExitStack) -> None:
        self.parts: list[Part] = []
        self._spool = spool
        self._stack = stack
        self._room = MAX_FIELDS_BYTES
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._field,
                    "on_header_value": self._value,
                    "on_header_end": self._header,
                    "on_headers_finished": self._open,
                    "on_part_data": self._data,
                    "on_part_end": self._close,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise _unreadable(error) from error

    def write(self, chunk: bytes) -> None:
        """Take a chunk of the body. Raises `Problems`."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _unreadable(error) from error

    def close(self) -> list[Part]:
        """All parts, when the body has come to its end. Raises `Problems` when it broke off."""
        if not self._ended:
            raise _unreadable(say("it breaks off before its last boundary"))
        return self.parts

    def _begin(self) -> None:
        if len(self.parts) >= MAX_PARTS:
            message = say("The form has more than {most} parts. Send it in several requests.", most=MAX_PARTS)
            raise Problems([Problem(code="too-large", message=message)])
        self._headers: dict[bytes, bytes] = {}
        self._name = self._text = b""

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._text += data[start:end]

    def _header(self) -> None:
        self._headers[self._name.lower()] = self._text
        self._name = self._text = b""

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = options.get(b"name", b"").decode(errors="replace")
        if not name or len(name) > MAX_NAME:
            message = say(
                "each part needs a `Content-Disposition: form-data; name=…`, of at most {most} characters",
                most=MAX_NAME,
            )
            raise _unreadable(message)
        given = options.get(b"filename")
        filename = None if given is None else PurePosixPath(given.decode(errors="replace").replace("\\", "/")).name
        media_type = self._headers.get(b"content-type", b"").decode("latin-1").strip() or None
        self._part = Part(name, "", filename, media_type)
        self._held = bytearray()
        self._file = None if filename is None else self._stack.enter_context(self._spool(max_bytes()))

    def _data(self, data: bytes, start: int, end: int) -> None:
        chunk = data[start:end]
        if self._file is not None:
            self._file.write(chunk)
            return
        self._held += chunk
        self._room -= len(chunk)
        if len(self._held) > MAX_FIELD_BYTES or self._room < 0:
            message = say(
                "Field `{name}` is too large: a field has at most {most:,} bytes, all together"
                " {together:,}. Send it as a file, with a `filename`.",
                name=self._part.name,
                most=MAX_FIELD_BYTES,
                together=MAX_FIELDS_BYTES,
            )
            raise Problems([Problem(code="too-large", port=self._part.name, message=message)])

    def _close(self) -> None:
        part = self._part
        if self._file is not None:
            self._file.close()
            self.parts.append(Part(part.name, self._file, part.filename, part.media_type))
            return
        try:
            self.parts.append(Part(part.name, self._held.decode(), None, part.media_type))
        except UnicodeDecodeError as error:
            message = say("Field `{name}` is not UTF-8 text. Send it as a file, with a `filename`.", name=part.name)
            raise Problems([Problem(code="not-text", port=part.name, message=message)]) from error

    def _end(self) -> None:
        self._ended = True


def _unreadable(why: object) -> Problems:
    return Problems(
        [Problem(code="bad-form", message=say("The body is no multipart form that can be read: {why}.", why=why))]
    )
