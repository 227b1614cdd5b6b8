"""Versions of models and the moves of their aliases, in object storage.

    files/…                           contents, by hash
    music-style/versions/000003.json  a version: written once, after all its files, so a half-uploaded one is not there
    music-style/changes/000007.json   a move of aliases: written once, so of two that are made at once, one is

Nothing is ever written over. What the aliases point to is what the last change says, and the changes are the history.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from halles.model import (
    AliasChange,
    CallFailed,
    Model,
    ModelVersion,
    Origin,
    Problem,
    Problems,
    Standing,
    say,
)
from halles.model.media import media_type
from halles.model.registry import identity
from halles.registry.drift import read_baseline
from halles.registry.evaluation import Prediction, figures, read_predictions
from halles.stores.objects import Objects
from halles.stores.records import Records

MODEL, CARD, METRICS, PREDICTIONS, PARAMS = "model.onnx", "card.md", "metrics.json", "predictions.csv", "params.yaml"
BASELINE = "baseline.json"
"""The files of a version. The model and the predictions must be there."""
BINARY = "application/octet-stream"
UNFINISHED = 86400.0
"""Seconds after which half of an upload is swept away."""

Noun = TypeVar("Noun", bound=Model)


class Registry:
    """The models. `files` are the contents, `records` the versions and changes, kept in memory once they are read."""

    def __init__(self, records: Records, files: Callable[[], Objects]) -> None:
        self._records = records
        self._open = files
        self._known: dict[str, Model] = {}

    @cached_property
    def _files(self) -> Objects:
        """Opened when it is wanted: most of the time nothing is kept here."""
        return self._open()

    def models(self) -> list[str]:
        """All that have a version, by name."""
        return sorted({key.partition("/")[0] for key in self._records.list() if "/versions/" in key})

    def versions(self, model: str) -> list[ModelVersion]:
        """All of a model, the oldest first."""
        return [self._read(key, ModelVersion) for key in self._records.list(f"{model}/versions/")]

    def version(self, model: str, number: int) -> ModelVersion:
        """One of them. Raises `Problems` when there is none, or when it is damaged."""
        if found := self._find(_key(model, "versions", number), ModelVersion):
            return found
        numbers = [str(each.number) for each in self.versions(model)]
        known = say("It has {numbers:, }.", numbers=numbers) if numbers else say("It has none yet.")
        message = say(
            "`{model}` has no version {number} in the registry. {known}", model=model, number=number, known=known
        )
        raise Problems([Problem(code="unknown-model-version", message=message)])

    def push(
        self, model: str, files: Mapping[str, Path], origin: Origin, *, author: str, note: str = ""
    ) -> ModelVersion:
        """Keep a version; the same files from the same origin are the same version. Raises `Problems`."""
        measured = figures(read_predictions(_text(files[PREDICTIONS])))
        if METRICS in files:
            _check_json(files[METRICS])
        if BASELINE in files:
            read_baseline(_text(files[BASELINE]))
        self._files.sweep(before=time.time() - UNFINISHED)
        kept = {name: self._files.put(path, media_type(path.name) or BINARY) for name, path in sorted(files.items())}
        known = identity(kept, origin)
        while True:
            there = self.versions(model)
            if same := next((each for each in there if each.identity == known), None):
                return same
            number = max([each.number for each in there], default=0) + 1
            made = ModelVersion(
                model=model, number=number, identity=known, files=kept, origin=origin, figures=measured, author=author,
                note=note, created=time.time(),
            )  # fmt: skip
            if self._write(_key(model, "versions", made.number), made):
                return made

    def file(self, version: ModelVersion, name: str = MODEL) -> Path:
        """A file of a version, compared with its hash. Raises `Problems` when it is damaged."""
        if name not in version.files:
            message = say("`{version}` has no {name}.", version=version.name, name=name)
            raise Problems([Problem(code="not-found", message=message)])
        try:
            self._files.read(version.files[name])
            return self._files.path(version.files[name])
        except CallFailed as failure:
            if failure.problem.code != "lost":
                raise
            message = say(
                "`{name}` of `{version}` is damaged in the registry, or not there any more. Push the same "
                "files again: that repairs it.",
                name=name,
                version=version.name,
            )
            raise Problems([Problem(code="damaged-model", message=message)]) from failure

    def text(self, version: ModelVersion, name: str) -> str:
        """A file of a version as text; empty when it has no such file."""
        return _text(self.file(version, name)) if name in version.files else ""

    def predictions(self, version: ModelVersion) -> list[Prediction]:
        """What a version said of its validation clips."""
        return read_predictions(self.text(version, PREDICTIONS))

    def changes(self, model: str) -> list[AliasChange]:
        """How the aliases of a model moved, the first move first."""
        return [self._read(key, AliasChange) for key in self._records.list(f"{model}/changes/")]

    def last_change(self, model: str, after: int = 0) -> AliasChange | None:
        """The newest move of the aliases, as of number `after` that is known: nothing new costs one request."""
        last: AliasChange | None = None
        while change := self._find(_key(model, "changes", after + 1), AliasChange):
            last, after = change, change.number
        return last

    def move(
        self, model: str, seen: AliasChange | None, action: Literal["push", "promote", "rollback"], version: int,
        after: Standing, **said: Any,
    ) -> AliasChange:  # fmt: skip
        """Move the aliases, from what somebody saw. Raises `Problems` (`conflict`) when they moved meanwhile."""
        change = AliasChange(
            number=seen.number + 1 if seen else 1, action=action, version=version,
            before=seen.after if seen else Standing(), after=after, at=time.time(), token=secrets.token_hex(8), **said,
        )  # fmt: skip
        if not self._write(_key(model, "changes", change.number), change):
            other = self._read(_key(model, "changes", change.number), AliasChange)
            message = say(
                "Another change of `{model}` came first: `{action}` of version {version}, by {who}. Look at what "
                "stands now, and try again.",
                model=model,
                who=other.who,
                action=other.action,
                version=other.version,
            )
            raise Problems([Problem(code="conflict", message=message)])
        return change

    def _write(self, key: str, noun: Model) -> bool:
        written = self._records.create(key, noun.model_dump_json(indent=1).encode())
        if written:
            self._known[key] = noun
        return written

    def _read(self, key: str, kind: type[Noun]) -> Noun:
        found = self._find(key, kind)
        if found is None:
            raise _damaged(key)
        return found

    def _find(self, key: str, kind: type[Noun]) -> Noun | None:
        known = self._known.get(key)
        if isinstance(known, kind):
            return known
        content = self._records.read(key)
        if content is None:
            return None
        try:
            noun = kind.model_validate_json(content)
        except ValidationError as error:
            raise _damaged(key) from error
        if isinstance(noun, ModelVersion) and not noun.is_whole():
            raise _damaged(key)
        self._known[key] = noun
        return noun


def _key(model: str, what: str, number: int) -> str:
    return f"{model}/{what}/{number:06}.json"


def _damaged(key: str) -> Problems:
    message = say(
        "`{key}` in the model registry cannot be read: it was changed or damaged, or a newer Halles wrote it. Update "
        "this one, or restore it from a backup.",
        key=key,
    )
    return Problems([Problem(code="damaged-model", message=message)])


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig", errors="replace")


def _check_json(path: Path) -> None:
    try:
        json.loads(path.read_bytes())
    except ValueError as error:
        message = say("`{name}` is no JSON: {error}.", name=path.name, error=error)
        raise Problems([Problem(code="bad-metrics", message=message)]) from error
