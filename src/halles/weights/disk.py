"""Hashes of files, and room for them."""

import errno
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from halles.weights.recipe import WeightsError


class DiskFullError(WeightsError):
    """The disk has no room for the weights; no other source would help."""


def sha256(path: Path) -> str:
    """Hex sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def room(directory: Path, needed: int) -> Iterator[None]:
    """Run a block that writes `needed` bytes below a directory; raise DiskFullError before or when it cannot."""
    free = shutil.disk_usage(directory).free
    message = "The disk of {} is full: {:,} bytes are needed, {:,} are free. HALLES_WEIGHTS names another place."
    if free < needed:
        raise DiskFullError(message.format(directory, needed, free))
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        free = shutil.disk_usage(directory).free
        raise DiskFullError(message.format(directory, needed, free)) from error
