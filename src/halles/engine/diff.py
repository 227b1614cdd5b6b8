"""What changed between two pipelines, as data, each change with a line that says it."""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import Field, JsonValue, model_validator

from halles.engine import condition
from halles.model import INPUTS, Model, Pipeline, Said, Step, say, split
from halles.model.saying import remembers

T = TypeVar("T")
SHOWN = 80
"""The most characters of a value in a line."""


class ChangeKind(StrEnum):
    """What a change is about."""

    step_added = "step-added"
    step_removed = "step-removed"
    step_renamed = "step-renamed"
    service = "service"
    param = "param"
    edge = "edge"
    condition = "condition"
    map = "map"
    timeout = "timeout"
    input_added = "input-added"
    input_removed = "input-removed"
    input = "input"
    output = "output"
    about = "about"
    layout = "layout"


class Change(Model):
    """One difference. `old` or `new` is null where there was, or is, nothing."""

    kind: ChangeKind
    step: str | None = None
    name: str | None = Field(default=None, description="the port, parameter, input, output or field")
    old: JsonValue = None
    new: JsonValue = None
    message: str
    said: Said | None = None

    _remember = model_validator(mode="before")(remembers("message"))

    def __str__(self) -> str:
        return self.message


def diff(old: Pipeline, new: Pipeline) -> list[Change]:
    """Every change on the way from one pipeline to the other, in a fixed order. The order of steps means nothing."""
    renamed = _renamed(old, new)
    named = _with_names(old, renamed)
    steps = _steps(named, new, renamed)
    return [*_about(old, new), *_inputs(old, new), *steps, *_outputs(named, new), *_layout(old, new)]


def _about(old: Pipeline, new: Pipeline) -> Iterator[Change]:
    fields = {
        "id": say("the id"),
        "name": say("the name"),
        "description": say("the description"),
        "tags": say("the tags"),
    }
    for field, what in fields.items():
        was, now = (pipeline.model_dump(mode="json")[field] for pipeline in (old, new))
        if was != now:
            message = say("{what} is {now}; it was {was}.", what=what, now=_shown(now), was=_shown(was))
            yield Change(kind=ChangeKind.about, name=field, old=was, new=now, message=message)


def _inputs(old: Pipeline, new: Pipeline) -> Iterator[Change]:
    for name, was, now in _pairs(old.inputs, new.inputs):
        plain_was, plain_now = (each.model_dump(mode="json") if each else None for each in (was, now))
        if now is None:
            message = say("Input `{name}` is gone.", name=name)
            kind = ChangeKind.input_removed
        elif was is None:
            message = say("Input `{name}` ({port}) is new.", name=name, port=now.port(name))
            kind = ChangeKind.input_added
        else:
            fields = [key for key in plain_now or {} if (plain_was or {})[key] != (plain_now or {})[key]]
            message = say("Input `{name}` has another {fields}.", name=name, fields=fields)
            kind = ChangeKind.input
        yield Change(kind=kind, name=name, old=plain_was, new=plain_now, message=message)


def _steps(old: Pipeline, new: Pipeline, renamed: Mapping[str, str]) -> Iterator[Change]:
    for was, now in renamed.items():
        message = say("Step `{was}` is called `{now}` now.", was=was, now=now)
        yield Change(kind=ChangeKind.step_renamed, step=now, old=was, new=now, message=message)
    for name, before, after in _pairs({s.id: s for s in old.steps}, {s.id: s for s in new.steps}):
        if after is None:
            message = say("Step `{name}` is gone.", name=name)
            yield Change(kind=ChangeKind.step_removed, step=name, old=_plain(before), message=message)
        elif before is None:
            message = say("Step `{name}` ({service}) is new.", name=name, service=after.service)
            yield Change(kind=ChangeKind.step_added, step=name, new=_plain(after), message=message)
        else:
            yield from _step(before, after)


def _step(old: Step, new: Step) -> Iterator[Change]:
    step = new.id

    def change(kind: ChangeKind, what: str, was: Any, now: Any, name: str | None = None) -> Change:
        told = {"step": step, "what": what, "now": _shown(now), "was": _shown(was)}
        message = say("`{step}`: {what} is {now}; it was {was}.", **told)
        if now is None:
            message = say("`{step}`: {what} is gone; it was {was}.", **told)
        elif was is None:
            message = say("`{step}`: {what} is {now}.", **told)
        return Change(kind=kind, step=step, name=name, old=was, new=now, message=message)

    if old.service != new.service:
        yield change(ChangeKind.service, say("the service"), old.service, new.service)
    for name, was, now in _pairs(old.params, new.params):
        yield change(ChangeKind.param, say("parameter `{name}`", name=name), was, now, name)
    for name, from_, to in _pairs(old.inputs, new.inputs):
        yield change(ChangeKind.edge, say("what feeds `{name}`", name=name), from_, to, name)
    if old.when != new.when:
        yield change(ChangeKind.condition, say("the condition"), old.when, new.when)
    if old.map != new.map:
        yield change(ChangeKind.map, say("the input that it runs once an item of"), old.map, new.map)
    if old.timeout != new.timeout:
        yield change(ChangeKind.timeout, say("the time limit in seconds"), old.timeout, new.timeout)


def _outputs(old: Pipeline, new: Pipeline) -> Iterator[Change]:
    for name, was, now in _pairs(old.outputs, new.outputs):
        if now is None:
            message = say("Output `{name}` is gone; it was `{was}`.", name=name, was=was)
        elif was is None:
            message = say("Output `{name}` is new: `{now}`.", name=name, now=now)
        else:
            message = say("Output `{name}` is `{now}`; it was `{was}`.", name=name, now=now, was=was)
        yield Change(kind=ChangeKind.output, name=name, old=was, new=now, message=message)


def _layout(old: Pipeline, new: Pipeline) -> Iterator[Change]:
    if old.layout != new.layout:
        moved = [name for name, *_ in _pairs(old.layout, new.layout)]
        message = say("The layout is another one: {moved}.", moved=moved)
        yield Change(kind=ChangeKind.layout, old=old.layout, new=new.layout, message=message)


def _pairs(old: Mapping[str, T], new: Mapping[str, T]) -> Iterator[tuple[str, T | None, T | None]]:
    """The names under which there is not the same in both, those of the new first."""
    for name in [*new, *(name for name in old if name not in new)]:
        if (name in old) != (name in new) or old[name] != new[name]:
            yield name, old.get(name), new.get(name)


def _renamed(old: Pipeline, new: Pipeline) -> dict[str, str]:
    """Steps of the old pipeline that are in the new one under another name: same service, parameters and place."""
    before, after = {s.id: s for s in old.steps}, {s.id: s for s in new.steps}
    gone = [step for name, step in before.items() if name not in after]
    come = [step for name, step in after.items() if name not in before]
    found: dict[str, str] = {}
    for step in gone:
        alike = [other.id for other in come if _shape(other) == _shape(step) and other.id not in found.values()]
        if len(alike) == 1:
            found[step.id] = alike[0]
    return found


def _shape(step: Step) -> Any:
    """A step without its name, and without those of other steps, which may have been renamed too."""
    sources = {port: split(reference)[1] for port, reference in step.inputs.items()}
    return step.service, step.params, sources, step.when, step.map


def _with_names(pipeline: Pipeline, names: Mapping[str, str]) -> Pipeline:
    """A pipeline whose steps are called otherwise, in all references to them."""

    def moved(reference: str) -> str:
        step, port = split(reference)
        return f"{names[step]}.{port}" if step in names and step != INPUTS else reference

    def called(step: Step) -> Step:
        inputs = {port: moved(reference) for port, reference in step.inputs.items()}
        when = condition.rename(step.when, names) if step.when else step.when
        return step.model_copy(update={"id": names.get(step.id, step.id), "inputs": inputs, "when": when})

    steps = tuple(map(called, pipeline.steps))
    outputs = {name: moved(reference) for name, reference in pipeline.outputs.items()}
    return pipeline.model_copy(update={"steps": steps, "outputs": outputs})


def _plain(step: Step | None) -> Any:
    return step.model_dump(mode="json", exclude_defaults=True) if step else None


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return f"`{text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}`"
