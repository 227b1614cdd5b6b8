"""The services on offer: what is installed here and what announced itself, with what is known of each."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from halles.model import Problem, Problems, ServiceSpec, say, suggest
from halles.model.offer import DayOfUse, Described, Health, Kind, Offer, Port, Use, VersionSeen, WeightsHere
from halles.sdk import Service
from halles.sdk.card import Card, card_of, picture_of
from halles.sdk.service import reference
from halles.stores.directory import Directory, Entry
from halles.stores.shelf import Services
from halles.stores.usage import Key, Sum, Usage
from halles.weights import status

DAYS = 30
"""The days that use is told of."""


class Offers:
    """All services."""

    def __init__(self, services: Services, directory: Callable[[], Directory], usage: Callable[[], Usage]) -> None:
        self._services = services
        self._directory = directory
        self._usage = usage

    def stamp(self) -> str:
        """Changes whenever what `all` gives does."""
        return self._directory().stamp()

    def all(self) -> list[Offer]:
        """All of them, by slug. What is installed but cannot be loaded is among them, with the reason."""
        announced = [_announced(entry) for entry in self._directory().entries()]
        return sorted([*self._installed(), *announced], key=lambda offer: offer.slug)

    def _installed(self) -> Iterator[Offer]:
        for slug in self._services.slugs():
            try:
                yield _installed(self._services.load(slug))
            except Problems as problems:
                yield _broken(slug, problems)

    def told(self) -> dict[str, str]:
        """What is said at length of each, and in other languages: more for a search than lists show."""
        elsewhere = self._services.elsewhere()
        specs = [entry.spec for entry in self._directory().entries()]
        for slug in self._services.slugs():
            with suppress(Problems):
                specs.append(self._services.load(slug).spec)
        return {spec.slug: " ".join(_said(spec, elsewhere)) for spec in specs}

    def find(self, slug: str) -> Described:
        """One of them. Raises `Problems` when there is none."""
        if slug in self._services.slugs():
            return self._describe_installed(slug)
        entry = self._directory().entry(slug)
        if entry is None:
            known = [*self._services.slugs(), *self._directory().slugs()]
            message = say("There is no service `{slug}`.", slug=slug)
            raise Problems([Problem(code="unknown-service", message=message, suggestions=suggest(slug, known))])
        docs, places = entry.announcement.docs_url, len(entry.instances)
        found = _describe(entry.spec, Kind.announced, Health(entry.state.value), self._used(entry.slug))
        return found.model_copy(update={"instances": places, "docs_url": docs, "versions": self._versions(entry.slug)})

    def _describe_installed(self, slug: str) -> Described:
        try:
            service = self._services.load(slug)
        except Problems as problems:
            return Described(**_broken(slug, problems).model_dump(), use=self._used(slug))
        found = _describe(service.spec, Kind.embedded, Health.available, self._used(slug))
        card = card_of(service.target) or Card(text="")
        return found.model_copy(
            update={
                "weights": tuple(_weights(service)), "card": card.text or None, "quality": card.quality,
                "versions": self._versions(slug), "picture": _picture(service),
            }
        )  # fmt: skip

    def picture(self, slug: str) -> Path | None:
        """The file of a service's picture, if it has one."""
        with suppress(Problems):
            return picture_of(self._services.load(slug).target)
        return None

    def _used(self, slug: str) -> Use:
        self._usage().count()
        return used(self._usage(), service=slug)

    def _versions(self, slug: str) -> tuple[VersionSeen, ...]:
        return tuple(VersionSeen(version=v, first=a, last=b) for v, a, b in self._usage().versions(slug))


def used(usage: Usage, *, service: str | None = None, pipeline: str | None = None) -> Use:
    """How much a service, or a pipeline, was used."""
    since, runs = _since(), service is None
    ((_, total),) = usage.sums([], since, runs=runs, service=service, pipeline=pipeline)
    daily = usage.sums(["day"], since, runs=runs, service=service, pipeline=pipeline)
    return Use(days=DAYS, **_told(total), daily=tuple(DayOfUse(day=keys["day"], **_told(each)) for keys, each in daily))


def popular(usage: Usage) -> dict[Key, dict[str, int]]:
    """How often each service and each pipeline was used."""
    keys: tuple[Key, ...] = ("service", "pipeline")
    return {
        key: {names[key]: total.count for names, total in usage.sums([key], _since(), runs=key == "pipeline")}
        for key in keys
    }


def _since() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - DAYS * 86400))


def _told(total: Sum) -> dict[str, Any]:
    computed = total.count - total.cached
    mean = total.seconds / computed if computed else None
    return {"count": total.count, "cached": total.cached, "failed": total.failed, "mean_seconds": mean}


def _installed(service: Service) -> Offer:
    offer, card = _offer(service.spec, Kind.embedded, Health.available), card_of(service.target)
    measure = card.quality[0] if card and card.quality else None
    return offer.model_copy(update={"measure": measure, "picture": _picture(service)})


def _picture(service: Service) -> str | None:
    return f"/services/{service.slug}/picture" if picture_of(service.target) else None


def _offer(spec: ServiceSpec, kind: Kind, health: Health) -> Offer:
    def ports(side: str) -> tuple[Port, ...]:
        names = set(Port.model_fields)
        return tuple(Port(**port.model_dump(include=names)) for port in getattr(spec, side))

    known = spec.model_dump(include={"slug", "name", "summary", "version", "licence", "tags"})
    return Offer(**known, kind=kind, health=health, inputs=ports("inputs"), outputs=ports("outputs"))


def _describe(spec: ServiceSpec, kind: Kind, health: Health, use: Use) -> Described:
    known = {name: getattr(spec, name) for name in ServiceSpec.model_fields if name not in ("weights", "code")}
    return Described.model_validate({**known, "identity": spec.identity, "kind": kind, "health": health, "use": use})


def _said(spec: ServiceSpec, elsewhere: Mapping[str, str]) -> Iterator[str]:
    """All that is said of a service, in English and in other languages."""
    ports = [port.description for port in (*spec.inputs, *spec.outputs)]
    for said in (spec.name, spec.summary, *spec.tags, spec.description, *ports):
        yield said
        yield elsewhere.get(said, "")


def _announced(entry: Entry) -> Offer:
    return _offer(entry.spec, Kind.announced, Health(entry.state.value))


def _broken(slug: str, problems: Problems) -> Offer:
    name = slug.replace("-", " ").capitalize()
    return Offer(slug=slug, name=name, kind=Kind.embedded, health=Health.unavailable, problem=str(problems))


def _weights(service: Service) -> Iterator[WeightsHere]:
    if used := service.release:
        yield WeightsHere(**used.reference.model_dump(), here=True, bytes=used.file.stat().st_size)
    for recipe in service.recipes:
        found = status(recipe)
        yield WeightsHere(**reference(recipe).model_dump(), here=found.state == "ready", bytes=found.size)
