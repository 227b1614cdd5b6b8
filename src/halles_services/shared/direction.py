"""Art direction of words: a free prompt becomes a brief, by the names in it and by its meaning."""

import re
from collections.abc import Iterable

from halles.sdk import Context, InputRefused, say
from halles_services.kinds import Brief
from halles_services.shared.affinities import feeling
from halles_services.shared.art import LIGHTS, MEDIA, SCENES
from halles_services.shared.colours import Hue, Tone
from halles_services.shared.embedding import embedder
from halles_services.shared.ideas import Concept, direct, mix, read
from halles_services.shared.meaning import Embed, by_meaning
from halles_services.shared.moods import Moods, called, its_colour, moods, spoken
from halles_services.shared.names import names
from halles_services.shared.things import LANGUAGES, Mention, mentions
from halles_services.shared.weights import E5

_LONGEST_PROMPT = 2000


def brief_from_prompt(text: str, count: int, seed: int, context: Context) -> Brief:
    """Return a brief of `count` ideas for a prompt in English, French, German, Spanish or Italian.

    What the prompt names decides; where it names no scene, light or medium, its meaning does. Raises InputRefused for
    an empty prompt and for one of more than two thousand characters.
    """
    words = " ".join(text.split())
    if not words:
        raise InputRefused(say("The prompt is empty. Say in a few words what the picture is to show."), port="prompt")
    if len(words) > _LONGEST_PROMPT:
        message = say(
            "The prompt has {count:,} characters; at most {most:,} are read.", count=len(words), most=_LONGEST_PROMPT
        )
        raise InputRefused(message, port="prompt")
    embed = embedder(context.weights(E5), context.threads).embed
    return direct(_concept(words, embed), count, seed)


def _concept(words: str, embed: Embed) -> Concept:
    found = moods(words, embed)
    concept = mood_concept(found, say("The prompt reads {mood}.", mood=spoken(found)))
    concept.words = words
    media = _named_media(words)
    concept.ballot.cast(dict.fromkeys(media, 1.0), 3.0, say("the prompt names it"))
    concept.subjects = read(_best_language(_without(words, media.values())), concept.ballot, weight=2.0)
    for options, weight in ((SCENES, 0.7), (LIGHTS, 0.4), (MEDIA, 0.2)):
        near = by_meaning(words, options, embed)
        told = say("it is nearest in meaning to the prompt")
        concept.ballot.cast(near, weight / max(near.values(), default=1.0), told)
    return concept


def mood_concept(found: Moods, because: str) -> Concept:
    """A concept that has nothing yet but a mood: adjectives, colours, and what such feelings speak for."""
    known = [(known, weight) for label, weight in found if (known := feeling(label))]
    chroma, lightness = mix(known)
    concept = Concept(
        mood=spoken(found),
        mood_because=because,
        tone=Tone(light=0.5 + 0.35 * lightness, vivid=chroma, contrast=0.3 + 0.5 * chroma),
        hues=[Hue(f.hue, f.accent, weight, its_colour(f)) for f, weight in known],
    )
    for mood, weight in known:
        concept.ballot.cast(mood.speaks_for, 0.5 * weight, say("the mood is {adjective}", adjective=called(mood)))
    return concept


def _best_language(words: str) -> list[Mention]:
    """What the words name, in the language in which they name most."""
    return max((list(mentions(words, language, title=True)) for language in LANGUAGES), key=len)


def _named_media(words: str) -> dict[str, str]:
    """Media that the words name, with the name that was used."""
    found: dict[str, str] = {}
    for medium in MEDIA:
        for name in names()[medium]:
            if re.search(rf"\b{re.escape(name)}\b", words, re.IGNORECASE):
                found.setdefault(medium, name)
    return found


def _without(words: str, media: Iterable[str]) -> str:
    """The words without the names of media, in which there may be things: there is no oil in an oil painting."""
    for name in media:
        words = re.sub(rf"\b{re.escape(name)}\b", " ", words, flags=re.IGNORECASE)
    return words
