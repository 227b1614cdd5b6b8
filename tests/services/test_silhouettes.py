"""Silhouettes: concrete things found by name or by meaning in five languages, and drawn as one shape."""

import re
from pathlib import Path

import numpy as np
import pytest

from halles.sdk import Context
from halles_services.art_generator import silhouettes
from halles_services.art_generator.outline import outlines
from halles_services.art_generator.silhouettes import SETS, Silhouette, find, silhouette
from halles_services.shared import meaning
from halles_services.shared.art import LIGHTS, SCENES
from halles_services.shared.embedding import embedder
from halles_services.shared.things import LANGUAGES, mentions, named, things
from halles_services.shared.weights import E5

Row = tuple[str, str, set[str]]


def rows(name: str) -> list[Row]:
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    cells = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(language, words, set(right.split("|")) - {""}) for language, words, right in cells]


def found(words: str) -> str | None:
    shape = find(words, Context())
    return shape.name if shape else None


# Path data


def box(data: str) -> tuple[float, float, float, float]:
    bounds = outlines(data)[0].computeTightBounds()
    return tuple(round(value, 3) for value in (bounds.left(), bounds.top(), bounds.right(), bounds.bottom()))


@pytest.mark.parametrize(
    "data",
    ["M1 2H5V6H1Z", "m1,2h4v4h-4z", "M1 2L5 2 5 6 1 6z", "m1 2 4 0 0 4-4 0Z", "M1 2 5 2 5 6 1 6"],
)
def test_a_square_is_the_same_however_its_path_is_written(data: str) -> None:
    assert box(data) == (1, 2, 5, 6)


def test_arcs_may_omit_the_space_after_a_flag() -> None:
    assert box("M0 0a5 5 0 0110 0") == box("M 0 0 A 5 5 0 0 1 10 0") == (0, -5, 10, 0)


def test_smooth_curves_mirror_the_last_control_point() -> None:
    assert box("M0 0C0 4 4 4 4 0S8-4 8 0") == box("M0 0C0 4 4 4 4 0C4-4 8-4 8 0")
    assert box("M0 0Q2 4 4 0T8 0") == box("M0 0Q2 4 4 0Q6-4 8 0")


@pytest.mark.parametrize("data", ["M1", "M1 2L", "L 1 2 x", "M 1 2 A 1 1 0 5 1 3 3", "<svg>"])
def test_what_is_no_path_data_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match=r"path|number"):
        outlines(data)


# The list of things


def test_every_thing_speaks_for_scenes_and_lights_that_exist() -> None:
    assert {option for item in things() for option in item.speaks_for} <= set(SCENES) | set(LIGHTS)


def test_no_name_means_two_things_in_one_language() -> None:
    for language in LANGUAGES:
        names = [name for item in things() for name in item.words[language]]
        assert len(names) == len(set(names)), language


@pytest.mark.parametrize(
    ("language", "line", "things_named"),
    [
        ("en", "I can't bear to watch the bear", ["bear"]),
        ("en", "Three boats and the last foxes", ["boat", "fox"]),
        ("fr", "Les chevaux près du château", ["horse", "castle"]),
        ("de", "In der Winternacht singt ein Vöglein", ["night", "bird"]),
        ("es", "mi corazon y tus barcos", ["heart", "boat"]),
        ("it", "i lupi e le farfalle", ["wolf", "butterfly"]),
        ("ja", "I saw a boat", []),
    ],
)
def test_things_are_read_in_the_language_of_the_line(language: str, line: str, things_named: list[str]) -> None:
    assert [mention.thing.name for mention in mentions(line, language)] == things_named


@pytest.mark.parametrize("words", ["a machine gun", "Messer und Rosen", "sangre", "putain", "crucifix", "cocaïne"])
def test_what_is_never_depicted_wins_over_what_could_be(words: str) -> None:
    item = named(words)
    assert item is not None
    assert item.forbidden


# Finding and drawing


@pytest.mark.models
def test_every_icon_of_the_list_exists_and_is_made_of_plain_paths() -> None:
    for item in things():
        if not item.icon:
            continue
        letter, icon = item.icon.partition("~")[0].split(":")
        icons = silhouettes._icons(Context().weights(SETS[letter].recipe))["icons"]
        body = icons[icon.removesuffix("!")]["body"]
        assert set(re.findall(r"<(\w+)", body)) <= {"path", "g"}, item.name
        assert "transform" not in body, item.name


@pytest.mark.models
def test_every_silhouette_lies_in_its_box_and_has_a_place_and_makers() -> None:
    for item in things():
        shape = silhouette(item, Context())
        if shape is None:
            continue
        bounds = shape.shape().computeTightBounds()
        left, top, width, height = shape.viewbox
        assert not bounds.isEmpty(), item.name
        assert left - 1 <= bounds.left() <= bounds.right() <= left + width + 1, item.name
        assert top - 1 <= bounds.top() <= bounds.bottom() <= top + height + 1, item.name
        assert shape.metres > 0, item.name
        assert shape.licence in shape.attribution


@pytest.mark.models
def test_words_in_five_languages_find_their_silhouette() -> None:
    table = rows("silhouette_words.tsv")
    right = [found(words) in names for _, words, names in table if names]
    assert np.mean(right) >= 0.95
    assert not [words for _, words, names in table if not names and found(words)]


@pytest.mark.models
@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("wheel", "car"),
        ("clapper board", "clapperboard"),
        ("Feuerwerkskörper", "fireworks"),
        ("pantaloncini", "trousers"),
    ],
)
def test_other_words_for_a_thing_are_found_by_meaning(words: str, name: str) -> None:
    assert named(words) is None
    assert found(words) == name


@pytest.mark.models
@pytest.mark.parametrize(
    "words", ["tugboat", "economy", "permission", "twenty-one", "wunderbar", "quand même", "", "…"]
)
def test_where_the_meaning_is_not_clear_nothing_is_shown(words: str) -> None:
    assert found(words) is None


@pytest.mark.models
def test_a_solid_silhouette_has_no_holes() -> None:
    ring = Silhouette("ring", "", "", "", "M0 0H10V10H0ZM2 2V8H8V2Z", (0, 0, 10, 10), "ground", 1.0, solid=False)
    filled = Silhouette("ring", "", "", "", ring.path, ring.viewbox, "ground", 1.0, solid=True)
    assert not ring.shape().contains(5, 5)
    assert filled.shape().contains(5, 5)


@pytest.mark.models
def test_the_stored_vectors_are_those_of_the_list() -> None:
    texts = [name for _, name in meaning.names()]
    stored = np.load(Path(meaning.__file__).with_name("things.npy")).astype(np.float32)
    assert len(stored) == len(texts)
    sample = np.random.default_rng(0).choice(len(texts), 100, replace=False)
    fresh = embedder(Context().weights(E5), 2).embed([texts[i] for i in sample])
    unit = stored[sample] / np.linalg.norm(stored[sample], axis=1, keepdims=True)
    assert (unit * fresh).sum(axis=1).min() > 0.999, "run training/things/embed.py"
