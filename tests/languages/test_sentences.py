"""Everything that the product says, it says in French and in German too."""

import ast
import json
import pickle
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, ValidationError

from halles.model import CallFailed, Problem, Said, Saying, Word, fault_of, say
from halles.sdk import languages
from halles_services.kinds import Evidence
from tests.languages import texts

LANGUAGES = ("fr", "de")
SERVICES = texts.SOURCE / "halles_services" / "locales"
SERVER = texts.SOURCE.parent / "web" / "src" / "locales" / "sentences"


def read(file: Path) -> dict[str, str]:
    return json.loads(file.read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_services_and_pipelines_say_is_translated_as_it_stands(language: str) -> None:
    said = {*texts.forms(texts.SOURCE / "halles_services"), *texts.catalogue(), *texts.vocabulary()}
    assert said == set(read(SERVICES / f"{language}.json"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_server_says_is_translated_as_it_stands(language: str) -> None:
    assert set(texts.server()) == set(read(SERVER / f"{language}.json"))


@pytest.mark.parametrize("file", [*SERVICES.glob("*.json"), *SERVER.glob("*.json")], ids=str)
def test_translations_say_the_same_with_the_same_holes(file: Path) -> None:
    for form, text in read(file).items():
        assert text.strip(), form
        assert texts.holes(text) <= texts.holes(form), form
        if " | " not in text and "expected_plural" not in form:
            assert texts.holes(form) - texts.holes(text) <= {"class_name"}, form


def test_no_sentence_of_a_page_is_put_together_by_hand() -> None:
    """Every text with words that is filled in, raised, returned or put into a sentence is one that is translated."""
    found = {
        f"{path.relative_to(product)}:{line}": text
        for product, silent in (
            (texts.SOURCE / "halles", (*texts.SILENT, *texts.NOT_OURS)),
            (SERVICES.parent, texts.NOT_SAID),
        )
        for path in product.rglob("*.py")
        if not str(path).startswith(tuple(str(product / each) for each in silent))
        for line, text in texts.by_hand(ast.parse(path.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("Problem(code='x', message=f'There is no {name}.')", "There is no {}."),
        ("message = f'There is no {name}.'", "There is no {}."),
        ("say('It fails: {why}.', why='nobody knows')", "nobody knows"),
        ("say('It fails: {why}.', why=error or 'nobody knows')", "nobody knows"),
        ("raise ValueError('a day is written like 2026-11-22')", "a day is written like 2026-11-22"),
        ("def complaint(): return '' if fine else 'it is empty'", "it is empty"),
        ("_refused('There is no such thing.')", "There is no such thing."),
    ],
)
def test_a_sentence_that_nobody_translates_is_found(code: str, text: str) -> None:
    assert text in [found for _, found in texts.by_hand(ast.parse(code))]


def test_a_sentence_is_a_text_that_knows_its_form() -> None:
    told = say("`{name}` takes {types:or}, and has {ports}.", name="paint", types=("a", "b"), ports={"x": 1})
    assert told == "`paint` takes a or b, and has `x`."
    assert told.said.values == {"name": "paint", "types": ["a", "b"], "ports": ["x"]}
    assert pickle.loads(pickle.dumps(told)).said == told.said  # noqa: S301
    assert str(ValueError(told)) is told


def test_sentences_stand_in_sentences() -> None:
    told = say("{thing}, because {reasons:; }.", thing=Word(en="sea", fr="mer"), reasons=[say("it is {n:.1f}", n=2)])
    assert told == "Sea, because it is 2.0."
    assert told.said.values["reasons"] == [{"form": "it is {n:.1f}", "values": {"n": 2}}]
    assert Saying(Said.model_validate_json(told.said.model_dump_json())) == told


def test_models_keep_how_their_sentence_was_put_together() -> None:
    problem = Problem(code="x", message=say("There is no `{it}`.", it="y"))
    assert problem.said == Said(form="There is no `{it}`.", values={"it": "y"})
    assert Problem.model_validate_json(problem.model_dump_json()) == problem
    assert str(CallFailed(problem, retry=False)) == "There is no `y`."
    assert Evidence(decision="mood", because=say("it is {how}", how="so")).said is not None


def test_what_was_kept_before_is_read() -> None:
    assert Problem.model_validate({"code": "x", "message": "There is no `y`."}).said is None
    assert Evidence.model_validate({"decision": "mood", "because": "it is so"}).said is None


def test_the_framework_is_understood() -> None:
    class Asked(BaseModel):
        count: int = Field(ge=1)
        name: str = Field(max_length=1)

    with pytest.raises(ValidationError) as raised:
        Asked.model_validate({"count": 0, "name": "ab"})
    first, second = map(fault_of, raised.value.errors())
    assert isinstance(first, Saying) and first.said.values == {"ge": 1, "count": 1, "expected_plural": ""}
    assert first == "Input should be greater than or equal to 1"
    assert second == "String should have at most 1 character"


def test_a_service_brings_its_translations(tmp_path: Path) -> None:
    package = tmp_path / "mine"
    service = package / "shout"
    for folder in (package, service):
        (folder / "locales").mkdir(parents=True)
        (folder / "__init__.py").touch()
    (package / "locales" / "fr.json").write_text('{"louder": "plus fort", "a word": "un mot"}')
    (service / "locales" / "fr.json").write_text('{"louder": "encore plus fort"}')
    assert languages.sentences(service, "fr") == {"louder": "encore plus fort", "a word": "un mot"}
    assert languages.sentences(service, "de") == {}
    (service / "locales" / "de.json").write_text('["no object"]')
    with pytest.raises(ValueError, match="no object of sentences"):
        languages.sentences(service, "de")
