"""The media types that the Swiss AI Center's engine knows, and keys, whose extension is their type."""

from pathlib import PurePosixPath
from uuid import uuid4

from halles.model import Media, extension, media_type, say

TYPES = (
    "image/jpeg", "image/png", "text/plain", "text/csv", "application/json", "application/pdf", "application/zip",
    "audio/mpeg", "audio/ogg",
)  # fmt: skip
"""Every type that registers with that engine."""
ZIP = "application/zip"

_MADE = {"audio": "audio/ogg", "image": "image/png", "text": "text/plain"}
"""What an output of a family becomes when its own type is unknown there. Opus keeps the length of a sound exactly."""


def key(media_type: str) -> str:
    """A new key for content of a known type."""
    return f"{uuid4()}{extension(media_type)}"


def type_of(name: str) -> str:
    """The type that a key says. Raises `ValueError` that says what was wrong with the key."""
    ending = PurePosixPath(name).suffix
    if not ending:
        raise ValueError(
            say(
                "The key `{name}` has no extension, so its media type is unknown; `{name}.txt` would be text.",
                name=name,
            )
        )
    found = media_type(name)
    if found not in TYPES:
        message = say(
            "The extension `{ending}` of the key `{name}` is none of the contract: {known:, }.",
            ending=ending,
            name=name,
            known=map(extension, TYPES),
        )
        raise ValueError(message)
    return found


def accepted(media: tuple[str, ...]) -> tuple[str, ...]:
    """The known types in which an input of ours takes its value; a zip that holds it when there are no better ones."""
    found = [known for wanted in media for known in _alike(wanted)]
    return tuple(dict.fromkeys(found)) or (ZIP,)


def given(media: tuple[str, ...]) -> tuple[str, ...]:
    """The known types that an output of ours can have there, as few as possible: a consumer must take all of them."""
    return tuple(dict.fromkeys(_plain(offered) for offered in media))


def _alike(wanted: str) -> list[str]:
    """The known types of which a value of the wanted type can be made."""
    media = Media.parse(wanted)
    plain = f"{media.type}/{media.subtype}"
    if plain in TYPES:
        return [plain]
    if media.subtype.endswith("+json"):
        return ["application/json"]
    if media.type == "text" and media.subtype != "*":
        return ["text/plain"]
    return [known for known in TYPES if known.startswith(f"{media.type}/")] if media.type in _MADE else []


def _plain(offered: str) -> str:
    media = Media.parse(offered)
    plain = f"{media.type}/{media.subtype}"
    if plain in TYPES:
        return plain
    return "application/json" if media.subtype.endswith("+json") else _MADE.get(media.type, ZIP)
