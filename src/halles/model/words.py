"""Search by words, which forgives typing errors."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

LIKE = 0.8
"""How alike two words are that are taken for the same one, mistyped."""
SHORT = 4
"""Shorter words must be right: too many others look like them."""


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return re.findall(r"\w+", text.casefold())


def alike(word: str, known: Iterable[str]) -> list[str]:
    """The known words that somebody may have meant by a word, or by what is typed of it."""
    return [each for each in known if _alike(word, each)] if len(word) >= SHORT else []


def matches(asked: str, text: str) -> bool:
    """Whether all words that are asked for occur in a text, or look like words of it."""
    small, words = text.casefold(), words_of(text)
    return all(word in small or bool(alike(word, words)) for word in asked.casefold().split())


@lru_cache(100_000)
def _alike(word: str, known: str) -> bool:
    near = [each for each in (known, known[: len(word)]) if abs(len(each) - len(word)) <= 1]
    return bool(get_close_matches(word, near, n=1, cutoff=LIKE))
