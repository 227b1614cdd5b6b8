"""Refuse to build a package without the web application in it: it would install, and serve no page."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src/halles/api/static/index.html")


class WithWebApplication(BuildHookInterface[Any]):
    """Runs before a package is built for distribution; an editable install takes what stands in the folder."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Look for the page."""
        if version != "editable" and not (Path(self.root) / PAGE).is_file():
            raise RuntimeError("The web application is not built, and belongs into the package: run `make web` first.")
