"""The texts that the heads are trained and measured with, embedded, with their labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Embed = Callable[[Sequence[str]], Floats]

# Which of GoEmotions' labels teach each of ours. Its comments seldom speak of the past, of being alone or of calm,
# so that those are taught by our own lines.
EMOTIONS = {
    "joy": ("joy", "amusement", "excitement"),
    "love": ("love", "caring"),
    "admiration": ("admiration", "gratitude"),
    "longing": ("desire",),
    "hope": ("optimism",),
    "calm": ("relief",),
    "pride": ("pride",),
    "surprise": ("surprise",),
    "nostalgia": (),
    "loneliness": (),
    "sadness": ("sadness", "grief", "disappointment"),
    "regret": ("remorse", "embarrassment"),
    "fear": ("fear", "nervousness"),
    "anger": ("anger", "annoyance"),
    "disgust": ("disgust",),
}
POSITIVE = {"joy", "love", "admiration", "hope", "calm", "pride"}
NEGATIVE = {"loneliness", "sadness", "regret", "fear", "anger", "disgust"}
ALSO_POSITIVE = {"approval", "optimism", "relief", "excitement", "desire"}
ALSO_NEGATIVE = {"disapproval"}


@dataclass(frozen=True)
class Texts:
    """Embedded texts: `vectors` (n, 384), `emotions` (n, 15), `polarity` (n, 2: positive, negative), languages."""

    vectors: Floats
    emotions: Bools
    polarity: Bools
    languages: npt.NDArray[np.str_]

    def __getitem__(self, rows: npt.NDArray[np.intp] | Bools | slice) -> "Texts":
        return Texts(self.vectors[rows], self.emotions[rows], self.polarity[rows], self.languages[rows])

    def __len__(self) -> int:
        return len(self.vectors)


def goemotions(folder: Path, part: str, embed: Embed, cache: Path) -> Texts:
    """GoEmotions (Demszky et al. 2020, CC BY 4.0): Reddit comments with 28 labels, mapped to ours."""
    names = (folder / "labels.txt").read_text().split()
    rows = [row.split("\t") for row in (folder / f"{part}.tsv").read_text(encoding="utf-8").splitlines()]
    given = [{names[int(number)] for number in row[1].split(",")} for row in rows]
    emotions = np.array([[not labels.isdisjoint(taught) for taught in EMOTIONS.values()] for labels in given])
    positive = {name for label in POSITIVE for name in EMOTIONS[label]} | ALSO_POSITIVE
    negative = {name for label in NEGATIVE for name in EMOTIONS[label]} | ALSO_NEGATIVE
    polarity = np.array([[not labels.isdisjoint(positive), not labels.isdisjoint(negative)] for labels in given])
    return Texts(
        _kept(cache / f"{part}.npy", embed, [row[0] for row in rows]), emotions, polarity, np.full(len(rows), "en")
    )


def lines(file: Path, embed: Embed) -> Texts:
    """Our own lines: language, emotions (or "neutral"), text."""
    rows = read(file)
    labels = [set(row[1].split(",")) for row in rows]
    emotions = np.array([[name in found for name in EMOTIONS] for found in labels])
    polarity = np.array([[not found.isdisjoint(POSITIVE), not found.isdisjoint(NEGATIVE)] for found in labels])
    return Texts(embed([row[2] for row in rows]), emotions, polarity, np.array([row[0] for row in rows]))


def read(file: Path) -> list[list[str]]:
    """Rows of a tab-separated file."""
    return [row.split("\t") for row in file.read_text(encoding="utf-8").splitlines()]


def _kept(file: Path, embed: Embed, texts: list[str]) -> Floats:
    """Embeddings, kept in a file because they take minutes."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, embed(texts))
    vectors: Floats = np.load(file)
    return vectors
