"""Calls services in this process: each call in a thread, values straight from and to the object store."""

import asyncio
import logging
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Protocol

from halles.model import Artifact, CallFailed, Problem, Problems, Task, Value, artifacts, say
from halles.sdk import Cancelled, Context, File, InputRefused, Service
from halles.weights import WeightsError

_log = logging.getLogger(__name__)


class Store(Protocol):
    """Where the artifacts of calls are."""

    def put(self, content: bytes | Path, media_type: str) -> Artifact:
        """Keep content."""
        ...

    def path(self, artifact: Artifact) -> Path:
        """A file with the content."""
        ...


class LocalCaller:
    """Calls services that are installed here."""

    def __init__(
        self, load: Callable[[Task], Service], store: Store, threads: int | None = None,
        observe: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """`load` gives the service as a task was planned with it, if it can be had.

        `observe` takes the identity of a service when a call of it has ended.
        """
        self._load = load
        self._store = store
        self._observe = observe
        self._threads = threads
        # More than a run's workers: a call that timed out keeps its thread until the service notices.
        self._pool = ThreadPoolExecutor(max_workers=64, thread_name_prefix="halles-call")

    async def call(
        self, task: Task, inputs: Mapping[str, Value], report: Callable[[float, str], None]
    ) -> dict[str, Value]:
        """One call. Bad input fails for good; whatever else goes wrong may be tried again."""
        stop = threading.Event()
        context = Context(threads=self._threads, report=report, cancelled=stop.is_set)
        try:
            work = partial(copy_context().run, self._run, task, inputs, context)  # What it logs knows what it is about.
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except asyncio.CancelledError:
            stop.set()  # The service notices at its next word of progress; nobody waits for it.
            raise
        except InputRefused as refusal:
            problem = Problem(code="input-refused", message=refusal.message, step=task.id, port=refusal.port)
            raise CallFailed(problem, retry=False) from refusal
        except Cancelled as error:
            raise asyncio.CancelledError from error
        except CallFailed:
            raise
        except Problems as found:
            raise CallFailed(found.problems[0], retry=False) from found
        except WeightsError as error:
            _log.warning("The weights `%s` cannot be had: %s", error.weights, error)
            raise CallFailed(_without(task, error), retry=False) from error
        except Exception as error:
            raise CallFailed(_fault(task, error), retry=True) from error

    def _run(self, task: Task, inputs: Mapping[str, Value], context: Context) -> dict[str, Value]:
        service = self._load(task)
        if service.spec.identity != task.identity:
            message = say(
                "`{service}` is not the {version} that this run was planned with. Start a new run.",
                service=task.service,
                version=task.version,
            )
            raise CallFailed(Problem(code="service-changed", message=message), retry=False)
        files = {port: [self._file(port, a) for a in artifacts(value)] for port, value in inputs.items()}
        outputs = service.call(files, task.params, context)
        self._observe(task.identity)
        sockets = service.signature.outputs
        stored = {port: [self._store.put(f.source, f.media_type) for f in files] for port, files in outputs.items()}
        return {port: tuple(each) if sockets[port].spec.many else each[0] for port, each in stored.items()}

    def _file(self, port: str, artifact: Artifact) -> File:
        return File(self._store.path(artifact), artifact.media_type, sha256=artifact.sha256, label=port)


def _without(task: Task, error: WeightsError) -> Problem:
    """That a model is not here. Where it would lie, and who did not give it, is for those who read the log."""
    message = say(
        "The model `{weights}` is not on this machine, and could not be fetched. `halles weights pull {weights}` "
        "fetches it, or says what is in the way.",
        weights=error.weights,
    )
    return Problem(code="no-weights", message=message, step=task.id)


def _fault(task: Task, error: Exception) -> Problem:
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    message = say(
        "`{service}` failed: {kind}: {error} ({place})",
        service=task.service,
        kind=type(error).__name__,
        error=error,
        place=place,
    )
    return Problem(code="service-failed", message=message, step=task.id)
