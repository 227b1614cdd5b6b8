"""SVG path data as a Skia path (skia-python has no such reader).

Grammar: https://www.w3.org/TR/SVG2/paths.html#PathDataBNF. Only data of the pinned icon sets comes here, never a
user's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import skia

_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_COMMAND = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")
_SPACE = re.compile(r"[\s,]*")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_FLAG = re.compile(r"[01]")  # the flags of an arc need no separator: "a1 1 0 011 1"


class _Pen:
    """Draws commands, a Skia path for each line that it begins; knows the points from which the next may start."""

    def __init__(self) -> None:
        self.paths: list[skia.Path] = []
        self.start = self.at = (0.0, 0.0)
        self.control: tuple[str, float, float] | None = None  # which curve's ("C" or "Q"), and the control point

    def draw(self, command: str, values: list[float]) -> None:
        kind, (ox, oy) = command.upper(), self.at if command.islower() else (0.0, 0.0)
        if kind == "H":
            xy = [values[0] + ox, self.at[1]]
        elif kind == "V":
            xy = [self.at[0], values[0] + oy]
        else:  # of an arc only the last pair are coordinates
            fixed = 5 if kind == "A" else 0
            xy = values[:fixed] + [v + (oy if i % 2 else ox) for i, v in enumerate(values[fixed:])]
        control = self._trace(kind, xy)
        self.control = control
        if kind == "Z":
            self.at = self.start
        else:
            self.at = (xy[-2], xy[-1])
        if kind == "M":
            self.start = self.at

    def _trace(self, kind: str, xy: list[float]) -> tuple[str, float, float] | None:
        """Add one absolute segment; returns its control point, for a smooth continuation."""
        if kind in "ST":
            kind = {"S": "C", "T": "Q"}[kind]
            xy = [*self._mirrored(kind), *xy]
        if kind == "M" or not self.paths:
            self._begin(xy if kind == "M" else list(self.at))
        match kind:
            case "M":
                pass
            case "Z":
                self.paths[-1].close()
            case "C":
                self.paths[-1].cubicTo(*xy)
                return ("C", xy[2], xy[3])
            case "Q":
                self.paths[-1].quadTo(*xy)
                return ("Q", xy[0], xy[1])
            case "A":
                self._arc(xy)
            case _:
                self.paths[-1].lineTo(*xy)
        return None

    def _begin(self, xy: list[float]) -> None:
        import skia

        self.paths.append(skia.Path())
        self.paths[-1].moveTo(*xy)

    def _mirrored(self, kind: str) -> tuple[float, float]:
        if self.control is None or self.control[0] != kind:
            return self.at
        return (2 * self.at[0] - self.control[1], 2 * self.at[1] - self.control[2])

    def _arc(self, xy: list[float]) -> None:
        import skia

        size = skia.Path.kLarge_ArcSize if xy[3] else skia.Path.kSmall_ArcSize
        turn = skia.PathDirection.kCW if xy[4] else skia.PathDirection.kCCW
        self.paths[-1].arcTo(xy[0], xy[1], xy[2], size, turn, xy[5], xy[6])


def outlines(data: str) -> list[skia.Path]:
    """Return each closed line of the shape that SVG path data describes.

    Together, under the non-zero rule, they are the shape with its holes. Raises ValueError for what is no path data.
    """
    pen = _Pen()
    for command, values in _commands(data):
        pen.draw(command, values)
    return [path for path in pen.paths if path.countVerbs() > 1]


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with its numbers; a command with several sets of numbers comes once for each set."""
    end = 0
    for match in _COMMAND.finditer(data):
        if _SPACE.fullmatch(data, end, match.start()) is None:
            break
        end = match.end()
        command, text = match.groups()
        needed = _ARGUMENTS[command.upper()]
        values = list(_numbers(text, is_arc=command in "Aa"))
        if needed == 0 or not values or len(values) % needed:
            if needed or values:
                raise ValueError(f"path command {command!r} takes {needed} numbers at a time, not {len(values)}")
            yield command, []
        for i in range(0, len(values), needed or 1):
            yield command, values[i : i + needed]
            command = {"M": "L", "m": "l"}.get(command, command)  # further points of a move are lines
    if _SPACE.fullmatch(data, end) is None:
        raise ValueError(f"not SVG path data at character {end}: {data[end : end + 20]!r}")


def _numbers(text: str, *, is_arc: bool) -> Iterator[float]:
    at, count = 0, 0
    while (at := _SPACE.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        pattern = _FLAG if is_arc and count % 7 in (3, 4) else _NUMBER
        match = pattern.match(text, at)
        if match is None:
            raise ValueError(f"not a number in SVG path data: {text[at : at + 20]!r}")
        yield float(match.group())
        at, count = match.end(), count + 1
