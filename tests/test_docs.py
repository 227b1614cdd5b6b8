"""What the documents say, as far as a test can tell."""

import re
from pathlib import Path

import pytest

from halles.engine import check, read
from halles.main import Market

ROOT = Path(__file__).parents[1]
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "src").rglob("*.md"),
    *(ROOT / "training").rglob("*.md"),
]


def test_every_setting_is_documented() -> None:
    read_settings = {
        name for file in (ROOT / "src").rglob("*.py") for name in re.findall(r"HALLES_[A-Z0-9_]+", file.read_text())
    }
    documented = set(re.findall(r"\| `(HALLES_[A-Z0-9_]+)`", (ROOT / "docs/architecture/5-settings.md").read_text()))
    assert documented == read_settings


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_make_targets_that_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", page.read_text())}
    assert named - targets == set()


def test_the_demo_ends_by_saying_how_to_open_it() -> None:
    told = re.findall(r"^demo:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].splitlines()[-1]
    assert told.startswith('\t@echo "In the browser:')
    assert "halles serve, then http://127.0.0.1:8000" in told


def test_the_readme_lists_every_service() -> None:
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert listed == set(Market().services.slugs())


def test_the_pipeline_in_the_readme_has_no_problems() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert check(read(text), Market().services) == []


def test_every_service_has_a_card_that_names_its_licence_and_weights() -> None:
    market = Market()
    for slug in market.services.slugs():
        service = market.services.load(slug)
        card = (ROOT / "src/halles_services" / slug.replace("-", "_") / "card.md").read_text()
        assert service.spec.licence in card
        assert [recipe.name for recipe in service.recipes if recipe.name not in card] == []
