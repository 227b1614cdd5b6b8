"""From a pipeline of the Swiss AI Center's engine to one of ours."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from halles.csia import conditions, translate
from halles.csia.media import ZIP, accepted
from halles.csia.messages import Announcement, DataField
from halles.csia.pipelines import ABSENT, OWN, SOURCE, Fields, Imported, PipelineDocument, StepDocument
from halles.csia.translate import Part, Wire
from halles.model import INPUTS, Pipeline, PipelineInput, Problem, ServiceSpec, Step, say


def imported(
    document: PipelineDocument,
    services: Mapping[str, ServiceSpec],
    announced: Mapping[str, Announcement] | None = None,
) -> Imported:
    """The same pipeline as ours. `services` are those that its steps use, by slug, as far as they are known, and
    `announced` what those of them said of themselves that came from there."""
    return _Importer(document, Fields(services, announced or {})).result()


class _Importer:
    def __init__(self, document: PipelineDocument, fields: Fields) -> None:
        self.document = document
        self.fields = fields
        self.problems: list[Problem] = []
        self.absent = {f"{OWN}.{field.name}" for field in document.data_in_fields if _hint(field).get(ABSENT) is True}
        given = [field for field in document.data_in_fields if f"{OWN}.{field.name}" not in self.absent]
        self.given = _named(given)
        self.inputs = {field.name: name for name, field in self.given}
        self.ids = _numbered({step.identifier: _plain(step.identifier, "step") for step in document.steps})
        self.services = {step.identifier: self._service(step) for step in document.steps}

    def result(self) -> Imported:
        """The pipeline and the problems."""
        document = self.document
        text = (document.description or "").strip()
        pipeline = Pipeline(
            id=translate.slug(document.slug),
            name=document.name,
            description=text or document.summary,
            tags=tuple(tag.name for tag in document.tags),
            inputs={name: self._input(name, field) for name, field in self.given},
            steps=tuple(self._step(step) for step in document.steps),
            outputs=self._outputs(),
        )
        return Imported(pipeline=pipeline, problems=tuple(self.problems))

    def _say(self, code: str, message: str, step: str | None = None, port: str | None = None) -> None:
        self.problems.append(Problem(code=code, message=message, step=step, port=port))

    def _service(self, step: StepDocument) -> str:
        name = self.ids[step.identifier]
        if step.service_slug is None:
            message = say(
                "A step that is a whole pipeline (`{pipeline_slug}`) cannot be taken over; put its steps here.",
                pipeline_slug=step.pipeline_slug,
            )
            self._say("nested-pipeline", message, name)
        found = translate.slug(step.service_slug or step.pipeline_slug or "unknown")
        if self.fields.inputs(found) is None and step.service_slug is not None:
            message = say("There is no service `{found}` here, so the names of its fields are unknown.", found=found)
            self._say("unknown-service", message, name)
        return found

    def _input(self, name: str, field: DataField) -> PipelineInput:
        (port,) = translate.ports((field,))
        types = [each for each in field.type if each != ZIP] or list(field.type)
        media = port.media[0] if len(types) == 1 else _family(types)
        if media is None:
            media = types[0]
            self._say(
                "one-type",
                say("It may be {types:or} there; here it is {media} only.", types=types, media=media),
                INPUTS,
                name,
            )
        return PipelineInput(
            media=media, description=port.description, optional=port.optional, schema=port.json_schema,
            many=ZIP in field.type and len(field.type) > 1,
        )  # fmt: skip

    def _step(self, step: StepDocument) -> Step:
        name, service = self.ids[step.identifier], self.services[step.identifier]
        wires = self.fields.inputs(service)
        if wires is not None and len(step.inputs) > len(wires):
            message = say(
                "It is given {count} inputs; `{service}` has {known}.",
                count=len(step.inputs),
                service=service,
                known=len(wires),
            )
            self._say("too-many-inputs", message, name)
        inputs: dict[str, str] = {}
        for number, theirs in enumerate(step.inputs):
            wire = wires[number] if wires is not None and number < len(wires) else None
            port = wire.port.name if wire else f"input_{number + 1}"
            if theirs not in self.absent and (wires is None or wire is not None):
                inputs[port] = self._reference(theirs, wire, name, port)
        self._ordered(step, name)
        return Step(id=name, service=service, inputs=inputs, when=self._condition(step, name))

    def _reference(self, theirs: str, wire: Wire | None, step: str, port: str) -> str:
        origin, _, field = theirs.partition(".")
        if origin == OWN:
            return f"{INPUTS}.{self.inputs.get(field) or _plain(field, 'field')}"
        source = self._output(origin, field)
        if source is not None and source.part is Part.first:
            if wire is not None and wire.port.many:
                self._say(
                    "whole-list",
                    say("It is given the first of `{theirs}` there, and the whole list here.", theirs=theirs),
                    step,
                    port,
                )
            else:
                self._say(
                    "first-of-list",
                    say("`{theirs}` is the first of a list there; here it is the list.", theirs=theirs),
                    step,
                    port,
                )
        found = source.port.name if source else _plain(field, "field")
        return f"{self.ids.get(origin) or _plain(origin, 'step')}.{found}"

    def _output(self, identifier: str, field: str) -> Wire | None:
        wires = self.fields.outputs(self.services.get(identifier, "")) or ()
        return next((wire for wire in wires if wire.field.name == field), None)

    def _ordered(self, step: StepDocument, name: str) -> None:
        read = {each.partition(".")[0] for each in step.inputs}
        if only := [need for need in step.needs if need not in read]:
            message = say(
                "It waits for `{step}` there without taking anything of it; here it does not wait.", step=only[0]
            )
            self._say("order-only", message, name)

    def _condition(self, step: StepDocument, name: str) -> str | None:
        if not step.condition:
            return None
        references = {theirs: self._seen(theirs) for theirs in step.inputs}
        try:
            return conditions.to_cel(step.condition, references)
        except conditions.Untranslatable as error:
            message = say("The condition `{condition}` is left out: {error}.", condition=step.condition, error=error)
            self._say("condition-dropped", message, name, "when")
            return None

    def _seen(self, theirs: str) -> str:
        origin, _, field = theirs.partition(".")
        if origin == OWN:
            return f"{INPUTS}.{self.inputs.get(field) or _plain(field, 'field')}"
        source = self._output(origin, field)
        return (
            f"{self.ids.get(origin) or _plain(origin, 'step')}.{source.port.name if source else _plain(field, 'field')}"
        )

    def _outputs(self) -> dict[str, str]:
        """The outputs by the sources that they name; without, they are those of the last step, in order."""
        found: dict[str, str] = {}
        last = self._last()
        for number, (name, field) in enumerate(_named(self.document.data_out_fields)):
            source = _source(field) or self._fallback(last, number, name)
            origin, _, theirs = source.partition(".")
            wire = self._output(origin, theirs)
            if wire is not None and wire.part is Part.all and self._seen(source) in found.values():
                continue  # It is the same list as an output before, whose first value that one is there.
            if source:
                found[name] = self._seen(source)
        return found

    def _last(self) -> StepDocument | None:
        read = {each.partition(".")[0] for step in self.document.steps for each in step.inputs}
        return next((step for step in reversed(self.document.steps) if step.identifier not in read), None)

    def _fallback(self, last: StepDocument | None, number: int, name: str) -> str:
        wires = self.fields.outputs(self.services[last.identifier]) if last else None
        if last is None or wires is None or number >= len(wires):
            self._say("no-source", say("Nothing says where the output `{name}` comes from.", name=name), None, name)
            return ""
        return f"{last.identifier}.{wires[number].field.name}"


def _named(fields: Iterable[DataField]) -> list[tuple[str, DataField]]:
    listed = list(fields)
    return list(zip(translate.port_names(listed), listed, strict=True))


def _numbered(names: Mapping[str, str]) -> dict[str, str]:
    """Names that differ though what they stand for looks alike."""
    found: dict[str, str] = {}
    for theirs, ours in names.items():
        number, name = 1, ours
        while name in found.values() or name == INPUTS:
            number += 1
            name = f"{ours}_{number}"
        found[theirs] = name
    return found


def _plain(text: str, otherwise: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"{otherwise}_{plain}".rstrip("_")


def _family(types: list[str]) -> str | None:
    """`audio/*` for all that is audio there."""
    family = types[0].partition("/")[0] + "/*"
    return family if set(accepted((family,))) == set(types) else None


def _hint(field: DataField) -> dict[str, Any]:
    return field.format_hint if isinstance(field.format_hint, dict) else {}


def _source(field: DataField) -> str:
    source = _hint(field).get(SOURCE)
    return source if isinstance(source, str) else ""
