"""What can be wired to what: the pairs of ends of a pipeline, each with what speaks against it."""

from collections.abc import Iterator
from functools import cached_property

from pydantic import Field

from halles.engine.check import Checker
from halles.engine.contracts import Catalogue
from halles.model import INPUTS, Model, Pipeline, PortSpec, Problem, Step, say, split


class Wire(Model):
    """A connection that could be made."""

    source: str = Field(description="what it is fed from: `step.port` or `inputs.name`")
    step: str
    port: str
    map: bool = Field(default=False, description="the source is a list: the step has to run once for each item")
    problem: Problem | None = Field(default=None, description="why it cannot be made; null when it can")


def wires(
    pipeline: Pipeline, catalogue: Catalogue, *, source: str | None = None, step: str | None = None,
    port: str | None = None,
) -> list[Wire]:  # fmt: skip
    """All connections from a reference, or to a step or a port of it; those that exist are among them."""
    return list(_Wirer(pipeline, catalogue).wires(source, step, port))


class _Wirer(Checker):
    def wires(self, source: str | None, step: str | None, port: str | None) -> Iterator[Wire]:
        targets = [
            (each, spec)
            for each in self.pipeline.steps
            if step in (None, each.id) and (service := self.services[each.id])
            for spec in service.inputs
            if port in (None, spec.name)
        ]
        for reference in self.references if source is None else [source]:
            before = self._before(split(reference)[0])
            yield from (self._wire(reference, each, spec, before) for each, spec in targets)

    @cached_property
    def references(self) -> list[str]:
        """All that can be read: the inputs of the pipeline, and what its steps give."""
        given = [f"{name}.{out.name}" for name, spec in self.services.items() if spec for out in spec.outputs]
        return [f"{INPUTS}.{name}" for name in self.pipeline.inputs] + given

    def _wire(self, reference: str, step: Step, port: PortSpec, before: set[str]) -> Wire:
        wire = Wire(source=reference, step=step.id, port=port.name)
        found = self.source(reference, step.id, port.name)
        if isinstance(found, Problem):
            return wire.model_copy(update={"problem": found})
        if step.id in before:
            message = say(
                "`{origin}` waits for `{id}`: the steps would wait for one another in a circle.",
                origin=split(reference)[0],
                id=step.id,
            )
            if split(reference)[0] == step.id:
                message = say("`{id}` would wait for itself.", id=step.id)
            circle = Problem(code="cycle", step=step.id, port=port.name, message=message)
            return wire.model_copy(update={"problem": circle})
        if found is None:
            return wire
        # A list is for one item after the other, unless another input of the step is already taken so.
        maps = found.many and not port.many and step.map in (None, port.name)
        as_wired = step.model_copy(update={"map": port.name if maps else None})
        problem = next(self.edge(as_wired, port, reference, found), None)
        return wire.model_copy(update={"map": maps, "problem": problem})

    def _before(self, step: str) -> set[str]:
        """A step and all that it waits for, directly or not."""
        found: set[str] = set()
        waiting = [step]
        while waiting:
            name = waiting.pop()
            if name in found or name not in self.steps:
                continue
            found.add(name)
            waiting += [split(reference)[0] for reference in self.steps[name].inputs.values()]
        return found
