"""Key phrases: the words a text returns to, by YAKE (Campos et al. 2020, "YAKE! Keyword extraction …")."""

import re
from collections.abc import Iterator, Sequence

FILLER = re.compile(
    r"(?:o+h*|a+h+|u+h+|e+h+|w[ao]+h*|y+[aeiou]+h*|h+[aeiou]+h*|[hm]+|n+a+h*|l+[aei]+|d+[aou]+|b+a+|sh[ao]+|uh-?huh)"
)
LONGEST = 60


def key_phrases(lines: Sequence[str], language: str, most: int) -> list[tuple[str, float]]:
    """Up to `most` phrases of one to three words with a score in (0, 1], best first.

    Sung filler ("oh oh", "la la") is no phrase, and of phrases that share their words only the best is given.
    """
    import yake

    sentences = ". ".join(line.replace("’", "'").strip(" .,;:!?…") for line in lines)
    extractor = yake.KeywordExtractor(lan=language, n=3, top=20 * most)
    found: list[tuple[str, float]] = []
    for phrase, cost in distinct(extractor.extract_keywords(sentences)):
        if len(found) == most:
            break
        found.append((phrase, 1 / (1 + float(cost))))
    return found


def distinct(candidates: Sequence[tuple[str, float]]) -> Iterator[tuple[str, float]]:
    """The candidates without those that say nothing, or nothing new."""
    taken: list[set[str]] = []
    for raw, cost in candidates:
        phrase = sung(raw)
        words = {stem(word) for word in phrase.split()}
        if worth(phrase) and not any(alike(words, other) for other in taken):
            taken.append(words)
            yield phrase, cost


def worth(phrase: str) -> bool:
    """Whether a phrase can stand alone; "qu'il" and a whole sentence cannot."""
    return 0 < len(phrase) <= LONGEST and (" " in phrase or "'" not in phrase)


def alike(words: set[str], other: set[str]) -> bool:
    """Whether two phrases share half of their words, or one holds the other."""
    return words <= other or other <= words or 2 * len(words & other) >= len(words | other)


def sung(phrase: str) -> str:
    """The phrase without punctuation and filler at its ends."""
    words = [word.strip(' .,;:!?…"«»()*♪-') for word in phrase.split()]
    while words and says_nothing(words[0]):
        words.pop(0)
    while words and says_nothing(words[-1]):
        words.pop()
    return " ".join(words)


def says_nothing(word: str) -> bool:
    """Whether a word is filler, or what a contraction left over ("'t")."""
    return not word or word[0] == "'" or word == "n't" or FILLER.fullmatch(word.lower()) is not None


def stem(word: str) -> str:
    """A word without the endings that make near-duplicates, such as a plural."""
    return word.lower().rstrip("s'")
