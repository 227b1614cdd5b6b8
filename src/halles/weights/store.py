"""The weights on this machine: one directory a recipe, complete and verified or not there at all.

A directory `<name>-<identity>` appears by one rename, after every file in it was hashed; the marker in it records the
sizes, so that later calls need no hashing. Work in progress lies beside it in a hidden directory and survives a
`kill -9`, so that the next call resumes.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from halles.weights import settings
from halles.weights.disk import DiskFullError, room, sha256
from halles.weights.recipe import Local, Progress, Recipe, Source, WeightsError

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
    report = progress or _silence
    try:
        with _alone(place, report):
            if not _ready(recipe, place):
                _fill(recipe, place, report)
    except OSError as error:
        raise WeightsError(
            f"The weights {recipe.name!r} are not in {place}, and this place cannot be written: {error}. "
            "HALLES_WEIGHTS names another."
        ) from error
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
    state: Literal["ready", "missing", "damaged"] = "ready" if _ready(recipe, place) else "damaged"
    if not place.exists():
        state = "missing"
    size = sum((place / name).stat().st_size for name in recipe.files if (place / name).is_file())
    return Status(recipe, place, state, size)


def _place(recipe: Recipe) -> Path:
    return settings.root() / f"{recipe.name}-{recipe.identity[:12]}"


def _ready(recipe: Recipe, place: Path) -> bool:
    try:
        marker = json.loads((place / MARKER).read_bytes())
        sizes = {name: (place / name).stat().st_size for name in recipe.files}
    except (OSError, ValueError):
        return False
    return bool(marker == {"identity": recipe.identity, "sizes": sizes})


@contextmanager
def _alone(place: Path, progress: Progress) -> Iterator[None]:
    """Let one process at a time fill a place; the others see the progress callback, so that they can be stopped."""
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
    for source in [*_local_sources(recipe), *recipe.sources]:
        try:
            made = _make(recipe, source, work, progress)
        except DiskFullError:
            raise
        except WeightsError as error:
            problems.append(f"{source}: {error}")
        else:
            shutil.rmtree(place, ignore_errors=True)
            made.rename(place)
            shutil.rmtree(work)
            return
    raise WeightsError(_refusal(recipe, place, problems))


def _local_sources(recipe: Recipe) -> Iterator[Source]:
    """What the directories of HALLES_WEIGHTS_SOURCES hold: the final files, else all downloads of a source."""
    for folder in settings.local_folders():
        if all((folder / recipe.name / name).is_file() for name in recipe.files):
            yield Source([Local(folder / recipe.name / name, sha) for name, sha in recipe.files.items()])
        for source in recipe.sources:
            for place in (folder / recipe.name, folder):
                if all((place / download.file).is_file() for download in source.downloads):
                    yield Source([Local(place / d.file, d.sha256) for d in source.downloads], source.build)


def _make(recipe: Recipe, source: Source, work: Path, progress: Progress) -> Path:
    """Fetch a source's downloads, build and verify the final files; return the directory that holds them."""
    if settings.offline() and not all(isinstance(download, Local) for download in source.downloads):
        raise WeightsError("not asked, because HALLES_OFFLINE forbids the network.")
    from halles.weights.fetch import fetch  # httpx takes 0.1 s to import, and most processes never fetch.

    downloads = fetch(source.downloads, work / "downloads", progress)
    files = work / "files"
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir()
    progress(0, None, f"preparing {recipe.name}")
    _prepare(recipe, source, downloads, files)
    _seal(recipe, files)
    return files


def _prepare(recipe: Recipe, source: Source, downloads: list[Path], files: Path) -> None:
    if source.build is None:
        hashes = [download.sha256 for download in source.downloads]
        for name, sha in recipe.files.items():
            if sha in hashes:
                (files / name).parent.mkdir(parents=True, exist_ok=True)
                _link(downloads[hashes.index(sha)], files / name)
        return
    try:
        with room(files, max(recipe.size, sum(path.stat().st_size for path in downloads))):
            source.build(downloads, files)
    except WeightsError:
        raise
    except Exception as error:  # A build is code of a service; whatever it raises, the next source may do.
        raise WeightsError(f"its files could not be prepared: {type(error).__name__}: {error}") from error


def _link(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except OSError:  # Some file systems have no links.
        shutil.copyfile(file, target)


def _seal(recipe: Recipe, files: Path) -> None:
    """Verify every file and write the marker."""
    made = {path.relative_to(files).as_posix(): path for path in files.rglob("*") if path.is_file()}
    for what, names in (("lacks", recipe.files.keys() - made), ("has besides", made.keys() - recipe.files)):
        if names:
            raise WeightsError(f"what was prepared {what} {', '.join(sorted(names))}.")
    for name, expected in recipe.files.items():
        if (got := sha256(made[name])) != expected:
            raise WeightsError(f"{name} is refused: its sha256 is {got}, expected was {expected}.")
    sizes = {name: path.stat().st_size for name, path in made.items()}
    (files / MARKER).write_text(json.dumps({"identity": recipe.identity, "sizes": sizes}))


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
