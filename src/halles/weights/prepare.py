"""From a source to the verified files of a recipe."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from halles.weights import settings
from halles.weights.disk import room, sha256
from halles.weights.recipe import Local, Progress, Recipe, Source, WeightsError


def local_sources(recipe: Recipe) -> Iterator[Source]:
    """What the directories of HALLES_WEIGHTS_SOURCES hold: the final files, else all downloads of a source."""
    for folder in settings.local_folders():
        if all((folder / recipe.name / name).is_file() for name in recipe.files):
            yield Source([Local(folder / recipe.name / name, sha) for name, sha in recipe.files.items()])
        for source in recipe.sources:
            for place in (folder / recipe.name, folder):
                if all((place / download.file).is_file() for download in source.downloads):
                    yield Source([Local(place / d.file, d.sha256) for d in source.downloads], source.build)


def prepare(recipe: Recipe, source: Source, work: Path, progress: Progress) -> Path:
    """Fetch a source's downloads, build and verify the final files; return the directory that holds them."""
    if settings.offline() and not all(isinstance(download, Local) for download in source.downloads):
        raise WeightsError("not asked, because HALLES_OFFLINE forbids the network.")
    from halles.weights.fetch import fetch  # httpx takes 0.1 s to import, and most processes never fetch.

    downloads = fetch(source.downloads, work / "downloads", progress)
    files = work / "files"
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir()
    progress(0, None, f"preparing {recipe.name}")
    _build(recipe, source, downloads, files)
    _verify(recipe, files)
    return files


def _build(recipe: Recipe, source: Source, downloads: list[Path], files: Path) -> None:
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


def _verify(recipe: Recipe, files: Path) -> None:
    """Refuse files that are not exactly those of the recipe, and see them safely on the disk."""
    made = {path.relative_to(files).as_posix(): path for path in files.rglob("*") if path.is_file()}
    for what, names in (("lacks", recipe.files.keys() - made), ("has besides", made.keys() - recipe.files)):
        if names:
            raise WeightsError(f"what was prepared {what} {', '.join(sorted(names))}.")
    for name, expected in recipe.files.items():
        if (got := sha256(made[name])) != expected:
            raise WeightsError(f"{name} is refused: its sha256 is {got}, expected was {expected}.")
        with made[name].open("rb+") as file:
            os.fsync(file.fileno())  # The marker that follows must not outlive its files in a power cut.
