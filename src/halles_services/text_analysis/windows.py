"""Cut lyrics, or any text, into passages short enough to carry one feeling."""

import re
from collections.abc import Iterator

ANNOTATION = re.compile(r"\[[^\]\n]*\]")  # "[Chorus]", "[Music]", or the time of an LRC line.
STANZA_END = re.compile(r"\n\s*\n")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")
LINE_LENGTH = 120
SIZE = 2


def stanzas(text: str) -> list[list[str]]:
    """The sung lines of each stanza; lines without a letter, such as "♪" or "1:02", are no words and left out."""
    blocks = STANZA_END.split(ANNOTATION.sub("", text.replace("\r\n", "\n")))
    found = [
        [line for raw in block.splitlines() for line in shortened(raw.strip()) if has_letter(line)] for block in blocks
    ]
    return [lines for lines in found if lines]


def has_letter(line: str) -> bool:
    """Whether a line holds a letter of any script."""
    return any(map(str.isalpha, line))


def shortened(line: str) -> Iterator[str]:
    """Lines of prose as sentences, and whatever is still too long cut between words where there are spaces."""
    for sentence in SENTENCE_END.split(line) if len(line) > LINE_LENGTH else [line]:
        rest = sentence
        while len(rest) > LINE_LENGTH:
            cut = rest.rfind(" ", LINE_LENGTH // 2, LINE_LENGTH)
            cut = cut if cut > 0 else LINE_LENGTH
            yield rest[:cut]
            rest = rest[cut:].lstrip()
        yield rest


def windows(found: list[list[str]], most: int) -> list[str]:
    """At most about `most` overlapping passages of two lines that cover all stanzas, in their order."""
    lines = sum(map(len, found))
    step = max(1, -(-lines // most))
    return [passage for lines in found for passage in _passages(lines, step)]


def _passages(lines: list[str], step: int) -> Iterator[str]:
    size = max(SIZE, step)
    for start in range(0, max(1, len(lines) - size + step), step):
        yield ", ".join(line.rstrip(",;") for line in lines[start : start + size])
