"""The words of a prompt: the same idea as a text-to-image model wants to read it."""

from typing import NamedTuple

_SCENES = {
    "mountains": "before layered mountain ridges above a still lake",
    "sea": "on a wide sea under a great sky",
    "city": "against the skyline of a city",
    "street": "in a narrow street, wet asphalt and neon reflections",
    "forest": "among the tall trunks of a forest, light through fog",
    "desert": "among the dunes of a vast desert",
    "space": "in outer space, planets and nebulae",
    "road": "on an empty road that runs to the horizon",
    "room": "in a bare room, by a window",
    "stage": "on a stage, beams of light through haze",
    "waves": "made of flowing parallel lines, abstract, like sound",
    "shapes": "in an abstract composition of circles and arcs",
    "underwater": "deep under water, rays of light from above",
    "garden": "in a meadow of tall grass and flowers",
    "clouds": "above a sea of clouds",
}
_LIGHTS = {
    "night": "at night, by moonlight",
    "dusk": "at dusk, low sun",
    "dawn": "at dawn, first light",
    "day": "in bright daylight",
    "storm": "under a storm, torn sky",
    "mist": "in soft mist",
}
_MEDIA = {
    "oil": "oil painting on canvas",
    "impasto": "expressive impasto painting, thick swirling strokes",
    "watercolour": "loose watercolour painting",
    "pastel": "soft pastel drawing",
    "ink": "brush and ink drawing",
    "etching": "fine antique etching",
    "woodblock": "colour woodblock print",
    "mosaic": "stained glass mosaic",
    "film": "grainy analogue film photograph",
    "poster": "minimal poster with grainy gradients",
    "risograph": "two-colour risograph print",
    "halftone": "pop art with halftone dots",
    "papercut": "layered paper cut-out with soft shadows",
    "linocut": "bold linocut print",
}
_COMPOSITIONS = (
    "small off-centre subject, much empty space",
    "large dark silhouette in the foreground, low horizon",
    "symmetrical, subject before the light",
    "wide view from above, diagonal composition",
)


class Words(NamedTuple):
    """What a prompt has to say. `own` are a person's words, which stand for subject and scene."""

    subject: str
    scene: str
    light: str
    medium: str
    mood: str
    colours: str
    own: str = ""


def describe(words: Words, number: int) -> str:
    """Return a prompt in English; `number` picks the composition, so that several ideas are composed differently."""
    scene = _SCENES[words.scene]
    parts = [
        f"{_MEDIA[words.medium]} of {words.own or _shown(words.subject, scene)}",
        _LIGHTS[words.light],
        f"{words.mood} mood",
        f"palette of {words.colours}",
        _COMPOSITIONS[number % len(_COMPOSITIONS)],
        "album cover art, no text",
    ]
    return ", ".join(part for part in parts if part)


def _shown(subject: str, scene: str) -> str:
    if not subject:
        return f"a lonely view {scene}"
    first = subject.split(maxsplit=1)[0].casefold()
    if first in _ARTICLES or (subject.endswith("s") and not subject.endswith("ss")):
        return f"{subject} {scene}"
    article = "the" if subject[0].isupper() else "an" if subject[0] in "aeiou" else "a"
    return f"{article} {subject} {scene}"


_ARTICLES = frozenset({"a", "an", "the", "one", "two", "three", "my", "our", "some"})
