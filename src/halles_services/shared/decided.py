"""What a person decided of the covers: it is kept, and its reasons with it."""

from collections.abc import Iterable, Sequence

from halles.sdk import Saying, say
from halles_services.kinds import Evidence, Idea, Wish

FIELDS = ("scene", "subject", "light", "medium", "palette")
NOTHING = Wish()


def whole(wishes: Sequence[Wish], count: int) -> dict[int, Idea]:
    """The ideas of which nothing is left to decide, by number."""
    return {
        n: Idea(**wish.model_dump()) for n, wish in enumerate(wishes[:count]) if None not in wish.model_dump().values()
    }


def wish_of(wishes: Sequence[Wish], number: int) -> Wish:
    """What was decided of an idea."""
    return wishes[number] if number < len(wishes) else NOTHING


def reasoned(number: int, wish: Wish, found: Iterable[Evidence], known: Iterable[Evidence]) -> list[Evidence]:
    """The evidence of an idea, in which what a person decided has the reason of before, or that it was asked for."""
    before = {each.decision: each for each in known}
    reasons = {each.decision: each for each in found}
    for field in FIELDS:
        value, decision = getattr(wish, field), f"ideas[{number}].{field}"
        if value is not None:
            asked = Evidence(decision=decision, because=asked_for(_shown(field, value)))
            reasons[decision] = before.get(decision, asked)
    return list(reasons.values())


def asked_for(what: str) -> Saying:
    """The reason of what a person decided."""
    return say("{what}, because it was asked for.", what=what)


def called(field: str, name: str) -> Saying:
    """A scene, a light or a medium by its name, which others know in their language; anything else is as it is."""
    if field == "scene":
        return say("{scene}", scene=name)
    if field == "light":
        return say("{light}", light=name)
    return say("{medium}", medium=name) if field == "medium" else say("{name}", name=name)


def _shown(field: str, value: str | tuple[str, ...]) -> Saying:
    if not isinstance(value, str):
        return say("these colours")
    return called(field, value) if value else say("nothing")
