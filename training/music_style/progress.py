"""How far a long stage is: a bar on a terminal, a line now and then in a log."""

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

T = TypeVar("T")

EVERY = 15.0
"""Seconds between lines."""


def watched(items: Sequence[T], what: str) -> Iterator[T]:
    """Yield the items, and show how many are done."""
    if sys.stderr.isatty():
        yield from _with_bar(items, what)
        return
    said = time.monotonic()
    for number, item in enumerate(items):
        if time.monotonic() - said > EVERY:
            said = time.monotonic()
            print(f"{what}: {number} of {len(items)}", file=sys.stderr, flush=True)
        yield item


def _with_bar(items: Sequence[T], what: str) -> Iterator[T]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield from progress.track(items, description=what)
