"""Logs as lines: JSON for machines or text for people, each with what it is about, none with a secret."""

import json
import logging
import re
import sys
import time
from typing import Any, Literal, TextIO

from halles.telemetry import traces
from halles.telemetry.context import fields

QUIET = {
    "alembic": logging.WARNING,
    "mcp": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "_granian": logging.ERROR,
    "opentelemetry": logging.ERROR,
}
"""Libraries that say more than anybody asked; those of HTTP would write down whole addresses, signatures included."""

_SECRETS = re.compile(
    r"""(?ix)
    (?P<keep> \b(?:bearer|basic)\s+ | ://[^\s/:@]*:(?=[^\s/@]+@) |
      (?:password|passwd|secret|token|signature|api[_-]?key|authorization|cookie|x-amz-[a-z-]*)["']?\s*[=:]\s*["']?
    )
    (?P<secret> (?!(?:bearer|basic)\b)[^\s"'&,;@]+)
    """
)


def configure(form: Literal["text", "json"], level: str, stream: TextIO | None = None) -> None:
    """Send everything that is logged to a stream (standard error), in this form, from this level on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in QUIET.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(least)


def without_secrets(text: str) -> str:
    """The text with passwords, keys and signatures blotted out."""
    return _SECRETS.sub(r"\g<keep>…", text)


def known(record: logging.LogRecord) -> dict[str, Any]:
    """What is known beside the message: what it is about, the trace, and the facts given as `extra={"facts": …}`."""
    return {**fields(), **traces.ids(), **getattr(record, "facts", {})}


class JsonLines(logging.Formatter):
    """One JSON object a line. `time` is UTC, as RFC 3339 writes it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        line = {"time": when, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        line |= known(record)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps({name: _clean(value) for name, value in line.items()}, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """One line for people: when, how grave, what, and what it is about."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        beside = " ".join(f"{name}={value}" for name, value in known(record).items())
        line = f"{when} {record.levelname.lower():<7} {record.getMessage()}{f'  [{beside}]' if beside else ''}"
        line = line.replace("\r", "\\r").replace("\n", "\\n")  # Nobody may write a line that was never logged.
        error = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return without_secrets(line + error)


def _clean(value: Any) -> Any:
    return without_secrets(value) if isinstance(value, str) else value
