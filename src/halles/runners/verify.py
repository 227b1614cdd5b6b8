"""Verifies bundles: that every file is what the manifest says, and that log, calls and artifacts tell one story."""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from halles.model import (
    INPUTS,
    Artifact,
    Model,
    Plan,
    Problem,
    Problems,
    Result,
    Run,
    Status,
    Task,
    Value,
    artifacts,
    event_adapter,
    fault_at,
    fold,
    result_key,
    say,
    split,
)
from halles.runners import bundle, content, seal
from halles.runners.bundle import FOLDER, MANIFEST, SIGNATURE, Manifest
from halles.sdk import InputRefused

MAX_DOCUMENT = 64 * 1024 * 1024
MAX_FILES = 100_000
CHUNK = 1 << 18
NAME = re.compile(r"artifacts/[0-9a-f]{64}|run\.json|pipeline\.yaml|plan\.json|events\.jsonl|results\.json")

M = TypeVar("M", bound=BaseModel)


class BundleVerdict(Model):
    """What became of verifying. A bundle that is not signed can be made up as a whole: then only a replay tells."""

    ok: bool
    run: str = ""
    pipeline: str = ""
    status: Status | None = None
    signer: str | None = None
    calls: int = 0
    unrecorded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Bundle:
    """An opened bundle. Its parts are read when they are asked for, and raise `Problems` when they are broken."""

    def __init__(self, path: Path) -> None:
        try:
            content.check(path, "application/zip", path.name)
            self._zip = zipfile.ZipFile(path)
        except (InputRefused, zipfile.BadZipFile) as error:
            raise _broken("unreadable", say("`{name}` is no bundle: {error}", name=path.name, error=error)) from error
        self.names = self._zip.namelist()
        self.manifest = self._parsed(MANIFEST, Manifest)

    def __enter__(self) -> "Bundle":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def document(self, name: str) -> bytes:
        """A small file, whole."""
        with _reading(name):
            info = self._zip.getinfo(name)
            if info.file_size > MAX_DOCUMENT:
                message = say("`{name}` has {size:,} bytes, which is too much.", name=name, size=info.file_size)
                raise _broken("too-large", message)
            return self._zip.read(info)

    def chunks(self, name: str) -> Iterator[bytes]:
        """A file piece by piece."""
        with _reading(name), self._zip.open(name) as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def run(self) -> Run:
        """The run that the log adds up to."""
        lines = self.document(bundle.EVENTS).splitlines()
        try:
            return fold(event_adapter.validate_json(line) for line in lines)
        except (ValidationError, ValueError, KeyError) as error:
            message = say("`{name}` is no log of a run: {error}.", name=bundle.EVENTS, error=_first(error))
            raise _broken("bad-log", message) from error

    def results(self) -> dict[str, Result]:
        """The calls on record, by key."""
        try:
            return {result.key: result for result in bundle.calls.validate_json(self.document(bundle.RESULTS))}
        except ValidationError as error:
            message = say("`{name}` cannot be read: {error}.", name=bundle.RESULTS, error=_first(error))
            raise _broken("bad-results", message) from error

    def plan(self) -> Plan:
        """What was run."""
        return self._parsed(bundle.PLAN, Plan)

    def _parsed(self, name: str, model: type[M]) -> M:
        try:
            return model.model_validate_json(self.document(name))
        except ValidationError as error:
            message = say("`{name}` is not what it should be: {error}.", name=name, error=_first(error))
            raise _broken("unreadable", message) from error


def verify(path: Path) -> BundleVerdict:
    """Everything that is wrong with a bundle."""
    try:
        with Bundle(path) as opened:
            return _verdict(opened)
    except Problems as found:
        return BundleVerdict(ok=False, problems=found.problems)


def _verdict(opened: Bundle) -> BundleVerdict:
    manifest = opened.manifest
    problems = [*_files(opened), *_signature(opened)]
    if problems:
        return BundleVerdict(ok=False, run=manifest.run, problems=tuple(problems))
    run, results = opened.run(), opened.results()
    problems = [*_story(opened, run), *_calls(run, results)]
    return BundleVerdict(
        ok=not problems, run=run.id, pipeline=run.plan.pipeline.id, status=run.status, signer=manifest.signer,
        calls=len(results), unrecorded=tuple(_unrecorded(run, results)), missing=manifest.missing,
        problems=tuple(problems),
    )  # fmt: skip


def _files(opened: Bundle) -> Iterator[Problem]:
    """Whether each file is there once, and is what the manifest says."""
    manifest, names = opened.manifest, opened.names
    if len(names) > MAX_FILES or len(names) != len(set(names)):
        yield Problem(code="bad-files", message="The bundle has too many files, or several of one name.")
        return
    for name in set(names) - manifest.files.keys() - {MANIFEST, SIGNATURE}:
        yield Problem(code="unknown-file", message=say("`{name}` is not in the manifest.", name=name))
    for name, wanted in manifest.files.items():
        if not NAME.fullmatch(name):
            yield Problem(code="unknown-file", message=say("A bundle has no file `{name}`.", name=name))
            continue
        whole, size = hashlib.sha256(), 0
        try:
            for chunk in opened.chunks(name):
                whole.update(chunk)
                size += len(chunk)
        except Problems as found:
            yield from found.problems
            continue
        by_name = name.removeprefix(FOLDER) if name.startswith(FOLDER) else wanted.sha256
        if (whole.hexdigest(), size) != (wanted.sha256, wanted.size) or by_name != wanted.sha256:
            yield Problem(
                code="changed", message=say("`{name}` was changed: its hash is not the one in the manifest.", name=name)
            )


def _signature(opened: Bundle) -> Iterator[Problem]:
    signer = opened.manifest.signer
    if signer is None:
        if SIGNATURE in opened.names:
            yield Problem(code="bad-signature", message="There is a signature, but the manifest names no signer.")
    elif SIGNATURE not in opened.names:
        yield Problem(code="bad-signature", message="The signature was taken away.")
    elif not seal.is_signed(opened.document(MANIFEST), opened.document(SIGNATURE), signer):
        yield Problem(code="bad-signature", message="The signature is not one of this manifest by its signer.")


def _story(opened: Bundle, run: Run) -> Iterator[Problem]:
    """Whether log, record, plan and artifacts agree."""
    if run.id != opened.manifest.run:
        yield Problem(
            code="other-run", message=say("The log is of the run `{id}`, the bundle of another one.", id=run.id)
        )
    try:
        record: Any = json.loads(opened.document(bundle.RUN))
    except ValueError:
        record = None
    if record != json.loads(json.dumps(bundle.told(run))):
        yield Problem(code="other-record", message=say("The log does not add up to what `{run}` says.", run=bundle.RUN))
    if opened.plan() != run.plan:
        yield Problem(code="other-plan", message=say("The log is of another plan than `{plan}`.", plan=bundle.PLAN))
    here = {name.removeprefix(FOLDER): each for name, each in opened.manifest.files.items() if name.startswith(FOLDER)}
    for artifact in {a.sha256: a for a in bundle.used(run)}.values():
        kept = here.get(artifact.sha256)
        if kept is None and artifact.sha256 not in opened.manifest.missing:
            yield Problem(
                code="missing-file", message=say("The artifact {sha256} is not in the bundle.", sha256=artifact.sha256)
            )
        elif kept is not None and kept.size != artifact.size:
            yield Problem(
                code="changed",
                message=say("The log says another size of the artifact {sha256}.", sha256=artifact.sha256),
            )


def _calls(run: Run, results: dict[str, Result]) -> Iterator[Problem]:
    """Whether each call is known by what went in, and gave what its step gave."""
    for key, result in results.items():
        if key != result_key(result.identity, result.params, result.inputs):
            message = say(
                "A call of `{service}` is under a key that its content does not have.", service=result.service
            )
            yield Problem(code="wrong-key", message=message)
    values: dict[str, dict[str, Value]] = {INPUTS: run.inputs}
    values |= {name: state.outputs for name, state in run.steps.items()}
    for task in run.plan.tasks:
        state = run.steps[task.id]
        if state.status is not Status.finished or state.edited:
            continue
        keys = tuple(result_key(task.identity, task.params, call) for call in _inputs(task, values))
        if state.keys != keys:
            message = say(
                "What `{id}` gave is said to come from other inputs, parameters or services than it had.", id=task.id
            )
            yield Problem(code="wrong-key", step=task.id, message=message)
        elif all(key in results for key in keys) and bundle.gave(task, [results[key] for key in keys]) != state.outputs:
            message = say("The calls of `{id}` gave something else than the log says.", id=task.id)
            yield Problem(code="other-outputs", step=task.id, message=message)


def _inputs(task: Task, values: dict[str, dict[str, Value]]) -> list[dict[str, Value]]:
    """What went into the calls of a step."""
    found = {port: split(reference) for port, reference in task.inputs.items()}
    inputs = {port: values[o][n] for port, (o, n) in found.items() if n in values.get(o, {})}
    if not task.map:
        return [inputs]
    return [{**inputs, task.map: item} for item in artifacts(inputs.get(task.map, ()))]


def _unrecorded(run: Run, results: dict[str, Result]) -> Iterator[str]:
    """Finished steps whose calls are not on record: it cannot be said how they came about."""
    for name, state in run.steps.items():
        if state.status is Status.finished and not state.edited and not all(key in results for key in state.keys):
            yield name


def needed(run: Run) -> list[Artifact]:
    """What a replay needs: the inputs, and what was put in by hand."""
    edited = (state.outputs for state in run.steps.values() if state.edited)
    return [a for values in (run.inputs, *edited) for value in values.values() for a in artifacts(value)]


def _broken(code: str, message: str) -> Problems:
    return Problems([Problem(code=code, message=message)])


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Say of a file of the bundle why it could not be read."""
    try:
        yield
    except KeyError as error:
        raise _broken("missing-file", say("`{name}` is not in the bundle.", name=name)) from error
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _broken("damaged", say("`{name}` cannot be read: {error}.", name=name, error=error)) from error


def _first(error: Exception) -> str:
    return fault_at(error.errors(include_url=False)[0]) if isinstance(error, ValidationError) else str(error)
