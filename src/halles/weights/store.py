"""The weights on this machine: one directory a recipe, complete and verified or not there at all.

A directory `<name>-<identity>` appears by one rename, after every file in it was hashed; the marker in it records the
sizes, so that later calls need no hashing. Work in progress lies beside it in a hidden directory and survives a
`kill -9`, so that the next call resumes.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from halles.weights import settings
from halles.weights.disk import DiskFullError, sha256
from halles.weights.prepare import local_sources, prepare
from halles.weights.recipe import Progress, Recipe, WeightsError

MARKER = ".halles.json"


@dataclass(frozen=True)
class Status:
    """Where a recipe's weights are, or would be; `size` counts the bytes that lie there."""

    recipe: Recipe
    path: Path
    state: Literal["ready", "missing", "damaged"]
    size: int


@dataclass(frozen=True)
class Check:
    """One re-hashed file; `got` is None where the file is missing."""

    file: str
    expected: str
    got: str | None

    @property
    def ok(self) -> bool:
        """Whether the file is what the recipe says."""
        return self.got == self.expected


def ensure(recipe: Recipe, *, progress: Progress | None = None) -> Path:
    """Return the directory with the recipe's verified files, fetched on first use (less than 1 ms afterwards).

    Raises WeightsError, which says what each source answered and what to do.
    """
    place = _place(recipe)
    if _ready(recipe, place):
        return place
    try:
        _fetch(recipe, place, progress or _silence)
    except WeightsError as error:
        error.weights = recipe.name
        raise
    return place


def pull(recipe: Recipe, *, progress: Progress | None = None) -> Path:
    """Like `ensure`, but re-hash what is there and fetch it anew if it is damaged."""
    place = ensure(recipe, progress=progress)
    if all(check.ok for check in verify(recipe)):
        return place
    (place / MARKER).unlink()
    return ensure(recipe, progress=progress)


def verify(recipe: Recipe) -> list[Check]:
    """Re-hash every file of the recipe."""
    place = _place(recipe)
    found = {name: place / name for name in recipe.files if (place / name).is_file()}
    return [
        Check(name, expected, sha256(found[name]) if name in found else None) for name, expected in recipe.files.items()
    ]


def status(recipe: Recipe) -> Status:
    """Say whether the weights are there, by the cheap check of `ensure`."""
    place = _place(recipe)
    size = sum((place / name).stat().st_size for name in recipe.files if (place / name).is_file())
    if _ready(recipe, place):
        return Status(recipe, place, "ready", size)
    return Status(recipe, place, "damaged" if place.exists() else "missing", size)


def _place(recipe: Recipe) -> Path:
    return settings.root() / f"{recipe.name}-{recipe.identity[:12]}"


def _ready(recipe: Recipe, place: Path) -> bool:
    try:
        marker = json.loads((place / MARKER).read_bytes())
        sizes = {name: (place / name).stat().st_size for name in recipe.files}
    except (OSError, ValueError):
        return False
    return bool(marker == {"identity": recipe.identity, "sizes": sizes})


def _fetch(recipe: Recipe, place: Path, report: Progress) -> None:
    try:
        with _alone(place, report):
            if not _ready(recipe, place):
                _fill(recipe, place, report)
    except OSError as error:
        raise WeightsError(
            f"The weights {recipe.name!r} are not in {place}, and this place cannot be written: {error}. "
            "HALLES_WEIGHTS names another."
        ) from error


@contextmanager
def _alone(place: Path, progress: Progress) -> Iterator[None]:
    """Let one process at a time fill a place; the others see the progress callback, so that they can be stopped."""
    from filelock import FileLock, Timeout  # Slow to import, and needed only where something is fetched.

    place.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place.with_name(f".{place.name}.lock"))
    while not lock.is_locked:
        try:
            lock.acquire(timeout=1)
        except Timeout:
            progress(0, None, "waiting for another process that fetches the same weights")
    try:
        yield
    finally:
        lock.release()


def _fill(recipe: Recipe, place: Path, progress: Progress) -> None:
    work = place.with_name(f".{place.name}.part")
    problems = []
    for source in [*local_sources(recipe), *recipe.sources]:
        try:
            files = prepare(recipe, source, work, progress)
        except DiskFullError:
            raise
        except WeightsError as error:
            problems.append(f"{source}: {error}")
        else:
            sizes = {name: (files / name).stat().st_size for name in recipe.files}
            (files / MARKER).write_text(json.dumps({"identity": recipe.identity, "sizes": sizes}))
            shutil.rmtree(place, ignore_errors=True)
            files.rename(place)
            shutil.rmtree(work)
            return
    raise WeightsError(_refusal(recipe, place, problems))


def _refusal(recipe: Recipe, place: Path, problems: list[str]) -> str:
    listed = "".join(f"\n  {number}. {problem}" for number, problem in enumerate(problems, 1))
    return (
        f"The weights {recipe.name!r} are not on this machine ({place}), and no source gave them:"
        f"{listed or ' it has none.'}\n"
        f"Where there is a network, `halles weights pull {recipe.name}` fetches them; then copy that directory here, "
        "or put the files into a directory that HALLES_WEIGHTS_SOURCES names."
    )


def _silence(done: int, total: int | None, what: str) -> None:
    """Report to nobody."""
