"""Problems become messages and exit codes; nothing becomes a traceback."""

import errno
import functools
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import typer

FAILED, REFUSED, CANCELLED = 1, 3, 130
SHOWN = 50
"""The most problems that are listed."""

P = ParamSpec("P")
R = TypeVar("R")


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Print the problems that a command raises, and end with the exit code for them."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except KeyboardInterrupt:
            raise typer.Exit(CANCELLED) from None
        except Exception as error:
            if getattr(error, "errno", None) == errno.EPIPE:
                raise  # Whoever reads has seen enough, as in `halles services | head`.
            messages, code = _explained(error)
            for message in messages:
                print(f"✗ {message}", file=sys.stderr)
            raise typer.Exit(code) from error

    return wrapper


def _explained(error: Exception) -> tuple[list[str], int]:
    """What to say of an error, and the exit code."""
    from halles.model import CallFailed, Problems

    match error:
        case Problems():
            more = len(error.problems) - SHOWN
            shown = [str(problem) for problem in error.problems[:SHOWN]]
            return [*shown, *([f"… and {more} more problems."] if more > 0 else [])], REFUSED
        case CallFailed():
            return [str(error.problem)], FAILED
        case RecursionError():
            return ["What was given is nested too deeply to be read. Make it flatter."], REFUSED
        case ImportError(name=str() as name) if not name.startswith("halles"):
            return [f"This command needs `{name}`, which is not installed: pip install 'halles[server]'."], REFUSED
        case OSError(filename=str() as name):
            return [f"`{name}`: {error.strerror}."], FAILED
        case _:
            return [_bug(error)], FAILED


def _bug(error: Exception) -> str:
    """One line with what a report needs: the error, and the innermost places that it went through."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    way = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    what = " ".join(str(error).split())
    return f"This is a mistake in Halles, please report it: {type(error).__name__}: {what} ({way})"
