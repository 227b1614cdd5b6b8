"""The only place that chooses implementations: here the parts become the product."""

import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from halles.callers.either import EitherCaller
from halles.callers.local import LocalCaller
from halles.engine import Outside, plan, read
from halles.model import (
    CallFailed,
    DriftReport,
    Order,
    Pipeline,
    Plan,
    Principal,
    Problem,
    Problems,
    Role,
    Run,
    StepState,
    Value,
    say,
    suggest,
)
from halles.registry.following import Following
from halles.registry.models import Models
from halles.registry.observing import drift
from halles.registry.places import limits, manners, open_registry
from halles.runners import anew
from halles.runners.local import LocalRunner
from halles.runners.retention import Policy, Swept, sweep
from halles.sdk import Service, settings
from halles.stores.accounts import Accounts
from halles.stores.audit import Audit
from halles.stores.batches import Batches
from halles.stores.database import connect
from halles.stores.everything import Current, Everything
from halles.stores.exchange import Exchange
from halles.stores.executions import Executions
from halles.stores.history import History
from halles.stores.holdings import Holding, Holdings
from halles.stores.keeping import Keeping
from halles.stores.keys import Keys
from halles.stores.ledger import Ledger
from halles.stores.library import Library
from halles.stores.notes import Notebook
from halles.stores.objects import Objects
from halles.stores.observations import Observations
from halles.stores.offers import Offers
from halles.stores.places import exchange_seconds, open_exchange, open_objects
from halles.stores.queue import Queue
from halles.stores.quotas import Quotas, defaults
from halles.stores.results import Results
from halles.stores.room import Room, room
from halles.stores.sessions import Sessions
from halles.stores.shares import Shares
from halles.stores.shelf import Examples, Pipelines, Services
from halles.stores.signing import signing_key
from halles.stores.standing import Standing, standing
from halles.stores.thumbnails import Thumbnails
from halles.stores.usage import Usage
from halles.stores.wire import announced  # noqa: F401 - its tables are made with the others.

if TYPE_CHECKING:
    from halles.callers.abroad import Abroad
    from halles.runners.worker import Worker


def default_home() -> Path:
    """Where runs, results and artifacts are kept: `HALLES_HOME`, else the user's data directory."""
    return Path(os.environ.get("HALLES_HOME") or platformdirs.user_data_dir("halles"))


class Market:
    """The product: services, pipelines, all that is kept, and ways to run. Each part is made when it is wanted."""

    def __init__(
        self, home: Path | None = None, *, services: Iterable[Service] = (), workers: int | None = None
    ) -> None:
        self.home = home or default_home()
        self.services = Services(services, self._follow)
        self.pipelines = Pipelines()
        self.examples = Examples()
        self._workers = workers or max(2, os.cpu_count() or 1)
        here = f"http://127.0.0.1:{os.environ.get('HALLES_PORT') or 8000}"
        self.address = os.environ.get("HALLES_PUBLIC_URL", "").rstrip("/") or here
        """Where services reach this server. It says so itself when it listens, unless an operator did."""
        self.local: bool | None = None
        """Whether it serves only who is on this machine, whose own services may then be on loopback. None: as set."""

    def sentences(self, language: str) -> dict[str, str]:
        """What services and pipelines say, in a language: translations by the English sentence."""
        return {**self.services.sentences(language), **self.pipelines.sentences(language)}

    @cached_property
    def objects(self) -> Objects:
        """The artifacts."""
        return open_objects(self.home / "objects")

    @cached_property
    def _database(self) -> Any:
        return connect(os.environ.get("HALLES_DATABASE_URL") or self.home / "halles.db")

    @cached_property
    def ledger(self) -> Ledger:
        """The log of runs."""
        return Ledger(self._database)

    @cached_property
    def notebook(self) -> Notebook:
        """What owners say of their runs."""
        return Notebook(self._database)

    @cached_property
    def history(self) -> History:
        """What calls took."""
        return History(self._database, self.objects)

    @cached_property
    def results(self) -> Results:
        """The cache, which is the provenance too."""
        return Results(self._database, self.objects, self.history)

    @cached_property
    def holdings(self) -> Holdings:
        """Whose artifacts are."""
        return Holdings(self._database)

    @cached_property
    def batches(self) -> Batches:
        """Runs that were ordered together."""
        return Batches(self._database)

    @cached_property
    def signing_key(self) -> str:
        """Signs the bundles that leave this server."""
        return signing_key(self._database, "bundles")

    @cached_property
    def shares(self) -> Shares:
        """Links by which others may see."""
        return Shares(self._database)

    @cached_property
    def keeping(self) -> Keeping:
        """What must be kept."""
        return Keeping(self._database)

    @cached_property
    def thumbnails(self) -> Thumbnails:
        """Small pictures of large ones."""
        return Thumbnails(self.home / "thumbnails", self.objects)

    def sweep(self) -> Swept:
        """Forget what is older than the settings say."""
        self.thumbnails.sweep()
        return sweep(Policy.read(), self.keeping, self.history, self.objects)

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
    def quotas(self) -> Quotas:
        """What accounts may use."""
        return Quotas(self._database, defaults())

    @cached_property
    def usage(self) -> Usage:
        """What was used, in sums."""
        return Usage(self._database, self.ledger)

    @cached_property
    def offers(self) -> Offers:
        """The services as the catalogue shows them."""
        return Offers(self.services, lambda: self.abroad.directory, lambda: self.usage)

    def standing(self) -> Standing:
        """How the runs stand, all together."""
        return standing(self._database)

    def room(self) -> Room:
        """How much is kept."""
        return room(self._database)

    @cached_property
    def exchange(self) -> Exchange:
        """Where values lie while services of other servers work on them."""
        return open_exchange(self.home / "exchange", self.objects)

    def forget_exchanged(self) -> int:
        """Delete what was exchanged longer ago than the settings say. Gives the count."""
        before = time.time() - exchange_seconds()
        self.abroad.tasks.sweep(before=before)
        self.executions.sweep(before=before)
        return self.exchange.sweep(before=before)

    @cached_property
    def abroad(self) -> "Abroad":
        """The services of other servers."""
        from halles.callers.abroad import Abroad  # What goes out is slow to import, and not needed by most commands.

        return Abroad(
            self._database, self.exchange, self.objects, installed=self.services.slugs(), local=self.local,
            address=lambda: f"{self.address}/core-engine",
            limit=self.max_output_bytes,
        )  # fmt: skip

    @cached_property
    def executions(self) -> Executions:
        """What clients of the Swiss AI Center's engine began."""
        return Executions(self._database)

    def max_output_bytes(self) -> float:
        """The most bytes that are taken of an output of another server's service."""
        return settings.number("HALLES_MAX_OUTPUT_BYTES", 1024**3)

    @cached_property
    def catalogue(self) -> Everything:
        """The services that there are: installed here, or announced by other servers."""
        return Everything(self.services, lambda: self.abroad.directory)

    @cached_property
    def models(self) -> Models:
        """The trained models, in versions. Raises `Problems` where a setting of theirs is wrong."""
        self._manners  # noqa: B018 - else services that follow a model would be missing, and nobody would know why.
        return Models(open_registry(self.home / "models"), self._followed, limits())

    @cached_property
    def observations(self) -> Observations:
        """How often calls of trained models had which traits."""
        return Observations(self._database)

    def drift(self, model: str, version: int | None = None) -> DriftReport:
        """How far what a model sees is from what it was trained on. Raises `Problems`."""
        return drift(self.models, self.observations, model, version)

    def drifts(self) -> Iterator[DriftReport]:
        """The same of all versions in production; one that cannot be told of is left out."""
        for user in self._followed():
            with suppress(Problems, CallFailed, OSError):
                yield self.drift(user.model)

    @cached_property
    def _manners(self) -> dict[str, float]:
        return manners()

    def _follow(self, service: Service) -> Following:
        return Following(service, self.models.registry, lambda: self.observations, **self._manners)

    def _followed(self) -> list[Following]:
        """The services that use trained models, of those that can be loaded."""
        services, _ = self.services.all()
        found = [self.services.followed(service.slug) for service in services if service.trained]
        return [each for each in found if isinstance(each, Following)]

    @cached_property
    def caller(self) -> EitherCaller:
        """Calls any of them."""
        here = LocalCaller(self.services.planned, self.objects, observe=self.history.observe)
        return EitherCaller(self.services.slugs(), here, lambda: self.abroad.caller)

    @cached_property
    def library(self) -> Library:
        """The pipelines that people keep, and those of installed packages."""
        library = Library(self._database, self.catalogue, self.pipelines.elsewhere)
        library.stock(self.pipelines.all())
        return library

    @cached_property
    def queue(self) -> Queue:
        """Who executes which of the runs that wait."""
        return Queue(self._database, seconds=settings.number("HALLES_LEASE_SECONDS", 10))

    @cached_property
    def _outside(self) -> Outside:
        cache = Current(self.results, frozenset(self.services.slugs()), lambda: self.abroad.directory)
        return Outside(caller=self.caller, cache=cache, reader=self.objects, workers=self._workers)

    @cached_property
    def runner(self) -> LocalRunner:
        """Runs plans in this process."""
        return LocalRunner(self.ledger, self.queue, self._outside, self.objects, self.home / "locks")

    def worker(self, runs: int = 4, *, drain: float = 30) -> "Worker":
        """Executes runs of the queue, so many at once. `drain`: seconds that they get to end when it is stopped."""
        from halles.callers.traced import TracedCaller  # Metrics and traces come with the extra `server`.
        from halles.runners.worker import Worker

        here = frozenset(self.services.slugs())
        outside = replace(self._outside, caller=TracedCaller(self.caller))
        return Worker(
            self.ledger, self.queue, outside, self.objects, runs=runs, drain=drain,
            here=lambda task: task.service in here,
        )  # fmt: skip

    def pipeline(self, name: str) -> Pipeline:
        """A pipeline by id, or by the path of a YAML or JSON file. Raises `Problems`."""
        path = Path(name)
        if path.suffix in (".yaml", ".yml", ".json") or os.sep in name:
            if not path.is_file():
                near = suggest(path.name, (f.name for f in path.parent.iterdir())) if path.parent.is_dir() else ()
                message = say("There is no pipeline file `{name}`.", name=name)
                raise Problems([Problem(code="no-such-file", message=message, suggestions=near)])
            return read(path.read_text(encoding="utf-8", errors="replace"))
        return self.pipelines.load(name)

    def plan(self, pipeline: Pipeline, *, seed: int = 0, overrides: dict[str, dict[str, Any]] | None = None) -> Plan:
        """Check a pipeline and decide everything a run of it needs. Raises `Problems`."""
        catalogue = Everything(self.services.drawn(), lambda: self.abroad.directory)
        return plan(pipeline, catalogue, seed=seed, overrides=overrides)

    def run(self, name: str, principal: Principal) -> Run:
        """A run that somebody may see. Raises `Problems` when there is none."""
        run = self.ledger.load(name)
        if run is None or not principal.may_see(run.owner) or not principal.may_use(run.plan.pipeline.id):
            raise Problems([Problem(code="unknown-run", message=say("There is no run `{name}`.", name=name))])
        return run

    def again(self, run: Run, who: Principal, **change: Any) -> Run:
        """A new run that goes on from another one: `anew.order` says how. Raises `Problems`."""
        catalogue = Everything(self.services.of(run.plan), lambda: self.abroad.directory)
        order = anew.order(run, who.id, catalogue, self.objects, **change)
        self.ledger.accept(order)
        return self.run(order.run, who)

    def held(self, sha256: str, principal: Principal, *, port: str | None = None) -> Holding:
        """How somebody has an artifact. Raises `Problems` when they have not: knowing a hash is no right."""
        held = self.holdings.find(sha256, None if principal.role is Role.operator else principal.id)
        if held is None:
            message = say("There is no artifact `{sha256}`. Upload it first (`POST /artifacts`).", sha256=sha256)
            code = "no-such-artifact" if port else "unknown-artifact"
            raise Problems([Problem(code=code, port=port, message=message)])
        return held

    def accept(
        self, plan: Plan, inputs: Mapping[str, Value], *, owner: str, priority: int = 0, run: str | None = None,
        given: Mapping[str, StepState] | None = None, title: str = "",
    ) -> Order:  # fmt: skip
        """Put a run in the queue; it is durable when this returns."""
        name = run or secrets.token_hex(8)
        order = Order(
            run=name, plan=plan, inputs=dict(inputs), owner=owner, priority=priority, given=dict(given or {}),
            title=title,
        )  # fmt: skip
        self.ledger.accept(order)
        return order
