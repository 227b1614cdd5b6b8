"""One concept for all covers of a song: its mood, colours, and what speaks for scenes, subjects, lights and media."""

from collections import defaultdict
from collections.abc import Iterable

from halles.sdk import say
from halles_services.art_direction import listening, reading
from halles_services.art_direction.listening import Felt
from halles_services.kinds import Lyrics, Style, TextAnalysis
from halles_services.shared.affinities import Feeling, feeling
from halles_services.shared.colours import Hue, Tone
from halles_services.shared.ideas import Concept, mix
from halles_services.shared.meaning import Embed
from halles_services.shared.moods import called, its_colour, moods, spoken

_SOUND = 0.7
"""What the feelings of the music weigh beside those of the words."""
_MOST_FEELINGS = 4
_SPOKEN = 2
"""Feelings that make the mood's name; the others are undertones."""


def conceive(style: Style, analysis: TextAnalysis | None, lyrics: Lyrics | None, mood: str, embed: Embed) -> Concept:
    """Gather what the music, the words and a person's wish for a mood say.

    `embed` is called where words must be compared by meaning.
    """
    felt = [Felt(f.label, _SOUND * f.weight, f.because) for f in listening.felt_by_sound(style)]
    if analysis:
        felt += reading.felt_by_words(analysis)
    if mood:
        felt = [Felt(label, weight, say("“{mood}” was asked for", mood=mood)) for label, weight in moods(mood, embed)]
    concept = _of_feelings(_strongest(felt), style)
    if mood:
        concept.mood = mood
    listening.vote(style, concept.ballot)
    concept.hues += listening.hues(style)
    if analysis:
        reading.vote(analysis, concept.ballot)
        concept.subjects = reading.subjects(analysis, lyrics, concept.ballot, embed)
    else:
        concept.subjects = list(listening.instruments(style))
        concept.mood_because = say("{mood} Nobody sings: the music alone decides.", mood=concept.mood_because)
    return concept


def _strongest(felt: Iterable[Felt]) -> list[Felt]:
    """The strongest feelings with weights that sum to one, each with its weightiest reason."""
    voices: dict[str, list[Felt]] = defaultdict(list)
    for one in felt:
        voices[one.label].append(one)
    totals = [
        Felt(label, sum(one.weight for one in several), max(several, key=lambda one: one.weight).because)
        for label, several in voices.items()
    ]
    best = sorted(totals, key=lambda one: -one.weight)[:_MOST_FEELINGS]
    whole = sum(one.weight for one in best) or 1.0
    return [one._replace(weight=one.weight / whole) for one in best]


def _of_feelings(felt: list[Felt], style: Style) -> Concept:
    known: list[tuple[Feeling, Felt]] = [(look, one) for one in felt if (look := feeling(one.label))]
    chroma, lightness = mix((look, one.weight) for look, one in known)
    mood = spoken([(one.label, one.weight) for _, one in known])
    reasons = list(dict.fromkeys(one.because for _, one in known[:_SPOKEN]))
    concept = Concept(
        mood=mood,
        mood_because=say("{mood}, because {reasons:; }.", mood=mood, reasons=reasons),
        tone=_tone(chroma, lightness, style),
        hues=[
            Hue(
                look.hue,
                look.accent,
                one.weight,
                its_colour(look),
            )
            for look, one in known
        ],
        tone_because=_told(style),
    )
    for number, (look, one) in enumerate(known):
        told = say("the mood is {adjective}", adjective=called(look))
        if number >= _SPOKEN:
            told = say("it has a touch of the {adjective}", adjective=called(look))
        concept.ballot.cast(look.speaks_for, 0.6 * one.weight, told)
    return concept


def _tone(chroma: float, lightness: float, style: Style) -> Tone:
    """Energy makes a palette vivid and contrasting; valence, timbre and feelings make it light."""
    return Tone(
        light=_share(0.5 + 0.2 * lightness + 0.12 * style.valence + 0.2 * (style.brightness - 0.5)),
        vivid=_share(0.15 + 0.45 * style.energy + 0.4 * chroma),
        contrast=_share(0.25 + 0.6 * style.energy),
    )


def _told(style: Style) -> str:
    vivid = say("muted") if style.energy < 0.3 else say("neither loud nor pale")
    if style.energy > 0.6:
        vivid = say("vivid")
    key = style.valence + style.brightness
    light = say("bright") if key > 0.9 else say("dark") if key < 0.2 else say("even")
    return say(
        "{vivid} and {light}, as energy is {energy:.2f}, brightness {brightness:.2f} and valence {valence:+.2f}.",
        vivid=vivid,
        light=light,
        energy=style.energy,
        brightness=style.brightness,
        valence=style.valence,
    )


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
