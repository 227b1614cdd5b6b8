"""What the sound of a song says about its picture."""

from collections.abc import Iterator
from typing import NamedTuple

from halles_services.kinds import Style
from halles_services.shared.affinities import feeling, genre
from halles_services.shared.colours import Hue
from halles_services.shared.ideas import Ballot, Subject
from halles_services.shared.things import named


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
    told = f"the music is {_loudness(loud)} and {_brightness_of_mood(style.valence)}"
    found = [Felt(label, weight, told) for label, weight in corners.items()]
    for tag in style.tags:
        if feeling(tag.label):
            found.append(Felt(tag.label, 0.3 * tag.score, f"the music sounds {tag.label}"))
    return found


def vote(style: Style, ballot: Ballot) -> None:
    """Let genres, energy, brightness and valence vote."""
    for score in style.genres:
        if known := genre(score.label):
            ballot.cast(known.speaks_for, 0.7 * score.score, f"it sounds like {score.label} ({score.score:.0%})")
    loud, bright, happy = style.energy, style.brightness, style.valence
    told = f"the music is {_loudness(loud)} and {_brightness_of_mood(happy)}"
    ballot.cast({"storm": max(-happy, 0) * loud, "mist": max(-happy, 0) * (1 - loud)}, 0.8, told)
    ballot.cast({"day": max(happy, 0) * bright, "dawn": max(happy, 0) * (1 - loud)}, 0.6, told)
    ballot.cast({"night": 1 - bright, "dusk": 0.5 - abs(happy) / 2}, 0.4, f"its timbre is {_timbre(bright)}")
    ballot.cast({"stage": max(loud - 0.6, 0), "city": max(loud - 0.6, 0)}, 0.6, told)
    ballot.cast({"watercolour": max(0.4 - loud, 0), "film": max(0.4 - loud, 0)}, 0.8, told)


def hues(style: Style) -> list[Hue]:
    """The colours of the genres."""
    return [
        Hue(known.hue, known.accent, 0.35 * score.score, f"{score.label} often wears it")
        for score in style.genres
        if (known := genre(score.label))
    ]


def instruments(style: Style) -> Iterator[Subject]:
    """Instruments that are heard: a subject where no words give a better one."""
    for tag in style.tags:
        item = named(tag.label, "en")
        if item and item.shown and not feeling(tag.label):
            because = f"{item.name.capitalize()}, because “{tag.label}” is heard ({tag.score:.0%})."
            yield Subject(item.name, item, 0.4 * item.pull * tag.score, because)


def _loudness(energy: float) -> str:
    level = "still" if energy < 0.3 else "moderate" if energy < 0.6 else "loud"
    return f"{level} (energy {energy:.2f})"


def _brightness_of_mood(valence: float) -> str:
    mood = "gloomy" if valence < -0.25 else "happy" if valence > 0.25 else "neither happy nor gloomy"
    return f"{mood} (valence {valence:+.2f})"


def _timbre(brightness: float) -> str:
    return f"{'dark' if brightness < 0.5 else 'bright'} (brightness {brightness:.2f})"
