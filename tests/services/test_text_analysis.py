"""Text analysis: what lyrics feel and speak about, in several languages, whatever the text is like."""

from pathlib import Path

import numpy as np
import pytest

from halles.sdk import Cancelled, Context, InputRefused, run_service
from halles_services.kinds import TextAnalysis
from halles_services.shared.embedding import embedder
from halles_services.shared.weights import E5
from halles_services.text_analysis.phrases import distinct
from halles_services.text_analysis.reading import probabilities, whole
from halles_services.text_analysis.service import TextAnalyser
from halles_services.text_analysis.windows import stanzas, windows

TRAINING = Path(__file__).parents[2] / "training" / "emotions"
models = pytest.mark.models

HAPPY = {
    "en": "We're laughing, we're dancing\nThe best day of my life\nEverybody sing along, what a joy to be alive",
    "fr": "On rit, on danse\nLe plus beau jour de ma vie\nChantez tous, quel bonheur d'être vivant",
    "de": "Wir lachen, wir tanzen\nDer schönste Tag in meinem Leben\nSingt alle mit, was für ein Glück",
    "es": "Reímos, bailamos\nEl mejor día de mi vida\nCanten todos, qué alegría estar vivo",
    "it": "Ridiamo, balliamo\nIl giorno più bello della mia vita\nCantate tutti, che gioia essere vivi",
}
SAD = {
    "en": "I cry in the dark since you died\nMy heart is heavy, all is lost\nTears and sorrow every night",
    "fr": "Je pleure dans le noir depuis ta mort\nMon cœur est lourd, tout est perdu\nDes larmes chaque nuit",
    "de": "Ich weine im Dunkeln, seit du gestorben bist\nMein Herz ist schwer, alles verloren\nTränen jede Nacht",
    "es": "Lloro a oscuras desde que moriste\nMi corazón pesa, todo está perdido\nLágrimas cada noche",
    "it": "Piango al buio da quando sei morto\nIl mio cuore è pesante, tutto è perduto\nLacrime ogni notte",
}
SAILORS = """Hoist the sails, the tide is turning
Salt upon my lips, the harbour far behind
Roll, you waves, roll, you waves

Oh oh oh, la la la
Roll, you waves, roll, you waves

A sailor never owns the ocean
The captain's drunk, the ship goes where it likes
Roll, you waves, roll, you waves"""


def analyse(text: str, **params: object) -> TextAnalysis:
    return run_service(TextAnalyser, text=text, **params).analysis


def strongest(analysis: TextAnalysis) -> str:
    return analysis.emotions[0].label


@models
@pytest.mark.parametrize("language", HAPPY)
def test_a_happy_song_is_happy_in_five_languages(language):
    analysis = analyse(HAPPY[language])
    assert analysis.language == language
    assert strongest(analysis) == "joy"
    assert analysis.sentiment > 0.3


@models
@pytest.mark.parametrize("language", SAD)
def test_a_sad_song_is_sad_in_five_languages(language):
    analysis = analyse(SAD[language])
    assert analysis.language == language
    assert "sadness" in {emotion.label for emotion in analysis.emotions[:2]}
    assert analysis.sentiment < -0.2


@models
def test_topics_say_what_a_song_speaks_about():
    topics = analyse(SAILORS, topics=3).topics
    assert topics[0].label == "sea"
    assert topics[0].score > 0.5 > topics[1].score


@models
def test_key_phrases_leave_out_filler_and_repetition():
    phrases = [phrase.label.lower() for phrase in analyse(SAILORS, phrases=20).key_phrases]
    assert not {"oh", "la", "oh oh", "la la la"} & set(phrases)
    assert sum("waves" in phrase for phrase in phrases) == 1


@models
def test_lists_are_sorted_and_as_long_as_asked():
    analysis = analyse(SAILORS, topics=5, phrases=2)
    for scores in (analysis.emotions, analysis.topics, analysis.key_phrases):
        assert sorted(scores, key=lambda score: -score.score) == list(scores)
    assert (len(analysis.topics), len(analysis.key_phrases)) == (5, 2)


@pytest.mark.parametrize("text", ["", "  \n\t ", "♪ ♪♪ ♪", "... !? —", "[Music]\n[00:12.50]", "1, 2, 3, 4", "🎉🎉"])
def test_a_text_without_words_says_so_and_needs_no_model(text):
    unloaded = object.__new__(TextAnalyser.target)
    assert unloaded.run(text, context=Context()).analysis == TextAnalysis(has_text=False)


@models
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Weltschmerz", "de"),
        ("東京の夜は静かで、君のいない部屋で泣いている", "ja"),
        ("الليل طويل وقلبي حزين بدونك يا حبيبي", "ar"),
        ("Ночь темна, и я один, дождь стучит в окно", "ru"),
        ("I love you 😍😍😍 so much it hurts 🎉", "en"),
    ],
)
def test_any_script_and_length_is_read(text, language):
    analysis = analyse(text)
    assert analysis.language == language
    assert len(analysis.emotions) == 15


@models
def test_feelings_are_read_in_languages_that_no_head_was_taught():
    assert strongest(analyse("君が死んでから毎晩泣いている、心が張り裂けそうだ")) == "sadness"
    assert analyse("أنا سعيد جدا اليوم، نرقص ونغني معا").sentiment > 0


@models
def test_the_language_of_most_words_wins_in_a_mixed_text():
    assert analyse(SAD["fr"] + "\n" + HAPPY["fr"] + "\nBaby, I love you").language == "fr"


@models
def test_a_given_language_is_believed():
    analysis = analyse("Chat", language="fr")
    assert (analysis.language, analysis.language_confidence) == ("fr", 1.0)


@models
def test_a_language_that_is_no_code_is_refused():
    with pytest.raises(InputRefused, match="language"):
        analyse("bonjour", language="French")


@models
def test_a_book_of_100_kb_is_read():
    analysis = analyse(f"{SAD['en']}\n\n" * 1000)
    assert strongest(analysis) == "sadness"


@models
def test_more_than_1_mb_is_refused_with_a_reason():
    with pytest.raises(InputRefused, match="1,000,001 characters; at most 1,000,000") as refusal:
        analyse("a" * 1_000_001)
    assert refusal.value.port == "text"


@models
def test_the_same_text_gives_the_same_analysis():
    assert analyse(SAILORS) == analyse(SAILORS)


@models
def test_a_cancelled_run_stops():
    with pytest.raises(Cancelled):
        run_service(TextAnalyser, text=SAILORS, context=Context(cancelled=lambda: True))


@models
@pytest.mark.parametrize("language", ["en", "fr", "de", "es", "it"])
def test_emotions_of_lines_written_before_the_model_was_tuned(language):
    rows = [row.split("\t") for row in (TRAINING / "test_lines.tsv").read_text(encoding="utf-8").splitlines()]
    labels, lines = zip(*[row[1:] for row in rows if row[0] == language], strict=True)
    found = probabilities(embedder(Context().weights(E5), Context().threads).embed(lines), "emotions")
    right = [max(found, key=lambda emotion: found[emotion][i]) == label for i, label in enumerate(labels)]
    assert np.mean(right) >= 0.7


@models
@pytest.mark.parametrize("name", ["jonathan-coulton--code-monkey", "joshua-morin--on-the-run", "te-amo--fabios.es"])
def test_real_lyrics_have_the_topics_a_listener_names(name):
    file = Path(__file__).parents[3] / "shared" / "data" / "songs" / f"{name}.lyrics.txt"
    if not file.exists():
        pytest.skip("the lyrics of the shared data are not beside the repository")
    named = {"jonathan-coulton--code-monkey": "work", "joshua-morin--on-the-run": "road", "te-amo--fabios.es": "faith"}
    topics = analyse(file.read_text(encoding="utf-8"), topics=3).topics
    assert named[name] in {topic.label for topic in topics}


def test_one_dark_line_is_heard_and_does_not_drown_a_bright_song():
    passages = {"joy": np.full(40, 0.6), "fear": np.array([0.9] + [0.02] * 39)}
    (first, joy), (second, fear) = whole(passages)
    assert (first, second) == ("joy", "fear")
    assert joy == pytest.approx(0.6)
    assert 0.2 < fear < 0.35


def test_a_long_song_feels_like_its_repeated_short_version():
    short = {"joy": np.array([0.9, 0.1, 0.2]), "fear": np.array([0.1, 0.4, 0.1])}
    long = {label: np.tile(column, 50) for label, column in short.items()}
    assert dict(whole(long)) == pytest.approx(dict(whole(short)))


def test_passages_overlap_within_a_stanza_and_not_across():
    assert windows(stanzas("one\ntwo\nthree\n\nfour"), 100) == ["one, two", "two, three", "four"]


def test_marks_and_wordless_lines_are_left_out():
    assert stanzas("[Verse 1]\n[00:12.50] hello\n♪\n2\nworld\n\n...\n") == [["hello", "world"]]


def test_prose_is_cut_into_sentences_and_nothing_is_lost():
    prose = "The night was long and nobody came to the door of the house. " * 4
    (lines,) = stanzas(prose)
    assert len(lines) == 4
    assert " ".join(lines) == prose.strip()


def test_a_long_text_without_spaces_is_cut_too():
    (lines,) = stanzas("夜" * 1000)
    assert "".join(lines) == "夜" * 1000
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("count", [1, 2, 3, 7, 50, 999, 5000])
def test_passages_of_any_text_are_few_and_cover_every_line(count):
    lines = [f"line{number}" for number in range(count)]
    passages = windows([lines], most=100)
    assert len(passages) <= 101
    assert {line for passage in passages for line in passage.split(", ")} == set(lines)


def test_of_phrases_that_share_half_their_words_the_best_is_kept():
    candidates = [("Code Monkey", 0.1), ("monkeys", 0.2), ("Code Monkey simple", 0.3), ("soda", 0.4), ("la la la", 0.5)]
    assert [phrase for phrase, _ in distinct(candidates)] == ["Code Monkey", "soda"]
