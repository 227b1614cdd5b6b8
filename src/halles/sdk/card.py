"""The card of a service: what stands in the Markdown file beside it, and the figures that were measured.

The figures stand at the head of the card, as YAML between two lines of `---`, with the command that measures them
again:

    quality:
      - {what: word error rate, value: 0.188, better: lower, data: nine whole songs, command: make bench-lyrics}
"""

import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from halles.model import Measure, Model

FENCE = "---\n"

_measures: TypeAdapter[tuple[Measure, ...]] = TypeAdapter(tuple[Measure, ...])


class Card(Model):
    """A card."""

    text: str
    quality: tuple[Measure, ...] = ()


def card_of(target: Any) -> Card | None:
    """The card of what a service was made from: `card.md` beside a `service.py`, else a page with the module's name.

    Raises `ValueError` for figures that cannot be read.
    """
    page = _beside(target, "card", ".md")
    return read_card(page.read_text(encoding="utf-8")) if page else None


def picture_of(target: Any) -> Path | None:
    """The small picture of what a service does: `picture.webp` beside a `service.py`, else one of the module's name."""
    return _beside(target, "picture", ".webp")


def _beside(target: Any, name: str, suffix: str) -> Path | None:
    file = Path(getattr(sys.modules.get(target.__module__), "__file__", None) or "")
    found = file.with_name(f"{name}{suffix}") if file.name == "service.py" else file.with_suffix(suffix)
    return found if found.is_file() else None


@lru_cache(256)
def read_card(text: str) -> Card:
    """A card from its text. Raises `ValueError` for figures that cannot be read."""
    if not text.startswith(FENCE):
        return Card(text=text)
    head, fence, body = text.removeprefix(FENCE).partition(f"\n{FENCE}")
    if not fence:
        raise ValueError("The head of a card ends with a line of `---`.")
    try:
        known = yaml.safe_load(head)
        return Card(text=body.lstrip(), quality=_measures.validate_python(known["quality"]))
    except (yaml.YAMLError, ValidationError, KeyError, TypeError) as error:
        raise ValueError(f"The head of a card cannot be read: {error}") from error
