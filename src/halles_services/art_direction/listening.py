"""What the sound of a song says about its picture."""

from collections.abc import Iterator
from typing import NamedTuple

from halles.sdk import Saying, say
from halles_services.kinds import Score, Style
from halles_services.shared.affinities import feeling, genre
from halles_services.shared.colours import Hue
from halles_services.shared.ideas import Ballot, Subject
from halles_services.shared.things import because, named


class Felt(NamedTuple):
    """A feeling, how strong it is, and who says so."""

    label: str
    weight: float
    because: str


def felt_by_sound(style: Style) -> list[Felt]:
    """Feelings of the music: tags that name one, and where it lies between still and violent, gloomy and happy.

    The four corners of energy and valence are those of Russell 1980, "A circumplex model of affect".
    """
    happy, loud = (style.valence + 1) / 2, style.energy
    corners = {
        "joy": happy * loud,
        "calm": happy * (1 - loud),
        "anger": (1 - happy) * loud,
        "sadness": (1 - happy) * (1 - loud) * 0.6,
        "loneliness": (1 - happy) * (1 - loud) * 0.4,
    }
    told = _heard(style)
    found = [Felt(label, weight, told) for label, weight in corners.items()]
    for tag in style.tags:
        if feeling(tag.label):
            found.append(Felt(tag.label, 0.3 * tag.score, say("the music sounds {tag}", tag=tag.label)))
    return found


def vote(style: Style, ballot: Ballot) -> None:
    """Let genres, energy, brightness and valence vote."""
    for score in style.genres:
        if known := genre(score.label):
            ballot.cast(known.speaks_for, 0.7 * score.score, _alike(score))
    loud, bright, happy = style.energy, style.brightness, style.valence
    told = _heard(style)
    ballot.cast({"storm": max(-happy, 0) * loud, "mist": max(-happy, 0) * (1 - loud)}, 0.8, told)
    ballot.cast({"day": max(happy, 0) * bright, "dawn": max(happy, 0) * (1 - loud)}, 0.6, told)
    ballot.cast({"night": 1 - bright, "dusk": 0.5 - abs(happy) / 2}, 0.4, _timbre(bright))
    ballot.cast({"stage": max(loud - 0.6, 0), "city": max(loud - 0.6, 0)}, 0.6, told)
    ballot.cast({"watercolour": max(0.4 - loud, 0), "film": max(0.4 - loud, 0)}, 0.8, told)


def hues(style: Style) -> list[Hue]:
    """The colours of the genres."""
    return [
        Hue(known.hue, known.accent, 0.35 * score.score, say("{genre} often wears it", genre=score.label))
        for score in style.genres
        if (known := genre(score.label))
    ]


def instruments(style: Style) -> Iterator[Subject]:
    """Instruments that are heard: a subject where no words give a better one."""
    for tag in style.tags:
        item = named(tag.label, "en")
        if item and item.shown and not feeling(tag.label):
            told = say("“{tag}” is heard ({score:.0%})", tag=tag.label, score=tag.score)
            yield Subject(item.name, item, 0.4 * item.pull * tag.score, because(item, told))


def _heard(style: Style) -> Saying:
    return say(
        "the music is {loudness} and {mood}", loudness=_loudness(style.energy), mood=_brightness_of_mood(style.valence)
    )


def _alike(genre: Score) -> Saying:
    return say("it sounds like {genre} ({score:.0%})", genre=genre.label, score=genre.score)


def _loudness(energy: float) -> Saying:
    if energy < 0.3:
        return say("still (energy {energy:.2f})", energy=energy)
    if energy < 0.6:
        return say("moderate (energy {energy:.2f})", energy=energy)
    return say("loud (energy {energy:.2f})", energy=energy)


def _brightness_of_mood(valence: float) -> Saying:
    if valence < -0.25:
        return say("gloomy (valence {valence:+.2f})", valence=valence)
    if valence > 0.25:
        return say("happy (valence {valence:+.2f})", valence=valence)
    return say("neither happy nor gloomy (valence {valence:+.2f})", valence=valence)


def _timbre(brightness: float) -> Saying:
    if brightness < 0.5:
        return say("its timbre is dark (brightness {brightness:.2f})", brightness=brightness)
    return say("its timbre is bright (brightness {brightness:.2f})", brightness=brightness)
