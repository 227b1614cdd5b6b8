"""The text-analysis service."""

from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from halles.sdk import Context, InputRefused, Port, say, service
from halles_services.kinds import Score, TextAnalysis
from halles_services.shared.embedding import embedder
from halles_services.shared.weights import E5
from halles_services.text_analysis.language import detect
from halles_services.text_analysis.phrases import key_phrases
from halles_services.text_analysis.reading import Floats, probabilities, whole
from halles_services.text_analysis.windows import stanzas, windows

LARGEST = 1_000_000
MOST_PASSAGES = 400
BATCH = 16


class Outputs(NamedTuple):
    """What the service gives."""

    analysis: Annotated[TextAnalysis, Port("what the text feels and speaks about")]


@service(
    "text-analysis",
    version="1.0.0",
    name="Text analysis",
    licence="Apache-2.0",
    tags=["Natural Language Processing", "Sentiment Analysis"],
    weights=[E5],
)
class TextAnalyser:
    """Say what lyrics, or any text, feel and speak about.

    Gives the language, fifteen emotions with a probability each, the sentiment, the topics (of 61 that songs speak
    about) and the key phrases. Emotions, sentiment and topics are read in about a hundred languages; they were tested
    in English, French, German, Spanish and Italian. A text without words gives `has_text: false` and nothing else.
    """

    def __init__(self, context: Context) -> None:
        self.embedder = embedder(context.weights(E5), context.threads)

    def run(
        self,
        text: Annotated[str, Port("lyrics, one sung line a line, or any other text up to 1 MB")],
        *,
        language: Annotated[
            str, Field(pattern="^([a-z]{2,3})?$", description="ISO 639-1 code of the language; empty to detect it")
        ] = "",
        topics: Annotated[int, Field(ge=0, le=61, description="How many topics to give at most")] = 8,
        phrases: Annotated[int, Field(ge=0, le=50, description="How many key phrases to give at most")] = 10,
        context: Context,
    ) -> Outputs:
        """Read the text."""
        found = stanzas(admitted(text))
        if not found:
            return Outputs(TextAnalysis(has_text=False))
        lines = [line for stanza in found for line in stanza]
        code, confidence = (language, 1.0) if language else detect(lines)
        vectors = self.vectors(windows(found, MOST_PASSAGES), context)
        polarity = dict(whole(probabilities(vectors, "polarity")))
        analysis = TextAnalysis(
            has_text=True,
            language=code,
            language_confidence=round(confidence, 4),
            emotions=scores(whole(probabilities(vectors, "emotions"))),
            sentiment=round(polarity["positive"] - polarity["negative"], 4),
            topics=scores(whole(probabilities(vectors, "topics"))[:topics]),
            key_phrases=scores(key_phrases(lines, code, phrases)),
        )
        return Outputs(analysis)

    def vectors(self, passages: list[str], context: Context) -> Floats:
        """Embeddings of the passages, with progress."""
        batches = []
        for start in range(0, len(passages), BATCH):
            context.progress(start / len(passages), "reading")
            batches.append(self.embedder.embed(passages[start : start + BATCH]))
        return np.concatenate(batches)


def admitted(text: str) -> str:
    """The text, if it is not too long."""
    if len(text) > LARGEST:
        raise InputRefused(
            say(
                "The text has {count:,} characters; at most {largest:,} are read. Give the lyrics alone, or a part.",
                count=len(text),
                largest=LARGEST,
            ),
            port="text",
        )
    return text


def scores(pairs: list[tuple[str, float]]) -> tuple[Score, ...]:
    """Pairs as scores, rounded to what the figures mean."""
    return tuple(Score(label=label, score=round(min(score, 1.0), 4)) for label, score in pairs)
