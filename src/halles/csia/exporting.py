"""From a pipeline of ours to one that runs on the Swiss AI Center's engine."""

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

from halles.csia import conditions, translate
from halles.csia.messages import Announcement, DataField, Tag
from halles.csia.pipelines import ABSENT, OWN, SOURCE, Exported, Fields, PipelineDocument, StepDocument, identifier
from halles.csia.sparing import spared
from halles.csia.tags import ACRONYMS, GENERIC
from halles.csia.translate import Part, Wire
from halles.model import INPUTS, Pipeline, Problem, ServiceSpec, Step, say, split


def exported(
    pipeline: Pipeline, services: Mapping[str, ServiceSpec], announced: Mapping[str, Announcement] | None = None
) -> Exported:
    """The closest pipeline that runs there. `services` are those that the steps use, by slug, and `announced` what
    those of them said of themselves that came from there."""
    return _Exporter(pipeline, services, Fields(services, announced or {})).result()


class _Exporter:
    def __init__(self, pipeline: Pipeline, services: Mapping[str, ServiceSpec], fields: Fields) -> None:
        self.pipeline = pipeline
        self.services = services
        self.fields = fields
        self.problems: list[Problem] = []
        self.steps = {step.id: step for step in pipeline.steps}
        self.left_out = {step.id for step in pipeline.steps if self._off_by_default(step)}
        self.spared = spared(pipeline, fields, self.left_out)
        self.extra: dict[str, DataField] = {}
        self.taken: dict[str, list[tuple[str, ...]]] = {}

    def result(self) -> Exported:
        """The document and the problems."""
        kept = [step for step in self.pipeline.steps if step.id not in self.left_out]
        steps = {step.id: self._step(step) for step in kept}
        needs = {identifier(name): step.needs for name, step in steps.items()}
        order = list(TopologicalSorter(needs).static_order())
        by_identifier = {step.identifier: step for step in steps.values()}
        pipeline = self.pipeline
        text = pipeline.description.strip()
        tags = [tag for tag in pipeline.tags if tag in ACRONYMS] or [GENERIC]
        document = PipelineDocument(
            name=pipeline.name or pipeline.id,
            slug=pipeline.id,
            summary=text.partition("\n")[0] or pipeline.name or pipeline.id,
            description=text or None,
            data_in_fields=(*self._inputs(), *self.extra.values()),
            data_out_fields=tuple(self._outputs()),
            tags=tuple(Tag(name=tag, acronym=ACRONYMS[tag]) for tag in tags),
            steps=tuple(by_identifier[name] for name in order if name in by_identifier),
        )
        return Exported(document=document, problems=tuple(self.problems))

    def _say(self, code: str, message: str, step: str | None = None, port: str | None = None) -> None:
        self.problems.append(Problem(code=code, message=message, step=step, port=port))

    def _off_by_default(self, step: Step) -> bool:
        """Whether a step has a condition on the pipeline's inputs alone that does not hold for their defaults."""
        if step.when is None:
            return False
        import cel  # Slow to load, and needed for conditions alone.

        try:
            program = cel.compile(step.when)
            if set(program.variables()) != {INPUTS}:
                return False
            defaults = {name: given.default for name, given in self.pipeline.inputs.items()}
            off = program.execute({INPUTS: defaults}) is False
        except (ValueError, TypeError, KeyError, RuntimeError):
            return False
        if off:
            message = say(
                "`{when}` does not hold by default, so the step is left out, and with it what it feeds.", when=step.when
            )
            self._say("step-left-out", message, step.id)
        return off

    def _step(self, step: Step) -> StepDocument:
        spec = self.services.get(step.service.partition("@")[0])
        if spec is None:
            self._say(
                "unknown-service",
                say("There is no service `{service}`, so its fields are unknown.", service=step.service),
                step.id,
            )
        else:
            self._unsaid(step, spec)
        inputs = self._positions(step)
        needs = dict.fromkeys(each.partition(".")[0] for each in inputs)
        return StepDocument(
            identifier=identifier(step.id), needs=tuple(name for name in needs if name != OWN),
            condition=self._condition(step, inputs), inputs=inputs, service_slug=step.service.partition("@")[0],
        )  # fmt: skip

    def _unsaid(self, step: Step, spec: ServiceSpec) -> None:
        """What a step says that their engine has no word for."""
        other = {name: value for name, value in step.params.items() if spec.defaults.get(name) != value}
        if other:
            said = " ".join(f"--set {name}={value}" for name, value in other.items())
            message = say(
                "There are no parameters there; start the service with them: `halles service {slug} {said}`.",
                slug=spec.slug,
                said=said,
            )
            self._say("no-parameters", message, step.id)
        if step.map is not None:
            message = say(
                "There are no lists there; the step takes the first of `{list}` only.", list=step.inputs.get(step.map)
            )
            self._say("first-only", message, step.id, step.map)
        if "@" in step.service:
            self._say(
                "not-pinned",
                say("There are no versions there; `{service}` is whichever is announced.", service=step.service),
                step.id,
            )

    def _positions(self, step: Step) -> tuple[str, ...]:
        """The references of a step's inputs in the order of the service's fields."""
        wires = self.fields.inputs(step.service.partition("@")[0])
        if wires is None:
            return tuple(filter(None, (self._reference(reference, None) for reference in step.inputs.values())))
        found = [self._wired(step, wire) for wire in wires]
        while found and found[-1] is None:
            found.pop()
        return tuple(reference or self._nothing(step, wire) for reference, wire in zip(found, wires, strict=False))

    def _wired(self, step: Step, wire: Wire) -> str | None:
        reference = step.inputs.get(wire.port.name)
        if reference is None:
            return None
        found = self._reference(reference, wire)
        if found is not None:
            self._fitting(step, wire, reference)
        elif not wire.port.optional:
            message = say(
                "`{reference}` is not there, and `{name}` cannot do without.", reference=reference, name=wire.port.name
            )
            self._say("missing-input", message, step.id, wire.port.name)
        return found

    def _reference(self, reference: str, wire: Wire | None) -> str | None:
        """A reference as they write it; None to what was left out. A list is taken whole where a list is wanted."""
        origin, port = split(reference)
        if origin == INPUTS and port in self.spared:
            return None
        if origin == INPUTS:
            if wire is not None:
                self.taken.setdefault(port, []).append(wire.field.type)
            return f"{OWN}.{port}"
        if origin in self.left_out or origin not in self.steps:
            return None
        whole = wire is not None and wire.port.many and self.steps[origin].map is None
        source = self._output(origin, port, Part.all if whole else Part.first)
        return f"{identifier(origin)}.{source.field.name if source else port}"

    def _output(self, step: str, port: str, part: Part) -> Wire | None:
        """The field of an output: of a list the one with this part of it."""
        wires = self.fields.outputs(self.steps[step].service.partition("@")[0]) or ()
        found = [wire for wire in wires if wire.port.name == port]
        return next((wire for wire in found if wire.part is part), found[0] if found else None)

    def _fitting(self, step: Step, wire: Wire, reference: str) -> None:
        origin, port = split(reference)
        if origin == INPUTS:
            return
        source = self._output(origin, port, Part.all if wire.port.many else Part.first)
        extra = sorted(set(source.field.type) - set(wire.field.type)) if source else []
        if extra:
            message = say(
                "`{reference}` may be {extra:or} there, which `{name}` does not take.",
                reference=reference,
                extra=extra,
                name=wire.port.name,
            )
            self._say("type-mismatch", message, step.id, wire.port.name)

    def _nothing(self, step: Step, wire: Wire) -> str:
        """An input of the pipeline that stands for an absent value: inputs go by position, so none can be left out."""
        name = f"no_{wire.port.name}"
        kind = next((t for t in wire.field.type if t in ("application/json", "text/plain")), wire.field.type[0])
        hint = {"description": f"send an empty file: `{step.id}` is not given `{wire.port.name}`", ABSENT: True}
        self.extra[name] = DataField(name=name, type=(kind,), format_hint=hint)
        message = say("Inputs go by position there; give the new input `{name}` an empty file.", name=name)
        self._say("input-gap", message, step.id, wire.port.name)
        return f"{OWN}.{name}"

    def _condition(self, step: Step, inputs: tuple[str, ...]) -> str | None:
        if step.when is None:
            return None
        why = self._followed(step)
        if not why:
            try:
                said = conditions.to_python(step.when, lambda origin, port: self._seen(origin, port, inputs))
            except conditions.Untranslatable as error:
                why = say("it cannot be said there: {error}", error=error)
            else:
                message = say(
                    "When the step is skipped and nothing runs after it, the end of the run is not told there; "
                    "look at its tasks."
                )
                self._say("end-untold", message, step.id, "when")
                return said
        message = say(
            "The step runs always there, though it has the condition `{when}`: {why}.", when=step.when, why=why
        )
        self._say("condition-dropped", message, step.id, "when")
        return None

    def _followed(self, step: Step) -> str:
        """Why a step may not be skipped there; nothing when it may."""
        others = [s.id for s in self.pipeline.steps if any(split(r)[0] == step.id for r in s.inputs.values())]
        return say("`{origin}` would wait for it for ever", origin=others[0]) if others else ""

    def _seen(self, origin: str, port: str, inputs: tuple[str, ...]) -> str:
        """A reference in a condition, which sees only what the step itself is given."""
        reference = self._reference(f"{origin}.{port}", None)
        if reference not in inputs:
            raise conditions.Untranslatable(
                say("`{origin}.{port}` is not an input of the step itself", origin=origin, port=port)
            )
        return reference

    def _inputs(self) -> Iterator[DataField]:
        used = set(self.taken)
        for name, given in self.pipeline.inputs.items():
            if name in self.spared:
                message = say("It says nothing by default, and the steps that take it do without, so it is left out.")
                self._say("input-left-out", message, INPUTS, name)
                continue
            if name not in used:
                self._say("input-left-out", say("No step that is there takes it, so it is left out."), INPUTS, name)
                continue
            if given.default is not None or given.optional:
                absent = say("send an empty file")
                if given.default is not None:
                    absent = say("by default it is `{default}`", default=str(given.default))
                self._say("input-required", say("It must be given there; {absent}.", absent=absent), INPUTS, name)
            field = translate.input_wire(given.port(name)).field
            types = tuple(t for t in field.type if all(t in accepted for accepted in self.taken[name]))
            yield field.model_copy(update={"type": types or field.type})

    def _outputs(self) -> Iterator[DataField]:
        for name, reference in self.pipeline.outputs.items():
            origin, port = split(reference)
            if origin == INPUTS:
                yield self._out(name, translate.input_wire(self.pipeline.inputs[port].port(name)), f"{OWN}.{port}")
                continue
            if origin in self.left_out:
                self._say(
                    "output-left-out", say("`{origin}` is left out, and with it the output.", origin=origin), None, name
                )
                continue
            wires = self.fields.outputs(self.steps[origin].service.partition("@")[0]) or ()
            if self.steps[origin].map is not None:
                self._say(
                    "first-only",
                    say("`{reference}` is a list here, and one value there.", reference=reference),
                    None,
                    name,
                )
            for wire in wires:
                if wire.port.name == port:
                    called = f"{name}_all" if wire.part is Part.all else name
                    yield self._out(called, wire, f"{identifier(origin)}.{wire.field.name}")

    def _out(self, name: str, wire: Wire, source: str) -> DataField:
        said = {"description": wire.port.description} if wire.port.description else {}
        return DataField(name=name, type=wire.field.type, format_hint={**said, SOURCE: source})
