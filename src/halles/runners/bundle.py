"""A run with all that made it, in one zip: another server can verify it, and run it again.

bundle.json      the hash and size of every other file          plan.json      what was run
bundle.sig       its signature, where the server signs          events.jsonl   the log of the run
run.json         what the log adds up to                        results.json   every call: what went in, what came out
pipeline.yaml    the pipeline                                   artifacts/…    the content, by its hash
"""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import TypeAdapter

from halles import __version__
from halles.engine import as_yaml
from halles.model import Artifact, Event, Model, Notes, Result, Run, StepState, Task, Value, artifacts
from halles.runners import seal
from halles.runners.zipped import Entry
from halles.stores.objects import Objects
from halles.stores.results import Results

MANIFEST, SIGNATURE, FOLDER = "bundle.json", "bundle.sig", "artifacts/"
RUN, PIPELINE, PLAN, EVENTS, RESULTS = "run.json", "pipeline.yaml", "plan.json", "events.jsonl", "results.json"

calls = TypeAdapter(tuple[Result, ...])


class Content(Model):
    """What a file in a bundle must be."""

    sha256: str
    size: int


class Manifest(Model):
    """What is in a bundle. `missing` are artifacts of the run that were not kept, `notes` is what its owner said of it;
    `signer` is a public key in hex."""

    format: Literal["halles-bundle/1"] = "halles-bundle/1"
    halles: str
    run: str
    created: float
    files: dict[str, Content]
    missing: tuple[str, ...] = ()
    notes: Notes = Notes()
    signer: str | None = None


def entries(
    run: Run,
    log: Iterable[Event],
    objects: Objects,
    results: Results,
    key: str | None = None,
    *,
    notes: Notes | None = None,
) -> Iterator[Entry]:
    """The files of a run's bundle, for `zipped.stream`. They are signed with a key, when one is given."""
    kept = {a.sha256: a for a in used(run) if objects.has(a)}
    missing = tuple(sorted({a.sha256 for a in used(run)} - kept.keys()))
    documents = {
        RUN: _json(told(run)),
        PIPELINE: as_yaml(run.plan.pipeline).encode(),
        PLAN: run.plan.model_dump_json(indent=1).encode(),
        EVENTS: b"".join(event.model_dump_json().encode() + b"\n" for event in log),
        RESULTS: calls.dump_json(tuple(_recorded(run, results)), indent=1),
    }
    files = {name: Content(sha256=hashlib.sha256(body).hexdigest(), size=len(body)) for name, body in documents.items()}
    files |= {f"{FOLDER}{sha256}": Content(sha256=sha256, size=a.size) for sha256, a in sorted(kept.items())}
    manifest = Manifest(
        halles=__version__, run=run.id, created=time.time(), files=files, missing=missing, notes=notes or Notes(),
        signer=key and seal.public_key(key),
    )  # fmt: skip
    body = manifest.model_dump_json(indent=1).encode()
    yield MANIFEST, [body]
    if key:
        yield SIGNATURE, [seal.sign(body, key)]
    for name, document in documents.items():
        yield name, [document]
    for sha256, artifact in sorted(kept.items()):
        yield f"{FOLDER}{sha256}", objects.open_range(artifact)


def told(run: Run) -> dict[str, Any]:
    """A run as plain data: all that its log adds up to."""
    states = {name: state.model_dump(mode="json", exclude_defaults=True) for name, state in run.steps.items()}
    return {
        "id": run.id,
        "pipeline": run.plan.pipeline.id,
        "plan": run.plan.id,
        "seed": run.plan.seed,
        "status": run.status.value,
        "created": run.created,
        "updated": run.updated,
        "parent": run.parent,
        "inputs": {name: _plain(value) for name, value in run.inputs.items()},
        "outputs": {name: _plain(value) for name, value in run.outputs.items()},
        "steps": states,
        "problems": [problem.model_dump(mode="json", exclude_defaults=True) for problem in run.problems],
    }


def used(run: Run) -> Iterator[Artifact]:
    """Every artifact of a run."""
    for values in (run.inputs, run.outputs, *(state.outputs for state in run.steps.values())):
        for value in values.values():
            yield from artifacts(value)


def gave(task: Task, results: list[Result]) -> dict[str, Value]:
    """What a step gave, from what its calls gave."""
    if not task.map:
        return results[0].outputs
    return {
        port: tuple(a for result in results if port in result.outputs for a in artifacts(result.outputs[port]))
        for port in task.outputs
    }


def _recorded(run: Run, results: Results) -> Iterator[Result]:
    """The calls of a run that are on record; one that was made again later, with another outcome, is not."""
    for task in run.plan.tasks:
        found = _calls(run.steps[task.id], results)
        if found and gave(task, found) == run.steps[task.id].outputs:
            yield from found


def _calls(state: StepState, results: Results) -> list[Result]:
    found = [results.get(key) for key in state.keys]
    return [] if state.edited or None in found else [result for result in found if result is not None]


def _plain(value: Value) -> Any:
    return [a.model_dump() for a in value] if isinstance(value, tuple) else value.model_dump()


def _json(content: Any) -> bytes:
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True).encode()
