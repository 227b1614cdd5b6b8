"""From a pipeline back to the text that people read and keep in files."""

from typing import Any

import yaml

from halles.model import Pipeline

OTHER_BREAKS = frozenset("\x85\u2028\u2029")


def plain(pipeline: Pipeline) -> dict[str, Any]:
    """A pipeline as plain data that says no more than it must."""
    return pipeline.model_dump(mode="json", exclude_defaults=True)


def as_yaml(pipeline: Pipeline) -> str:
    """A pipeline as YAML, which `read` makes the same pipeline of."""
    return yaml.dump(plain(pipeline), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Dumper(yaml.SafeDumper):
    """Writes values out instead of referring to them, and texts of several lines as blocks."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text.strip() else None
    if not OTHER_BREAKS.isdisjoint(text):
        style = '"'  # They would be read as line breaks; in quotes they are escaped.
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
