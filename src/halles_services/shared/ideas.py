"""From what speaks for a picture to ideas: votes are counted, and ideas that differ are chosen from the counts.

Everything known of a song or a prompt casts votes for scenes, lights and media (a `Ballot`), names subjects, and gives
hues. `direct` turns such a `Concept` into a brief, and says for each decision what decided it.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from halles.sdk import Saying, say
from halles_services.kinds import Brief, Evidence, Idea, Wish
from halles_services.shared.affinities import SCENE_HUES, Feeling, Weights
from halles_services.shared.art import LIGHTS, MEDIA, SCENES
from halles_services.shared.colours import Harmony, Hue, Tone, harmony, palette
from halles_services.shared.decided import asked_for, called, reasoned, whole, wish_of
from halles_services.shared.things import Mention, Thing, because, named, things
from halles_services.shared.wording import Words, describe

_COUNTS = 0.1
"""What weighs less, beside the weightiest reason, is not told."""


class Vote(NamedTuple):
    """What speaks for an option, and how much."""

    weight: float
    because: str


class Ballot:
    """Votes for scenes, lights and media, all in one box: their names never collide."""

    def __init__(self) -> None:
        self._votes: dict[str, list[Vote]] = {}

    def cast(self, options: Weights, weight: float, because: str) -> None:
        """Vote for each option with its own weight times `weight`."""
        for option, share in options.items():
            if weight * share > 0:
                self._votes.setdefault(option, []).append(Vote(weight * share, because))

    def score(self, option: str) -> float:
        """The weight of all votes for an option."""
        return sum(vote.weight for vote in self._votes.get(option, []))

    def shares(self, options: Iterable[str]) -> dict[str, float]:
        """Scores of options relative to the best of them."""
        scores = {option: self.score(option) for option in options}
        most = max(scores.values(), default=0.0)
        return {option: score / most if most else 0.0 for option, score in scores.items()}

    def because(self, option: str, reasons: int = 2) -> list[str]:
        """The weightiest reasons for an option; none when nothing spoke for it. What hardly counts is no reason."""
        votes = sorted(self._votes.get(option, []), key=lambda vote: -vote.weight)
        told = [vote.because for vote in votes[:reasons] if vote.weight >= _COUNTS * votes[0].weight]
        return list(dict.fromkeys(told))


class Subject(NamedTuple):
    """What may stand in the scene. `thing` is None for words that our list does not know."""

    words: str
    thing: Thing | None
    weight: float
    because: str


@dataclass
class Wishes:
    """What a person asked for; empty means that it is for us to decide."""

    subject: str = ""
    scene: str = ""
    medium: str = ""
    light: str = ""


@dataclass
class Concept:
    """What all ideas of a brief share, and what speaks for each of them."""

    mood: str
    mood_because: str
    tone: Tone
    hues: list[Hue]
    tone_because: str = ""
    ballot: Ballot = field(default_factory=Ballot)
    subjects: list[Subject] = field(default_factory=list)
    wishes: Wishes = field(default_factory=Wishes)
    decided: tuple[Wish, ...] = ()
    """What a person decided, by the number of the idea."""
    known: tuple[Evidence, ...] = ()
    """Reasons of before for what was decided."""
    words: str = ""
    """A prompt in the person's own words, with which each idea's prompt begins."""


def direct(concept: Concept, count: int, seed: int) -> Brief:
    """Return a brief of `count` ideas of one mood that differ in scene, subject, light, medium and colour."""
    rng = np.random.default_rng(seed)
    kept = whole(concept.decided, count)
    chosen = [_granted(None, Wish(**idea.model_dump())) for idea in kept.values()]
    ideas, evidence = [], [Evidence(decision="mood", because=concept.mood_because)]
    for number in range(count):
        wish = wish_of(concept.decided, number)
        if number in kept:
            ideas.append(kept[number])
            evidence += reasoned(number, wish, (), concept.known)
            continue
        choice = _granted(_choose(concept, chosen, rng), wish)
        chosen.append(choice)
        hues = [*concept.hues, _natural(choice.scene, number)]
        colours = harmony(hues)
        if number % 3 == 2:  # the accent leads
            colours = Harmony(colours.accent, colours.base)
        idea = _idea(concept, choice, colours, number)
        ideas.append(idea.model_copy(update={"palette": wish.palette}) if wish.palette else idea)
        evidence += reasoned(number, wish, _evidence(concept, choice, colours, hues, number), concept.known)
    return Brief(mood=concept.mood, ideas=tuple(ideas), evidence=tuple(evidence))


class _Choice(NamedTuple):
    scene: str
    subject: Subject | None
    light: str
    medium: str


# How much of its weight an option keeps for each idea that has it already.
_KEPT_SCENE, _KEPT_SUBJECT, _KEPT_LIGHT, _KEPT_MEDIUM = 0.3, 0.35, 0.5, 0.2
_AGAIN = 0.45
"""What a scene loses for each idea that has it, however well its subject fits: covers are to differ in idea."""
_SUBJECT_WEIGHT, _FIT_WEIGHT = 0.9, 0.5
_CHANCE = 0.04
"""Scale of the random part, so that another seed gives other ideas where the evidence is even."""


def _choose(concept: Concept, chosen: list[_Choice], rng: np.random.Generator) -> _Choice:
    """The best scene with the best subject for it, then the light and the medium, each less likely if used before."""
    seen = Counter(c.scene for c in chosen)
    scenes = _fresh(concept.ballot, SCENES, seen, _KEPT_SCENE, rng)
    used = Counter(c.subject.words for c in chosen if c.subject)
    most = max((s.weight for s in concept.subjects), default=1.0)
    weights = {s.words: s.weight / most * _KEPT_SUBJECT ** used[s.words] for s in concept.subjects}

    def worth(pair: tuple[str, Subject | None]) -> float:
        scene, subject = pair
        worth = scenes[scene] - _AGAIN * seen[scene]
        if subject is None:
            return worth
        return worth + _SUBJECT_WEIGHT * weights[subject.words] + _FIT_WEIGHT * fit(subject.thing, scene)

    wishes = concept.wishes
    subjects: list[Subject | None] = [*concept.subjects] if wishes.subject else [None, *concept.subjects]
    places = [wishes.scene] if wishes.scene else list(SCENES)
    scene, subject = max(((p, s) for p in places for s in subjects), key=worth)
    if not concept.subjects:
        subject = _native(scene, used, rng)
    lights = _fresh(concept.ballot, _fitting_lights(concept.ballot), Counter(c.light for c in chosen), _KEPT_LIGHT, rng)
    for light in _own_lights(subject, lights):
        lights[light] += _OWN_LIGHT
    media = _fresh(concept.ballot, MEDIA, Counter(c.medium for c in chosen), _KEPT_MEDIUM, rng)
    return _Choice(
        scene,
        subject,
        wishes.light or max(lights, key=lights.__getitem__),
        wishes.medium or max(media, key=media.__getitem__),
    )


def _granted(choice: _Choice | None, wish: Wish) -> _Choice:
    """A choice in which what was decided stands; without a choice it is all of it."""
    scene, subject, light, medium = choice or ("", None, "", "")
    if wish.subject is not None:
        subject = Subject(wish.subject, named(wish.subject), 1.0, "") if wish.subject else None
    return _Choice(wish.scene or scene, subject, wish.light or light, wish.medium or medium)


def _native(scene: str, used: Mapping[str, int], rng: np.random.Generator) -> Subject | None:
    """Something that belongs into a scene, where no words name a subject: the eye wants a place to rest."""
    fitting = [t for t in things() if t.shown and t.pull >= 0.9 and t.speaks_for[:1] == (scene,) and t.name not in used]
    if not fitting:
        return None
    item = fitting[int(rng.integers(len(fitting)))]
    return Subject(item.name, item, 0.0, because(item, say("it belongs there and no words name a subject")))


def _fresh(
    ballot: Ballot, options: Iterable[str], used: Mapping[str, int], kept: float, rng: np.random.Generator
) -> dict[str, float]:
    shares = ballot.shares(options)
    return {o: (share + _CHANCE * rng.gumbel()) * kept ** used.get(o, 0) for o, share in shares.items()}


_CEILING = 2.5
"""Metres under which a thing must be to stand in a room."""
_WITHOUT_GROUND = frozenset({"clouds", "space", "underwater", "waves", "shapes"})


def fit(item: Thing | None, scene: str) -> float:
    """How well a thing belongs into a scene, in [-1, 1]."""
    if item is None:
        return 0.0
    if scene in item.speaks_for:
        return 1.0
    if item.place == "water":
        return 0.2 if scene in {"sea", "mountains"} else -1.0
    if item.place == "ground" and scene in _WITHOUT_GROUND:
        return -0.6
    if scene == "room" and item.metres > _CEILING:
        return -1.0
    return 0.0


_LIGHTENS = {"night": -0.22, "storm": -0.15, "dusk": -0.06, "mist": 0.08, "dawn": 0.14, "day": 0.22}


def _fitting_lights(ballot: Ballot) -> list[str]:
    """Lights that carry the mood: a happy song changes its hour and not its weather."""
    shares = ballot.shares(LIGHTS)
    return [light for light, share in shares.items() if share >= _LEAST_LIGHT] or list(LIGHTS)


def _own_lights(subject: Subject | None, lights: Iterable[str]) -> set[str]:
    """The hours to which a subject belongs, such as the morning to an alarm clock."""
    return {*subject.thing.speaks_for} & {*lights} if subject and subject.thing else set()


_LEAST_LIGHT, _OWN_LIGHT = 0.4, 0.3


def _natural(scene: str, number: int) -> Hue:
    """The colour of the scene itself: it leads in every third idea, where the feeling sets the accent."""
    hue, accent = SCENE_HUES[scene]
    return Hue(hue, accent, 1.5 if number % 3 == 1 else 0.2, say("it is natural to the {scene}", scene=scene))


def _idea(concept: Concept, choice: _Choice, colours: Harmony, number: int) -> Idea:
    tone = concept.tone
    light = min(max(tone.light + _LIGHTENS[choice.light], 0.0), 1.0)
    contrast = tone.contrast * (0.6 if choice.light == "mist" else 1.0)
    subject = choice.subject.words if choice.subject else ""
    words = Words(subject, choice.scene, choice.light, choice.medium, concept.mood, colours.words(), own=concept.words)
    return Idea(
        scene=choice.scene,
        subject=subject,
        light=choice.light,
        medium=choice.medium,
        palette=palette(colours, replace(tone, light=light, contrast=contrast)),
        prompt=describe(words, number),
    )


def _evidence(concept: Concept, choice: _Choice, colours: Harmony, voters: list[Hue], number: int) -> list[Evidence]:
    wishes = concept.wishes
    at = f"ideas[{number}]"
    subject = choice.subject
    hues = sorted(voters, key=lambda hue: -hue.weight)[:2]
    told = list(dict.fromkeys(hue.because for hue in hues))
    painted = say("{colours}, because {reasons:; }.", colours=colours.words(), reasons=told)
    reasons = {
        "scene": _told("scene", choice.scene, wishes.scene, concept.ballot),
        "subject": subject.because
        if subject
        else say("Nothing to see is named clearly enough, so that the scene stands alone."),
        "light": _told("light", choice.light, wishes.light, concept.ballot),
        "medium": _told("medium", choice.medium, wishes.medium, concept.ballot),
        "palette": say("{first} {second}", first=painted, second=concept.tone_because)
        if concept.tone_because
        else painted,
    }
    if subject and choice.scene in getattr(subject.thing, "speaks_for", ()):
        thing = subject.thing.called if subject.thing else subject.words
        reasons["scene"] = say("{scene} The {subject} belongs there.", scene=reasons["scene"], subject=thing)
    return [Evidence(decision=f"{at}.{decision}", because=because) for decision, because in reasons.items()]


def _told(field: str, option: str, wish: str, ballot: Ballot) -> Saying:
    what = called(field, option)
    if wish:
        return asked_for(what)
    if reasons := ballot.because(option):
        return say("{what}, because {reasons:; }.", what=what, reasons=reasons)
    return say("{what}, as a change from the others.", what=what)


def mix(feelings: Iterable[tuple[Feeling, float]]) -> tuple[float, float]:
    """Chroma in [0, 1] and lightness in [-1, 1] of several feelings, each by its weight; (0.5, 0) for none."""
    pairs = list(feelings)
    total = sum(weight for _, weight in pairs)
    if not total:
        return 0.5, 0.0
    chroma = sum(f.chroma * w for f, w in pairs) / total
    return chroma, sum(f.lightness * w for f, w in pairs) / total


def read(mentions: Iterable[Mention], ballot: Ballot, weight: float) -> list[Subject]:
    """Let what a text names vote for scenes and lights; returns what it names that can be shown, best first."""
    counts: Counter[str] = Counter()
    first: dict[str, Mention] = {}
    for mention in mentions:
        counts[mention.thing.name] += 1
        first.setdefault(mention.thing.name, mention)
    seen = {name: m for name, m in first.items() if m.thing.speaks_for or m.thing.shown}
    most = math.log1p(max((counts[name] for name in seen), default=1))
    subjects = []
    for name, mention in seen.items():
        often = math.log1p(counts[name]) / most
        told = _named(mention, counts[name])
        options = dict.fromkeys(mention.thing.speaks_for, 0.6 if mention.thing.shown else 1.0)
        ballot.cast(options, weight * often * min(mention.thing.pull, 1.0), told)
        if mention.thing.shown:
            worth = mention.thing.pull * (0.4 + 0.6 * often)
            subjects.append(Subject(name, mention.thing, worth, because(mention.thing, told)))
    return sorted(subjects, key=lambda subject: -subject.weight)


def _named(mention: Mention, times: int) -> Saying:
    told = say("the words name “{words}”", words=mention.words)
    if times > 1:
        told = say("the words name “{words}” {count} times", words=mention.words, count=times)
    line = mention.line if len(mention.line) <= _QUOTED else mention.line[: _QUOTED - 1].rstrip() + "…"
    if line.casefold() == mention.words.casefold():
        return told
    return say("{told} (“{line}”)", told=told, line=line)


_QUOTED = 70
"""Characters of a line that are quoted."""
