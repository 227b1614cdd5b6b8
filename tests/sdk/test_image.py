"""Pictures: made without surprises, read with care."""

import struct
import zlib

import numpy as np
import pytest

from halles.sdk import Image, InputRefused

GRADIENT = np.indices((40, 30)).sum(0)[..., None].repeat(3, 2).astype(np.uint8)


def huge(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is large."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    )


def test_pixels_become_a_png_and_come_back() -> None:
    picture = Image.from_array(GRADIENT)
    assert (picture.probe(), picture.size) == ("image/png", (30, 40))
    assert np.array_equal(picture.array(), GRADIENT)


def test_the_same_pixels_give_the_same_bytes() -> None:
    assert Image.from_array(GRADIENT).read() == Image.from_array(GRADIENT.copy()).read()


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (8_001, 8_000), (10_000, 10_000)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    bomb = Image(huge(width, height), label="cover.png")
    for read in (bomb.array, bomb.probe, lambda: bomb.size):
        with pytest.raises(InputRefused, match=r"`cover\.png` has more than the 64 million pixels that are taken"):
            read()


def test_a_picture_that_is_cut_off_is_refused() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (40, 30, 3), np.uint8)
    with pytest.raises(InputRefused, match=r"`cover\.png` is damaged or cut off. Give a whole one"):
        Image(Image.from_array(noise).read()[:1000], label="cover.png").array()


@pytest.mark.parametrize("content", [b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"])
def test_what_is_not_a_picture_is_refused(content: bytes) -> None:
    with pytest.raises(
        InputRefused, match=r"`cover\.png` is not a picture that can be read\. Give a PNG, JPEG or WebP"
    ):
        Image(content, label="cover.png").array()
