"""What people call feelings and media, in five languages (`names.txt`)."""

import re
from functools import cache
from pathlib import Path


@cache
def names() -> dict[str, tuple[str, ...]]:
    """The names of each feeling and each medium."""
    lines = (Path(__file__).parent / "names.txt").read_text("utf-8").splitlines()
    pairs = (line.split(": ") for line in lines if line and not line.startswith("#"))
    return {label: tuple(words.split(", ")) for label, words in pairs}


def begins(name: str, words: str) -> bool:
    """Whether one of the words begins with a name."""
    return re.search(rf"\b{re.escape(name)}", words, re.IGNORECASE) is not None
