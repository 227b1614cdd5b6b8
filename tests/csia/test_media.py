"""Which of our types that engine knows, and what keys say."""

from uuid import UUID

import pytest

from halles.csia import media


def test_a_key_is_a_uuid_and_the_extension_of_its_type() -> None:
    name, dot, ending = media.key("audio/ogg").partition(".")
    assert UUID(name).version == 4 and dot + ending == ".ogg"


@pytest.mark.parametrize("known", media.TYPES)
def test_a_key_says_its_type(known: str) -> None:
    assert media.type_of(media.key(known)) == known


@pytest.mark.parametrize(
    ("key", "found"), [("a.oga", "audio/ogg"), ("a.JPEG", "image/jpeg"), ("a.b.txt", "text/plain")]
)
def test_extensions_of_other_implementations_are_understood(key: str, found: str) -> None:
    assert media.type_of(key) == found


def test_a_key_without_an_extension_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match=r"`abc` has no extension.*`abc\.txt`"):
        media.type_of("abc")


def test_a_key_of_another_type_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"`\.wav`.*\.mp3, \.ogg"):
        media.type_of("a.wav")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (("audio/*",), ("audio/mpeg", "audio/ogg")),
        (("image/*",), ("image/jpeg", "image/png")),
        (("text/plain;kind=lyrics",), ("text/plain",)),
        (("application/json;kind=brief",), ("application/json",)),
        (("image/webp",), ("image/jpeg", "image/png")),
        (("audio/wav", "audio/ogg"), ("audio/mpeg", "audio/ogg")),
        (("text/markdown",), ("text/plain",)),
        (("model/gltf-binary",), ("application/zip",)),
    ],
)
def test_an_input_takes_every_known_type_of_which_its_value_can_be_made(
    ours: tuple[str, ...], theirs: tuple[str, ...]
) -> None:
    assert media.accepted(ours) == theirs


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (("audio/*",), ("audio/ogg",)),
        (("audio/flac",), ("audio/ogg",)),
        (("audio/mpeg",), ("audio/mpeg",)),
        (("image/png", "image/jpeg"), ("image/png", "image/jpeg")),
        (("image/*",), ("image/png",)),
        (("application/geo+json",), ("application/json",)),
        (("application/octet-stream",), ("application/zip",)),
    ],
)
def test_an_output_promises_as_few_types_as_it_can(ours: tuple[str, ...], theirs: tuple[str, ...]) -> None:
    assert media.given(ours) == theirs
