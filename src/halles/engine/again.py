"""A run again, in part: what of it is taken as it is, and what runs anew.

The results are the plan and the given steps of a new run, or of the same one resumed. Nothing here changes the run.
"""

from collections.abc import Callable, Mapping

from halles.engine import condition
from halles.engine.contracts import Catalogue
from halles.model import (
    INPUTS,
    Artifact,
    Plan,
    Problem,
    Problems,
    Run,
    Status,
    StepState,
    Task,
    Value,
    accepts,
    artifacts,
    say,
    split,
    suggest,
)

Given = dict[str, StepState]
"""Steps by id whose outcome is taken as it is."""


def resume(run: Run, has: Callable[[Artifact], bool]) -> Given:
    """The steps of a run that was cut off which need not run again: `has` says whether an artifact is still there.

    An edited step is always among them: running it would not bring the edit back.
    """
    return {
        name: state
        for name, state in run.steps.items()
        if state.status is Status.finished
        and (state.edited or all(has(each) for value in state.outputs.values() for each in artifacts(value)))
    }


def retry(run: Run, step: str, catalogue: Catalogue) -> tuple[Plan, Given]:
    """Run a step anew, even if it is known what it gave, and what depends on it as far as that changed.

    Raises `Problems` when there is no such step, or when a service that would run is not the planned one any more.
    """
    tasks = {task.id: task for task in run.plan.tasks}
    if step not in tasks:
        raise Problems([_unknown_step(step, step, tasks)])
    tasks[step] = tasks[step].model_copy(update={"cacheable": False})
    plan = run.plan.model_copy(update={"tasks": tuple(tasks.values())})
    return _checked(plan, _without(run, {step} | _after(run.plan, {step})), catalogue)


def edit(run: Run, values: Mapping[str, Value], catalogue: Catalogue) -> tuple[Plan, Given]:
    """Put values in the place of what steps gave, by `step.port`, or of inputs, by `inputs.name`. What read the old
    ones runs again, and nothing else.

    A step that did not finish may be given its outputs this way, too. The inputs are the caller's to change: they are
    no part of the plan. Raises `Problems`, all at once.
    """
    tasks = {task.id: task for task in run.plan.tasks}
    problems = [p for reference, value in values.items() if (p := _misfit(run, tasks, reference, value, catalogue))]
    if problems:
        raise Problems(problems)
    readers = {task.id for task in run.plan.tasks for reference in values if _reads(task, *split(reference))}
    edited = {split(reference)[0] for reference in values}
    given = _without(run, (readers | _after(run.plan, readers)) - edited)
    for reference, value in values.items():
        step, port = split(reference)
        if step == INPUTS:
            continue
        state = given.get(step, run.steps[step])
        given[step] = state.model_copy(
            update={
                "status": Status.finished, "outputs": {**state.outputs, port: value}, "edited": True, "cached": False,
                "problem": None, "progress": None, "reason": "",
            }
        )  # fmt: skip
    return _checked(run.plan, given, catalogue)


def _without(run: Run, anew: set[str]) -> Given:
    return {name: s for name, s in run.steps.items() if s.status is Status.finished and name not in anew}


def _after(plan: Plan, origins: set[str]) -> set[str]:
    """The steps that depend on some, directly or not. The tasks of a plan are in an order in which they can run."""
    found: set[str] = set()
    for task in plan.tasks:
        if (origins | found).intersection(task.needs):
            found.add(task.id)
    return found


def _reads(task: Task, step: str, port: str) -> bool:
    if f"{step}.{port}" in task.inputs.values():
        return True
    used = condition.references(task.when).get(step) if task.when else None
    return used is not None and (not used or port in used)


def _checked(plan: Plan, given: Given, catalogue: Catalogue) -> tuple[Plan, Given]:
    """Refuses what could only fail: a plan whose remaining services are not here in the version that was planned."""
    problems = []
    for task in plan.tasks:
        spec = catalogue.find(task.service)
        if task.id not in given and (spec is None or spec.identity != task.identity):
            message = say(
                "`{service}` is not here any more, but the run was planned with {version}. Start a new run.",
                service=task.service,
                version=task.version,
            )
            if spec:
                message = say(
                    "`{service}` is here in version {here}, with other content, but the run was planned with "
                    "{version}. Start a new run.",
                    service=task.service,
                    here=spec.version,
                    version=task.version,
                )
            problems.append(Problem(code="service-changed", step=task.id, message=message))
    if problems:
        raise Problems(problems)
    return plan, given


def _unknown_step(step: str, reference: str, tasks: Mapping[str, Task]) -> Problem:
    if step == INPUTS:
        message = say(
            "`{reference}` is an input of the run, not a step of it. Edit it, and what reads it runs again.",
            reference=reference,
        )
        return Problem(code="not-a-step", step=INPUTS, message=message)
    message = say("The run has no step `{step}`. It has {tasks}.", step=step, tasks=tasks)
    return Problem(code="unknown-step", step=step, message=message, suggestions=suggest(step, tasks))


def _misfit(run: Run, tasks: Mapping[str, Task], reference: str, value: Value, catalogue: Catalogue) -> Problem | None:
    """What keeps a value from being put there."""
    step, port = split(reference)
    if not port:
        message = say(
            "`{reference}` is not a reference to what a step gave. One looks like `step.port`.", reference=reference
        )
        return Problem(code="bad-reference", message=message)
    if step == INPUTS:
        return _no_such_input(run, port, value)
    if step not in tasks:
        return _unknown_step(step, reference, tasks)
    task = tasks[step]
    if port not in task.outputs:
        message = say(
            "Step `{step}` has no output `{port}`. It has {outputs}.", step=step, port=port, outputs=task.outputs
        )
        known = suggest(port, task.outputs)
        return Problem(code="unknown-port", step=step, port=port, message=message, suggestions=known)
    return _mistyped(run, task, port, value, catalogue)


def _no_such_input(run: Run, name: str, value: Value) -> Problem | None:
    """What keeps a value from being an input; content and type are checked as it is taken in."""
    known = run.plan.pipeline.inputs
    if name not in known:
        message = say("The run has no input `{name}`. It has {known}.", name=name, known=known)
        return Problem(code="unknown-input", port=name, message=message, suggestions=suggest(name, known))
    if isinstance(value, tuple) is not known[name].many:
        if known[name].many:
            return Problem(code="one-to-list", port=name, message=say("Input `{name}` is a list.", name=name))
        message = say("Input `{name}` is one value, not a list.", name=name)
        return Problem(code="list-to-one", port=name, message=message)
    return None


def _mistyped(run: Run, task: Task, port: str, value: Value, catalogue: Catalogue) -> Problem | None:
    """By what the service promises; where it is not here any more, by what it gave."""
    spec = catalogue.find(task.service)
    promised = spec.output(port) if spec else None
    old = run.steps[task.id].outputs.get(port)
    media = promised.media if promised else tuple(each.media_type for each in artifacts(old)) if old else ()
    many = promised.many or task.map is not None if promised else isinstance(old, tuple)
    where = {"step": task.id, "port": port}
    wrong = [each.media_type for each in artifacts(value) if media and not accepts(media, (each.media_type,))]
    if wrong:
        message = say("`{id}.{port}` is {media:or}, not {given}.", id=task.id, port=port, media=media, given=wrong[0])
        return Problem(code="type-mismatch", message=message, **where)
    if (promised or old is not None) and isinstance(value, tuple) is not many:
        if many:
            message = say("`{step}.{port}` is a list.", step=task.id, port=port)
            return Problem(code="one-to-list", message=message, **where)
        message = say("`{step}.{port}` is one value, not a list.", step=task.id, port=port)
        return Problem(code="list-to-one", message=message, **where)
    return None
