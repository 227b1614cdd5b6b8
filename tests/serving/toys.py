"""Services that show what the toys of the shelf do not: every kind of port, and every kind of fault."""

import os
import threading
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import BaseModel

from halles.model import Retry
from halles.sdk import Audio, Context, File, Image, Port, service

gate = threading.Event()
"""Holds `hold` back while it is clear."""
entered = threading.Semaphore(0)


class Wish(BaseModel):
    """A value with required fields."""

    colour: str


class Pictures(NamedTuple):
    pictures: Annotated[list[Image], Port("one a wish")]
    note: str | None


@service("hold", version="1.0", licence="MIT")
def hold(text: str, *, context: Context) -> str:
    """Wait until the test lets it go on."""
    entered.release()
    while not gate.wait(0.01):
        context.progress(0.5)
    return text


@service("paint", version="1.0", licence="MIT", tags=["Image Generation"])
def paint(text: str, wish: Wish | None = None, *, count: int = 2) -> Pictures:
    """Paint small pictures."""
    pixels = np.full((4, 4, 3), 200 if wish is None else 10, dtype=np.uint8)
    return Pictures([Image.from_array(pixels) for _ in range(count)], text or None)


@service("voice", version="1.0", licence="MIT")
def voice(song: Audio, other: Audio | None = None) -> Audio:
    """Give the song as FLAC, or the other one."""
    return Audio.encode((other or song).decode(16000), 16000, "flac")


@service("wave", version="1.0", licence="MIT")
def wave(sound: Annotated[File, Port(media="audio/wav")]) -> Annotated[File, Port(media="model/gltf-binary")]:
    """Take only WAV, give a type that nobody knows."""
    return File(sound.read()[:4], "model/gltf-binary")


@service("weigh", version="1.0", licence="MIT")
def weigh(files: list[bytes]) -> str:
    """Say how large files are."""
    return ",".join(str(len(file)) for file in files)


@service("trip", version="1.0", licence="MIT", timeout=0.3, retry=Retry(attempts=1))
def trip(text: str, *, context: Context) -> str:
    """Go wrong in the way that the text says."""
    match text:
        case "raise":
            raise ValueError("the figure is odd")
        case "exit":
            raise SystemExit(3)
        case "stop":
            raise StopIteration
        case "recurse":
            return trip.target(text, context=context) + ""
        case "hang":
            threading.Event().wait(3)
        case "memory":
            raise MemoryError
        case "timeout":
            raise TimeoutError("the database did not answer")
    return f"fine, {os.getpid()}"


@service("broken", version="1.0", licence="MIT")
class Broken:
    """A model that cannot be loaded."""

    def __init__(self) -> None:
        raise RuntimeError("the file is cut off")

    def run(self, text: str) -> str:
        """Never called."""
        return text
