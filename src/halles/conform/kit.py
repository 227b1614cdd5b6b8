"""The examination of a service, from its routes to its end."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from halles.conform import faults, presence, queue, routes, tasks
from halles.conform.engine import Engine
from halles.conform.exam import S3, Exam, Generation, Patience, Storage
from halles.conform.process import Process
from halles.conform.report import Finding
from halles.model import CallFailed, Problem, Problems, listing, suggest
from halles.stores.exchange_keys import IamKeys
from halles.stores.seaweed import EXCHANGE, Seaweed

HOUR = 3600.0


@dataclass
class Kit:
    """How a service is to be examined."""

    url: str
    given: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)
    command: str | None = None
    """What starts the service; the kit then starts and stops it."""
    engine_host: str = "127.0.0.1"
    engine_port: int | None = None
    """Where the service was told that its engine is."""
    generations: tuple[int, ...] = (1, 2)
    slow: bool = False
    patience: Patience = field(default_factory=Patience)
    storage: Seaweed | None = None
    """An S3 server to use; one is started when there is none."""

    def run(self) -> list[Finding]:
        """Examine the service. Raises `Problems` when it cannot be started."""
        with ExitStack() as stack:
            engine = Engine(self.engine_host, self.engine_port or 0, presence.SCRIPT)
            stack.callback(engine.close)
            exam = Exam(self.url.rstrip("/"), engine, self.patience, self.given)
            stack.callback(exam.http.close)
            process = self._start(engine)
            if process:
                stack.callback(process.kill)
                process.wait_until_it_serves()
            self._examine(exam, stack)
            if process:
                self._end(exam, process)
            exam.report.skip("announce.sleeping", "the kit may not stop the service: give --command")
            return exam.report.findings()

    def _start(self, engine: Engine) -> Process | None:
        if not self.command:
            return None
        environment = {"ENGINE_URLS": f'["{engine.url}"]', "SERVICE_URL": self.url.rstrip("/")}
        return Process(self.command, self.url.rstrip("/"), environment)

    def _examine(self, exam: Exam, stack: ExitStack) -> None:
        if not routes.judge(exam):
            return
        expected = self.command is not None or self.engine_port is not None
        known = expected and presence.first(exam)
        _check_given(exam)
        generations = self._generations(exam, stack)
        taken = [generation for generation in generations if tasks.judge(exam, generation)]
        if taken and faults.judge(exam, taken):
            queue.judge(exam, taken[-1])
        else:
            queue.skip(exam, "no task was taken, or the service does not work any more after the faults")
        if known:
            presence.later(exam, slow=self.slow)
        elif not expected:
            presence.unjudged(exam)

    def _generations(self, exam: Exam, stack: ExitStack) -> list[Generation]:
        found: list[Generation] = []
        if 1 in self.generations:
            try:
                storage = self.storage or stack.enter_context(_storage(self.engine_host))
            except (Problems, CallFailed) as error:
                _skip(exam, "g1.", f"no S3 server: {error}")
            else:
                bucket = storage.bucket(EXCHANGE)
                found.append(S3(exam.engine, bucket, IamKeys(bucket, HOUR).current()))
        if 2 in self.generations:
            found.append(Storage(exam.engine))
        for number in {1, 2} - set(self.generations):
            _skip(exam, f"g{number}.", f"--generation left generation {number} out")
        return found

    def _end(self, exam: Exam, process: Process) -> None:
        time.sleep(self.patience.quiet)  # The service may not have read the last answer yet.
        ended = process.stop()
        updates = exam.engine.heard["update"]
        said = [each.body for each in updates if isinstance(each.body, dict) and each.body.get("status") == "sleeping"]
        if not exam.engine.heard["announce"]:
            exam.report.skip("announce.sleeping", "the service did not announce itself")
            return
        evidence = f"{len(said)} × PATCH sleeping; the process {'ended' if ended else 'did not end'}"
        exam.report.judge("announce.sleeping", bool(said) and ended, evidence)


def _check_given(exam: Exam) -> None:
    """Raises `Problems` for an input that the service does not have."""
    names = [field.name for field in exam.fields("data_in_fields")]
    problems = [
        Problem(
            code="unknown-input", port=name, suggestions=suggest(name, names),
            message=f"The service has no input `{name}`. It has {listing(names)}.",
        )
        for name in exam.given
        if exam.announcement is not None and name not in names
    ]  # fmt: skip
    if problems:
        raise Problems(problems)


@contextmanager
def _storage(host: str) -> Iterator[Seaweed]:
    with tempfile.TemporaryDirectory(prefix="halles-conform-") as folder:
        server = Seaweed(Path(folder), host=host)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _skip(exam: Exam, beginning: str, reason: str) -> None:
    for clause in ("accepted", "finished", "outputs", "keys", "missing"):
        exam.report.skip(f"{beginning}{clause}", reason)
