"""The folder that everything is kept in."""

import errno
import shutil
from pathlib import Path

from halles.model import CallFailed, Problem, Problems, say


def make(folder: Path) -> Path:
    """The folder, made when it is not there. Raises `Problems` when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why: str = say("it is a file") if folder.is_file() else error.strerror or str(error)
        message = say(
            "Runs and artifacts cannot be kept in `{folder}`: {why}. Set HALLES_HOME to a folder that can be written.",
            folder=folder,
            why=why,
        )
        raise Problems([Problem(code="no-home", message=message)]) from error
    return folder


def failure(folder: Path, error: Exception, size: int) -> CallFailed:
    """What to raise when `size` bytes could not be written to a folder."""
    free = shutil.disk_usage(folder).free
    if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error) or free < size:
        message = say(
            "The disk is full: {size:,} bytes are to be written to {folder}, {free:,} are free. Free "
            "some space, or run `halles cache prune`.",
            size=size,
            folder=folder,
            free=free,
        )
        return CallFailed(Problem(code="disk-full", message=message), retry=False)
    return CallFailed(
        Problem(code="store-failed", message=say("Writing to {folder} failed: {error}", folder=folder, error=error)),
        retry=True,
    )
