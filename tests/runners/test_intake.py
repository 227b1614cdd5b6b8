"""Inputs are taken in by what they are, not by what they are called."""

from pathlib import Path
from typing import Any

import pytest

from halles.model import Artifact, PipelineInput, Problems
from halles.runners.intake import admit
from halles.stores.objects import Objects
from tests.sounds import write


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(tmp_path / "objects")


def take(objects: Objects, wanted: dict[str, Any], *given: tuple[str, Any]) -> Any:
    """The content of the only input."""
    value = admit(given, {"it": PipelineInput(**wanted)}, objects).get("it")
    return objects.read(value) if isinstance(value, Artifact) else value and [objects.read(each) for each in value]


@pytest.mark.parametrize(
    ("wanted", "given", "content"),
    [
        ({"media": "text/plain"}, "la", b"la"),
        ({"media": "text/plain"}, "", b""),
        ({"schema": {"type": "integer"}}, "5", b"5"),
        ({"schema": {"type": "integer"}}, 5, b"5"),
        ({"schema": {"type": "string"}}, "5", b'"5"'),
        ({"schema": {"type": "string"}}, "five", b'"five"'),
        ({"schema": {"type": "boolean"}}, "true", b"true"),
        ({}, '{"b": 1, "a": 2}', b'{"a": 2, "b": 1}'),
        ({}, {"b": 1, "a": 2}, b'{"a": 2, "b": 1}'),
    ],
)
def test_a_value_becomes_content(objects: Objects, wanted: dict[str, Any], given: Any, content: bytes) -> None:
    assert take(objects, wanted, ("it", given)) == content


def test_what_is_not_given_is_the_default_or_left_out_when_optional(objects: Objects) -> None:
    assert take(objects, {"media": "text/plain", "default": "la"}) == b"la"
    assert take(objects, {"schema": {"type": "integer"}, "default": 5}) == b"5"
    assert take(objects, {"optional": True}) is None
    with pytest.raises(Problems, match=r"Input `it` .* is missing"):
        take(objects, {})


def test_a_list_takes_one_pair_an_item(objects: Objects) -> None:
    wanted = {"media": "text/plain", "many": True}
    assert take(objects, wanted, ("it", "a"), ("it", "b")) == [b"a", b"b"]
    assert take(objects, {**wanted, "default": ["c", "d"]}) == [b"c", b"d"]


def test_a_file_has_the_type_of_its_content(objects: Objects, tmp_path: Path) -> None:
    song = write(tmp_path / "song.wav", kind="flac")
    value = admit([("it", f"@{song}")], {"it": PipelineInput(media="audio/*")}, objects)["it"]
    assert isinstance(value, Artifact)
    assert (value.media_type, objects.read(value)) == ("audio/flac", song.read_bytes())


def test_a_file_of_another_type_than_is_taken_is_refused(objects: Objects, tmp_path: Path) -> None:
    song = write(tmp_path / "song.wav")
    with pytest.raises(Problems, match=r"`song\.wav` is audio/wav, but `it` takes audio/flac\. Convert it\."):
        take(objects, {"media": "audio/flac"}, ("it", f"@{song}"))


def test_json_in_a_file_is_checked_too(objects: Objects, tmp_path: Path) -> None:
    (tmp_path / "it.json").write_text('{"n": "x"}')
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    with pytest.raises(Problems, match='Input `it` at `n`: "x" is not of type "integer"'):
        take(objects, {"schema": schema}, ("it", f"@{tmp_path}/it.json"))


def test_a_schema_does_not_reach_into_the_network(objects: Objects) -> None:
    with pytest.raises(Problems, match="is not a JSON schema"):
        take(objects, {"schema": {"$ref": "http://127.0.0.1:9/schema.json"}}, ("it", "1"))


def test_a_path_that_no_system_has_is_refused(objects: Objects) -> None:
    with pytest.raises(Problems, match=r"cannot be read: .*embedded null"):
        take(objects, {"media": "audio/*"}, ("it", "@so\0ng"))
