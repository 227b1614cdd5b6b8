"""Concrete things that songs speak of: found in a text by their names, in five languages.

`things.txt` is our own list. It says what a thing is called, how large it is, where it stands, and which scenes and
hours of the day it speaks for; some of its things are never depicted, and some words are nothing to see.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, cast

from halles.sdk import Saying, Word, say

Place = Literal["ground", "air", "water", "surface"]
LANGUAGES = ("en", "fr", "de", "es", "it")

_ARTICLES = {
    "en": "a an the my your his her its our their this that these those some every each no another one two three",
    "fr": "le la l les un une des du au aux ma mon mes ta ton tes sa son ses notre nos votre vos leur leurs ce cette d",
    "de": "der die das den dem ein eine einen einem mein meine dein deine sein seine ihr ihre unser unsere",
    "es": "el la los las un una unos unas mi mis tu tus su sus nuestro nuestra este esta ese esa del al",
    "it": "il la lo l i gli le un una uno mio mia tuo tua suo sua questo questa quel quella del della al alla nel",
}
_DETERMINERS = {language: frozenset(words.split()) for language, words in _ARTICLES.items()}
"""A name that is also a verb ("watch") counts only behind one of these, or behind one and an adjective."""

_LONGEST = 5
"""Words in the longest name of the list."""


@dataclass(frozen=True)
class Thing:
    """Something with a name; `icon` names its silhouette where it has one."""

    name: str
    icon: str | None
    forbidden: bool
    place: Place
    metres: float
    speaks_for: tuple[str, ...]
    pull: float
    words: dict[str, tuple[str, ...]]

    @property
    def shown(self) -> bool:
        """Whether a silhouette of it exists."""
        return self.icon is not None

    @property
    def called(self) -> Word:
        """What it is called in each language."""
        known = {language: names[0].removeprefix("~") for language, names in self.words.items() if names[0]}
        return Word({**known, "en": self.name})


def because(item: Thing, told: str) -> Saying:
    """Why a thing is shown."""
    return say("{subject}, because {reason}.", subject=item.called, reason=told)


class Mention(NamedTuple):
    """A thing named in a line of a text, by the words of the text."""

    thing: Thing
    words: str
    line: str


@cache
def things() -> tuple[Thing, ...]:
    """The whole list, in the order of the file."""
    text = (Path(__file__).parent / "things.txt").read_text("utf-8")
    return tuple(_thing(line) for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _thing(line: str) -> Thing:
    name, icon, place, metres, speaks_for, pull, *words = (cell.strip() for cell in line.split("|"))
    return Thing(
        name=name,
        icon=icon if len(icon) > 1 else None,
        forbidden=icon == "x",
        place=cast(Place, place if place != "-" else "surface"),
        metres=float(metres),
        speaks_for=tuple(s.strip() for s in speaks_for.split(",") if s.strip() != "-"),
        pull=float(pull),
        words={
            language: tuple(word.strip() for word in cell.split(","))
            for language, cell in zip(LANGUAGES, words, strict=True)
        },
    )


@cache
def thing(name: str) -> Thing | None:
    """The thing of this very name."""
    return next((t for t in things() if t.name == name), None)


def mentions(text: str, language: str | None, *, title: bool = False) -> Iterator[Mention]:
    """Things named in each line of `text`, each time they are named.

    Names of two or more words win over those inside them. A language that the list does not know gives nothing. In a
    `title` the first word may be a noun without its article.
    """
    if language not in LANGUAGES:
        return
    names = _names(language)
    for line in text.splitlines():
        words = _WORD.findall(line)
        at = 0
        while at < len(words):
            length, found = _longest(names, words, at, language, noun=title and at == 0)
            if found:
                yield Mention(found, " ".join(words[at : at + length]), line.strip())
            at += max(length, 1)


def named(words: str, language: str | None = None) -> Thing | None:
    """The thing that `words` name; of several things in a phrase the first that makes a picture.

    Without a `language` it is the one in which most of the words are names, English first. A phrase that names
    something never depicted gives that thing, whatever else it names.
    """
    codes = (language,) if language else LANGUAGES
    whole = " ".join(_WORD.findall(words))
    for code in codes:
        exact = _names(code).get(_fold(whole, code)) if code in LANGUAGES else None
        if exact:
            return exact.thing
    found = max(([m.thing for m in mentions(words, code, title=True)] for code in codes), key=len)
    return max(found, key=lambda item: (item.forbidden, item.shown, item.pull >= _PICTURE), default=None)


_PICTURE = 0.5
"""The least pull of a thing that makes a picture when something else is named beside it."""


class _Name(NamedTuple):
    thing: Thing
    noun_only: bool


_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@cache
def _names(language: str) -> dict[str, _Name]:
    """Every name of the language in its folded singular and plural forms."""
    found: dict[str, _Name] = {}
    inflected: dict[str, _Name] = {}
    for item in things():
        for word in item.words[language]:
            name = _Name(item, word.startswith("~"))
            plain = " ".join(_WORD.findall(word))
            found.setdefault(_fold(plain, language), name)
            for form in _forms(plain.casefold(), language):
                if len(form) >= _KEEPS_ACCENTS:  # a shorter one would be some article or pronoun, such as `di` of `dio`
                    inflected.setdefault(_fold(form, language), name)
        if language == "en" and item.shown:
            found.setdefault(item.name.casefold(), _Name(item, f"~{item.name}" in item.words["en"]))
    return inflected | found


def _longest(
    names: dict[str, _Name], words: list[str], at: int, language: str, *, noun: bool
) -> tuple[int, Thing | None]:
    """How many words from `at` make the longest name, and the thing; (0, None) where there is none."""
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        name = names.get(_fold(" ".join(words[at : at + length]), language))
        if name and (noun or not name.noun_only or _is_noun(words, at, language)):
            return length, name.thing
    if language == "de" and words[at][0].isupper():  # as German nouns are
        return 1, _head(names, _fold(words[at], language))
    return 0, None


def _is_noun(words: list[str], at: int, language: str) -> bool:
    return any(word.casefold() in _DETERMINERS[language] for word in words[max(at - 2, 0) : at])


def _head(names: dict[str, _Name], word: str) -> Thing | None:
    """What a German compound ends in: a `Winternacht` is a `Nacht`."""
    for start in range(3, len(word) - 3):
        name = names.get(word[start:])
        if name and not name.noun_only:
            return name.thing
    return None


_PLURALS = {
    "en": [("y", "ies"), ("", "s"), ("", "es")],
    "fr": [("", "s"), ("", "x")],
    "de": [("", "e"), ("", "en"), ("", "n"), ("", "er"), ("", "s"), ("", "es")],
    "es": [("", "s"), ("", "es")],
    "it": [("co", "chi"), ("go", "ghi"), ("ca", "che"), ("ga", "ghe"), ("io", "i"), ("o", "i"), ("a", "e"), ("e", "i")],
}
"""Endings of the singular, and what they become."""


def _forms(word: str, language: str) -> Iterator[str]:
    for singular, plural in _PLURALS[language]:
        if word.endswith(singular):
            yield word.removesuffix(singular) + plural


def _fold(word: str, language: str) -> str:
    """Lower case, without accents unless the word is short: few typed lyrics have all of theirs."""
    word = word.casefold()
    if language == "de":
        return word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    if len(word) <= _KEEPS_ACCENTS:
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


_KEEPS_ACCENTS = 4
"""Letters in the longest word whose accents are needed: `dés` (dice) is not `des`, `té` (tea) not `te` (you)."""
