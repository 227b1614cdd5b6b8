"""The only place that chooses implementations: here the parts become the product."""

import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import platformdirs

from halles.callers.local import LocalCaller
from halles.engine import Outside, plan, read
from halles.model import Pipeline, Plan, Problem, Problems, suggest
from halles.runners.local import LocalRunner
from halles.sdk import Service
from halles.stores.accounts import Accounts
from halles.stores.audit import Audit
from halles.stores.database import connect
from halles.stores.keys import Keys
from halles.stores.ledger import Ledger
from halles.stores.library import Library
from halles.stores.objects import Objects
from halles.stores.results import Results
from halles.stores.sessions import Sessions
from halles.stores.shelf import Pipelines, Services


def default_home() -> Path:
    """Where runs, results and artifacts are kept: `HALLES_HOME`, else the user's data directory."""
    return Path(os.environ.get("HALLES_HOME") or platformdirs.user_data_dir("halles"))


class Market:
    """The product on one machine: services and pipelines on the shelf, and a runner for them."""

    def __init__(
        self, home: Path | None = None, *, services: Iterable[Service] = (), workers: int | None = None
    ) -> None:
        self.home = home or default_home()
        self.services = Services(services)
        self.pipelines = Pipelines()
        self._workers = workers or max(2, os.cpu_count() or 1)

    @cached_property
    def objects(self) -> Objects:
        """The artifacts."""
        return Objects(self.home / "objects")

    @cached_property
    def _database(self) -> Any:
        return connect(os.environ.get("HALLES_DATABASE_URL") or self.home / "halles.db")

    @cached_property
    def ledger(self) -> Ledger:
        """The log of runs."""
        return Ledger(self._database)

    @cached_property
    def results(self) -> Results:
        """The cache, which is the provenance too."""
        return Results(self._database, self.objects)

    @cached_property
    def accounts(self) -> Accounts:
        """Who is known."""
        return Accounts(self._database)

    @cached_property
    def keys(self) -> Keys:
        """The API keys."""
        return Keys(self._database)

    @cached_property
    def sessions(self) -> Sessions:
        """Browsers that signed in."""
        return Sessions(self._database)

    @cached_property
    def audit(self) -> Audit:
        """Who did what."""
        return Audit(self._database)

    @cached_property
    def library(self) -> Library:
        """The pipelines that people keep, and those of installed packages."""
        library = Library(self._database, self.services)
        library.stock(self.pipelines.all())
        return library

    @cached_property
    def runner(self) -> LocalRunner:
        """Runs plans in this process."""
        caller = LocalCaller(self.services.load, self.objects)
        outside = Outside(caller=caller, cache=self.results, reader=self.objects, workers=self._workers)
        return LocalRunner(self.ledger, outside, self.home / "locks")

    def pipeline(self, name: str) -> Pipeline:
        """A pipeline by id, or by the path of a YAML or JSON file. Raises `Problems`."""
        path = Path(name)
        if path.suffix in (".yaml", ".yml", ".json") or os.sep in name:
            if not path.is_file():
                near = suggest(path.name, (f.name for f in path.parent.iterdir())) if path.parent.is_dir() else ()
                message = f"There is no pipeline file `{name}`."
                raise Problems([Problem(code="no-such-file", message=message, suggestions=near)])
            return read(path.read_text(encoding="utf-8", errors="replace"))
        return self.pipelines.load(name)

    def plan(self, pipeline: Pipeline, *, seed: int = 0, overrides: dict[str, dict[str, Any]] | None = None) -> Plan:
        """Check a pipeline and decide everything a run of it needs. Raises `Problems`."""
        return plan(pipeline, self.services, seed=seed, overrides=overrides)
