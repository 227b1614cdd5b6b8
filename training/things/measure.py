"""Measure how well words find their silhouette and their scene, in five languages.

    npm pack emojibase-data@17.0.0 && tar xf emojibase-data-17.0.0.tgz
    python training/things/measure.py package

The names of emoji (MIT, from Unicode's CLDR) are an independent list: what the English name of an emoji shows, its
names in the other languages should show too.
"""

import json
import sys
from pathlib import Path

from halles.sdk import Context
from halles_services.art_generator.silhouettes import find
from halles_services.shared.art import SCENES
from halles_services.shared.embedding import embedder
from halles_services.shared.meaning import OF_THINGS, by_meaning, nearest
from halles_services.shared.things import LANGUAGES, named, things
from halles_services.shared.weights import E5

CONCRETE = {3, 4, 5, 6, 7}
"""Emojibase's groups of animals and nature, food, travel and places, activities, objects."""
CONTEXT = Context()
EMBED = embedder(CONTEXT.weights(E5), CONTEXT.threads).embed


def shown(words: str) -> str | None:
    """The name of the silhouette that words find."""
    shape = find(words, CONTEXT)
    return shape.name if shape else None


def emoji(folder: Path) -> None:
    """Print how often the names of an emoji in two languages show the same."""
    labels = {
        language: {
            entry["hexcode"]: entry["label"]
            for entry in json.loads((folder / language / "compact.json").read_text("utf-8"))
            if entry.get("group") in CONCRETE
        }
        for language in LANGUAGES
    }
    english = {code: name for code, label in labels["en"].items() if (name := shown(label))}
    print(f"{len(labels['en'])} names of emoji, of which {len(english)} show something in English")
    for language in LANGUAGES[1:]:
        answers = [(shown(labels[language][code]), name) for code, name in english.items()]
        same, none = sum(a == name for a, name in answers), sum(a is None for a, _ in answers)
        print(f"  {language}: the same {same}, nothing {none}, another thing {len(answers) - same - none}")
    unknown = [label for language in LANGUAGES for label in labels[language].values() if not named(label)]
    answered = [(label, item.name) for label in unknown if (item := nearest(label, EMBED, OF_THINGS)) and item.shown]
    print(f"  by meaning: {len(unknown)} names that the list does not hold, {len(answered)} answered:", *answered)


def scenes() -> None:
    """Print how many phrases find their scene by meaning alone."""
    lines = Path(__file__).with_name("scenes.tsv").read_text("utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    right = []
    for _, phrase, scene in rows:
        near = by_meaning(phrase, SCENES, EMBED)
        right.append(max(near, key=near.__getitem__) == scene)
    print(f"scenes by meaning: {sum(right)} of {len(rows)} phrases")


def main() -> None:
    """Print all figures."""
    print(f"{len(things())} things, {sum(item.shown for item in things())} with a silhouette")
    emoji(Path(sys.argv[1]))
    scenes()


if __name__ == "__main__":
    main()
