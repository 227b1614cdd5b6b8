"""Where the silhouettes come from: icon sets of npm, taken as plain files."""

from halles.weights import Npm, Recipe, Source, unpack

ICONS = "icons.json"


def _recipe(package: str, version: str, licence: str, *, tarball: str, icons: str, size: int) -> Recipe:
    name = package.rpartition("/")[2]
    download = Npm(package, version, f"{name}-{version}.tgz", tarball)
    return Recipe(
        f"silhouettes-{name}",
        {ICONS: icons},
        [Source([download], unpack({f"package/{ICONS}": ICONS}))],
        licence=licence,
        origin=f"https://www.npmjs.com/package/{package}",
        size=size,
    )


GAME_ICONS = _recipe(
    "@iconify-json/game-icons",
    "1.2.4",
    "CC-BY-3.0",
    tarball="f5758efb34d91c4f50b941f355f16ee73938625e5996fabc25171288404460a4",
    icons="b948029964d549d0ae3b17afead9c9d6f019ddcbdc34f52cb915dc460575c4cd",
    size=6_463_192,
)
"""4,134 filled drawings of game-icons.net, by Lorc, Delapouite and other contributors."""

FLUENT_EMOJI = _recipe(
    "@iconify-json/fluent-emoji-high-contrast",
    "1.2.6",
    "MIT",
    tarball="0b92d48c90d2200bd499e3cdd09a127ca6a8c8ddefd34c35eb5a1e4994012ae0",
    icons="c522fb74fef65ccef67b38dfdbf0f3dcd4353339e4b8faec4aa45faf83ed4739",
    size=2_765_031,
)
"""The black and white emoji of Microsoft's Fluent set."""

TEMAKI = _recipe(
    "@iconify-json/temaki",
    "1.2.6",
    "CC0-1.0",
    tarball="24a874e1d81a7de9d56e534fdc56287cfe6e73488a24ef5c8982d4fd5f294d8d",
    icons="1900d5f749464659c6a5a9a0d6d5b39b3ce48205531e50516d2580553b36aaa2",
    size=322_190,
)
"""Map symbols, drawn to be read small."""
