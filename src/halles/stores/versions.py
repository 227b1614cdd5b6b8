"""Rows of the library: the head of each pipeline, its versions, and the nouns that they are read as."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sql

from halles.engine import Catalogue
from halles.engine.graph import needs
from halles.model import (
    INPUTS,
    Pipeline,
    PipelineEntry,
    PipelineSummary,
    PipelineVersion,
    Problem,
    Problems,
    ServiceSpec,
    digest,
    say,
    split,
)
from halles.model.library import Node
from halles.model.words import alike, words_of
from halles.stores.database import tables

heads = sql.Table(
    "pipelines",
    tables,
    sql.Column("slug", sql.String(200), primary_key=True),
    sql.Column("owner", sql.String(200), nullable=False, index=True),
    sql.Column("current", sql.Integer, nullable=False),
    sql.Column("published", sql.Integer),
    sql.Column("revision", sql.Integer, nullable=False),
    sql.Column("created", sql.Float, nullable=False),
    sql.Column("updated", sql.Float, nullable=False),
    sql.Column("deleted", sql.Float),
)
versions = sql.Table(
    "pipeline_versions",
    tables,
    sql.Column("slug", sql.String(200), primary_key=True),
    sql.Column("number", sql.Integer, primary_key=True),
    sql.Column("body", sql.Text, nullable=False),
    sql.Column("services", sql.Text, nullable=False),
    sql.Column("meaning", sql.String(64), nullable=False),
    sql.Column("author", sql.String(200), nullable=False),
    sql.Column("message", sql.Text, nullable=False),
    sql.Column("origin", sql.String(220), nullable=False),
    sql.Column("created", sql.Float, nullable=False),
    sql.Column("words", sql.Text, nullable=False),
    sql.Column("tags", sql.Text, nullable=False),
)


NOTES = (
    "installed", "imported", "upgraded", "pinned to the present versions", "back to {origin}", "forked from {origin}",
)  # fmt: skip
"""What is written beside a version that nobody said anything of."""


def meaning(pipeline: Pipeline) -> str:
    """Hash of all that a pipeline says, its layout apart."""
    return digest(pipeline.model_dump(mode="json", exclude={"layout"}))


def plain(text: str) -> str:
    """A text that any database takes: PostgreSQL refuses NUL."""
    return text.replace("\0", " ")


def recorded(pipeline: Pipeline, catalogue: Catalogue) -> dict[str, ServiceSpec]:
    """The services that a pipeline uses, as they are now, by slug. What cannot be found is left out."""
    found: dict[str, ServiceSpec] = {}
    for slug in sorted({step.service.partition("@")[0] for step in pipeline.steps}):
        try:
            spec = catalogue.find(slug)
        except Problems:  # A service whose package is broken; the check says so.
            continue
        if spec:
            found[slug] = spec
    return found


def find(connection: sql.Connection, slug: str, *, lock: bool = False) -> Any:
    """The head of a pipeline, or None. Locked, nobody else changes it until the transaction ends."""
    query = sql.select(heads).where(heads.c.slug == slug)
    return connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()


def change(connection: sql.Connection, head: Any, **columns: Any) -> None:
    """Change a head, which makes a new revision of it."""
    columns |= {"revision": head["revision"] + 1, "updated": time.time()}
    connection.execute(heads.update().where(heads.c.slug == head["slug"]), columns)


def append(
    connection: sql.Connection, number: int, pipeline: Pipeline, services: dict[str, ServiceSpec], **said: str
) -> None:
    """Write a version down. `said` are its author, message and origin."""
    ports = [each for name, given in pipeline.inputs.items() for each in (name, given.media, given.description)]
    said_of = [pipeline.id, pipeline.name, pipeline.description, *pipeline.tags, *services, *ports, *pipeline.outputs]
    connection.execute(versions.insert(), {
        "slug": pipeline.id, "number": number, "body": pipeline.model_dump_json(), "meaning": meaning(pipeline),
        "services": json.dumps({name: spec.model_dump(mode="json") for name, spec in services.items()}),
        "created": time.time(), "words": plain(" ".join(said_of)).lower(),
        "tags": "".join(f"|{plain(tag).lower()}|" for tag in pipeline.tags),
        **{name: plain(text) for name, text in said.items()},
    })  # fmt: skip


def move(connection: sql.Connection, number: int, pipeline: Pipeline) -> None:
    """Give a version another layout."""
    where = (versions.c.slug == pipeline.id) & (versions.c.number == number)
    connection.execute(versions.update().where(where), {"body": pipeline.model_dump_json()})


def numbers(connection: sql.Connection, slug: str) -> list[int]:
    """The numbers of all versions, in order."""
    query = sql.select(versions.c.number).where(versions.c.slug == slug).order_by(versions.c.number)
    return list(connection.execute(query).scalars())


def load(connection: sql.Connection, slug: str, number: int) -> PipelineVersion:
    """A version that there is."""
    query = sql.select(versions).where(versions.c.slug == slug, versions.c.number == number)
    return version(connection.execute(query).mappings().one())


def version(row: Any) -> PipelineVersion:
    """A version's row as a noun."""
    known = {name: row[name] for name in ("number", "meaning", "author", "origin", "created")}
    known["message"] = _remembered(row["message"], row["origin"])
    pipeline = Pipeline.model_validate_json(row["body"])
    return PipelineVersion(pipeline=pipeline, services=json.loads(row["services"]), **known)


def _remembered(message: str, origin: str) -> str:
    """What stands beside a version: of a note of ours it is known how it was put together, of a person's nothing."""
    return next((note for form in NOTES if (note := say(form, origin=origin)) == message), message)


def entry(head: Any, shown: PipelineVersion) -> PipelineEntry:
    """A head, and the version that is shown with it, as a noun."""
    known = ("slug", "owner", "current", "published", "revision", "created", "updated")
    return PipelineEntry(version=shown, **{name: head[name] for name in known})


def with_words(
    connection: sql.Connection, query: sql.Select[Any], asked: list[str], elsewhere: Callable[[], Mapping[str, str]]
) -> sql.Select[Any]:
    """A query of versions, narrowed to those with all words; or, if there are none, to those with words like them.

    `elsewhere` gives what sentences are in other languages, whose words stand for the sentence.
    """
    exact = query.where(*(versions.c.words.contains(word, autoescape=True) for word in asked))
    if not asked or connection.execute(exact.limit(1)).first():
        return exact
    texts = connection.execute(query.with_only_columns(versions.c.words)).scalars().all()
    known = {word for text in texts for word in words_of(text)}
    said = {plain(english).lower(): text.lower() for english, text in elsewhere().items()}
    there = {english: text for english, text in said.items() if any(english in each for each in texts)}
    near = ([word, *alike(word, known), *(english for english in there if word in there[english])] for word in asked)
    return query.where(
        *(sql.or_(*(versions.c.words.contains(each, autoescape=True) for each in group)) for group in near)
    )


def summary(row: Any) -> PipelineSummary:
    """A head joined with the body of a version, as lists show it."""
    known = ("slug", "owner", "current", "published", "created", "updated")
    pipeline = Pipeline.model_validate_json(row["body"])
    services = json.loads(row["services"])
    return PipelineSummary(
        name=pipeline.name,
        description=pipeline.description,
        tags=pipeline.tags,
        inputs=pipeline.inputs,
        outputs=tuple(pipeline.outputs),
        gives={name: _media(pipeline, services, reference) for name, reference in pipeline.outputs.items()},
        services=tuple(dict.fromkeys(step.service.partition("@")[0] for step in pipeline.steps)),
        graph=tuple(
            Node(id=step.id, service=step.service.partition("@")[0], after=tuple(sorted(needs(step))))
            for step in pipeline.steps
        ),
        **{name: row[name] for name in known},
    )


def _media(pipeline: Pipeline, services: dict[str, Any], reference: str) -> tuple[str, ...]:
    """What an output can be, by the services on record; empty where that is not known."""
    origin, port = split(reference)
    if origin == INPUTS:
        return (pipeline.inputs[port].media,) if port in pipeline.inputs else ()
    step = next((step for step in pipeline.steps if step.id == origin), None)
    spec = services.get(step.service.partition("@")[0], {}) if step else {}
    return next((tuple(each["media"]) for each in spec.get("outputs", ()) if each["name"] == port), ())


def taken(connection: sql.Connection, slug: str) -> Problems:
    """The error for an id that is in use, with one that is free."""
    query = sql.select(heads.c.slug).where(heads.c.slug.startswith(slug, autoescape=True))
    used = set(connection.execute(query).scalars())
    free = next(f"{slug}-{number}" for number in range(2, len(used) + 3) if f"{slug}-{number}" not in used)
    message = say("There is a pipeline `{slug}` already. Choose another id.", slug=slug)
    return Problems([Problem(code="conflict", message=message, suggestions=(free,))])
