"""All services: those that are installed here, and those that announced themselves."""

from collections.abc import Callable

from halles.engine import Catalogue
from halles.model import ServiceSpec


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
