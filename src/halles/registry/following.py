"""A service that follows the alias `production` of its model, without a restart and without losing a call.

Each version of the model is a service of its own, so that calls under way, and runs that were planned with an older
version, end on theirs. A new version is loaded and has worked once before others are planned with it.
"""

import atexit
import logging
import random
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from halles.model import AliasChange, CallFailed, Problem, Problems, WeightsRef, say
from halles.registry.observing import Observing
from halles.registry.store import Registry
from halles.sdk import Context, Release, Service, Trained
from halles.stores.observations import Observations

KEPT = 3
"""Versions that stay loaded beside the one in production and the candidate."""
AGAIN = 60.0
"""Seconds until a version that could not be loaded is tried again."""

TRIES = 3
"""Of some measurements the least is the one that nothing else disturbed."""

ENDING = 5.0
"""Seconds that a process which ends gives a look that is under way."""

log = logging.getLogger("halles.models")

_ending = threading.Event()
_threads: "weakref.WeakSet[threading.Thread]" = weakref.WeakSet()


class Following:
    """A service in all the versions of its model that are asked for."""

    def __init__(
        self, service: Service, registry: Registry, counts: Callable[[], Observations], *,
        every: float = 2.0, share: float = 0.0, shadow: float = 0.0,
    ) -> None:  # fmt: skip
        """`every`: seconds between two looks. `share` of the runs use the candidate; `shadow`: it answers beside."""
        assert service.trained  # noqa: S101
        self._model: Trained = service.trained
        self._registry = registry
        self._own = service
        self._observing = Observing(registry, service.trained, counts)
        service.observer = self._observing.observer(0)
        self._every, self._share, self._shadow = every, share, shadow
        self._variants: dict[str, Service] = {self._model.built_in.name: service}
        self._failed: dict[str, float] = {}
        self._production, self._candidate = service, service
        self._last: AliasChange | None = None
        self._started = False
        self._lock, self._starting, self._looking = (threading.Lock() for _ in range(3))
        self._shadows = threading.Semaphore(1)

    def now(self) -> Service:
        """The service with the model in production. The first one to ask waits until the registry was looked at."""
        if not self._started:
            with self._starting:
                if not self._started:
                    self.look(warm=False)
                    self._started = True
                    _begin(_watch, weakref.ref(self), self._every)
        return self._production

    def drawn(self) -> Service:
        """The service for a new run: with the candidate for its share of them."""
        production = self.now()
        return self._candidate if random.random() < self._share else production

    def planned(self, weights: Sequence[WeightsRef]) -> Service:
        """The service with the version that a plan names; the present one when that cannot be had."""
        known = self.now()
        for used in weights:
            model, at, number = used.name.partition("@")
            if at and model == self._model.name and used.name != known.release_name:
                try:
                    return self.version(int(number) if number.isdigit() else 0)
                except (Problems, CallFailed) as error:
                    log.warning("%s cannot be had: %s", used.name, error)
        return known

    @property
    def model(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def trained(self) -> Trained:
        """The model, as the service declares it."""
        return self._model

    @property
    def service(self) -> str:
        """The service's slug."""
        return self._own.slug

    @property
    def serving(self) -> str:
        """The version that answers now."""
        return self.now().release_name

    def pace(self, number: int) -> float | None:
        """Seconds of CPU that a typical call takes with a version; None when the service does not say what is typical.

        Raises `Problems` when the model cannot be used.
        """
        service = self.version(number)
        return min(_timed(service) for _ in range(TRIES)) if _warmed(service) else None

    def try_out(self, file: Path) -> None:
        """See whether the service can use a model. Raises `Problems`."""
        _warmed(self._own.released(Release(file.name, "", file)))

    def look(self, *, warm: bool = True) -> None:
        """See where the aliases point to, and follow. What cannot be loaded is not followed, and said."""
        with self._looking:
            self._look(warm)

    def _look(self, warm: bool) -> None:
        try:
            change = self._registry.last_change(self._model.name, self._last.number if self._last else 0)
        except (Problems, CallFailed, OSError) as error:
            log.warning("the models of %s cannot be looked at: %s", self._own.slug, error)
            return
        self._last = change or self._last
        if self._last and (change or self._failed):
            standing = self._last.after
            wanted = (self._name(standing.production), self._name(standing.candidate))
            self._failed = {name: at for name, at in self._failed.items() if name in wanted}
            production = self._ready(standing.production, warm, self._production)
            candidate = self._ready(standing.candidate, warm, production) if standing.candidate else production
            self._swap(production, candidate)

    def _ready(self, number: int, warm: bool, instead: Service) -> Service:
        """The service with a version, ready for calls, or another one when it cannot be."""
        name = self._name(number)
        if self._failed.get(name, -AGAIN) > time.monotonic() - AGAIN:
            return instead
        try:
            found = self.version(number)
            if warm and found not in (self._production, self._candidate):
                found.warm(Context())
        except Exception as error:  # A model is somebody's file, and may fail in any way.
            self._failed[name] = time.monotonic()
            log.error("%s cannot be used, %s goes on: %s", name, instead.release_name, error)
            return instead
        self._failed.pop(name, None)
        return found

    def version(self, number: int) -> Service:
        """The service with a version of its model, 0 for its own. Raises `Problems` when there is none."""
        name = self._name(number)
        if name not in self._variants:
            version = self._registry.version(self._model.name, number)
            release = Release(version.name, version.identity, self._registry.file(version))
            made = self._own.released(release)
            made.observer = self._observing.observer(number)
            with self._lock:
                self._variants.setdefault(name, made)
                self._forget()
        return self._variants[name]

    def _name(self, number: int) -> str:
        return f"{self._model.name}@{number}" if number else self._model.built_in.name

    def _forget(self) -> None:
        """Let go of the versions that were asked for longest ago; calls under way keep theirs."""
        spared = (self._own, self._production, self._candidate)
        others = [name for name, each in self._variants.items() if each not in spared]
        self._variants = {name: each for name, each in self._variants.items() if name not in others[:-KEPT]}

    def _swap(self, production: Service, candidate: Service) -> None:
        if production is not self._production:
            log.info("%s is served with %s, no more with %s", production.slug, production.release_name,
                     self._production.release_name)  # fmt: skip
        self._production.watcher = None
        self._production, self._candidate = production, candidate
        if self._shadow and candidate is not production:
            production.watcher = self._beside

    def _beside(self, inputs: Mapping[str, Any], params: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        """Let the candidate answer too, one call at a time and after the other's answer; count how often they agree."""
        if random.random() >= self._shadow or not self._shadows.acquire(blocking=False):
            return
        candidate, slug = self._candidate, self._own.slug

        def compare() -> None:
            from halles.telemetry import metrics  # They come with the extra `server`.

            try:
                other = candidate.run(inputs, params, Context())
                same = self._model.decision(other) == self._model.decision(outputs)
                outcome = "same" if same else "different"
            except Exception as error:
                log.warning("%s failed in the shadow: %s", candidate.release_name, error)
                outcome = "failed"
            finally:
                self._shadows.release()
            metrics.shadows.labels(slug, candidate.release_name, outcome).inc()
            self._observing.shadow(candidate.release_name, outcome)

        _begin(compare)


def _warmed(service: Service) -> bool:
    try:
        return service.warm(Context())
    except Exception as error:  # A model is somebody's file, and may fail in any way.
        message = say(
            "`{slug}` cannot use `{release}`: {kind}: {error}.",
            slug=service.slug,
            release=service.release_name,
            kind=type(error).__name__,
            error=str(error).rstrip("."),
        )
        raise Problems([Problem(code="unusable-model", message=message)]) from error


def _timed(service: Service) -> float:
    begun = time.thread_time()
    service.warm(Context())
    return time.thread_time() - begun


def _begin(work: Callable[..., None], *given: Any) -> None:
    thread = threading.Thread(target=work, args=given, name=work.__name__, daemon=True)
    _threads.add(thread)
    thread.start()


@atexit.register
def _end() -> None:
    """Let threads come to their end: one that is in a model's native code when Python ends takes the process down."""
    _ending.set()
    until = time.monotonic() + ENDING
    for each in list(_threads):
        each.join(max(0.0, until - time.monotonic()))


def _watch(following: "weakref.ref[Following]", every: float) -> None:
    """Look again and again, until nobody uses the service any more."""
    while not _ending.wait(every):
        if (found := following()) is None:
            return
        try:
            found.look()
        except Exception:
            log.exception("looking at the models failed")
        del found
