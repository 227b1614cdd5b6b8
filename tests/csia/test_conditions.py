"""Conditions between CEL and the language of the Swiss AI Center's engine."""

import re
from typing import Any

import cel
import pytest

from halles.csia.conditions import Untranslatable, to_cel, to_python

VALUES: dict[str, Any] = {"text": "so long", "lyrics": {"lines": [{"words": 3}], "sung": True}, "count": 4}
PAIRS = [
    ("hear.text != ''", "(not (hear-it.text == ''))"),
    ("hear.text == 'so long' && hear.count > 3", "((hear-it.text == 'so long') and (hear-it.count > 3))"),
    (
        "!(hear.count < 3) || hear.text.startsWith('no')",
        "((not ((hear-it.count < 3))) or hear-it.text.startswith('no'))",
    ),
    ("size(hear.text) >= 7", "(len(hear-it.text) >= 7)"),
    ("hear.text.size() - 1 == 6", "((len(hear-it.text) - 1) == 6)"),
    ("hear.text.contains('long')", "('long' in hear-it.text)"),
    ("hear.count in [1, 4]", "(hear-it.count in [1, 4])"),
    ("hear.lyrics.sung == true", "(hear-it.lyrics['sung'] == True)"),
    ("hear.lyrics.lines[0].words == 3", "(hear-it.lyrics['lines'][0]['words'] == 3)"),
    (
        "(hear.count > 2 ? hear.text : 'none') == 'so long'",
        "(((hear-it.text if (hear-it.count > 2) else 'none')) == 'so long')",
    ),
    ("hear.text != 'so! && long || what'", r"(not (hear-it.text == 'so\x21 \x26\x26 long \x7c\x7c what'))"),
]


def there(condition: str) -> bool:
    """What that engine makes of a condition: texts replaced, then evaluated."""
    names = {}
    for name, value in VALUES.items():
        names[f"hear_it_{name}"] = value
        condition = condition.replace(f"hear-it.{name}", f"hear_it_{name}")
    condition = condition.replace("&&", "and").replace("||", "or").replace("!", "not ")
    return bool(eval(condition, {}, names))  # noqa: S307 - that is what it does.


def here(condition: str) -> bool:
    return bool(cel.compile(condition).execute({"hear": VALUES}))


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_a_condition_of_ours_means_the_same_there(ours: str, theirs: str) -> None:
    assert to_python(ours, lambda step, port: f"{step}-it.{port}") == theirs
    assert there(theirs) is here(ours)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_and_comes_back_meaning_the_same(ours: str, theirs: str) -> None:
    back = to_cel(theirs, {f"hear-it.{name}": f"hear.{name}" for name in VALUES})
    assert here(back) is here(ours)


@pytest.mark.parametrize(
    "theirs",
    [
        "hear-it.count > 3 && hear-it.count < 5",
        "!(hear-it.text == 'x')",
        "1 < hear-it.count <= 4",
        "'so' not in hear-it.text",
    ],
)
def test_a_condition_of_theirs_means_the_same_here(theirs: str) -> None:
    back = to_cel(theirs, {f"hear-it.{name}": f"hear.{name}" for name in VALUES})
    assert here(back) is there(theirs)


@pytest.mark.parametrize(
    "theirs",
    [
        "__import__('os').system('true')",
        "hear-it.text.strip() == ''",
        "[x for x in (1,)]",
        "other.text == ''",
        "(",
        "lambda: 1",
        "a := 1",
    ],
)
def test_what_has_no_equal_here_is_refused(theirs: str) -> None:
    with pytest.raises(Untranslatable):
        to_cel(theirs, {"hear-it.text": "hear.text"})


@pytest.mark.parametrize(
    "ours",
    [
        "hear.text.matches('a.*')",
        "hear.lines.all(l, l > 1)",
        "hear.text ==",
        "timestamp(hear.text) > 1",
        "a.b @ c",
        "[1",
    ],
)
def test_what_has_no_equal_there_is_refused(ours: str) -> None:
    with pytest.raises(Untranslatable):
        to_python(ours, lambda step, port: f"{step}.{port}")


def test_nothing_that_is_written_can_be_mangled_there() -> None:
    written = to_python("hear.text != '!&&||\\'\"'", lambda step, port: f"{step}-it.{port}")
    assert not re.search(r"!|&&|\|\|", written)
