"""What a service says, in other languages: its names, descriptions, refusals and reasons.

They stand in a file a language, `locales/fr.json` in the folder of the service or in one above it within its package:
an object of English sentences, as they stand in the code, and what they are in French.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

FOLDER = "locales"

_sentences: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


def sentences(place: Path, language: str) -> dict[str, str]:
    """The translations that hold for what lies in a folder: those nearest to it count. Raises `ValueError`."""
    found: dict[str, str] = {}
    for folder in reversed([*_within(place)]):
        file = folder / FOLDER / f"{language}.json"
        if file.is_file():
            found |= _read(file, file.stat().st_mtime_ns)
    return found


def spoken(place: Path) -> set[str]:
    """The languages into which something is translated that lies in a folder."""
    return {file.stem for folder in _within(place) for file in (folder / FOLDER).glob("*.json")}


def _within(place: Path) -> Iterator[Path]:
    """A folder, and those above it as far as its package goes."""
    yield place
    while (place / "__init__.py").is_file() and (place.parent / "__init__.py").is_file():
        place = place.parent
        yield place


@lru_cache(64)
def _read(file: Path, _changed: int) -> dict[str, str]:
    try:
        return _sentences.validate_python(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, ValidationError) as error:
        raise ValueError(f"{file} is no object of sentences: {error}") from error
