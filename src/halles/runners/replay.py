"""Runs a bundle's plan again here, and compares what it gives."""

from collections.abc import Iterator
from pathlib import Path

from halles.engine import Catalogue
from halles.engine.again import Given
from halles.model import Artifact, Model, Plan, Problem, Problems, Run, Status, Value, artifacts, say
from halles.runners.bundle import FOLDER
from halles.runners.verify import Bundle, needed, verify
from halles.stores.objects import Objects


class Difference(Model):
    """Something that is not the same here. A service that is not deterministic may well differ."""

    step: str
    port: str = ""
    was: str
    now: str


class ReplayComparison(Model):
    """Whether a replay gave the same."""

    same: bool
    compared: int
    differences: tuple[Difference, ...] = ()


def prepare(path: Path, catalogue: Catalogue, objects: Objects) -> tuple[Run, Plan, Given]:
    """The run of a bundle, the plan that makes every call anew, and the steps that were edited by hand.

    The inputs are kept here. Raises `Problems`: the bundle is not right, or services here are other ones.
    """
    verdict = verify(path)
    if not verdict.ok:
        raise Problems(verdict.problems)
    with Bundle(path) as opened:
        run = opened.run()
        problems = [*_missing(run, verdict.missing), *_services(run, catalogue)]
        if problems:
            raise Problems(problems)
        for artifact in {a.sha256: a for a in needed(run)}.values():
            if not objects.has(artifact):
                objects.put_stream(opened.chunks(f"{FOLDER}{artifact.sha256}"), artifact.media_type, artifact.size)
    tasks = tuple(task.model_copy(update={"cacheable": False}) for task in run.plan.tasks)
    given = {name: state for name, state in run.steps.items() if state.edited}
    return run, run.plan.model_copy(update={"tasks": tasks}), given


def compare(was: Run, now: Run) -> ReplayComparison:
    """What differs between a run and its replay, step by step."""
    found = [difference for task in was.plan.tasks for difference in _differ(task.id, was, now)]
    return ReplayComparison(same=not found, compared=len(was.plan.tasks), differences=tuple(found))


def _differ(step: str, was: Run, now: Run) -> Iterator[Difference]:
    before, after = was.steps[step], now.steps.get(step)
    if after is None or before.status is not after.status:
        yield Difference(step=step, was=before.status.value, now=after.status.value if after else "not there")
        return
    if before.status is not Status.finished:
        return
    for port in sorted(before.outputs.keys() | after.outputs.keys()):
        old, new = before.outputs.get(port), after.outputs.get(port)
        if old != new:
            yield Difference(step=step, port=port, was=_words(old), now=_words(new))


def _words(value: Value | None) -> str:
    if value is None:
        return "nothing"
    return ", ".join(f"{a.media_type} {a.sha256[:12]} ({a.size:,} bytes)" for a in artifacts(value)) or "an empty list"


def _missing(run: Run, missing: tuple[str, ...]) -> Iterator[Problem]:
    gone: set[Artifact] = {a for a in needed(run) if a.sha256 in missing}
    for artifact in gone:
        message = say(
            "The input {sha256} is not in the bundle, so the run cannot be repeated.", sha256=artifact.sha256[:12]
        )
        yield Problem(code="missing-file", message=message)


def _services(run: Run, catalogue: Catalogue) -> Iterator[Problem]:
    for task in run.plan.tasks:
        spec = catalogue.find(task.service)
        if spec is None:
            message = say(
                "`{service}` is not here; the run used version {version}.", service=task.service, version=task.version
            )
            yield Problem(code="unknown-service", step=task.id, message=message)
        elif spec.identity != task.identity:
            other = say("other code or weights")
            if spec.version != task.version:
                other = say("version {version}", version=spec.version)
            message = say(
                "`{service}` is here with {other}; the run used {version} ({identity}).",
                service=task.service,
                other=other,
                version=task.version,
                identity=task.identity[:12],
            )
            yield Problem(code="service-changed", step=task.id, message=message)
