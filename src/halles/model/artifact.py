"""A value that passes between steps, by reference: its bytes stay in the object store."""

from collections.abc import Mapping
from typing import TypeAlias

from pydantic import Field

from halles.model.base import Model


class Artifact(Model):
    """Content under its hash. The same bytes of the same type are the same artifact, wherever they come from."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: str
    size: int = Field(ge=0)


Value: TypeAlias = Artifact | tuple[Artifact, ...]
"""What a port holds: one artifact, or several when the port is `many`."""


def artifacts(value: Value) -> tuple[Artifact, ...]:
    """The artifacts of a value, one or several."""
    return value if isinstance(value, tuple) else (value,)


def picture(values: Mapping[str, Value]) -> str | None:
    """The hash of the first picture among some values."""
    every = (each for value in values.values() for each in artifacts(value))
    return next((each.sha256 for each in every if each.media_type.startswith("image/")), None)
