"""Cards: figures that machines read stand at the head, and are the ones that people read below."""

import re
from pathlib import Path

import pytest

from halles.main import Market
from halles.sdk.card import card_of, read_card

ROOT = Path(__file__).parents[2]
SERVICES = sorted(file.parent.name.replace("_", "-") for file in (ROOT / "src/halles_services").glob("*/service.py"))


def figures(text: str) -> set[float]:
    """All numbers of a text, whatever sign of minus it uses."""
    return {float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-").replace(",", ""))}


@pytest.mark.parametrize("slug", SERVICES)
def test_each_measured_figure_is_one_that_the_card_shows(slug: str) -> None:
    card = card_of(Market().services.load(slug).target)
    assert card is not None and card.quality != ()
    told = {value for m in card.quality for value in (m.value, m.baseline) if value is not None}
    assert told - figures(card.text) == set()


@pytest.mark.parametrize("slug", SERVICES)
def test_each_command_that_measures_names_something_that_is_there(slug: str) -> None:
    card = card_of(Market().services.load(slug).target)
    assert card is not None
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for measure in card.quality:
        program, what = measure.command.split()[:2]
        known = {"make": what in targets, "python": (ROOT / what).is_file(), "halles": what in ("call", "run")}
        assert known[program], measure.command


def test_a_card_without_a_head_is_a_text() -> None:
    assert read_card("# A card\n").text == "# A card\n"


@pytest.mark.parametrize(
    "head",
    ["quality: [{what: speed}]", "nonsense: true", "quality: [", "- a"],
    ids=["incomplete figure", "no figures", "no YAML", "a list"],
)
def test_a_head_that_cannot_be_read_is_said(head: str) -> None:
    with pytest.raises(ValueError, match="head of a card"):
        read_card(f"---\n{head}\n---\n# A card\n")


def test_a_head_without_an_end_is_said() -> None:
    with pytest.raises(ValueError, match="ends with a line"):
        read_card("---\nquality: []\n# A card\n")
