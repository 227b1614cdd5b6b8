"""Services that the command line finds as if they were installed."""

from time import sleep
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, Field

from halles.model import Retry
from halles.sdk import Audio, Context, Image, Port, service
from halles.weights import Recipe, Source, Wheel

MODEL = Recipe(
    name="model", licence="MIT", origin="https://example.org/model", files={"model.bin": "ab" * 32},
    sources=[Source([Wheel("a-model", "1.0", "a_model-1.0-py3-none-any.whl", "cd" * 32)])],
)  # fmt: skip


class Facts(BaseModel):
    """What can be measured."""

    seconds: float
    loudness: float


class Measured(NamedTuple):
    facts: Annotated[Facts, Port("what was measured")]
    words: Annotated[str, Port("the same in words")]


@service("measure", version="1.0", licence="Apache-2.0", retry=Retry(attempts=1))
def measure(
    song: Annotated[Audio, Port("a song")],
    *,
    rate: Annotated[int, Field(ge=1000, le=48000, description="samples a second")] = 8000,
    unit: Literal["s", "min"] = "s",
) -> Measured:
    """Measure a song."""
    samples = song.decode(rate)
    facts = Facts(seconds=round(len(samples) / rate, 2), loudness=round(float(np.abs(samples).max()), 2))
    return Measured(facts, f"{facts.seconds} {unit}")


@service("hum", version="1.0", licence="Apache-2.0")
def hum(text: str) -> Annotated[Audio, Port("a tone", media="audio/flac")]:
    """Hum a tone as long as the text."""
    return Audio.encode(np.full(8000 * len(text), 0.1, np.float32), 8000)


@service("paint", version="1.0", licence="Apache-2.0")
def paint(text: str, *, count: int = 2, seed: int = 0) -> list[Image]:
    """Paint squares."""
    return [Image.from_array(np.full((4, 4, 3), (seed + n) % 256, np.uint8)) for n in range(count)]


@service("look", version="1.0", licence="Apache-2.0")
def look(picture: Image) -> str:
    """Say how large a picture is."""
    return "×".join(map(str, picture.size))


@service("count", version="1.0", licence="Apache-2.0")
def count(facts: Facts, names: list[str] | None = None) -> int:
    """Count."""
    return round(facts.seconds) + len(names or [])


@service("model", version="1.0", licence="Apache-2.0", weights=[MODEL])
def model(text: str, *, context: Context) -> str:
    """Need a model."""
    return context.weights(MODEL).name + text


@service("work", version="1.0", licence="Apache-2.0", retry=Retry(attempts=1))
def work(text: str, *, seconds: float = 0.0, marks: str = "", fail: bool = False, context: Context) -> str:
    """Work for a while, and leave a mark."""
    if marks:
        with open(marks, "a", encoding="utf-8") as file:  # noqa: PTH123 - one append, whole or not at all.
            file.write(text)
    for _ in range(round(seconds / 0.02)):
        context.progress(0.5, "working")
        sleep(0.02)
    if fail:
        raise RuntimeError("the strings broke")
    return text + "."


SERVICES = [measure, hum, paint, look, count, model, work]
