"""All that is wrong with a pipeline, at once, each problem at its step and port, with suggestions."""

from collections.abc import Iterator
from functools import cached_property
from graphlib import CycleError
from typing import Any

import jsonschema_rs

from halles.engine import condition
from halles.engine.contracts import Catalogue
from halles.engine.graph import order
from halles.engine.schema import complaint, schema_fault
from halles.model import (
    INPUTS,
    Media,
    Pipeline,
    PortSpec,
    Problem,
    ServiceSpec,
    Step,
    accepts,
    say,
    split,
    suggest,
)


def check(pipeline: Pipeline, catalogue: Catalogue) -> list[Problem]:
    """Every problem that would keep the pipeline from running; none when it can."""
    return list(Checker(pipeline, catalogue).problems())


def service_of(step: Step, catalogue: Catalogue) -> ServiceSpec | None:
    """The service that a step uses, in the version that it pins."""
    slug, _, version = step.service.partition("@")
    spec = catalogue.find(slug)
    return spec if spec and version in ("", spec.version) else None


class Checker:
    """What is known of a pipeline's steps and ports, and what is wrong with them."""

    def __init__(self, pipeline: Pipeline, catalogue: Catalogue) -> None:
        self.pipeline = pipeline
        self.catalogue = catalogue
        self.steps = {step.id: step for step in pipeline.steps}
        self.services = {step.id: service_of(step, catalogue) for step in pipeline.steps}

    @cached_property
    def input_ports(self) -> dict[str, PortSpec]:
        """The pipeline's inputs as what gives a value, those of a readable type."""
        return {
            name: given.port(name) for name, given in self.pipeline.inputs.items() if not _media_problem(given.media)
        }

    def problems(self) -> Iterator[Problem]:
        """All of them."""
        yield from self._whole()
        for name, given in self.pipeline.inputs.items():
            if message := _media_problem(given.media):
                yield Problem(code="bad-media-type", step=INPUTS, port=name, message=message)
            if given.json_schema is not None and (why := schema_fault(given.json_schema)):
                message = say("The schema of input `{name}` is not a JSON schema: {why}.", name=name, why=why)
                yield Problem(code="bad-schema", step=INPUTS, port=name, message=message)
        for step in self.pipeline.steps:
            spec = self.services[step.id]
            if spec is None:
                yield self._unknown_service(step)
                continue
            yield from self._ports(step, spec)
            yield from check_params(step.params, spec, step.id)
            yield from self._condition(step)
        for name, reference in self.pipeline.outputs.items():
            source = self.source(reference, None, name)
            if isinstance(source, Problem):
                yield source
        yield from self._cycle()

    def _whole(self) -> Iterator[Problem]:
        if not self.pipeline.steps:
            yield Problem(code="no-steps", message="The pipeline has no steps.")
        if not self.pipeline.outputs:
            yield Problem(code="no-outputs", message="The pipeline has no outputs; name at least one `step.port`.")
        seen: set[str] = set()
        for step in self.pipeline.steps:
            if step.id in seen or step.id == INPUTS:
                message = say("`{id}` is the id of two steps; choose another.", id=step.id)
                if step.id == INPUTS:
                    message = say("`{id}` is the name of the pipeline's own inputs; choose another.", id=step.id)
                yield Problem(code="duplicate-step", step=step.id, message=message)
            seen.add(step.id)

    def _unknown_service(self, step: Step) -> Problem:
        slug, _, version = step.service.partition("@")
        spec = self.catalogue.find(slug)
        if spec:
            message = say(
                "Service `{slug}` is here in version {version}, not {asked}.",
                slug=slug,
                version=spec.version,
                asked=version,
            )
            return Problem(
                code="unknown-version", step=step.id, message=message, suggestions=(f"{slug}@{spec.version}",)
            )
        return Problem(
            code="unknown-service", step=step.id, message=say("There is no service `{slug}`.", slug=slug),
            suggestions=suggest(slug, self.catalogue.slugs()),
        )  # fmt: skip

    def _ports(self, step: Step, spec: ServiceSpec) -> Iterator[Problem]:
        names = [port.name for port in spec.inputs]
        for name, reference in step.inputs.items():
            port = spec.input(name)
            if port is None:
                yield Problem(
                    code="unknown-port", step=step.id, port=name, suggestions=suggest(name, names),
                    message=say(
                        "Step `{step}` has no input `{name}`. It accepts {names}.", step=step.id, name=name, names=names
                    ),
                )  # fmt: skip
                continue
            source = self.source(reference, step.id, name)
            if isinstance(source, Problem):
                yield source
            elif source is not None:
                yield from self.edge(step, port, reference, source)
        for port in spec.inputs:
            if not port.optional and port.name not in step.inputs:
                message = say(
                    "Step `{id}` needs `{name}` ({port}); give it a `step.port` or `inputs.name`.",
                    id=step.id,
                    name=port.name,
                    port=port,
                )
                yield Problem(code="missing-input", step=step.id, port=port.name, message=message)
        if step.map is not None and step.map not in step.inputs:
            yield Problem(
                code="bad-map", step=step.id, port=step.map, suggestions=suggest(step.map, step.inputs),
                message=say("`map: {map}` names no wired input. Wired are {inputs}.", map=step.map, inputs=step.inputs),
            )  # fmt: skip

    def source(self, reference: str, step: str | None, port: str) -> PortSpec | Problem | None:
        """The port behind a reference; None when its step has a problem of its own."""
        origin, name = split(reference)
        if not name:
            message = say(
                "`{reference}` is not a reference. One looks like `step.port` or `inputs.name`.", reference=reference
            )
            return Problem(code="bad-reference", step=step, port=port, message=message)
        if origin == INPUTS:
            if name in self.pipeline.inputs:
                return self.input_ports.get(name)
            known = list(self.pipeline.inputs)
            message = say("The pipeline has no input `{name}`. It has {known}.", name=name, known=known)
        elif origin not in self.steps:
            return Problem(
                code="unknown-step", step=step, port=port, message=say("There is no step `{origin}`.", origin=origin),
                suggestions=suggest(origin, [*self.steps, INPUTS]),
            )  # fmt: skip
        else:
            spec = self.services[origin]
            if spec is None:
                return None
            if found := spec.output(name):
                many = found.many or self.steps[origin].map is not None
                return found.model_copy(update={"many": many})
            known = [p.name for p in spec.outputs]
            message = say(
                "Step `{step}` has no output `{port}`. It has {outputs}.", step=origin, port=name, outputs=known
            )
        return Problem(
            code="unknown-port", step=step, port=port, suggestions=suggest(name, known), message=message
        )  # fmt: skip

    def edge(self, step: Step, port: PortSpec, reference: str, source: PortSpec) -> Iterator[Problem]:
        """What speaks against feeding a port from a reference."""
        if not accepts(port.media, source.media):
            yield Problem(
                code="type-mismatch", step=step.id, port=port.name,
                message=say(
                    "`{reference}` gives {gives:or}, but `{name}` takes {takes:or}.",
                    reference=reference, gives=source.media, name=port.name, takes=port.media,
                ),
                suggestions=self._feeders(port),
            )  # fmt: skip
        mapped = step.map == port.name
        if source.many and not port.many and not mapped:
            message = say(
                "`{reference}` is a list, `{name}` takes one. Add `map: {name}` to run once an item.",
                reference=reference,
                name=port.name,
            )
            yield Problem(code="list-to-one", step=step.id, port=port.name, message=message)
        if mapped and not source.many:
            message = say(
                "`map: {name}` needs a list, but `{reference}` is one value. Remove `map`.",
                name=port.name,
                reference=reference,
            )
            yield Problem(code="bad-map", step=step.id, port=port.name, message=message)

    def _feeders(self, port: PortSpec) -> tuple[str, ...]:
        """References in this pipeline that would fit a port."""
        fitting = [f"{INPUTS}.{name}" for name, source in self.input_ports.items() if accepts(port.media, source.media)]
        for step_id, spec in self.services.items():
            outputs = spec.outputs if spec else ()
            fitting += [f"{step_id}.{out.name}" for out in outputs if accepts(port.media, out.media)]
        return tuple(fitting[:3])

    def _condition(self, step: Step) -> Iterator[Problem]:
        if step.when is None:
            return
        try:
            used = condition.references(step.when)
        except condition.ConditionError as error:
            yield Problem(code="bad-condition", step=step.id, port="when", message=str(error))
            return
        for origin, names in used.items():
            for name in names or {""}:
                source = self.source(f"{origin}.{name}" if name else origin, step.id, "when")
                if isinstance(source, Problem):
                    yield source

    def _cycle(self) -> Iterator[Problem]:
        try:
            order(self.pipeline)
        except CycleError as error:
            loop = error.args[1]
            path = " → ".join(f"`{name}`" for name in reversed(loop))
            message = say("The steps wait for one another in a circle: {path}. Cut one of these edges.", path=path)
            yield Problem(code="cycle", step=loop[0], message=message)


def check_params(params: dict[str, Any], spec: ServiceSpec, step: str | None) -> Iterator[Problem]:
    """What is wrong with the parameters given to a service."""
    known = spec.params.get("properties", {})
    for name in params.keys() - known.keys():
        yield Problem(
            code="unknown-param", step=step, port=name, suggestions=suggest(name, known),
            message=say("`{slug}` has no parameter `{name}`. It has {known}.", slug=spec.slug, name=name, known=known),
        )  # fmt: skip
    given = {name: value for name, value in params.items() if name in known}
    for error in jsonschema_rs.validator_for(spec.params).iter_errors(given):
        name = str(error.instance_path[0]) if error.instance_path else None
        about = known.get(name or "", {}).get("description", "")
        message = say("{fault}.", fault=complaint(error))
        if about:
            message = say("{fault}. It is: {about}.", fault=complaint(error), about=say(about))
        yield Problem(code="bad-param", step=step, port=name, message=message)


def _media_problem(text: str) -> str | None:
    try:
        Media.parse(text)
    except ValueError as error:
        return str(error)
    return None
