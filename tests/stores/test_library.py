"""Pipelines that people keep, and their history."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from halles.engine import parse
from halles.main import Market
from halles.model import Pipeline, Principal, Problems, Role
from halles.sdk import Service
from halles.stores.database import connect
from halles.stores.library import SYSTEM, Library
from tests import shelf

ANN = Principal(id="ann", role=Role.author)
BEN = Principal(id="ben", role=Role.author)
BOSS = Principal(id="boss", role=Role.operator)


def loud(slug: str = "loud", times: int = 1, **more: Any) -> Pipeline:
    step = {"id": "say", "service": "shout", "params": {"times": times}, "inputs": {"text": "inputs.text"}}
    inputs = {"text": {"media": "text/plain"}}
    return parse({"id": slug, "inputs": inputs, "steps": [step], "outputs": {"out": "say.output"}, **more})


@pytest.fixture
def library(market: Market) -> Library:
    return market.library


@pytest.fixture
def either(where: Path | str, market: Market) -> Iterator[Library]:
    """On both databases, for what they do each in its own way."""
    engine = connect(where)
    library = Library(engine, market.services)
    library.stock(market.pipelines.all())
    yield library
    engine.dispose()


def code(error: pytest.ExceptionInfo[Problems]) -> str:
    return error.value.problems[0].code


def test_a_pipeline_begins_private_with_version_1(library: Library) -> None:
    entry = library.create(loud(), ANN, message="first")
    assert (entry.owner, entry.current, entry.published) == ("ann", 1, None)
    assert (entry.version.author, entry.version.message) == ("ann", "first")


def test_a_version_records_its_services_as_they_were(library: Library, market: Market) -> None:
    entry = library.create(loud(), ANN)
    assert entry.version.services == {"shout": market.services.find("shout")}


def test_an_edit_makes_a_version_and_the_old_one_stays(library: Library) -> None:
    library.create(loud(), ANN)
    entry = library.save("loud", loud(times=2), ANN, message="louder")
    assert entry.current == 2
    assert library.version("loud", 1, ANN).pipeline == loud()
    assert [version.number for version in library.history("loud", ANN)] == [2, 1]


def test_moved_boxes_are_no_new_version_but_a_new_revision(library: Library) -> None:
    before = library.create(loud(), ANN)
    after = library.save("loud", loud(layout={"say": [1, 2]}), ANN)
    assert (after.current, after.version.pipeline.layout) == (1, {"say": [1, 2]})
    assert after.version.meaning == before.version.meaning
    assert after.revision > before.revision


def test_an_upgrade_to_a_changed_service_is_a_version_though_the_document_is_the_same(market: Market) -> None:
    market.library.create(loud(), ANN)
    edited = Service(shelf.shout.target, "shout", version="1.1", licence="Apache-2.0", name="Shout")
    later = Market(market.home, services=[edited]).library
    assert later.save("loud", loud(), ANN).current == 1
    renewed = later.save("loud", loud(), ANN, renew=True)
    assert (renewed.current, renewed.version.services["shout"].version) == (2, "1.1")
    assert later.save("loud", loud(), ANN, renew=True).current == 2


def test_an_edit_of_what_has_moved_on_is_refused(library: Library) -> None:
    read = library.create(loud(), ANN).revision
    library.save("loud", loud(times=2), ANN, expected=read)
    with pytest.raises(Problems) as refused:
        library.save("loud", loud(times=3), ANN, expected=read)
    assert code(refused) == "precondition-failed"
    assert library.get("loud", ANN).version.pipeline == loud(times=2)


def test_going_back_makes_a_version_that_equals_the_old_one(library: Library) -> None:
    first = library.create(loud(), ANN).version
    library.save("loud", loud(times=2), ANN)
    back = library.rollback("loud", 1, ANN).version
    assert (back.number, back.meaning, back.origin) == (3, first.meaning, "loud@1")


def test_what_a_check_finds_is_refused_unless_it_is_a_draft(library: Library) -> None:
    with pytest.raises(Problems, match="has no parameter `volume`"):
        library.create(_bad(), ANN)
    library.create(_bad(), ANN, draft=True)
    with pytest.raises(Problems, match="has no parameter `volume`"):
        library.publish("loud", ANN)


def _bad() -> Pipeline:
    step = loud().steps[0].model_copy(update={"params": {"volume": 11}})
    return loud().model_copy(update={"steps": (step,)})


def test_what_is_private_is_not_there_for_others(library: Library) -> None:
    library.create(loud(), ANN)
    for ask in (library.get, library.history, library.called, library.editable, library.unpublish):
        with pytest.raises(Problems) as unknown:
            ask("loud", BEN)
        assert code(unknown) == "unknown-pipeline"
    assert library.get("loud", BOSS).owner == "ann"


def test_others_see_the_published_version_and_no_other(library: Library) -> None:
    library.create(loud(), ANN)
    library.publish("loud", ANN)
    library.save("loud", loud(times=2), ANN)
    assert library.get("loud", BEN).version.number == 1
    assert library.called("loud", ANN).number == 1, "an edit does not change what is called"
    assert [version.number for version in library.history("loud", BEN)] == [1]
    with pytest.raises(Problems, match=r"has no version 2\. It has 1"):
        library.version("loud", 2, BEN)


def test_only_the_owner_and_operators_edit(library: Library) -> None:
    library.create(loud(), ANN)
    library.publish("loud", ANN)
    with pytest.raises(Problems, match=r"is not yours\. Fork it") as refused:
        library.save("loud", loud(times=2), BEN)
    assert code(refused) == "not-allowed"
    assert library.save("loud", loud(times=2), BOSS).version.author == "boss"


def test_a_fork_is_ones_own_and_remembers_where_it_is_from(library: Library) -> None:
    library.create(loud(), ANN)
    library.publish("loud", ANN)
    fork = library.fork("loud", "louder", BEN)
    assert (fork.owner, fork.published, fork.version.origin) == ("ben", None, "loud@1")


def test_an_id_is_taken_once_and_a_free_one_is_suggested(library: Library) -> None:
    library.create(loud(), ANN)
    with pytest.raises(Problems, match=r"already\. Choose another id\. Did you mean `loud-2`") as taken:
        library.create(loud(), BEN)
    assert code(taken) == "conflict"


def test_what_is_published_is_not_deleted(library: Library) -> None:
    library.create(loud(), ANN)
    library.publish("loud", ANN)
    with pytest.raises(Problems, match="Unpublish it first"):
        library.delete("loud", ANN)
    library.unpublish("loud", ANN)
    library.delete("loud", ANN)
    with pytest.raises(Problems) as unknown:
        library.get("loud", ANN)
    assert code(unknown) == "unknown-pipeline"


def test_a_deleted_id_stays_its_owners_and_the_history_goes_on(library: Library) -> None:
    library.create(loud(), ANN)
    library.delete("loud", ANN)
    with pytest.raises(Problems, match="already"):
        library.create(loud(), BEN)
    assert library.create(loud(times=2), ANN).current == 2


def test_installed_pipelines_are_there_published_and_cannot_be_changed(library: Library) -> None:
    entry = library.get("cover-art", ANN)
    assert (entry.owner, entry.published) == (SYSTEM, 1)
    with pytest.raises(Problems, match=r"is installed and cannot be changed\. Fork it"):
        library.delete("cover-art", BOSS)


def test_a_newer_package_makes_a_version_and_a_removed_one_takes_its_pipelines_away(either: Library) -> None:
    either.stock({"cover-art": loud("cover-art")})
    assert either.get("cover-art", ANN).published == 2
    assert [found.slug for found in either.search(ANN)] == ["cover-art"]
    either.stock({"cover-art": loud("cover-art"), "loud": loud()})
    assert either.get("cover-art", ANN).published == 2, "nothing new"
    assert either.get("loud", ANN).owner == SYSTEM


def test_what_somebody_made_stays_theirs_when_a_package_brings_the_same_id(library: Library) -> None:
    library.create(loud(), ANN)
    library.stock({"loud": loud(times=5)})
    assert library.get("loud", ANN).owner == "ann"


@pytest.mark.parametrize("words", ["pochette", "Albumcover", "chanson pochette"])
def test_a_pipeline_is_found_by_what_it_is_called_in_other_languages(library: Library, words: str) -> None:
    assert "cover-art" in [found.slug for found in library.search(ANN, text=words)]


def test_search_finds_by_words_tags_owner_and_visibility(either: Library) -> None:
    either.create(loud(description="Says it 100 % louder", tags=["Natural Language Processing"]), ANN)

    def found(**wanted: Any) -> list[str]:
        return [each.slug for each in either.search(ANN, **wanted)]

    assert found(text="LOUDER says") == ["loud"]
    assert found(text="shout") == ["loud"], "services are words too"
    assert found(text="100 %") == ["loud"]
    assert found(text="lauder sayss") == ["loud"], "typing errors are forgiven"
    assert "timed-lyrics" in found(text="lyrcs"), "what comes out, too"
    assert {"cover-art", "timed-lyrics"} <= set(found(text="audio/*")), "what goes in, too"
    assert found(text="%") == ["loud"], "a percent sign is a percent sign"
    assert found(tags=("natural language processing", "Image Generation")) == ["cover-art"]
    assert found(owner="ann") == ["loud"] == found(published=False)
    assert found(limit=2) == ["cover-art", "karaoke"]
    assert found(after="loud") == ["prompt-to-picture", "timed-lyrics"]


def test_any_text_is_kept_and_searched_for(either: Library) -> None:
    odd = loud(name="a\0b", description="x\0😀", tags=["t\0u"])
    assert either.create(odd, ANN, message="why\0not").version.pipeline == odd
    assert either.search(ANN, text="😀 a\0b", tags=("t\0u",), owner="ann")
    assert not either.search(ANN, owner="\0", after="\0")


def test_search_shows_nothing_of_drafts_to_others(either: Library) -> None:
    either.create(loud(description="plain"), ANN)
    assert not either.search(BEN, owner="ann")
    either.publish("loud", ANN)
    either.save("loud", loud(description="secret"), ANN)
    assert not either.search(BEN, text="secret")
    assert not either.search(BEN, text="secrte"), "drafts correct no typing errors of others"
    assert either.search(BEN, text="plain")[0].description == "plain"
    assert either.search(ANN, text="secret")


def test_a_key_for_one_pipeline_reaches_no_other(library: Library) -> None:
    library.create(loud(), ANN)
    narrow = ANN.model_copy(update={"pipelines": ("loud",)})
    assert [each.slug for each in library.search(narrow)] == ["loud"]
    with pytest.raises(Problems, match="There is no pipeline `cover-art`"):
        library.get("cover-art", narrow)


def test_of_many_edits_of_one_revision_one_is_made(either: Library) -> None:
    read = either.create(loud(), ANN).revision

    def edit(times: int) -> bool:
        try:
            either.save("loud", loud(times=times), ANN, expected=read)
        except Problems:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(edit, range(2, 10)))
    assert sum(done) == 1
    assert either.get("loud", ANN).current == 2


def test_many_edits_without_a_revision_are_all_in_the_history(either: Library) -> None:
    either.create(loud(), ANN)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda times: either.save("loud", loud(times=times), ANN), range(2, 10)))
    assert [version.number for version in either.history("loud", ANN)] == list(range(9, 0, -1))


def test_two_who_take_the_same_id_at_once_are_told(either: Library) -> None:
    def create(number: int) -> str:
        try:
            either.create(loud(), Principal(id=f"p{number}", role=Role.author))
        except Problems as refused:
            return refused.problems[0].code
        return "created"

    with ThreadPoolExecutor(8) as pool:
        done = sorted(pool.map(create, range(8)))
    assert done == ["conflict"] * 7 + ["created"]
