"""What the work of the moment is about, for whatever is logged meanwhile."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_fields: ContextVar[Mapping[str, str]] = ContextVar("halles_fields", default={})  # noqa: B039 - nobody changes it.


@contextmanager
def about(**fields: str | None) -> Iterator[None]:
    """Log these fields with everything that is logged inside; None adds nothing."""
    token = _fields.set({**_fields.get(), **{name: value for name, value in fields.items() if value is not None}})
    try:
        yield
    finally:
        _fields.reset(token)


def fields() -> Mapping[str, str]:
    """The fields of now."""
    return _fields.get()
