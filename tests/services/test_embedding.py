"""Sentence embeddings: the same vectors as the original engine, and meanings that meet across languages."""

from pathlib import Path

import numpy as np
import pytest

from halles.weights import ensure
from halles_services.shared.embedding import Embedder, embedder
from halles_services.shared.vocabulary import Vocabulary
from halles_services.shared.weights import E5

pytestmark = pytest.mark.models

SIX_LANGUAGES = [
    "I walk alone through the empty city tonight",
    "Sur la plage vide, le vent garde encore ton prénom",
    "Der Regen singt mein Lied, und keiner hört es",
    "La luna se fue contigo y la noche se quedó",
    "Ti aspetto ancora sotto la pioggia d'aprile",
    "東京の夜は静かで、君のいない部屋で泣いている",
]
# Computed by the compiled engine of the package that holds the weights, from the same six texts.
REFERENCE = Path(__file__).with_name("e5_reference.npy")


@pytest.fixture(scope="module")
def directory():
    return ensure(E5)


@pytest.fixture(scope="module")
def e5(directory) -> Embedder:
    return embedder(directory, threads=2)


@pytest.fixture(scope="module")
def vocabulary(directory) -> Vocabulary:
    return Vocabulary(directory)


def test_vectors_agree_with_the_original_engine_in_six_languages(e5):
    reference = np.load(REFERENCE).astype(np.float32)
    cosines = np.sum(e5.embed(SIX_LANGUAGES) * reference, axis=1)
    assert cosines.min() >= 0.999


def test_vectors_have_length_one(e5):
    vectors = e5.embed(["night", "a much longer line about the night"], kind="passage")
    assert vectors.shape == (2, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_nothing_to_embed_gives_no_vectors(e5):
    assert e5.embed([]).shape == (0, 384)


@pytest.mark.parametrize("text", ["", " \n\t ", "♪", "🎉", "\x00\x07", "a\ud800b"])
def test_any_text_has_a_finite_vector(e5, text):
    assert np.isfinite(e5.embed([text])).all()


def test_a_vector_does_not_depend_on_its_batch(e5):
    alone = e5.embed([SIX_LANGUAGES[0]])[0]
    together = e5.embed([*SIX_LANGUAGES[1:], SIX_LANGUAGES[0], "word " * 300])[5]
    assert np.array_equal(alone, together)


def test_a_vector_does_not_depend_on_the_number_of_threads(e5, directory):
    assert np.array_equal(embedder(directory, threads=1).embed(SIX_LANGUAGES), e5.embed(SIX_LANGUAGES))


def test_a_text_longer_than_the_model_is_read_to_its_end(e5):
    sunny = "The sun is shining on the beach. " * 100
    stormy_end = sunny + "A storm sinks all the ships tonight. " * 100
    storm = e5.embed(["storm and shipwreck"])[0]
    assert e5.embed([stormy_end])[0] @ storm > e5.embed([sunny])[0] @ storm


def test_a_translation_is_nearer_than_another_theme(e5):
    night, nacht, nuit, money = e5.embed(
        ["a lonely night", "eine einsame Nacht", "une nuit solitaire", "a lot of money"]
    )
    assert min(night @ nacht, night @ nuit) > max(night @ money, nacht @ money, nuit @ money)


def test_an_embedder_is_loaded_once_a_process(e5, directory):
    assert embedder(directory, threads=2) is e5


def test_accents_mean_the_same_composed_or_decomposed(vocabulary):
    assert vocabulary.tokens("e\u0301te\u0301") == vocabulary.tokens("été")


def test_spaces_around_and_between_words_do_not_count(vocabulary):
    assert vocabulary.tokens("  blue \n  moon ") == vocabulary.tokens("blue moon")


def test_a_typed_marker_is_text_and_not_a_control_token(vocabulary):
    assert not {0, 1, 2} & set(vocabulary.tokens("<s> </s> <pad>"))


def test_an_unknown_sign_becomes_the_unknown_token(vocabulary):
    assert 3 in vocabulary.tokens("\U000130a7")
