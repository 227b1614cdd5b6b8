"""Art direction: what was understood of a song becomes ideas that fit it, with the evidence for each decision."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.sdk import Context, InputRefused, run_service
from halles_services.art_direction.service import Outputs, art_direction
from halles_services.kinds import Brief, Evidence, Lyrics, Score, Style, TextAnalysis, Wish, Wishes
from halles_services.shared.affinities import FEELINGS, GENRES, SCENE_HUES, THEMES
from halles_services.shared.art import LIGHTS, MEDIA, SCENES
from halles_services.shared.colours import Harmony, Hue, Tone, harmony, palette
from halles_services.shared.direction import brief_from_prompt
from halles_services.shared.names import names


class WithoutModels(Context):
    """A context that has no weights to give."""

    def weights(self, recipe):
        raise AssertionError(f"{recipe.name} was asked for")


def sound(genre: str = "pop", *, energy: float = 0.5, valence: float = 0.0, brightness: float = 0.5, **more) -> Style:
    genres = (Score(label=genre, score=0.8), Score(label="rock", score=0.2))
    return Style(
        genres=genres, unsure=False, energy=energy, valence=valence, brightness=brightness, seconds=180, **more
    )


def words(*emotions: str, topics: tuple[str, ...] = (), language: str = "en") -> TextAnalysis:
    def scored(labels: tuple[str, ...]) -> tuple[Score, ...]:
        return tuple(Score(label=label, score=0.7) for label in labels)

    return TextAnalysis(has_text=True, language=language, emotions=scored(emotions), topics=scored(topics))


def sung(text: str, language: str = "en") -> Lyrics:
    return Lyrics(text=text, language=language, seconds=180)


def directed(style: Style | None = None, **more) -> Outputs:
    return run_service(art_direction, style=style or sound(), context=WithoutModels(), **more)


def brief(style: Style | None = None, **more) -> Brief:
    return directed(style, **more).brief


def because(made: Brief, decision: str) -> str:
    return next(e.because for e in made.evidence if e.decision == decision)


def lightness(colour: str) -> float:
    """OKLab lightness, from its definition."""
    srgb = np.frombuffer(bytes.fromhex(colour[1:]), np.uint8) / 255
    rgb = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    cone = np.cbrt(np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]) @ rgb)
    return float(np.array([0.2105, 0.7936, -0.0041]) @ cone)


# Subjects


def test_what_the_words_name_most_is_the_first_subject() -> None:
    made = brief(analysis=words(), lyrics=sung("The robot sleeps\nthe robots dream\na candle burns"))
    assert made.ideas[0].subject == "robot"
    assert "2 times" in because(made, "ideas[0].subject")


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "our boat upon the sea"),
        ("fr", "notre bateau sur la mer"),
        ("de", "unser Boot auf dem Meer"),
        ("es", "nuestro barco en el mar"),
        ("it", "la nostra barca sul mare"),
    ],
)
def test_a_boat_on_the_sea_is_understood_and_quoted(language: str, line: str) -> None:
    made = brief(analysis=words(language=language), lyrics=sung(line, language), count=1)
    assert (made.ideas[0].scene, made.ideas[0].subject) == ("sea", "boat")
    assert line in because(made, "ideas[0].subject")


def test_a_subject_stands_where_it_belongs() -> None:
    made = brief(analysis=words(topics=("night",)), lyrics=sung("an octopus\nan octopus"), count=1)
    assert made.ideas[0].scene == "underwater"


def test_weapons_gore_and_the_like_are_never_depicted() -> None:
    text = "a gun, a knife, blood and a bomb\n" * 9 + "and one red rose"
    made = brief(analysis=words("anger"), lyrics=sung(text), count=8)
    assert {idea.subject for idea in made.ideas} <= {"rose", ""}


def test_a_verb_is_no_subject() -> None:
    made = brief(analysis=words(), lyrics=sung("I can't bear it, watch me, ring my number\nI train, I duck, I rose"))
    assert "no words name a subject" in because(made, "ideas[0].subject")


@pytest.mark.models
def test_key_phrases_alone_give_a_subject_too() -> None:
    analysis = words(language="fr").model_copy(update={"key_phrases": (Score(label="vieux phare", score=0.9),)})
    made = run_service(art_direction, style=sound(), analysis=analysis, count=1).brief
    assert made.ideas[0].subject == "lighthouse"


# Mood, colours, light


def mean_lightness(made: Brief) -> float:
    return float(np.mean([lightness(colour) for idea in made.ideas for colour in idea.palette]))


def test_sad_songs_are_darker_than_joyful_ones() -> None:
    sad = brief(sound(valence=-0.8, energy=0.2), analysis=words("sadness"))
    joyful = brief(sound(valence=0.8, energy=0.7), analysis=words("joy"))
    assert mean_lightness(sad) < mean_lightness(joyful) - 0.04
    assert "sad" in sad.mood
    assert "joyful" in joyful.mood


def test_the_mood_is_said_with_its_reason() -> None:
    made = brief(sound(valence=-0.8, energy=0.1), analysis=words("loneliness"))
    assert made.mood.startswith("lonely")
    assert "loneliness (0.70)" in because(made, "mood")


def test_music_and_words_are_heard_both() -> None:
    made = brief(sound(valence=-0.9, energy=0.9), analysis=words("hope"))
    assert made.mood in {"hopeful and furious", "furious and hopeful"}


def test_a_happy_song_has_no_storm() -> None:
    made = brief(sound(valence=0.9, energy=0.7), analysis=words("joy"), count=8)
    assert not {"storm", "mist"} & {idea.light for idea in made.ideas}


@given(st.floats(0, 360), st.floats(0, 360), *(st.floats(0, 1) for _ in range(3)))
def test_every_palette_goes_from_dark_to_light_in_clear_steps(base, accent, light, vivid, contrast) -> None:
    steps = [lightness(colour) for colour in palette(Harmony(base, accent), Tone(light, vivid, contrast))]
    assert all(second > first + 0.03 for first, second in pairwise(steps))
    assert steps[-1] - steps[0] > 0.55


def test_hues_are_chosen_and_not_averaged() -> None:
    chosen = harmony([Hue(100, 30, 1.0, "yellow"), Hue(260, 60, 0.9, "blue")])
    assert (round(chosen.base, -1), round(chosen.accent, -1)) == (100, 260)


# Ideas


def test_ideas_of_one_brief_share_the_mood_and_differ() -> None:
    text = "a boat on the sea\na candle in my room\na wolf in the forest\nthe train down the road"
    made = brief(sound("folk"), analysis=words("nostalgia"), lyrics=sung(text), count=4)
    pictures = {(idea.scene, idea.subject) for idea in made.ideas}
    assert len(pictures) == len({idea.medium for idea in made.ideas}) == len({idea.palette for idea in made.ideas}) == 4
    assert all("nostalgic" in idea.prompt for idea in made.ideas)


def test_genres_incline_the_medium_and_the_scene() -> None:
    metal, electronic = brief(sound("metal"), count=8), brief(sound("electronic"), count=8)
    assert metal.ideas[0].medium in {"etching", "ink", "woodblock", "linocut"}
    assert electronic.ideas[0].scene in {"shapes", "waves", "city", "space", "stage"}


def test_topics_choose_the_scene() -> None:
    assert brief(analysis=words(topics=("winter",)), count=1).ideas[0].scene == "mountains"
    assert brief(analysis=words(topics=("stars",)), count=1).ideas[0].scene == "space"


def test_the_same_seed_gives_the_same_brief_and_another_seed_may_give_another() -> None:
    made = [brief(sound("rock"), seed=seed) for seed in (1, 1, 2, 3, 4)]
    assert made[0] == made[1]
    assert len({other.model_dump_json() for other in made}) > 1


def test_every_decision_is_explained() -> None:
    made = brief(count=2)
    fields = ("scene", "subject", "light", "medium", "palette")
    assert [e.decision for e in made.evidence] == ["mood", *(f"ideas[{i}].{f}" for i in (0, 1) for f in fields)]
    assert all(e.because.endswith(".") for e in made.evidence)


def test_a_prompt_says_in_english_what_is_painted() -> None:
    idea = brief(analysis=words(language="de"), lyrics=sung("ein Leuchtturm am Meer", "de"), count=1).ideas[0]
    assert "a lighthouse on a wide sea" in idea.prompt
    assert "no text" in idea.prompt


# Instrumentals


def test_an_instrumental_is_directed_by_its_music_without_any_model() -> None:
    outputs = directed(sound("metal", energy=0.9, valence=-0.7), analysis=TextAnalysis(has_text=False))
    assert outputs.analysis.text is None
    assert "furious" in outputs.brief.mood
    assert "music alone" in because(outputs.brief, "mood")


def test_what_hardly_counts_is_told_as_no_reason() -> None:
    genres = (Score(label="electronic", score=0.9), Score(label="jazz", score=0.01))
    made = brief(sound().model_copy(update={"genres": genres}), analysis=TextAnalysis(has_text=False))
    scene = because(made, "ideas[0].scene")
    assert "electronic (90%)" in scene
    assert "jazz" not in scene


def test_an_instrument_that_is_heard_may_be_the_subject() -> None:
    made = brief(sound("jazz", tags=(Score(label="piano", score=0.9),)), count=1)
    assert made.ideas[0].subject == "piano"


def test_silence_of_words_still_gives_the_eye_a_place_to_rest() -> None:
    assert all(idea.subject for idea in brief(sound("folk")).ideas)


# Wishes


def test_what_a_person_asks_for_is_done() -> None:
    made = brief(subject="a red bicycle", scene="desert", medium="linocut")
    assert {(i.subject, i.scene, i.medium) for i in made.ideas} == {("a red bicycle", "desert", "linocut")}
    assert "asked for" in because(made, "ideas[0].scene")


def test_a_mood_may_be_asked_for_in_any_of_five_languages() -> None:
    made = brief(sound(valence=0.9), mood="traurig")
    assert made.mood == "traurig"
    assert mean_lightness(made) < mean_lightness(brief(sound(valence=0.9), mood="allegro"))


@pytest.mark.parametrize(("wish", "hint"), [({"scene": "moutains"}, "mountains"), ({"medium": "oils"}, "oil")])
def test_a_misspelt_wish_is_refused_with_what_was_meant(wish: dict[str, str], hint: str) -> None:
    with pytest.raises(InputRefused, match=f"Did you mean `{hint}`"):
        brief(**wish)


def test_what_was_decided_of_one_cover_stays_and_the_others_are_drawn_anew() -> None:
    before = brief(sound("rock"))
    liked = before.ideas[1]
    whole = Wish(**liked.model_dump())
    reason = Evidence(decision="ideas[1].scene", because="I like it.")
    wishes = Wishes(covers=(Wish(medium="linocut"), whole), draw=1, evidence=(reason,))
    after = brief(sound("rock"), wishes=wishes)
    assert after.ideas[1] == liked
    assert after.ideas[0].medium == "linocut" and "linocut" in after.ideas[0].prompt
    assert {i.scene for i in after.ideas if i != liked}.isdisjoint({liked.scene})
    assert because(after, "ideas[1].scene") == "I like it."
    assert "asked for" in because(after, "ideas[0].medium")


def test_more_covers_leave_those_that_are_there() -> None:
    before = brief(sound("rock"))
    kept = tuple(Wish(**idea.model_dump()) for idea in before.ideas)
    after = brief(sound("rock"), wishes=Wishes(covers=kept, count=5))
    assert after.ideas[:3] == before.ideas and len(after.ideas) == 5


def test_the_mood_and_colours_may_be_decided() -> None:
    colours = ("#101010", "#404040", "#808080", "#c0c0c0", "#f0f0f0")
    made = brief(sound(valence=0.9), wishes=Wishes(mood="traurig", covers=(Wish(palette=colours, subject=""),)))
    assert (made.mood, made.ideas[0].palette, made.ideas[0].subject) == ("traurig", colours, "")


def test_a_mood_that_is_kept_has_the_reason_of_before_and_one_that_is_asked_for_says_so() -> None:
    before = brief(sound(valence=0.9))
    reason = because(before, "mood")
    kept = brief(sound(valence=0.9), wishes=Wishes(mood=before.mood, evidence=before.evidence))
    assert (kept.mood, because(kept, "mood")) == (before.mood, reason)
    assert kept.evidence[0].said == before.evidence[0].said
    assert "was asked for" in because(brief(sound(valence=0.9), wishes=Wishes(mood=before.mood)), "mood")
    asked = brief(sound(valence=0.9), mood="traurig", wishes=Wishes(mood=before.mood, evidence=before.evidence))
    assert "“traurig” was asked for" in because(asked, "mood")


def test_a_decision_that_cannot_be_painted_is_refused() -> None:
    with pytest.raises(InputRefused, match="Did you mean `mountains`"):
        brief(wishes=Wishes(covers=(Wish(scene="moutains"),)))


# Free prompts


@pytest.mark.models
@pytest.mark.parametrize(
    ("prompt", "scene", "subject", "medium"),
    [
        ("a lighthouse in a storm, oil painting", "sea", "lighthouse", "oil"),
        ("un renard roux dans la forêt, aquarelle", "forest", "fox", "watercolour"),
        ("einsamer Cowboy in der Wüste, Linolschnitt", "desert", "cowboy hat", "linocut"),
        ("la luna sobre el océano, grabado", "sea", "moon", "etching"),
        ("grattacieli di notte", "city", "", ""),
    ],
)
def test_a_prompt_is_read_by_what_it_names(prompt: str, scene: str, subject: str, medium: str) -> None:
    idea = brief_from_prompt(prompt, 1, 0, Context()).ideas[0]
    assert idea.scene == scene
    assert not subject or idea.subject == subject
    assert not medium or idea.medium == medium
    assert prompt in idea.prompt


@pytest.mark.models
def test_a_prompt_that_names_nothing_is_read_by_its_meaning() -> None:
    assert brief_from_prompt("hypnotic pulse", 1, 0, Context()).ideas[0].scene == "waves"
    assert "sad" in brief_from_prompt("mélancolie", 1, 0, Context()).mood


def test_an_empty_prompt_and_an_endless_one_are_refused() -> None:
    with pytest.raises(InputRefused, match="empty"):
        brief_from_prompt(" \n ", 1, 0, WithoutModels())
    with pytest.raises(InputRefused, match="2,001 characters"):
        brief_from_prompt("x" * 2001, 1, 0, WithoutModels())


# The tables


def test_affinities_name_scenes_lights_and_media_that_exist() -> None:
    known = {*SCENES, *LIGHTS, *MEDIA}
    tables = [look.speaks_for for look in (*FEELINGS.values(), *GENRES.values())]
    assert set().union(*tables, *THEMES.values()) <= known
    assert set(SCENE_HUES) == set(SCENES)
    assert set(names()) == {*FEELINGS, *MEDIA}
