"""The folder that everything is kept in."""

from pathlib import Path

from halles.model import Problem, Problems


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
