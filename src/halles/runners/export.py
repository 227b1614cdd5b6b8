"""Writes what a run gave: each output under its name, and the record of the run beside them."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from halles.model import Artifact, Problem, Problems, Result, Run, StepState, Value, artifacts, extension, say
from halles.stores.objects import Objects
from halles.stores.results import Results

INLINE_BYTES = 1_000_000
RECORD = "run"
"""The name of the record, which no output may have."""


def prepare(folder: Path, names: Iterable[str]) -> None:
    """Make the folder and see whether outputs of these names can be written there, before hours of work are lost.

    Raises `Problems`.
    """
    for name in names:
        if not re.fullmatch(r"[\w-]+", name) or name == RECORD:
            message = say(
                "An output cannot be called `{name}`: its file is named so, and `run.json` is the record.", name=name
            )
            raise Problems([Problem(code="bad-output-name", port=name, message=message)])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        why: str = say("it is a file") if folder.is_file() else error.strerror or str(error)
        message = say(
            "Outputs cannot be written to `{folder}`: {why}. Give a folder that can be written.", folder=folder, why=why
        )
        raise Problems([Problem(code="not-writable", message=message)]) from error


def write(run: Run, folder: Path, objects: Objects, results: Results) -> dict[str, Any]:
    """Write the outputs and `run.json` into a folder, made when it is not there. Gives the record.

    One value is `name.ext`, several are `name-1.ext`, `name-2.ext` … Raises `Problems` when it cannot be written.
    """
    prepare(folder, run.outputs)
    try:
        for name, file in file_names(run.outputs).items():
            shutil.copyfile(objects.path(file), folder / name)
        content = record(run, objects, results)
        (folder / f"{RECORD}.json").write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        message = say(
            "Writing to `{folder}` failed: {error}. The run `{id}` is kept: `halles runs resume {id} "
            "--out DIR` writes it elsewhere.",
            folder=folder,
            error=error.strerror or error,
            id=run.id,
        )
        raise Problems([Problem(code="not-written", message=message)]) from error
    return content


def file_names(outputs: dict[str, Value]) -> dict[str, Artifact]:
    """File names of outputs, in order."""
    return {name: artifact for output, value in outputs.items() for name, artifact in named(output, value)}


def named(output: str, value: Value) -> list[tuple[str, Artifact]]:
    """File names of a value: `name.ext`, or `name-1.ext`, `name-2.ext` … for a list."""
    many = isinstance(value, tuple)
    return [
        (f"{output}{f'-{number}' if many else ''}{extension(artifact.media_type)}", artifact)
        for number, artifact in enumerate(artifacts(value), start=1)
    ]


def record(run: Run, objects: Objects, results: Results) -> dict[str, Any]:
    """All that is known of a run, as plain data: states, timings, outputs, and how each artifact was made."""
    return {
        "id": run.id,
        "pipeline": run.plan.pipeline.id,
        "status": run.status.value,
        "seed": run.plan.seed,
        "created": _time(run.created),
        "updated": _time(run.updated),
        "inputs": {name: _described(value) for name, value in run.inputs.items()},
        "outputs": outputs(run, objects),
        "steps": [_step(state) for state in run.steps.values()],
        "problems": [problem.model_dump(exclude_defaults=True) for problem in run.problems],
        "provenance": [result.model_dump(mode="json") for result in provenance(run, results)],
    }


def outputs(run: Run, objects: Objects) -> dict[str, Any]:
    """The outputs with their file names; JSON and text with their content."""

    def one(name: str, artifact: Artifact) -> dict[str, Any]:
        content = {"file": name, **artifact.model_dump()}
        if artifact.size <= INLINE_BYTES:
            if artifact.media_type.startswith("application/json"):
                content["value"] = json.loads(objects.read(artifact))
            elif artifact.media_type.startswith("text/"):
                content["value"] = objects.read(artifact).decode(errors="replace")
        return content

    found = {}
    for output, value in run.outputs.items():
        described = [one(name, artifact) for name, artifact in named(output, value)]
        found[output] = described if isinstance(value, tuple) else described[0]
    return found


def provenance(run: Run, results: Results) -> list[Result]:
    """The calls that made what the run's steps gave, in the order of the steps."""
    found = (results.get(key) for state in run.steps.values() for key in state.keys)
    return [result for result in found if result is not None]


def _described(value: Value) -> Any:
    return [a.model_dump() for a in value] if isinstance(value, tuple) else value.model_dump()


def _step(state: StepState) -> dict[str, Any]:
    plain = state.model_dump(mode="json", exclude_defaults=True, exclude={"progress"})
    return {"id": state.id, "status": state.status.value, **plain, "seconds": state.seconds}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
