"""What the words of a song say about its picture."""

from collections.abc import Iterator

from halles.sdk import say
from halles_services.art_direction.listening import Felt
from halles_services.kinds import Lyrics, TextAnalysis
from halles_services.shared.affinities import THEMES
from halles_services.shared.ideas import Ballot, Subject, read
from halles_services.shared.meaning import OF_ANY_WORDS, Embed, nearest
from halles_services.shared.things import Mention, because, mentions, named

_FAINT = 0.1
"""Probability of an emotion, and score of a topic, below which it is no evidence."""
_COMMON = {"admiration": 0.5, "surprise": 0.7}
"""What feelings weigh that the words of almost every song seem to have a little of."""
_LONG_ENOUGH = 5
"""Letters of the shortest phrase that is looked up by meaning; of shorter ones the model knows the spelling only."""


def felt_by_words(analysis: TextAnalysis) -> list[Felt]:
    """Feelings of the words, as far as they stand out."""
    return [
        Felt(
            emotion.label,
            (emotion.score - _FAINT) * _COMMON.get(emotion.label, 1.0),
            say("the words feel of {feeling} ({score:.2f})", feeling=emotion.label, score=emotion.score),
        )
        for emotion in analysis.emotions
        if emotion.score > _FAINT
    ]


def vote(analysis: TextAnalysis, ballot: Ballot) -> None:
    """Let the topics vote."""
    for topic in analysis.topics:
        told = say("the words are about {topic} ({score:.2f})", topic=topic.label, score=topic.score)
        if topic.label in THEMES:
            ballot.cast(THEMES[topic.label], topic.score, told)
        elif item := named(topic.label, "en"):
            ballot.cast(dict.fromkeys(item.speaks_for, 1.0), topic.score, told)


def subjects(analysis: TextAnalysis, lyrics: Lyrics | None, ballot: Ballot, embed: Embed) -> list[Subject]:
    """What the words name, best first: things named often or in key phrases before those named once."""
    found = {subject.words: subject for subject in read(_named(analysis, lyrics), ballot, weight=1.0)}
    for phrase in analysis.key_phrases:
        for subject in _of_phrase(phrase.label, phrase.score, analysis.language, embed):
            known = found.get(subject.words)
            found[subject.words] = known._replace(weight=known.weight + subject.weight) if known else subject
    return sorted(found.values(), key=lambda subject: -subject.weight)


def _named(analysis: TextAnalysis, lyrics: Lyrics | None) -> Iterator[Mention]:
    text = lyrics.text if lyrics and lyrics.text.strip() else "\n".join(p.label for p in analysis.key_phrases)
    return mentions(text, analysis.language or (lyrics.language if lyrics else None))


def _of_phrase(phrase: str, score: float, language: str | None, embed: Embed) -> Iterator[Subject]:
    """Things that a key phrase names, or else the one that it is near in meaning to."""
    known = [mention.thing for mention in mentions(phrase, language, title=True)]
    told = say("the key phrase “{phrase}” names it", phrase=phrase)
    if not known and len(phrase) >= _LONG_ENOUGH and (near := nearest(phrase, embed, OF_ANY_WORDS)):
        known = [near]
        told = say("the key phrase “{phrase}” is near in meaning", phrase=phrase)
    for item in known:
        if item.shown:
            yield Subject(item.name, item, 0.3 * score * item.pull, because(item, told))
