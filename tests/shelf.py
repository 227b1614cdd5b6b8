"""Small services for tests of the engine: real services, with models too small to load."""

import os
import threading
import time
from collections import Counter
from typing import Annotated, NamedTuple

from pydantic import BaseModel, Field

from halles.model import Retry
from halles.sdk import Audio, Context, InputRefused, Port, service

calls: Counter[str] = Counter()
"""How often each service really ran in this process."""
together = threading.Barrier(2)


class Mood(BaseModel):
    """A typed value."""

    happy: bool
    words: int


class Split(NamedTuple):
    words: Annotated[list[str], Port("the words")]
    mood: Annotated[Mood, Port("how it reads")]


@service("shout", version="1.0", licence="Apache-2.0", tags=["Generic"])
def shout(text: Annotated[str, Port("any text")], *, times: Annotated[int, Field(ge=1, le=9)] = 1) -> str:
    """Say it louder."""
    calls["shout"] += 1
    return text.upper() * times


@service("split", version="1.0", licence="Apache-2.0")
def split(text: str) -> Split:
    """Take a text apart."""
    calls["split"] += 1
    words = text.split()
    return Split(words, Mood(happy="happy" in words, words=len(words)))


@service("join", version="1.0", licence="Apache-2.0")
def join(texts: list[str], other: str | None = None) -> str:
    """Put texts together."""
    calls["join"] += 1
    return " ".join([*texts, *([other] if other else [])])


@service("meet", version="1.0", licence="Apache-2.0", retry=Retry(attempts=1))
def meet(text: str, *, name: str = "") -> str:
    """Return only when two calls are under way at once."""
    together.wait(timeout=5)
    return text + name


@service("flaky", version="1.0", licence="Apache-2.0", retry=Retry(attempts=3, pause=0.01))
def flaky(text: str, *, failures: int = 1) -> str:
    """Fail a few times before it works."""
    calls["flaky"] += 1
    if calls["flaky"] <= failures:
        raise ConnectionError("the line was busy")
    return text


@service("refuse", version="1.0", licence="Apache-2.0", retry=Retry(attempts=3, pause=0.01))
def refuse(text: str) -> str:
    """Take nothing."""
    calls["refuse"] += 1
    raise InputRefused(f"`{text}` is not what I want; give me silence.", port="text")


@service("nap", version="1.0", licence="Apache-2.0", timeout=0.2, retry=Retry(attempts=1))
def nap(text: str, *, seconds: float = 0.0, context: Context) -> str:
    """Take time, and say so."""
    calls["nap"] += 1
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        context.progress(0.5, "sleeping")
        time.sleep(0.01)
    return text


@service("slow", version="1.0", licence="Apache-2.0", retry=Retry(attempts=1))
def slow(text: str, *, seconds: float = 0.05, mark: str = "", context: Context) -> str:
    """Work for a while, and leave a mark in a file for each time it was finished."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        context.progress(0.5, "working")
        time.sleep(0.005)
    if mark:
        with open(mark, "a", encoding="utf-8") as file:  # noqa: PTH123 - one append, whole or not at all.
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
    return text + "."


@service("dice", version="1.0", licence="Apache-2.0")
def dice(text: str, *, seed: int = 0) -> str:
    """Throw dice, the same ones for the same seed."""
    return f"{text} {(seed * 7919 + len(text)) % 6}"


@service("listen", version="1.0", licence="Apache-2.0")
def listen(song: Audio) -> str:
    """Say how long a song is."""
    return f"{len(song.decode(8000)) / 8000:.1f}"


SERVICES = [shout, split, join, meet, flaky, refuse, nap, slow, dice, listen]
