"""The folder that everything is kept in."""

import errno
import shutil
from pathlib import Path

from halles.model import CallFailed, Problem, Problems


def make(folder: Path) -> Path:
    """The folder, made when it is not there. Raises `Problems` when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "it is a file" if folder.is_file() else error.strerror or str(error)
        message = f"Runs and artifacts cannot be kept in `{folder}`: {why}. "
        message += "Set HALLES_HOME to a folder that can be written."
        raise Problems([Problem(code="no-home", message=message)]) from error
    return folder


def failure(folder: Path, error: Exception, size: int) -> CallFailed:
    """What to raise when `size` bytes could not be written to a folder."""
    free = shutil.disk_usage(folder).free
    if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error) or free < size:
        message = f"The disk is full: {size:,} bytes are to be written to {folder}, {free:,} are free. "
        message += "Free some space, or run `halles cache prune`."
        return CallFailed(Problem(code="disk-full", message=message), retry=False)
    return CallFailed(Problem(code="store-failed", message=f"Writing to {folder} failed: {error}"), retry=True)
