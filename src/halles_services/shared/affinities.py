"""What feelings, genres and themes speak for: weights by which a scene, a light, a medium and colours are chosen.

They are inclinations and no rules: each adds to what the words of a song name. Hues are OKLCH angles in degrees (25
red, 60 orange, 100 yellow, 145 green, 195 teal, 260 blue, 300 violet, 350 rose). Which feeling has which colour
follows the broad findings across thirty countries of Jonauskaite et al. 2020 ("Universal patterns in color-emotion
associations"): joy is yellow and orange, love red and rose, anger red and black, sadness grey and blue, relief and
calm white, green and blue, fear black, disgust brown and green, pride purple; the accents are ours.
"""

from collections.abc import Mapping
from typing import NamedTuple

Weights = Mapping[str, float]


def _weights(text: str) -> Weights:
    """`"sea 1, mist .5"` as a mapping."""
    pairs = (entry.split() for entry in text.split(","))
    return {option: float(weight) for option, weight in pairs}


class Feeling(NamedTuple):
    """How a feeling looks: its colours and what it speaks for."""

    adjective: str
    hue: float
    accent: float
    chroma: float
    """0 grey, 1 as vivid as the screen allows."""
    lightness: float
    """-1 dark, 1 light."""
    speaks_for: Weights


FEELINGS: dict[str, Feeling] = {
    "joy": Feeling(
        "joyful", 30, 88, 0.9, 0.7, _weights("day 1, garden .7, stage .5, papercut .7, risograph .6, halftone .4")
    ),
    "love": Feeling(
        "tender", 10, 60, 0.7, 0.2, _weights("dusk .8, garden .6, dawn .4, oil .6, watercolour .6, pastel .5")
    ),
    "admiration": Feeling(
        "admiring", 265, 80, 0.7, 0.4, _weights("dawn .7, mountains .6, clouds .4, oil .7, mosaic .6")
    ),
    "longing": Feeling(
        "longing", 330, 60, 0.6, -0.1, _weights("dusk 1, sea .7, road .6, night .3, film .7, pastel .6, watercolour .4")
    ),
    "hope": Feeling(
        "hopeful", 200, 70, 0.6, 0.6, _weights("dawn 1, clouds .7, road .5, mountains .4, watercolour .7, poster .4")
    ),
    "calm": Feeling(
        "calm",
        195,
        90,
        0.4,
        0.4,
        _weights("mist .5, dawn .6, sea .5, mountains .4, clouds .3, watercolour .8, poster .6, woodblock .6"),
    ),
    "pride": Feeling(
        "proud", 300, 75, 0.8, 0.1, _weights("day .5, mountains .7, stage .6, city .4, linocut .8, mosaic .5, oil .4")
    ),
    "surprise": Feeling(
        "startled", 320, 100, 0.9, 0.3, _weights("shapes .8, stage .4, space .4, halftone .8, risograph .7, poster .3")
    ),
    "nostalgia": Feeling(
        "nostalgic", 20, 80, 0.5, 0.1, _weights("dusk 1, road .6, room .5, garden .4, film 1, pastel .6, oil .3")
    ),
    "loneliness": Feeling(
        "lonely",
        255,
        70,
        0.45,
        -0.4,
        _weights("night .9, street .7, room .6, mist .5, film .7, etching .4, poster .4, oil .3"),
    ),
    "sadness": Feeling(
        "sad",
        258,
        40,
        0.35,
        -0.5,
        _weights("mist .9, night .5, sea .5, room .5, street .3, ink .5, etching .5, oil .5, watercolour .4"),
    ),
    "regret": Feeling(
        "rueful",
        285,
        50,
        0.4,
        -0.4,
        _weights("mist .6, dusk .5, street .5, room .5, road .3, etching .6, film .6, ink .3"),
    ),
    "fear": Feeling(
        "uneasy", 295, 140, 0.5, -0.8, _weights("night .9, storm .6, forest .7, underwater .4, etching .8, ink .8")
    ),
    "anger": Feeling(
        "furious",
        27,
        70,
        0.9,
        -0.5,
        _weights("storm 1, city .4, street .4, mountains .3, linocut 1, ink .7, halftone .4"),
    ),
    "disgust": Feeling(
        "scornful",
        120,
        340,
        0.6,
        -0.3,
        _weights("city .4, street .4, shapes .3, halftone .7, risograph .5, linocut .5"),
    ),
    "amusement": Feeling(
        "playful", 345, 95, 0.9, 0.6, _weights("day .9, shapes .5, garden .4, papercut .9, risograph .8, halftone .5")
    ),
    "desire": Feeling(
        "yearning", 0, 300, 0.8, -0.2, _weights("night .7, room .5, stage .4, street .4, oil .6, film .6, impasto .4")
    ),
    "excitement": Feeling(
        "excited", 350, 75, 1.0, 0.3, _weights("stage .8, day .5, city .5, halftone .8, risograph .6, poster .5")
    ),
    "confusion": Feeling(
        "bewildered", 310, 170, 0.6, -0.1, _weights("mist .7, shapes .6, forest .3, impasto .5, risograph .4")
    ),
}
"""Feelings by the label that a classifier gives them."""

_SAME = {
    "approval": "admiration",
    "gratitude": "admiration",
    "caring": "love",
    "optimism": "hope",
    "relief": "calm",
    "curiosity": "surprise",
    "realization": "surprise",
    "annoyance": "anger",
    "disapproval": "disgust",
    "disappointment": "sadness",
    "grief": "sadness",
    "embarrassment": "regret",
    "remorse": "regret",
    "nervousness": "fear",
    "tenderness": "love",
    "wonder": "admiration",
    "melancholy": "sadness",
    "melancholic": "sadness",
    "happiness": "joy",
    "rage": "anger",
    "peaceful": "calm",
    "dreamy": "longing",
    "power": "pride",
    "tension": "fear",
    "solemnity": "admiration",
}


def feeling(label: str) -> Feeling | None:
    """The feeling of a label or of one that means the same."""
    name = label.strip().casefold()
    return FEELINGS.get(_SAME.get(name, name))


class Genre(NamedTuple):
    """How a kind of music likes to look."""

    hue: float
    accent: float
    speaks_for: Weights


GENRES: dict[str, Genre] = {
    "blues": Genre(258, 60, _weights("night .8, street .7, road .5, room .4, impasto .9, oil .7, film .4")),
    "classical": Genre(
        65, 250, _weights("mountains .6, clouds .6, garden .5, dusk .4, sea .4, oil 1, etching .7, watercolour .4")
    ),
    "country": Genre(
        65, 200, _weights("road 1, desert .6, garden .4, dusk .7, linocut .7, woodblock .4, oil .5, pastel .3")
    ),
    "disco": Genre(
        320, 85, _weights("stage 1, city .6, shapes .5, night .7, halftone .7, risograph .6, mosaic .6, poster .4")
    ),
    "electronic": Genre(
        290, 200, _weights("shapes .9, waves 1, city .7, space .7, night .6, risograph .7, poster 1, halftone .3")
    ),
    "folk": Genre(
        75,
        160,
        _weights("forest .8, garden .6, mountains .5, road .5, dawn .4, woodblock .7, watercolour .7, linocut .5"),
    ),
    "hiphop": Genre(
        300, 80, _weights("city 1, street .9, night .6, stage .3, halftone 1, risograph .5, poster .4, mosaic .3")
    ),
    "jazz": Genre(
        262, 72, _weights("city .8, room .6, shapes .8, night .7, stage .5, street .4, oil .8, papercut .6, poster .4")
    ),
    "metal": Genre(
        25,
        280,
        _weights("mountains .8, storm 1, forest .6, night .5, sea .3, woodblock .7, etching 1, ink .7, linocut .5"),
    ),
    "pop": Genre(
        350,
        200,
        _weights(
            "clouds .5, stage .5, city .4, garden .4, sea .4, day .4, film .6, pastel .6, risograph .6, papercut .5"
        ),
    ),
    "punk": Genre(30, 110, _weights("street .9, city .6, storm .4, halftone .8, linocut .9, ink .8, risograph .4")),
    "reggae": Genre(
        140, 80, _weights("sea .8, garden .5, day 1, dusk .4, linocut .6, risograph .6, papercut .5, impasto .3")
    ),
    "rock": Genre(
        25,
        215,
        _weights("road .7, stage .6, desert .5, storm .5, city .4, dusk .3, linocut .6, halftone .5, film .5, oil .3"),
    ),
    "soul": Genre(40, 310, _weights("dusk .7, room .5, stage .5, city .4, oil .8, film .6, mosaic .4, impasto .4")),
    "ambient": Genre(
        200, 70, _weights("mist .8, clouds .8, space .6, underwater .7, waves .7, film .6, watercolour .6, poster .7")
    ),
    "latin": Genre(
        40, 330, _weights("stage .7, sea .5, garden .4, dusk .6, street .4, mosaic .7, papercut .7, impasto .5")
    ),
    "world": Genre(
        60, 190, _weights("desert .6, mountains .4, garden .4, dusk .5, mosaic .8, woodblock .6, papercut .4")
    ),
    "experimental": Genre(
        310, 150, _weights("shapes 1, waves .8, underwater .4, space .4, ink .6, poster .5, etching .5")
    ),
}
"""Kinds of music by name."""

SCENE_HUES: dict[str, tuple[float, float]] = {
    "mountains": (255, 45),
    "sea": (230, 60),
    "city": (280, 70),
    "street": (265, 350),
    "forest": (160, 90),
    "desert": (45, 230),
    "space": (290, 60),
    "road": (240, 55),
    "room": (30, 85),
    "stage": (310, 60),
    "waves": (275, 190),
    "shapes": (250, 30),
    "underwater": (210, 100),
    "garden": (145, 350),
    "clouds": (245, 40),
}
"""The colour that a scene has by nature, and the one that sets it off."""

_SAME_GENRE = {
    "rap": "hiphop",
    "hiphoprap": "hiphop",
    "electronica": "electronic",
    "electro": "electronic",
    "techno": "electronic",
    "house": "electronic",
    "trance": "electronic",
    "dance": "disco",
    "rnb": "soul",
    "rb": "soul",
    "funk": "disco",
    "international": "world",
    "indie": "rock",
    "alternative": "rock",
    "hardrock": "rock",
    "heavymetal": "metal",
    "acoustic": "folk",
    "singersongwriter": "folk",
    "chillout": "ambient",
    "newage": "ambient",
    "opera": "classical",
    "instrumental": "ambient",
}


def genre(label: str) -> Genre | None:
    """The genre of a label, however it is spelt ("Hip-Hop", "hip hop")."""
    name = "".join(c for c in label.casefold() if c.isalnum())
    return GENRES.get(_SAME_GENRE.get(name, name))


THEMES: dict[str, Weights] = {
    "love": _weights("garden .6, dusk .6, watercolour .3"),
    "heartbreak": _weights("street .6, room .6, sea .4, mist .5"),
    "desire": _weights("night .6, room .5, stage .3"),
    "friendship": _weights("road .5, dusk .4, stage .3, garden .3"),
    "family": _weights("room .6, garden .5, road .3"),
    "childhood": _weights("garden 1, room .3, dawn .3, papercut .5"),
    "youth": _weights("road .7, stage .5, garden .3, dusk .4, risograph .3"),
    "ageing": _weights("room .6, road .5, dusk .7"),
    "memory": _weights("room .6, sea .4, dusk .6, mist .4, film .5"),
    "time": _weights("room .5, desert .5, shapes .3"),
    "home": _weights("road .6, room .7, dusk .3"),
    "homeland": _weights("mountains .5, sea .5, road .5, dusk .4"),
    "travel": _weights("road .9, sea .4, clouds .4"),
    "road": _weights("road 1"),
    "farewell": _weights("road .6, sea .7, dusk .8"),
    "city": _weights("city 1, street .6, night .3"),
    "countryside": _weights("road .7, garden .8, dawn .3"),
    "night": _weights("night 1, street .4, city .4"),
    "morning": _weights("dawn 1, room .4, garden .3"),
    "dream": _weights("clouds 1, space .6, underwater .4"),
    "sea": _weights("sea 1, underwater .2"),
    "rain": _weights("street .8, storm .6"),
    "winter": _weights("mountains .9, mist .4"),
    "summer": _weights("sea .7, day .9, garden .5"),
    "nature": _weights("forest .8, mountains .7, garden .7"),
    "animals": _weights("forest .6, garden .5"),
    "stars": _weights("space 1, night .7"),
    "fire": _weights("desert .4, night .6, storm .3"),
    "party": _weights("stage 1, night .5, city .3"),
    "dance": _weights("stage 1, waves .4, night .4"),
    "music": _weights("stage .8, waves .8"),
    "drinking": _weights("city .5, street .5, room .4, night .7"),
    "food": _weights("room .6, shapes .4"),
    "work": _weights("city .8, room .5, shapes .3"),
    "money": _weights("city .9, shapes .3, night .3"),
    "fame": _weights("stage 1, city .4"),
    "technology": _weights("city .6, space .6, shapes .6, waves .3"),
    "school": _weights("room .6, shapes .4"),
    "war": _weights("storm .9, desert .6, mountains .3"),
    "protest": _weights("street .8, city .6, storm .5, linocut .6"),
    "freedom": _weights("mountains .7, clouds .8, road .7, sea .4"),
    "crime": _weights("street .8, night .8, city .5"),
    "prison": _weights("room .8, desert .3, night .4"),
    "lies": _weights("mist .6, room .4, forest .4, shapes .3"),
    "faith": _weights("clouds .9, mountains .5, dawn .6, mosaic .6"),
    "evil": _weights("storm .7, night .7, forest .4, etching .5"),
    "death": _weights("mist .8, forest .5, sea .4, night .4"),
    "illness": _weights("room .7, mist .5, underwater .4"),
    "solitude": _weights("room .8, desert .5, mountains .4, street .4, mist .4"),
    "struggle": _weights("mountains .9, storm .6, sea .3"),
    "identity": _weights("room .6, shapes .5, forest .3, mist .3"),
    "clothes": _weights("stage .6, shapes .6, street .3"),
    "beauty": _weights("garden .8, dawn .4, clouds .3"),
    "sport": _weights("stage .6, road .4, day .6"),
    "magic": _weights("forest .9, night .5, clouds .4"),
    "monsters": _weights("forest .7, night .8, underwater .4"),
    "christmas": _weights("mountains .8, forest .5, night .6"),
    "wedding": _weights("garden 1, day .4, dawn .3"),
    "writing": _weights("room .9"),
    "humour": _weights("shapes .6, stage .5, day .5, papercut .6"),
}
"""What the themes of text analysis speak for; other themes are read as things (things.txt)."""
