"""What is installed: services and pipelines, found by entry point and loaded when they are asked for."""

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from halles.engine import read
from halles.model import (
    Pipeline,
    Plan,
    Problem,
    Problems,
    ServiceSpec,
    Task,
    WeightsRef,
    accepts,
    media_type,
    say,
    suggest,
)
from halles.sdk import Service, languages

log = logging.getLogger(__name__)

SERVICES = "halles.services"
"""Entry points `slug = "package.module:Service"`."""
PIPELINES = "halles.pipelines"
"""Entry points `name = "package"`, a package that holds `<pipeline id>.yaml` files."""
EXAMPLES = "halles.examples"
"""Entry points `name = "package"`, a package that holds files to try things with."""


class Followed(Protocol):
    """A service whose model changes while it is used."""

    def now(self) -> Service:
        """It with the version in production."""
        ...

    def drawn(self) -> Service:
        """It as a new run gets it, which may be with the candidate."""
        ...

    def planned(self, weights: Sequence[WeightsRef]) -> Service:
        """It with the version that a plan names."""
        ...


class Services:
    """The services of installed packages, and any given by hand."""

    def __init__(self, extra: Iterable[Service] = (), follow: Callable[[Service], Followed] | None = None) -> None:
        """`follow` is how services keep up with their trained models; without it they use those they come with."""
        self._loaded = {service.slug: service for service in extra}
        self._follow = follow
        self._followed: dict[str, Followed] = {}

    @cached_property
    def _entries(self) -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in entry_points(group=SERVICES)}

    def slugs(self) -> list[str]:
        """All of them, sorted."""
        return sorted({*self._loaded, *self._entries})

    def all(self) -> tuple[list[Service], list[Problem]]:
        """All that can be loaded, and what is in the way of the others: one broken package does not hide the rest."""
        found: list[Service] = []
        problems: list[Problem] = []
        for slug in self.slugs():
            try:
                found.append(self.load(slug))
            except Problems as broken:
                problems += broken.problems
        return found, problems

    def load(self, slug: str) -> Service:
        """The service itself, with the model that is in production. Raises `Problems` when it cannot be had."""
        followed = self.followed(slug)
        return followed.now() if followed else self._load(slug)

    def planned(self, task: Task) -> Service:
        """The service as a task was planned with it, as far as it can be had. Raises `Problems`."""
        followed = self.followed(task.service)
        return followed.planned(task.weights) if followed else self._load(task.service)

    def drawn(self) -> "Chosen":
        """The services as a new run gets them."""
        return Chosen(self, lambda followed, _: followed.drawn())

    def of(self, plan: Plan) -> "Chosen":
        """The services as a run was planned with them, as far as they can be had."""
        weights = {task.service: task.weights for task in plan.tasks}
        return Chosen(self, lambda followed, slug: followed.planned(weights.get(slug, ())))

    def followed(self, slug: str) -> Followed | None:
        """The service by the versions of its model, if it has one. Raises `Problems` when it cannot be had."""
        if self._follow and slug not in self._followed and (service := self._load(slug)).trained:
            self._followed.setdefault(slug, self._follow(service))
        return self._followed.get(slug)

    def sentences(self, language: str) -> dict[str, str]:
        """What they say, in a language, as far as it was translated."""
        return _translated((service.folder for service in self.all()[0]), language)

    def elsewhere(self) -> dict[str, str]:
        """What they say, and the same in all languages at once, to be searched."""
        return _elsewhere(service.folder for service in self.all()[0])

    def _load(self, slug: str) -> Service:
        if slug not in self._loaded:
            if slug not in self._entries:
                message = say("There is no service `{slug}`. `halles services` lists those that there are.", slug=slug)
                raise Problems(
                    [Problem(code="unknown-service", message=message, suggestions=suggest(slug, self.slugs()))]
                )
            self._loaded[slug] = self._import(slug)
        return self._loaded[slug]

    def _import(self, slug: str) -> Service:
        """Import the service, which is somebody's code and may do anything."""
        try:
            found = self._entries[slug].load()
        except ImportError as error:
            message = say(
                "Service `{slug}` needs `{name}`, which is not installed: pip install 'halles[services]'.",
                slug=slug,
                name=error.name,
            )
            raise Problems([Problem(code="not-installed", message=message)]) from error
        except Exception as error:
            message = say(
                "Service `{slug}` cannot be imported: {name}: {error}.",
                slug=slug,
                name=type(error).__name__,
                error=error,
            )
            raise Problems([Problem(code="not-importable", message=message)]) from error
        if not isinstance(found, Service):
            message = say(
                "`{value}` is no service; it lacks the decorator `@service`.", value=self._entries[slug].value
            )
            raise Problems([Problem(code="not-a-service", message=message)])
        return found

    def find(self, slug: str) -> ServiceSpec | None:
        """The specification of a service, or None."""
        return self.load(slug).spec if slug in self._loaded or slug in self._entries else None


class Chosen:
    """The services as one run has them: each with one version of its model, however often it is asked for."""

    def __init__(self, services: Services, choose: Callable[[Followed, str], Service]) -> None:
        self._services = services
        self._choose = choose
        self._chosen: dict[str, Service] = {}

    def slugs(self) -> list[str]:
        """All of them, sorted."""
        return self._services.slugs()

    def find(self, slug: str) -> ServiceSpec | None:
        """The specification of a service, or None."""
        if slug not in self._chosen:
            if slug not in self._services.slugs():
                return None
            followed = self._services.followed(slug)
            self._chosen[slug] = self._choose(followed, slug) if followed else self._services.load(slug)
        return self._chosen[slug].spec


def _translated(folders: Iterable[Path | None], language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in sorted({folder for folder in folders if folder}):
        try:
            found |= languages.sentences(folder, language)
        except ValueError as error:  # A file that cannot be read leaves its sentences in English.
            log.warning("%s", error)
    return found


def _elsewhere(folders: Iterable[Path | None]) -> dict[str, str]:
    places = [folder for folder in folders if folder]
    found: dict[str, str] = {}
    for language in sorted({language for place in places for language in languages.spoken(place)}):
        for english, text in _translated(places, language).items():
            found[english] = f"{found.get(english, '')} {text}".strip()
    return found


class Pipelines:
    """The pipelines of installed packages."""

    @cached_property
    def _folders(self) -> list[Path]:
        return [Path(str(files(entry.value))) for entry in entry_points(group=PIPELINES)]

    def sentences(self, language: str) -> dict[str, str]:
        """What they say, in a language, as far as it was translated."""
        return _translated(self._folders, language)

    def elsewhere(self) -> dict[str, str]:
        """What they say, and the same in all languages at once, to be searched."""
        return _elsewhere(self._folders)

    @cached_property
    def _texts(self) -> dict[str, str]:
        found = (file for folder in self._folders for file in folder.iterdir() if file.name.endswith(".yaml"))
        return {file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8") for file in found}

    def ids(self) -> list[str]:
        """All of them, sorted."""
        return sorted(self._texts)

    def all(self) -> dict[str, Pipeline]:
        """All of them, by id."""
        return {name: self.load(name) for name in self.ids()}

    def load(self, name: str) -> Pipeline:
        """A pipeline by id. Raises `Problems` when there is none."""
        if name not in self._texts:
            message = say(
                "There is no pipeline `{name}`. `halles pipelines` lists those that there are; a file is "
                "named with its path, such as `./mine.yaml`.",
                name=name,
            )
            raise Problems([Problem(code="unknown-pipeline", message=message, suggestions=suggest(name, self.ids()))])
        return read(self._texts[name])


class Examples:
    """Files of installed packages to try services and pipelines with, such as a song."""

    @cached_property
    def _files(self) -> dict[str, Path]:
        folders = [files(entry.value) for entry in entry_points(group=EXAMPLES)]
        found = (Path(str(file)) for folder in folders for file in folder.iterdir())
        return {file.name: file for file in found if file.is_file() and file.suffix != ".py"}

    def names(self) -> list[str]:
        """All of them, sorted."""
        return sorted(self._files)

    def find(self, name: str) -> Path | None:
        """Where the file of that name is."""
        return self._files.get(name)

    def media(self, name: str) -> str:
        """The media type of an example: data is of the kind that its file is called after."""
        kind = media_type(name) or "application/octet-stream"
        return f"{kind};kind={name.removesuffix('.json')}" if kind == "application/json" else kind

    def fitting(self, media: Iterable[str], port: str = "") -> list[str]:
        """The examples that a port takes; first those called like it."""
        wanted = tuple(media)
        found = [name for name in self.names() if accepts(wanted, (self.media(name),))]
        return sorted(found, key=lambda name: name.partition(".")[0] != port)
