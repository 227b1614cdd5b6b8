"""Silhouettes of concrete things: found by name or by meaning, drawn as one dark shape."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from halles.sdk import Context
from halles.weights import Recipe
from halles_services.art_generator.outline import outlines
from halles_services.art_generator.silhouette_weights import FLUENT_EMOJI, GAME_ICONS, ICONS, TEMAKI
from halles_services.shared.embedding import embedder
from halles_services.shared.meaning import nearest
from halles_services.shared.things import Place, Thing, named
from halles_services.shared.weights import E5

if TYPE_CHECKING:
    import skia


class _Set(NamedTuple):
    recipe: Recipe
    author: str


SETS = {
    "g": _Set(GAME_ICONS, "Lorc, Delapouite and contributors of game-icons.net"),
    "f": _Set(FLUENT_EMOJI, "Microsoft"),
    "t": _Set(TEMAKI, "Bryan Housel and contributors of Temaki"),
}
"""The icon sets by the letter that things.txt gives them."""


@dataclass(frozen=True)
class Silhouette:
    """A shape in a `viewbox` (left, top, width, height) with its place in a picture and its makers."""

    name: str
    source: str
    licence: str
    author: str
    path: str
    viewbox: tuple[float, float, float, float]
    place: Place
    metres: float
    solid: bool
    without: frozenset[int] = frozenset()

    @property
    def attribution(self) -> str:
        """What has to be said wherever the picture is published."""
        return f"“{self.name}” by {self.author} ({self.source}), {self.licence}"

    def shape(self) -> skia.Path:
        """The shape in units of the viewbox, y downwards; a `solid` one without the lines inside it.

        The outlines of a drawing that are `without` are left out, such as a beam of light, which is no dark thing.
        """
        import skia

        shape = skia.Path()
        for number, line in enumerate(outlines(self.path)):
            if number in self.without:
                continue
            if self.solid:
                shape = skia.Op(shape, line, skia.PathOp.kUnion_PathOp)
            else:
                shape.addPath(line)
        return shape


def find(words: str, context: Context) -> Silhouette | None:
    """The silhouette of the thing that `words` name, in English, French, German, Spanish or Italian.

    Unknown words are looked up by meaning. None for words that name nothing to see, nothing of the list, or something
    that is never depicted (weapons, gore, sex, drugs, signs of faith).
    """
    if not words.strip():
        return None
    item = named(words)
    if item is None:
        model = embedder(context.weights(E5), context.threads)
        item = nearest(words, model.embed)
    return silhouette(item, context) if item else None


def silhouette(item: Thing, context: Context) -> Silhouette | None:
    """The silhouette of a thing of the list; None if it has none."""
    if not item.icon:
        return None
    letter, _, drawn = item.icon.partition(":")
    icon, _, without = drawn.partition("~")
    chosen = SETS[letter]
    icons = _icons(context.weights(chosen.recipe))
    drawing = icons["icons"][icon.removesuffix("!")]
    width, height = (drawing.get(side, icons.get(side, _DEFAULT_SIDE)) for side in ("width", "height"))
    return Silhouette(
        name=item.name,
        source=chosen.recipe.origin,
        licence=chosen.recipe.licence,
        author=chosen.author,
        # Each path of a drawing starts at the origin, from which a relative first point is measured.
        path=" ".join(f"M0 0{data}" for data in _PATH.findall(drawing["body"])),
        viewbox=(drawing.get("left", 0), drawing.get("top", 0), width, height),
        place=item.place,
        metres=item.metres,
        solid=icon.endswith("!"),
        without=frozenset(map(int, without.split(","))) if without else frozenset(),
    )


# The sets are pinned by their hashes, and each chosen drawing is made of plain paths only (a test says so).
_PATH = re.compile(r'<path[^>]*? d="([^"]+)"')
_DEFAULT_SIDE = 16
"""Iconify's default width and height."""


@cache
def _icons(directory: Path) -> dict:  # type: ignore[type-arg]
    return json.loads((directory / ICONS).read_text("utf-8"))  # type: ignore[no-any-return]
