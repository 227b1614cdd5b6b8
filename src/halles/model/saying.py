"""What we say, put together so that it can be said in other languages too.

A sentence is written once, in English, with holes: `say("There is no run `{run}`.", run=name)`. It is the text that it
reads as, so that whoever wants a text has one, and it remembers its form and what filled it. The form is what
translations are found by, as with gettext: who changes the English sees at once which translations are stale.
"""

from collections.abc import Callable, Iterable
from string import Formatter
from typing import Any

from pydantic import Field
from pydantic_core import PydanticKnownError

from halles.model.base import Model


class Said(Model):
    """How a sentence was put together."""

    form: str = Field(description="the English sentence with its holes: translations are found by it")
    values: dict[str, Any] = Field(
        default={},
        description="what fills the holes: texts, numbers, lists, words by language, sentences put together likewise",
    )


class Word(dict[str, str]):
    """A word in the languages in which it is known, by their codes; `en` is always among them."""


class Saying(str):
    """An English sentence that remembers how it was put together. Made by `say`."""

    said: Said

    def __new__(cls, said: Said) -> "Saying":
        """Read as the form with its holes filled; a sentence that begins with a hole begins with a capital letter."""
        text = _ENGLISH.vformat(said.form, (), said.values)
        if said.form.startswith("{") and said.form.endswith("."):
            text = text[:1].upper() + text[1:]
        new = super().__new__(cls, text)
        new.said = said
        return new

    def __str__(self) -> str:
        """Itself, so that an exception that was raised with it still knows it."""
        return self

    def __getnewargs__(self) -> tuple[Said]:  # type: ignore[override]
        return (self.said,)


def say(form: str, **values: Any) -> Saying:
    """A sentence. Lists become `` `a`, `b` ``, or as their hole says: `{types:or}`, `{reasons:; }`."""
    return Saying(Said(form=form, values={name: _kept(value) for name, value in values.items()}))


def remembers(sentence: str, beside: str = "said") -> Callable[[Any], Any]:
    """For a `model_validator(mode="before")`: how a sentence was put together is kept in the field beside it."""

    def keep(data: Any) -> Any:
        if isinstance(data, dict) and beside not in data and (said := said_of(data.get(sentence))):
            return {**data, beside: said}
        return data

    return keep


def fault_of(item: Any) -> str:
    """What pydantic finds wrong, of one item of its list: a sentence of ours, or its own put together of its form."""
    text, context = str(item["msg"]), item.get("ctx", {})
    if item["type"] == "value_error":
        return str(context["error"])
    count = next((each for each in context.values() if isinstance(each, int)), 0)
    try:
        form = PydanticKnownError(item["type"], context or None).message_template
        told = say(form, **{"count": count, "expected_plural": "" if count == 1 else "s", **context})
    except (KeyError, TypeError, ValueError):
        return text
    return told if told == text else text


def fault_at(item: Any) -> str:
    """The same, after the place of what is wrong, where that is not the whole."""
    place, fault = ".".join(map(str, item["loc"])), fault_of(item)
    return say("{place}: {fault}", place=place, fault=fault) if place else fault


def said_of(text: Any) -> Said | None:
    """How a text was put together, if it remembers."""
    return text.said if isinstance(text, Saying) else None


def listing(names: Iterable[str]) -> str:
    """Names as an error shows them: "`a`, `b`", or "none"."""
    return ", ".join(f"`{name}`" for name in names) or "none"


def _kept(value: Any) -> Any:
    """A value as JSON can hold it. An exception that was raised with a sentence is that sentence."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Word):
        return dict(value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Model):
        return [_kept(each) for each in value]
    text = str(value)
    return text.said.model_dump() if isinstance(text, Saying) else text


class _English(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        """A hole, filled."""
        if isinstance(value, dict):
            return Saying(Said(**value)) if "form" in value else str(value["en"])
        if not isinstance(value, list):
            return str(format(value, format_spec))
        texts = [self.format_field(each, "") for each in value]
        between = " or " if format_spec == "or" else format_spec
        return between.join(texts) if between else listing(texts)


_ENGLISH = _English()
