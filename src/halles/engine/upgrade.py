"""Pins, and what becomes of a pipeline when its services are of another version."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, JsonValue

from halles.engine.check import check, check_params
from halles.engine.contracts import Catalogue
from halles.engine.diff import Change, diff
from halles.model import Model, Pipeline, Problem, Problems, ServiceSpec, Step, say, suggest


class Edge(Model):
    """What feeds an input of a step."""

    port: str
    source: str


class NewDefault(Model):
    """A parameter that a step does not set, and whose default is another one, or was none."""

    name: str
    old: JsonValue = None
    new: JsonValue = None


class StepUpgrade(Model):
    """What becomes of one step. `old` is the version that it was made for, where that is on record."""

    step: str
    service: str
    old: str | None
    new: str | None = Field(description="the version that is here now, or null when there is none")
    changed: bool = Field(description="the service is another one in some way, be it only its code or weights")
    kept: tuple[Edge, ...] = ()
    broken: tuple[Problem, ...] = Field(default=(), description="edges that do not fit any more, and inputs that lack")
    params_kept: dict[str, JsonValue] = {}
    params_dropped: tuple[Problem, ...] = Field(
        default=(), description="parameters that are not taken any more, and why"
    )
    params_defaulted: tuple[NewDefault, ...] = ()


class Upgrade(Model):
    """A pipeline for the services that are here now. Edges are kept, also those that are broken, to be mended."""

    pipeline: Pipeline
    steps: tuple[StepUpgrade, ...]
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...] = Field(default=(), description="what keeps the upgraded pipeline from running")


def pin(pipeline: Pipeline, catalogue: Catalogue) -> Pipeline:
    """The pipeline, each step pinned to the version that is here now. Raises `Problems` for a service that is not."""
    specs = {step.id: catalogue.find(_slug(step)) for step in pipeline.steps}
    if missing := [step for step in pipeline.steps if specs[step.id] is None]:
        raise Problems([_missing(step, catalogue) for step in missing])
    return _with_steps(
        pipeline, {name: {"service": f"{spec.slug}@{spec.version}"} for name, spec in specs.items() if spec}
    )


def upgrade(
    pipeline: Pipeline,
    recorded: Mapping[str, ServiceSpec],
    catalogue: Catalogue,
    replace: Mapping[str, str] | None = None,
) -> Upgrade:
    """Bring a pipeline to the services that are here now.

    `recorded` are the services, by slug, that it was made for; `replace` puts another service, by slug, in the place
    of a step's. A step that was pinned is pinned to the new version. Raises `Problems` for a `replace` of no step.
    """
    replace = replace or {}
    known = [step.id for step in pipeline.steps]
    if unknown := [name for name in replace if name not in known]:
        raise Problems([_no_step(name, known) for name in unknown])
    changes: dict[str, dict[str, Any]] = {}
    reports: list[StepUpgrade] = []
    for step in pipeline.steps:
        old, new = recorded.get(_slug(step)), catalogue.find(replace.get(step.id, _slug(step)))
        report = _report(step, old, new, replace.get(step.id, _slug(step)))
        reports.append(report)
        changes[step.id] = {"service": _service(step, report), "params": report.params_kept}
    upgraded = _with_steps(pipeline, changes)
    problems = check(upgraded, catalogue)
    steps = tuple(_with_edges(report, step, problems) for report, step in zip(reports, upgraded.steps, strict=True))
    return Upgrade(pipeline=upgraded, steps=steps, changes=tuple(diff(pipeline, upgraded)), problems=tuple(problems))


def _report(step: Step, old: ServiceSpec | None, new: ServiceSpec | None, slug: str) -> StepUpgrade:
    dropped = tuple(_refused(step, new)) if new else ()
    gone = {problem.port for problem in dropped}
    return StepUpgrade(
        step=step.id,
        service=slug,
        old=old.version if old else step.service.partition("@")[2] or None,
        new=new.version if new else None,
        changed=old is None or new is None or old.identity != new.identity or old != new,
        params_kept={name: value for name, value in step.params.items() if name not in gone},
        params_dropped=dropped,
        params_defaulted=tuple(_defaults(step, old, new)) if new else (),
    )


def _refused(step: Step, spec: ServiceSpec) -> Iterator[Problem]:
    """Each parameter that the service does not take, once."""
    seen: set[str | None] = set()
    for problem in check_params(step.params, spec, step.id):
        if problem.port in step.params and problem.port not in seen:
            seen.add(problem.port)
            yield problem


def _defaults(step: Step, old: ServiceSpec | None, new: ServiceSpec) -> Iterator[NewDefault]:
    """What the step leaves to defaults that are not the ones it was made with."""
    if old is None:
        return
    for name, value in new.defaults.items():
        if name not in step.params and (name not in old.defaults or old.defaults[name] != value):
            yield NewDefault(name=name, old=old.defaults.get(name), new=value)


def _with_edges(report: StepUpgrade, step: Step, problems: list[Problem]) -> StepUpgrade:
    """The edges by what a check of the whole says of them: it is the one judge of what fits."""
    broken = [problem for problem in problems if problem.step == step.id and problem.port not in step.params]
    ports = {problem.port for problem in broken}
    kept = tuple(Edge(port=port, source=source) for port, source in step.inputs.items() if port not in ports)
    return report.model_copy(update={"kept": kept if report.new else (), "broken": tuple(broken)})


def _service(step: Step, report: StepUpgrade) -> str:
    pinned = "@" in step.service and report.new
    return f"{report.service}@{report.new}" if pinned else report.service


def _with_steps(pipeline: Pipeline, changes: Mapping[str, Mapping[str, Any]]) -> Pipeline:
    steps = tuple(step.model_copy(update=dict(changes.get(step.id, {}))) for step in pipeline.steps)
    return pipeline.model_copy(update={"steps": steps})


def _slug(step: Step) -> str:
    return step.service.partition("@")[0]


def _missing(step: Step, catalogue: Catalogue) -> Problem:
    slug = _slug(step)
    message = say("There is no service `{slug}` to pin `{id}` to.", slug=slug, id=step.id)
    return Problem(code="unknown-service", step=step.id, message=message, suggestions=suggest(slug, catalogue.slugs()))


def _no_step(name: str, known: list[str]) -> Problem:
    message = say("There is no step `{name}`.", name=name)
    return Problem(code="unknown-step", step=name, message=message, suggestions=suggest(name, known))
