"""What a condition may cost. CEL always comes to an end, but a few words can make that end a year away.

A macro does something for each element of a list. One in another, or one that builds ever longer texts, would let an
author stop a worker for all others; so these are refused before anything is evaluated. One that reads other values
than its element for each element is allowed, and sees large values by their size and type only.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from halles.model import say

MACROS = frozenset({
    "all", "exists", "exists_one", "existsOne", "filter", "map", "optFlatMap", "optMap", "sortBy", "transformList",
    "transformMap", "transformMapEntry",
})  # fmt: skip
DEAR = frozenset({"matches", "replace", "split", "join"})
"""Functions that may not be called for each element."""
LITERALS = frozenset({"true", "false", "null", "in"})
MAX_SUMS = 20
"""Plus signs in a condition: each may copy a text."""
_TOKEN = re.compile(
    r"""
    //[^\n]*                                                                            # a comment
    | (?:[bB]?[rR]|[rR][bB])(?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"[^"\n]*"|'[^'\n]*')  # a raw text
    | [bB]?(?:\"{3}(?:\\[\s\S]|[^\\])*?\"{3}|'{3}(?:\\[\s\S]|[^\\])*?'{3}                # any other text
             |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | `(?P<quoted>[^`\n]*)` | (?P<name>[A-Za-z_]\w*) | (?P<sign>[().+])
    """,
    re.VERBOSE,
)


class Cost(NamedTuple):
    """`excess` says why a condition could cost too much, and is empty when it cannot. `repeats`: it does something for
    each element of a list; `crosses`: it reads other values than the element there."""

    excess: str = ""
    repeats: bool = False
    crosses: bool = False


def cost(source: str) -> Cost:
    """What a condition may cost."""
    words = list(_words(source))
    macros: list[bool] = []
    variable, repeats, crosses, sums = "", False, False, 0
    for at, word in enumerate(words):
        before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
        within = any(macros)
        if word == "(":
            if within and before in MACROS | DEAR:
                return Cost(say("`{name}` within another macro is done too often", name=before))
            macros.append(before in MACROS)
            if macros[-1]:
                variable, repeats = after, True
        elif word == ")":
            del macros[-1:]
        elif word == "+":
            sums += 1
            if within:
                return Cost(say("`+` within a macro may build values without end"))
        elif within and word not in LITERALS | {".", variable} and before != "." and after != "(":
            crosses = True
    excess = say("at most {most} values may be added", most=MAX_SUMS) if sums > MAX_SUMS else ""
    return Cost(excess, repeats, crosses)


def _words(source: str) -> Iterator[str]:
    """Names and the signs that matter, without what stands in texts and comments."""
    for token in _TOKEN.finditer(source):
        if word := token["name"] or token["quoted"] or token["sign"]:
            yield word
