"""Between our specifications and the engine's announcements: the same services, said with fewer types."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from pydantic import JsonValue

from halles.csia import media
from halles.csia.messages import Announcement, DataField, Tag
from halles.csia.tags import ACRONYMS, GENERIC
from halles.model import Model, PortSpec, ServiceSpec, digest

UNKNOWN = "unknown"
"""The version and licence of a service that does not say."""


class Part(StrEnum):
    """What of a port's value a field holds."""

    whole = "whole"
    first = "first"
    """The first of a list: the one that a user interface without lists can show."""
    all = "all"
    """All of a list, in a zip."""


class Wire(Model):
    """A field of the engine, and what of which port it carries."""

    field: DataField
    port: PortSpec
    part: Part = Part.whole


def inputs(spec: ServiceSpec) -> tuple[Wire, ...]:
    """The fields of the inputs, in order."""
    return tuple(input_wire(port) for port in spec.inputs)


def outputs(spec: ServiceSpec) -> tuple[Wire, ...]:
    """The fields of the outputs, in order. A list is two fields: its first value, and a zip with all."""
    taken = {port.name for port in spec.outputs}
    found: list[Wire] = []
    for port in spec.outputs:
        types = media.given(port.media)
        field = DataField(name=port.name, type=types, format_hint=_hint(port, types))
        found.append(Wire(field=field, port=port, part=Part.first if port.many else Part.whole))
        if port.many:
            name = _free(f"{port.name}_all", taken)
            every = DataField(
                name=name, type=(media.ZIP,), format_hint={"description": f"all of `{port.name}`, in a zip"}
            )
            found.append(Wire(field=every, port=port, part=Part.all))
    return tuple(found)


def announcement(spec: ServiceSpec, url: str) -> Announcement:
    """How a service of ours announces itself, reachable at an address."""
    tags = [tag for tag in spec.tags if tag in ACRONYMS] or [GENERIC]
    said = spec.description or spec.summary
    return Announcement(
        name=spec.name,
        slug=spec.slug,
        summary=spec.summary,
        description=f"{said}\n\nVersion {spec.version}, licence {spec.licence}.",
        url=url,
        docs_url=url.rstrip("/") + "/docs",
        data_in_fields=tuple(wire.field for wire in inputs(spec)),
        data_out_fields=tuple(wire.field for wire in outputs(spec)),
        tags=tuple(Tag(name=tag, acronym=ACRONYMS[tag]) for tag in tags),
        has_ai=bool(spec.weights) or tags != [GENERIC],
    )


def specification(announced: Announcement) -> ServiceSpec:
    """What we know of a service that announced itself, one port a field, in order. Raises `ValueError`.

    The hints of our own announcements give kinds, schemas and optional inputs back.
    """
    if not announced.data_out_fields:
        raise ValueError(f"`{announced.slug}` announces no outputs, so nothing can be done with what it computes.")
    described = announced.model_dump(mode="json", include={"slug", "data_in_fields", "data_out_fields"})
    return ServiceSpec(
        slug=slug(announced.slug),
        version=UNKNOWN,
        name=announced.name,
        summary=announced.summary,
        description=announced.description or "",
        licence=UNKNOWN,
        tags=tuple(tag.name for tag in announced.tags),
        inputs=ports(announced.data_in_fields),
        outputs=ports(announced.data_out_fields),
        code=digest(described),
    )


def port_names(fields: Iterable[DataField]) -> dict[str, str]:
    """Port name → field name, in order. Ports are named in fewer characters, so that equal ones are numbered."""
    taken: set[str] = set()
    found: dict[str, str] = {}
    for field in fields:
        plain = re.sub(r"[^a-z0-9]+", "_", field.name.lower()).strip("_")
        name = _free(plain if plain[:1].isalpha() else f"field_{plain}".rstrip("_"), taken)
        taken.add(name)
        found[name] = field.name
    return found


def slug(announced: str) -> str:
    """A slug of ours for one of theirs, which is the same where it can be."""
    plain = re.sub(r"[^a-z0-9]+", "-", announced.lower()).strip("-")
    return plain or f"service-{digest(announced)[:8]}"


def input_wire(port: PortSpec) -> Wire:
    """The field of an input. A list takes one value, or a zip with several."""
    types = media.accepted(port.media)
    if port.many and media.ZIP not in types:
        types = (*types, media.ZIP)
    return Wire(field=DataField(name=port.name, type=types, format_hint=_hint(port, types)), port=port)


def _hint(port: PortSpec, types: Sequence[str]) -> dict[str, JsonValue] | None:
    """What the engine has no word for, where it allows any JSON."""
    kind = next((_kind(each) for each in port.media if _kind(each)), "") if len(types) == 1 else ""
    said: dict[str, JsonValue] = {
        "description": port.description, "kind": kind, "optional": port.optional, "schema": port.json_schema,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value} or None


def _kind(media_type: str) -> str:
    return media_type.partition(";kind=")[2]


def ports(fields: tuple[DataField, ...]) -> tuple[PortSpec, ...]:
    """What we know of fields, one port each, in order."""
    return tuple(_port(name, field) for name, field in zip(port_names(fields), fields, strict=True))


def _port(name: str, field: DataField) -> PortSpec:
    hint = field.format_hint if isinstance(field.format_hint, dict) else {}
    kind, schema, description = hint.get("kind"), hint.get("schema"), hint.get("description")
    suffix = f";kind={kind}" if isinstance(kind, str) and re.fullmatch(r"[a-z0-9-]+", kind) else ""
    return PortSpec(
        name=name,
        description=description if isinstance(description, str) else "" if name == field.name else field.name,
        media=tuple(each + suffix for each in field.type),
        optional=hint.get("optional") is True,
        json_schema=schema if isinstance(schema, dict) else None,
    )


def _free(wanted: str, taken: set[str]) -> str:
    """The name, or the first numbered one that is not taken."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name
