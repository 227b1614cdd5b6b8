"""Versions of a model: files as a training leaves them, and a toy service that uses one."""

import csv
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from halles.registry.evaluation import Prediction
from halles.sdk import Context, Port, Service, Trained, service

CLASSES = ("blues", "jazz", "pop", "rock")


class Said(NamedTuple):
    """What the toy gives."""

    word: Annotated[str, Port("what its model says")]
    model: Annotated[str, Port("which model says so")]


def predictions(accuracy: float = 0.7, *, clips: int = 200, confidence: float | None = None, lost: str = "",
                first: int = 0) -> list[Prediction]:  # fmt: skip
    """What a model of an accuracy says; a better one is right wherever a worse one is, unless it lost a class."""
    found = []
    for number in range(first, first + clips):
        truth = CLASSES[number % len(CLASSES)]
        luck = (number // len(CLASSES) * 7 % 50 + 0.5) / 50  # Of 200 clips, each class gets its share exactly.
        wrong = CLASSES[(number + 1) % len(CLASSES)]
        said = wrong if truth == lost or luck >= accuracy else truth
        sure = accuracy if confidence is None else confidence
        rest = (1 - sure) / (len(CLASSES) - 1)
        scores = {name: sure if name == said else rest for name in CLASSES}
        found.append(Prediction(f"{number}.opus", truth, scores))
    return found


def files(folder: Path, accuracy: float = 0.7, *, model: bytes = b"a word", **said: Any) -> dict[str, Path]:
    """A version in a folder, as `halles models push` takes it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model)
    (folder / "card.md").write_text(f"# The card of {model.decode(errors='replace')[:40]}\n")
    (folder / "params.yaml").write_text(f"accuracy: {accuracy}\n")
    with (folder / "predictions.csv").open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["file", "genre", *CLASSES])
        writer.writerows([each.clip, each.truth, *each.scores.values()] for each in predictions(accuracy, **said))
    return {path.name: path for path in folder.iterdir()}


def toy(file: Path, baseline: Path | None = None, predictions: Path | None = None) -> Service:
    """A service whose model is a word in a file. An empty file is no model."""
    trained = Trained("toy", file, lambda outputs: outputs["word"], baseline=baseline, predictions=predictions)

    @service("toy", version="1", licence="MIT", model=trained)
    class Toy:
        """Say the word."""

        def __init__(self, context: Context) -> None:
            self.model = context.model
            self.word = self.model.file.read_text()
            if not self.word:
                raise ValueError("the model is empty")

        def warm(self) -> None:
            self.word.upper()

        def run(self, text: str, *, context: Context) -> Said:
            context.observe(length=len(text))
            return Said(self.word, self.model.name)

    return Toy
