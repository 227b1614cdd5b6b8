"""All services: those that are installed here, and those that announced themselves."""

from collections.abc import Callable, Container
from typing import Protocol

from halles.engine import Cache, Catalogue
from halles.model import Result, ServiceSpec


class Everything:
    """The catalogue of the engine."""

    def __init__(self, installed: Catalogue, directory: Callable[[], Catalogue]) -> None:
        """The directory is opened when it is asked for something that is not installed."""
        self._installed = installed
        self._directory = directory

    def slugs(self) -> list[str]:
        """All of them, sorted."""
        return sorted({*self._installed.slugs(), *self._directory().slugs()})

    def find(self, slug: str) -> ServiceSpec | None:
        """The specification of one; what is installed comes first."""
        return self._installed.find(slug) or self._directory().find(slug)


class Announced(Protocol):
    """The services that announced themselves."""

    def since(self, slug: str) -> float | None:
        """When one announced itself last, in seconds since the epoch."""
        ...


class Current:
    """The cache, without what a service gave before it announced itself last.

    Such a service says no version, so that another model behind the same fields would go unnoticed. When it is
    deployed anew, it announces itself.
    """

    def __init__(self, results: Cache, installed: Container[str], directory: Callable[[], Announced]) -> None:
        self._results = results
        self._installed = installed
        self._directory = directory

    def get(self, key: str) -> Result | None:
        """The result under a key, if it still counts."""
        result = self._results.get(key)
        if result is None or result.service in self._installed:
            return result
        since = self._directory().since(result.service)
        return None if since is None or result.created < since else result

    def put(self, result: Result) -> None:
        """Keep a result."""
        self._results.put(result)
