"""Feelings of a few words: named in five languages, or else near in meaning."""

from collections.abc import Sequence

from halles.sdk import Saying, say
from halles_services.shared.affinities import FEELINGS, Feeling, feeling
from halles_services.shared.meaning import Embed, by_meaning
from halles_services.shared.names import begins, names

Moods = Sequence[tuple[str, float]]
"""Feelings by their labels, with weights that sum to one, strongest first."""


def moods(words: str, embed: Embed) -> Moods:
    """The one or two feelings that words name; where they name none, those nearest in meaning."""
    named = [label for label in FEELINGS if any(begins(name, words) for name in names().get(label, ()))]
    if named:
        return [(label, 1 / len(named[:2])) for label in named[:2]]
    near = by_meaning(words, {label: label for label in FEELINGS}, embed)
    best = sorted(near.items(), key=lambda pair: -pair[1])[:2]
    total = sum(weight**2 for _, weight in best)
    return [(label, weight**2 / total) for label, weight in best]


def spoken(found: Moods) -> Saying:
    """The two strongest feelings as adjectives, such as "lonely and hopeful"."""
    pairs = ((feeling(label), weight) for label, weight in found[:2])
    words = [called(f) for f, weight in pairs if f and weight >= 0.3 * found[0][1]]
    if len(words) < 2:
        return words[0] if words else say("")
    return say("{first} and {second}", first=words[0], second=words[1])


def called(look: Feeling) -> Saying:
    """What feels so, as an adjective."""
    return say(look.adjective)


def its_colour(look: Feeling) -> Saying:
    """Why a feeling speaks for a hue."""
    return say("it is the colour of what is {adjective}", adjective=called(look))
