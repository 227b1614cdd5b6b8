"""Cut text into the pieces of a SentencePiece unigram vocabulary (Kudo 2018, "Subword Regularization")."""

import json
import unicodedata
from pathlib import Path

import numpy as np

from halles_services.shared.e5 import CHARACTERS, PIECES, SCORES

START, END, UNKNOWN = 0, 2, 3
SPACE = "▁"
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


class Vocabulary:
    """The pieces of a vocabulary with their log-probabilities, read from the directory of the weights."""

    def __init__(self, directory: Path) -> None:
        pieces = (directory / PIECES).read_text(encoding="utf-8").split("\n")
        scores = np.fromfile(directory / SCORES, "<f4").tolist()
        self.pieces = {piece: (score, number) for number, (piece, score) in enumerate(zip(pieces, scores, strict=True))}
        for special in SPECIALS:  # A "<s>" that somebody typed is text, not the start of a sentence.
            del self.pieces[special]
        self.longest = max(map(len, self.pieces))
        self.unknown = min(scores) - 10  # SentencePiece's own penalty.
        table = json.loads((directory / CHARACTERS).read_text(encoding="utf-8"))
        self.characters = {int(code): replacement for code, replacement in table.items()}

    def tokens(self, text: str) -> list[int]:
        """Numbers of the most probable sequence of pieces (Viterbi), without start and end."""
        text = unicodedata.normalize("NFC", text).translate(self.characters)
        text = SPACE + SPACE.join(text.split())
        best = [0.0] + [-np.inf] * len(text)
        back = [(0, UNKNOWN)] * (len(text) + 1)
        for start in range(len(text)):
            self._extend(text, start, best, back)
        found, end = [], len(text)
        while end:
            end, number = back[end]
            found.append(number)
        return found[::-1]

    def _extend(self, text: str, start: int, best: list[float], back: list[tuple[int, int]]) -> None:
        """Improve the best paths by the pieces that begin at `start`."""
        reached = best[start]
        for end in range(start + 1, min(start + self.longest, len(text)) + 1):
            piece = self.pieces.get(text[start:end])
            if piece and reached + piece[0] > best[end]:
                best[end], back[end] = reached + piece[0], (start, piece[1])
        if reached + self.unknown > best[start + 1]:
            best[start + 1], back[start + 1] = reached + self.unknown, (start, UNKNOWN)
