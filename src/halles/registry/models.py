"""What is done with models: pushed, judged, promoted, rolled back, compared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from halles.model import (
    Alias,
    AliasChange,
    GateReport,
    Model,
    ModelVersion,
    Origin,
    Problem,
    Problems,
    Standing,
    say,
    suggest,
)
from halles.registry.evaluation import Prediction, read_predictions
from halles.registry.gate import Limits, Trial, judge
from halles.registry.store import MODEL, PARAMS, Registry
from halles.sdk import Trained


class User(Protocol):
    """A service that uses a model."""

    @property
    def model(self) -> str:
        """The model's name."""
        ...

    @property
    def trained(self) -> Trained:
        """The model, as the service declares it."""
        ...

    @property
    def service(self) -> str:
        """The service's slug."""
        ...

    @property
    def serving(self) -> str:
        """The version that answers now."""
        ...

    def pace(self, number: int) -> float | None:
        """Seconds of CPU that a typical call takes with a version, 0: its own one; None when it cannot be measured."""
        ...

    def look(self) -> None:
        """See which version is in production now, and follow. It would look by itself, but later."""
        ...

    def try_out(self, file: Path) -> None:
        """See whether it can use a model. Raises `Problems`."""
        ...


class Pair(Model):
    """A figure of two versions."""

    old: float
    new: float


class ModelDifference(Model):
    """What two versions have different."""

    old: ModelVersion
    new: ModelVersion
    figures: dict[str, Pair]
    recall: dict[str, Pair]
    changed: tuple[str, ...]
    """Of data, code and params."""
    params: tuple[str, str]
    report: GateReport
    """The newer one as if it were to take the place of the older one."""


@dataclass(frozen=True)
class Models:
    """The verbs. `seen` is the number of the change that somebody decided by; None is the last one there is now."""

    registry: Registry
    users: Callable[[], Sequence[User]] = tuple
    limits: Limits = field(default_factory=Limits)

    def names(self) -> list[str]:
        """All models: those that services use, and those in the registry."""
        return sorted({*(each.model for each in self.users()), *self.registry.models()})

    def known(self, model: str) -> str:
        """The name, when there is such a model. Raises `Problems`."""
        if model not in (names := self.names()):
            message = say("There is no model `{model}`. There are {names}.", model=model, names=names)
            raise Problems([Problem(code="unknown-model", message=message, suggestions=suggest(model, names))])
        return model

    def standing(self, model: str) -> Standing:
        """Where the aliases point to."""
        last = self.registry.last_change(model)
        return last.after if last else Standing()

    def push(
        self, model: str, files: Mapping[str, Path], origin: Origin, *, who: str, note: str = "", candidate: bool = True
    ) -> ModelVersion:
        """Keep a version, and make it the candidate. The files come first: half of a version is never one."""
        for user in self._users(model):
            user.try_out(files[MODEL])
        made = self.registry.push(model, files, origin, author=who, note=note)
        while candidate:
            last = self.registry.last_change(model)
            now = last.after if last else Standing()
            if made.number in (now.candidate, now.production):
                break
            after = now.model_copy(update={"candidate": made.number})
            try:
                self._move(model, last, "push", made.number, after, who=who, why=note)
            except Problems as conflict:
                if conflict.problems[0].code != "conflict":
                    raise
        return made

    def own(self, model: str) -> list[Prediction]:
        """What the model that the service came with said of its validation clips; nothing when that is not known."""
        files = [user.trained.predictions for user in self._users(model) if user.trained.predictions]
        return read_predictions(files[0].read_text(encoding="utf-8")) if files else []

    def to_beat(self, model: str, number: int, candidate: Sequence[Prediction]) -> list[Prediction]:
        """What a version said of its validation clips, for a candidate to be better.

        The service's own model, 0, is no opponent of one that was validated on other music: with genres of one's own a
        server begins somewhere.
        """
        if number:
            return self.registry.predictions(self.registry.version(model, number))
        own = self.own(model)
        clips = {(each.clip, each.truth) for each in candidate}
        return own if any((each.clip, each.truth) in clips for each in own) else []

    def gate(self, model: str, number: int, against: int | None = None) -> GateReport:
        """Judge a version against the one in production, or another one."""
        candidate = self.registry.version(model, number)
        production = self.standing(model).production if against is None else against
        return self._judged(model, candidate, production)

    def promote(
        self, model: str, number: int | None, *, who: str, why: str = "", force: bool = False, seen: int | None = None
    ) -> AliasChange:
        """Put a version, the candidate unless said, into production, if the gate lets it. Raises `Problems`."""
        last = self._seen(model, seen)
        now = last.after if last else Standing()
        chosen = self.registry.version(model, number or self._candidate(model, now))
        if chosen.number == now.production:
            message = say("`{name}` is in production already.", name=chosen.name)
            raise Problems([Problem(code="already-in-production", message=message)])
        if force and not why.strip():
            raise Problems([Problem(code="no-reason", message="Say why the gate is to be overruled: give a reason.")])
        self.registry.file(chosen)  # What is damaged is not promoted.
        report = self._judged(model, chosen, now.production)
        if not report.passed and not force:
            raise refusal(chosen, report)
        rest = 0 if now.candidate == chosen.number else now.candidate
        after = Standing(production=chosen.number, candidate=rest)
        return self._move(
            model, last, "promote", chosen.number, after, who=who, why=why, forced=not report.passed, report=report
        )

    def rollback(self, model: str, *, who: str, why: str = "", seen: int | None = None) -> AliasChange:
        """Put the version into production that was there before. Raises `Problems` when there was none."""
        last = self._seen(model, seen)
        before = self.before(model)
        if last is None or before is None:
            message = say("`{model}` has no version in production that could be taken back.", model=model)
            raise Problems([Problem(code="nothing-before", message=message)])
        if before:
            self.registry.file(self.registry.version(model, before))
        after = last.after.model_copy(update={"production": before})
        return self._move(model, last, "rollback", last.after.production, after, who=who, why=why)

    def before(self, model: str) -> int | None:
        """The version that a rollback brings back, 0 for the service's own; None when there is none."""
        stack: list[int] = []
        for change in self.registry.changes(model):
            if change.action == "promote":
                stack.append(change.before.production)
            elif change.action == "rollback":
                stack.pop()
        return stack[-1] if stack else None

    def diff(self, model: str, old: int, new: int) -> ModelDifference:
        """Compare two versions."""
        a, b = self.registry.version(model, old), self.registry.version(model, new)
        pairs = {name: Pair(old=getattr(a.figures, name), new=getattr(b.figures, name)) for name in _NUMBERS}
        pairs["megabytes"] = Pair(old=a.files[MODEL].size / 1e6, new=b.files[MODEL].size / 1e6)
        before, after = a.figures.recall, b.figures.recall
        classes = sorted({*before, *after})
        return ModelDifference(
            old=a,
            new=b,
            figures=pairs,
            recall={name: Pair(old=before.get(name, 0.0), new=after.get(name, 0.0)) for name in classes},
            changed=tuple(name for name in Origin.model_fields if getattr(a.origin, name) != getattr(b.origin, name)),
            params=(self.registry.text(a, PARAMS), self.registry.text(b, PARAMS)),
            report=self.gate(model, new, against=old),
        )

    def _move(self, model: str, *what: Any, **said: Any) -> AliasChange:
        change = self.registry.move(model, *what, **said)
        for user in self._users(model):
            user.look()
        return change

    def _seen(self, model: str, number: int | None) -> AliasChange | None:
        """The change to go on from. Raises `Problems` (`conflict`) when it is not the last one any more."""
        last = self.registry.last_change(model)
        if number is not None and number != (last.number if last else 0):
            message = say(
                "`{model}` was changed since you looked at it. Look at what stands now, and decide again.", model=model
            )
            raise Problems([Problem(code="conflict", message=message)])
        return last

    def _candidate(self, model: str, now: Standing) -> int:
        if not now.candidate:
            message = say(
                "`{model}` has no candidate. Push one (`halles models push {model} …`), or say which version.",
                model=model,
            )
            raise Problems([Problem(code="no-candidate", message=message)])
        return now.candidate

    def _judged(self, model: str, candidate: ModelVersion, production: int) -> GateReport:
        said, number = self.registry.predictions(candidate), candidate.number
        size = self.registry.version(model, production).files[MODEL].size if production else 0
        return judge(
            Trial(number, candidate.files[MODEL].size, said, self._pace(model, number)),
            Trial(production, size, self.to_beat(model, production, said), self._pace(model, production)),
            self.limits,
        )

    def _pace(self, model: str, number: int) -> float | None:
        return next((user.pace(number) for user in self._users(model)), None)

    def _users(self, model: str) -> list[User]:
        return [user for user in self.users() if user.model == model]


_NUMBERS = ("accuracy", "macro_f1", "ece", "clips")


def refusal(version: ModelVersion, report: GateReport) -> Problems:
    """What to raise for a version that the gate does not let through: all its reasons."""
    failed = [each for each in report.findings if not each.passed]
    head = Problem(
        code="gate-refused",
        message=say("`{name}` is not promoted, for {reasons}.", name=version.name, reasons=_reasons(len(failed))),
    )
    return Problems(
        [head, *(Problem(code=f"gate-{each.check}", message=each.message, said=each.said) for each in failed)]
    )


def _reasons(count: int) -> str:
    return say("a reason") if count == 1 else say("{count} reasons", count=count)


def number_of(model: str, text: str, standing: Standing) -> int:
    """The version that `3`, `music-style@3`, `candidate` or `production` names. Raises `Problems`."""
    said = text.removeprefix(f"{model}@")
    if said in set(Alias):
        if number := int(getattr(standing, said)):
            return number
        message = say("`{model}` has no version as `{said}`.", model=model, said=said)
        raise Problems([Problem(code="unknown-model-version", message=message)])
    if said.isascii() and said.isdigit() and int(said) > 0:
        return int(said)
    message = say("`{text}` is no version of `{model}`. Say `3`, `candidate` or `production`.", text=text, model=model)
    raise Problems([Problem(code="unknown-model-version", message=message)])
