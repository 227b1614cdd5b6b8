"""Speech recognition writes down what is sung, and nothing when nobody sings."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from halles.sdk import Audio, Cancelled, Context, InputRefused, run_service
from halles_services.speech_recognition.lines import lines
from halles_services.speech_recognition.listening import Heard, Hypothesis, foreign, key, loops
from halles_services.speech_recognition.service import SpeechRecognition
from halles_services.speech_recognition.singing import FRAMES, RATE, Span, cuts, passages, share, windows
from halles_services.speech_recognition.transcription import CONTEXT, tell, within
from halles_services.speech_recognition.voting import Chosen, vote
from halles_services.speech_recognition.weights import SIZES

DEMO = Path(__file__).parents[2] / "src" / "halles_services" / "demo"


def sung(*spans: tuple[float, float], seconds: float) -> np.ndarray:
    """A probability of singing that is 0.9 in the spans and 0 elsewhere."""
    probability = np.zeros(round(seconds * FRAMES), dtype=np.float32)
    for start, end in spans:
        probability[round(start * FRAMES) : round(end * FRAMES)] = 0.9
    return probability


def hearing(text: str, probability: float = 0.9, start: float = 0.0) -> list[Heard]:
    """A word each half second."""
    return [Heard(word, start + i / 2, start + i / 2 + 0.4, probability) for i, word in enumerate(text.split())]


def voted(*texts: str) -> str:
    return " ".join(word.text for word in vote([hearing(text) for text in texts]))


def said(text: str) -> list[str]:
    """The lines of a text whose words come each half second, after a slash a second late."""
    words, time = [], 0.0
    for word in text.split():
        time += 1.5 if word.startswith("/") else 0.5
        words.append(Chosen(word.strip("/"), time, time + 0.45, 0.9))
    return [segment.text for segment in lines(words, spaced=True)]


# Where somebody sings


def test_a_passage_is_kept_with_what_lies_around_it():
    assert passages(sung((10, 12), seconds=20)) == [Span(9, 12.5)]


def test_passages_that_are_close_are_one():
    assert passages(sung((10, 12), (13.5, 15), seconds=20)) == [Span(9, 15.5)]


def test_passages_stay_within_the_song():
    assert passages(sung((0.2, 1.9), seconds=2)) == [Span(0, 2)]


def test_a_short_note_is_no_singing():
    assert passages(sung((10, 10.7), seconds=20)) == []


def test_a_long_passage_needs_more_than_a_moment_of_certainty():
    probability = np.full(2000, 0.2, dtype=np.float32)
    probability[300:450] = 0.9

    assert passages(probability) == []


def test_a_faint_voice_alone_is_no_singing_but_prolongs_it():
    probability = sung((10, 12), seconds=20)
    probability[300:600] = probability[1200:1300] = 0.3

    assert passages(probability) == [Span(9, 13.5)]


def test_share_is_that_of_sung_time():
    assert share(sung((5, 10), seconds=20)) == pytest.approx(0.25)


# Windows


def test_a_window_holds_several_passages():
    voiced = [Span(0, 8), Span(12, 20)]

    assert windows(voiced, sung((0, 8), (12, 20), seconds=20), 28) == [Span(0, 20)]


def test_long_singing_is_cut_where_it_is_softest():
    probability = sung((0, 50), seconds=50)
    probability[2500:2580] = 0.2

    first, second = windows([Span(0, 50)], probability, 28)

    assert first.start == 0
    assert first.end == second.start == pytest.approx(25.4, abs=0.5)
    assert second.end == 50


def test_a_second_set_of_windows_is_cut_elsewhere():
    probability = sung((0, 50), seconds=50)
    probability[2500:2580] = 0.2
    (cut,) = cuts(windows([Span(0, 50)], probability, 28))

    (other,) = cuts(windows([Span(0, 50)], probability, 28, [cut]))

    assert abs(other - cut) >= 3


@pytest.mark.parametrize("longest", [10, 24, 28.5])
def test_windows_cover_all_singing_and_none_is_too_long(longest):
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(1.5, 30, 40))
    voiced = [Span(float(a), float(b)) for a, b in zip(times[::2], times[1::2], strict=True)]
    probability = sung(*voiced, seconds=times[-1] + 1)

    found = windows(voiced, probability, longest)

    assert all(window.end - window.start <= longest + 1e-6 for window in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert sum(w.overlap(span) for w in found for span in voiced) == pytest.approx(sum(b - a for a, b in voiced))


def test_no_singing_needs_no_window():
    assert windows([], np.zeros(100), 28) == []


def test_passages_are_clipped_to_a_chapter():
    assert within([Span(0, 10), Span(20, 40), Span(50, 60)], [Span(5, 15), Span(20, 30)]) == [Span(5, 10), Span(20, 30)]


# What a window is told of the others


def test_a_window_is_told_the_surest_lines_of_others_in_their_order():
    written = [
        Hypothesis(Span(0, 10), (1, 2), -0.3, loops=False),
        Hypothesis(Span(10, 20), (3, 4), -0.1, loops=False),
        Hypothesis(Span(20, 30), (5, 6), -0.2, loops=False),
        Hypothesis(Span(30, 40), (7, 8), -0.9, loops=False),
        Hypothesis(Span(40, 50), (9, 9), -0.1, loops=True),
    ]

    assert tell(written, Span(10, 20)) == [1, 2, 5, 6]


def test_a_window_is_told_only_so_much():
    written = [Hypothesis(Span(k * 10, k * 10 + 10), tuple(range(60)), -0.1, loops=False) for k in range(5)]

    assert len(tell(written, Span(90, 100))) == CONTEXT


# The vote


def test_the_majority_wins_a_word():
    assert voted("the night is cold", "the night was cold", "the night is cold") == "the night is cold"


def test_a_word_that_only_one_hears_is_dropped():
    assert voted("the dark night is cold", "the night is cold", "the night is cold") == "the night is cold"


def test_a_word_that_two_of_three_hear_is_kept():
    assert voted("night is cold", "the night is cold", "the night is cold") == "the night is cold"


def test_the_surer_of_two_hearings_wins():
    words = vote([hearing("lead me home", 0.3), hearing("leave me home", 0.8)])

    assert " ".join(word.text for word in words) == "leave me home"


def test_case_and_punctuation_are_no_difference():
    assert voted("Cold, night", "cold night") in {"Cold, night", "cold night"}


def test_confidence_is_shared_by_all_hearings():
    words = vote([hearing("home", 0.8), hearing("home", 0.6), []])

    assert words[0].confidence == pytest.approx((0.8 + 0.6) / 3)


def test_equal_words_at_distant_times_are_two():
    words = vote([hearing("home"), hearing("home", start=30)])

    assert len(words) in {0, 2}


def test_nothing_heard_is_nothing():
    assert vote([[], [], []]) == []


# Lines


def test_a_line_ends_with_a_pause():
    assert said("I hear you /calling my name") == ["I hear you", "calling my name"]


def test_a_line_ends_with_a_full_stop_but_not_after_a_title():
    assert said("stay with Mr. blue. he sings") == ["stay with Mr. blue.", "he sings"]


def test_a_long_line_is_cut():
    assert all(len(line.split()) <= 12 for line in said("la " * 50))


def test_lines_keep_times_and_confidence_of_their_words():
    (line,) = lines([Chosen("all", 1.0, 1.4, 0.5), Chosen("night,", 1.5, 2.0, 0.7)], spaced=True)

    assert (line.text, line.start, line.end, line.confidence) == ("all night", 1.0, 2.0, 0.6)
    assert [word.text for word in line.words] == ["all", "night,"]


def test_languages_without_spaces_are_written_without():
    (line,) = lines([Chosen("夜", 1.0, 1.4, 0.5), Chosen("空", 1.5, 2.0, 0.7)], spaced=False)

    assert line.text == "夜空"


# Text


def test_circles_are_told_from_choruses():
    assert loops("oh " * 60)
    assert not loops("On the run, down a one way street. On the run, the road beneath my feet.")


def test_a_word_is_known_by_its_letters():
    assert key("Don't,") == key("don’t") == "dont"


def test_letters_of_other_scripts_are_foreign():
    assert foreign("моя")
    assert not foreign("corazón, 21")


def test_sizes_of_the_parameter_are_those_of_the_recipes():
    sizes = SpeechRecognition.spec.params["properties"]["size"]

    assert set(sizes["enum"]) == set(SIZES)


# With real models


def transcribe(samples: np.ndarray, **params):
    return run_service(SpeechRecognition, song=Audio.encode(samples.astype(np.float32), RATE), **params)


SECONDS = np.arange(8 * RATE) / RATE
NOISE = np.random.default_rng(0).normal(0, 0.2, 8 * RATE)
QUIET = {
    "silence": np.zeros(8 * RATE),
    "white noise": NOISE,
    "brown noise": np.cumsum(NOISE) / 200,
    "tone": 0.3 * np.sin(2 * np.pi * 220 * SECONDS),
    "chords": sum(0.1 * np.sin(2 * np.pi * f * SECONDS) * np.exp(-(SECONDS % 0.5) * 4) for f in (131, 165, 196, 262)),
    "0.2 s": NOISE[: RATE // 5],
    "a single sample": np.zeros(1),
}


@pytest.mark.models
@pytest.mark.parametrize("sound", QUIET)
def test_nothing_is_written_where_nobody_sings(sound):
    outputs = transcribe(QUIET[sound])

    assert outputs.text == outputs.lyrics.text == ""
    assert outputs.lyrics.segments == ()
    assert outputs.lyrics.language is None
    assert outputs.lyrics.singing == 0
    assert outputs.lyrics.seconds == pytest.approx(len(QUIET[sound]) / RATE, abs=0.05)


@pytest.mark.models
def test_a_song_gives_its_lines_with_words_and_times():
    outputs = run_service(SpeechRecognition, song=Audio(DEMO / "song.opus"), hearings=1)
    truth = {key(word) for word in (DEMO / "lyrics.txt").read_text().split()}
    words = [word for segment in outputs.lyrics.segments for word in segment.words]

    assert len(truth & {key(word.text) for word in words}) > 0.7 * len(truth)
    assert outputs.lyrics.language == "en"
    assert outputs.text.splitlines() == [segment.text for segment in outputs.lyrics.segments]
    assert all(0 <= word.start <= word.end <= outputs.lyrics.seconds for word in words)
    assert all(a.start <= b.start for a, b in pairwise(words))
    assert outputs.lyrics.singing > 0.5


@pytest.mark.models
def test_the_same_song_gives_the_same_bytes():
    song = Audio(DEMO / "song.opus")
    first, second = (run_service(SpeechRecognition, song=song, hearings=2, beam=2) for _ in range(2))

    assert first.lyrics.model_dump_json() == second.lyrics.model_dump_json()


@pytest.mark.models
def test_vocals_tell_where_somebody_sings():
    song = Audio(DEMO / "song.opus")
    silence = Audio.encode(np.zeros(RATE, np.float32), RATE)

    assert run_service(SpeechRecognition, song=song, vocals=silence).text == ""


@pytest.mark.models
def test_an_unknown_language_is_refused_with_the_known_ones():
    with pytest.raises(InputRefused, match=r"does not know the language `klingon`.*en, .*fr"):
        run_service(SpeechRecognition, song=Audio(DEMO / "song.opus"), language="klingon")


@pytest.mark.models
def test_a_cancelled_run_stops():
    with pytest.raises(Cancelled):
        run_service(SpeechRecognition, song=Audio(DEMO / "song.opus"), context=Context(cancelled=lambda: True))
