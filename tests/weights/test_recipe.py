"""A recipe is a name and hashes; where the bytes come from is not part of its identity."""

import pytest

from halles.weights import Hub, Recipe, Source, WeightsError

ONE, TWO = "1" * 64, "2" * 64


def test_the_identity_depends_on_name_and_hashes():
    recipe = Recipe(name="a", files={"x": ONE, "y": TWO})
    others = [
        Recipe(name="b", files={"x": ONE, "y": TWO}),
        Recipe(name="a", files={"x": TWO, "y": ONE}),
        Recipe(name="a", files={"x": ONE}),
    ]
    assert len({recipe.identity, *(other.identity for other in others)}) == 4


def test_order_of_files_and_sources_do_not_change_the_identity():
    first = Recipe(name="a", files={"x": ONE, "y": TWO})
    second = Recipe(name="a", files={"y": TWO, "x": ONE}, sources=[Source([Hub("r", "main", "x", ONE)])], licence="MIT")
    assert first.identity == second.identity
    assert {first} == {second}


@pytest.mark.parametrize("name", ["", "Upper", "a/b", "../a", ".hidden", "a b"])
def test_a_name_that_would_make_no_good_directory_is_refused(name):
    with pytest.raises(WeightsError, match="name"):
        Recipe(name=name, files={"x": ONE})


@pytest.mark.parametrize("sha256", ["", "12ab", "Z" * 64, "A" * 64])
def test_a_hash_that_is_none_is_refused(sha256):
    with pytest.raises(WeightsError, match="64 lower-case hex digits"):
        Recipe(name="a", files={"x": sha256})
    with pytest.raises(WeightsError, match="64 lower-case hex digits"):
        Recipe(name="a", files={"x": ONE}, sources=[Source([Hub("r", "main", "x", sha256)])])


def test_a_file_outside_the_directory_is_refused():
    with pytest.raises(WeightsError, match="would leave its directory"):
        Recipe(name="a", files={"../x": ONE})


def test_a_recipe_without_files_is_refused():
    with pytest.raises(WeightsError, match="no files"):
        Recipe(name="a", files={})
