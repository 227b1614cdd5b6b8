"""What the painter promises: every scene in every light and medium, repeatable, readable, and different each time."""

from typing import Any

import numpy as np
import pytest

from halles.sdk import Context, InputRefused, run_service
from halles_services.art_generator import figure
from halles_services.art_generator.light import HOURS
from halles_services.art_generator.paint import compose
from halles_services.art_generator.palette import Palette, oklab, parse, srgb, tone
from halles_services.art_generator.prints import PRINTED
from halles_services.art_generator.scenes import SCENES as PAINTED_SCENES
from halles_services.art_generator.service import ArtGenerator, check
from halles_services.art_generator.style import PAINTED
from halles_services.art_generator.upscale import resample
from halles_services.art_generator.view import SIZE
from halles_services.kinds import Brief, Idea
from halles_services.shared.art import LIGHTS, MEDIA, SCENES

WARM = ("#1a0b2e", "#5b1a4a", "#b23a56", "#f2845c", "#ffd9a0")
GREY = ("#101014", "#2d2d36", "#63636e", "#f5f2ea")
FLAT = ("#777777", "#787878", "#797979", "#7a7a7a")


def idea(**changes: Any) -> Idea:
    plain = {"scene": "desert", "subject": "", "light": "dusk", "palette": WARM, "medium": "film", "prompt": "dunes"}
    return Idea(**(plain | changes))


def brief(*ideas: Idea) -> Brief:
    return Brief(mood="longing", ideas=ideas or (idea(),))


def picture(of: Idea, seed: int = 0) -> np.ndarray:
    """The composed scene in sRGB, before its medium."""
    return srgb(compose(of, None, np.random.default_rng(seed))[0])


def fingerprint(pixels: np.ndarray) -> np.ndarray:
    """Perceptual difference hash: which of 9 × 8 mean brightnesses is higher than its left neighbour."""
    grey = np.asarray(pixels, np.float32).mean(axis=-1)
    n = len(grey)
    rows, columns = n // 8, n // 9
    cells = grey[: rows * 8, : columns * 9].reshape(8, rows, 9, columns).mean(axis=(1, 3))
    return np.diff(cells, axis=1) > 0


def distance(a: np.ndarray, b: np.ndarray) -> int:
    return int((fingerprint(a) != fingerprint(b)).sum())


def square() -> Any:
    import skia

    path = skia.Path()
    path.addRect(skia.Rect.MakeWH(10, 20))
    return path


# The vocabulary


def test_every_scene_light_and_medium_of_the_shared_vocabulary_can_be_painted() -> None:
    assert set(PAINTED_SCENES) == set(SCENES)
    assert set(HOURS) == set(LIGHTS)
    assert set(PRINTED) | set(PAINTED) == set(MEDIA)


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"scene": "mountain"}, "`mountains`"),
        ({"light": "dask"}, "`dusk`"),
        ({"medium": "woodblok"}, "`woodblock`"),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest_one_and_all_known(changes: dict[str, str], hint: str) -> None:
    with pytest.raises(InputRefused, match="Did you mean") as refusal:
        check(idea(**changes))
    assert hint in refusal.value.message
    assert "Known: " in refusal.value.message


@pytest.mark.parametrize("colour", ["red", "#12", "#12345g", "1b2a49"])
def test_a_bad_colour_is_refused_by_its_name(colour: str) -> None:
    with pytest.raises(InputRefused, match=colour):
        check(idea(palette=(*WARM[:4], colour)))


# Colours


def test_a_ramp_goes_from_dark_to_light_whatever_the_order_of_its_colours() -> None:
    ramp = tone(Palette.of(WARM[::-1]).table)
    assert (np.diff(ramp) > -1e-3).all()


@pytest.mark.parametrize("colours", [WARM, GREY, FLAT])
def test_every_palette_is_stretched_until_it_can_carry_light_and_dark(colours: tuple[str, ...]) -> None:
    ramp = tone(Palette.of(colours).table)
    assert ramp[0] < 0.25
    assert ramp[-1] > 0.8


def test_linear_light_and_srgb_are_inverse() -> None:
    assert np.abs(srgb(parse("#1b80f9")) * 255 - np.array([0x1B, 0x80, 0xF9])).max() < 1


# Scenes


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_has_light_and_dark_and_detail(scene: str) -> None:
    light = sorted(LIGHTS)[sorted(SCENES).index(scene) % len(LIGHTS)]
    lightness = tone(compose(idea(scene=scene, light=light), None, np.random.default_rng(3))[0])
    assert lightness.shape == (SIZE, SIZE)
    assert np.isfinite(lightness).all()
    low, high = np.quantile(lightness, [0.02, 0.99])
    assert high - low > 0.25
    counts = np.histogram(lightness, 64, (0, 1))[0] / lightness.size
    assert -(counts[counts > 0] * np.log2(counts[counts > 0])).sum() > 2.5


def test_the_same_seed_gives_the_same_picture_and_another_seed_another_one() -> None:
    first, again, other = (picture(idea(scene="city"), seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert distance(first, other) > 6


def test_the_hour_changes_the_light() -> None:
    night, day = (
        tone(compose(idea(light=light), None, np.random.default_rng(1))[0]).mean() for light in ("night", "day")
    )
    assert day > night + 0.1


def test_a_picture_keeps_to_the_hues_of_its_palette() -> None:
    lab = oklab(compose(idea(palette=GREY), None, np.random.default_rng(1))[0])
    assert np.hypot(lab[..., 1], lab[..., 2]).mean() < 0.03


# Subjects


@pytest.mark.parametrize("place", ["ground", "water"])
def test_a_subject_that_stands_stands_out_from_what_is_around_it(place: str) -> None:
    subject = figure.Subject(square(), place)
    colours, body, _ = compose(idea(scene="mountains", light="night"), subject, np.random.default_rng(4))
    lightness = tone(colours)
    inside = body > 0.9
    around = (figure.blur(body, 0.02) > 0.05) & (body < 0.05)
    assert 0.004 < inside.mean() < 0.25
    assert abs(float(lightness[inside].mean()) - float(lightness[around].mean())) > 0.12


def test_a_subject_stays_inside_the_picture() -> None:
    spot = figure.Spot(0.99, 0.9, 0.4)
    placed = figure.place(figure.Subject(square()), spot, 256)
    assert placed.body[:, -8:].max() == 0
    assert placed.body.max() == 1


# The service


def test_a_brief_or_a_prompt_is_needed() -> None:
    from halles_services.art_generator.service import imagine

    for prompt in (None, "", "  "):
        with pytest.raises(InputRefused, match="a brief, or a prompt"):
            imagine(prompt, 3, 0, Context())


@pytest.mark.models
def test_covers_are_as_many_and_as_large_as_asked_and_the_same_each_time() -> None:
    first, again = (run_service(ArtGenerator, brief=brief(), count=2, size=512, seed=5).covers for _ in range(2))
    assert [cover.size for cover in first] == [(512, 512)] * 2
    assert [np.array_equal(a.array(), b.array()) for a, b in zip(first, again, strict=True)] == [True, True]


@pytest.mark.models
def test_an_idea_that_has_to_serve_twice_is_composed_anew() -> None:
    first, second = run_service(ArtGenerator, brief=brief(idea(scene="waves")), count=2, size=512).covers
    assert distance(first.array(), second.array()) > 6


@pytest.mark.models
@pytest.mark.parametrize("medium", ["watercolour"])
def test_a_painted_medium_adds_strokes_and_keeps_the_colours(medium: str) -> None:
    wanted = idea(scene="clouds", medium=medium)
    painted = run_service(ArtGenerator, brief=brief(wanted), count=1).covers[0].array() / 255
    scene = srgb(compose(wanted, None, np.random.default_rng([0, 0]))[0])
    assert np.abs(painted - scene).mean() > 0.01
    assert np.abs(painted.mean(axis=(0, 1)) - scene.mean(axis=(0, 1))).max() < 0.08


@pytest.mark.models
def test_a_picture_can_be_larger_than_it_was_painted() -> None:
    cover = run_service(ArtGenerator, brief=brief(idea(scene="waves", medium="oil")), count=1, size=1536).covers[0]
    assert cover.size == (1536, 1536)


@pytest.mark.models
def test_words_alone_are_enough() -> None:
    covers = run_service(ArtGenerator, prompt="a boat on a calm sea at night", count=2, size=512).covers
    assert distance(covers[0].array(), covers[1].array()) > 6


@pytest.mark.parametrize("medium", PRINTED)
def test_a_print_is_finite_and_unlike_the_scene(medium: str) -> None:
    rng = np.random.default_rng(2)
    colours, body, palette = compose(idea(scene="waves"), None, rng)
    printed = PRINTED[medium](colours, body, palette, rng)
    assert np.isfinite(printed).all()
    assert np.abs(srgb(printed) - srgb(colours)).mean() > 0.005


@pytest.mark.parametrize("size", [512, 1400])
def test_resampling_keeps_the_mean(size: int) -> None:
    ramp = np.broadcast_to(np.linspace(0, 1, SIZE, dtype=np.float32)[:, None, None], (SIZE, SIZE, 3))
    resized = resample(np.ascontiguousarray(ramp), size)
    assert resized.shape == (size, size, 3)
    assert abs(float(resized.mean()) - 0.5) < 0.01
