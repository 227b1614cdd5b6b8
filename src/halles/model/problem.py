"""A problem is data that helps: what is wrong, where, and what would be right."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from pydantic import model_validator

from halles.model.base import Model
from halles.model.saying import Said, Saying, remembers


class Problem(Model):
    """One thing that is wrong, addressed to the step and port that it concerns."""

    code: str
    message: str
    said: Said | None = None
    step: str | None = None
    port: str | None = None
    suggestions: tuple[str, ...] = ()

    _remember = model_validator(mode="before")(remembers("message"))

    @property
    def sentence(self) -> str:
        """The message, which knows how it was put together, so that it can stand in another sentence."""
        return Saying(self.said) if self.said else self.message

    def __str__(self) -> str:
        where = ".".join(part for part in (self.step, self.port) if part)
        hint = f" Did you mean {' or '.join(f'`{s}`' for s in self.suggestions)}?" if self.suggestions else ""
        return f"{where}: {self.message}{hint}" if where else f"{self.message}{hint}"


class Problems(Exception):
    """All problems found at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class CallFailed(Exception):
    """A call of a service failed; `retry` says whether the same call may succeed later."""

    def __init__(self, problem: Problem, *, retry: bool) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.retry = retry


def suggest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names that look most like a misspelt one, best first."""
    return tuple(get_close_matches(name, list(known), n=3, cutoff=0.6))
