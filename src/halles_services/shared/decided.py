"""What a person decided of the covers: it is kept, and its reasons with it."""

from collections.abc import Iterable, Sequence

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
            asked = Evidence(decision=decision, because=f"{_shown(value)}, because it was asked for.")
            reasons[decision] = before.get(decision, asked)
    return list(reasons.values())


def _shown(value: str | tuple[str, ...]) -> str:
    text = value if isinstance(value, str) else "These colours"
    return f"{text[0].upper()}{text[1:]}" if text else "Nothing"
