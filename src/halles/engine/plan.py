"""From a pipeline to a plan: checked, services pinned, parameters complete."""

from collections.abc import Mapping
from typing import Any

from halles.engine.check import check, service_of
from halles.engine.contracts import Catalogue
from halles.engine.graph import needs, order
from halles.model import Pipeline, Plan, Problem, Problems, ServiceSpec, Step, Task, say, suggest

SEED = "seed"
"""A service that has this parameter is deterministic by it; the run's seed is filled in."""


def plan(
    pipeline: Pipeline, catalogue: Catalogue, *, seed: int = 0, overrides: Mapping[str, Mapping[str, Any]] | None = None
) -> Plan:
    """Decide everything that a run needs. `overrides` are parameters by step. Raises `Problems`, all at once."""
    changed, problems = _override(pipeline, overrides or {})
    problems += check(changed, catalogue)
    if problems:
        raise Problems(problems)
    tasks = (_task(step, service_of(step, catalogue), seed) for step in order(changed))
    return Plan(pipeline=changed, tasks=tuple(tasks), seed=seed)


def _override(pipeline: Pipeline, overrides: Mapping[str, Mapping[str, Any]]) -> tuple[Pipeline, list[Problem]]:
    known = [step.id for step in pipeline.steps]
    problems = [
        Problem(
            code="unknown-step",
            step=name,
            message=say("There is no step `{name}`.", name=name),
            suggestions=suggest(name, known),
        )
        for name in overrides.keys() - set(known)
    ]
    steps = tuple(
        step.model_copy(update={"params": {**step.params, **overrides[step.id]}}) if step.id in overrides else step
        for step in pipeline.steps
    )
    return pipeline.model_copy(update={"steps": steps}), problems


def _task(step: Step, spec: ServiceSpec | None, seed: int) -> Task:
    assert spec is not None, "checked before"  # noqa: S101
    seeded = {SEED: seed} if SEED in spec.params.get("properties", {}) else {}
    return Task(
        id=step.id,
        service=spec.slug,
        version=spec.version,
        identity=spec.identity,
        weights=spec.weights,
        params={**spec.defaults, **seeded, **step.params},
        inputs=step.inputs,
        required=tuple(port.name for port in spec.inputs if not port.optional),
        outputs=tuple(port.name for port in spec.outputs),
        needs=tuple(sorted(needs(step))),
        when=step.when,
        map=step.map,
        cacheable=spec.cacheable,
        retry=spec.retry,
        timeout=step.timeout or spec.timeout,
    )
