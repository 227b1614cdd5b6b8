"""Charts as SVG, in colours that the page sets."""

from collections.abc import Sequence
from html import escape

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 560, 300, 46, 40, 12, 22
SERIES = 6
"""How many lines have a colour of their own."""


class Frame:
    """A chart with axes from 0 (or `low`) to `high`."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float], label: str, names: tuple[str, str]) -> None:
        self.x, self.y, self.label, self.names = x, y, label, names
        self.parts: list[str] = []

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies on the drawing."""
        across = (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1)
        up = (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - TOP)

    def line(self, points: Points, kind: str, title: str, *, dots: bool = True) -> None:
        """A line through points, with a mark and a tooltip at each."""
        places = [self.place(*point) for point in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        self.parts.append(f'<polyline class="{kind}" points="{path}"/>')
        for (x, y), (px, py) in zip(places if dots else [], points, strict=False):
            said = f"{escape(title)}: {py:.1%} at {px:g}"
            self.parts.append(
                f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>{said}</title></circle>'
            )

    def bar(self, x: float, width: float, value: float, kind: str, title: str) -> None:
        """A bar from the ground to a value, centred on x."""
        (left, top), (right, ground) = self.place(x - width / 2, value), self.place(x + width / 2, self.y[0])
        size = f'width="{right - left:.1f}" height="{max(ground - top, 0):.1f}"'
        self.parts.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" {size} rx="2"><title>{escape(title)}</title></rect>'
        )

    def svg(self, x_ticks: Sequence[tuple[float, str]], y_ticks: Sequence[tuple[float, str]]) -> str:
        """The whole drawing."""
        grid = []
        for value, said in y_ticks:
            _, y = self.place(self.x[0], value)
            grid.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            grid.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{said}</text>')
        for value, said in x_ticks:
            x, _ = self.place(value, self.y[0])
            grid.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{said}</text>')
        middle = (LEFT + WIDTH - RIGHT) / 2
        grid.append(f'<text class="axis" x="{middle}" y="{HEIGHT - 4}" text-anchor="middle">{self.names[0]}</text>')
        inside = "".join(grid + self.parts)
        return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(self.label)}">{inside}</svg>'


def learning_curve(lines: Sequence[tuple[str, Points]]) -> str:
    """Accuracy on unseen clips against the number of tracks learned from, a line each run."""
    points = [point for _, line in lines for point in line]
    most = max(x for x, _ in points)
    low = max(0.0, min(y for _, y in points) // 0.1 * 0.1)
    high = min(1.0, (max(y for _, y in points) + 0.1) // 0.1 * 0.1)
    frame = Frame((0, most * 1.03), (low, high), "Learning curve: accuracy by number of tracks", ("tracks", "accuracy"))
    for number, (name, line) in reversed(list(enumerate(lines))):
        frame.line(line, f"line s{number % SERIES}", name)
    ticks = sorted({x for x, _ in lines[0][1]})
    return frame.svg([(x, f"{x:g}") for x in ticks], tenths(low, high))


def reliability(rows: Sequence[tuple[float, float, int]]) -> str:
    """The share that is right against the confidence; on the diagonal the two agree."""
    frame = Frame((0, 1), (0, 1), "Reliability diagram: share right by confidence", ("confidence", "right"))
    most = max(count for *_, count in rows)
    for confidence, right, count in rows:
        said = f"{count} clips with confidence {confidence:.0%}: {right:.0%} right"
        frame.bar(confidence, 0.012 + 0.06 * count / most, right, "bar", said)
    frame.line([(0, 0), (1, 1)], "ideal", "", dots=False)
    frame.line([row[:2] for row in rows], "line s0", "right")
    return frame.svg(tenths(0, 1, 0.2), tenths(0, 1, 0.2))


def interval(value: float, low: float, high: float, scale: tuple[float, float]) -> str:
    """A point with its interval, small enough for a table."""
    x0, x, x1 = (4 + 112 * (v - scale[0]) / ((scale[1] - scale[0]) or 1) for v in (low, value, high))
    drawn = f'<line class="whisker" x1="{x0:.1f}" x2="{x1:.1f}" y1="9" y2="9"/>'
    drawn += f'<circle class="dot" cx="{x:.1f}" cy="9" r="4"/>'
    return f'<svg class="interval" viewBox="0 0 120 18" aria-hidden="true">{drawn}</svg>'


def tenths(low: float, high: float, step: float = 0.1) -> list[tuple[float, str]]:
    """Marks of an axis of shares."""
    count = round((high - low) / step)
    return [(low + step * i, f"{low + step * i:.0%}") for i in range(count + 1)]
