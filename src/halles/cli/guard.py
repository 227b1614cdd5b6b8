"""Problems become messages and exit codes; nothing becomes a traceback."""

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

FAILED, REFUSED, CANCELLED = 1, 3, 130

P = ParamSpec("P")
R = TypeVar("R")


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Print the problems that a command raises, and end with the exit code for them."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        from halles.model import CallFailed, Problems

        try:
            return command(*args, **kwargs)
        except Problems as found:
            for problem in found.problems:
                print(f"✗ {problem}", file=sys.stderr)
            raise typer.Exit(REFUSED) from found
        except CallFailed as failure:
            print(f"✗ {failure.problem}", file=sys.stderr)
            raise typer.Exit(FAILED) from failure
        except KeyboardInterrupt:
            raise typer.Exit(CANCELLED) from None

    return wrapper
