"""Small pictures of large ones, for lists: made when one is first asked for, and kept for a while."""

import io
import os
import tempfile
import time
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

from halles.model import Artifact, Problem, Problems, say
from halles.sdk.context import InputRefused
from halles.sdk.values import Image
from halles.stores import folder as home
from halles.stores.objects import Objects

QUALITY = 85
KEPT_SECONDS = 7 * 86400.0
"""What is older is made anew: nothing of a picture that was deleted stays longer."""


class Width(IntEnum):
    """The widths that there are, in pixels: few, so that little is kept of each picture."""

    tiny = 160
    small = 320
    middle = 640
    large = 1280


class Thumbnails:
    """WebP files in a folder of this machine."""

    def __init__(self, folder: Path, objects: Objects) -> None:
        self._folder = folder
        self._objects = objects

    def of(self, artifact: Artifact, width: Width) -> bytes:
        """A picture at most so wide, never larger than it is. Raises `Problems` for what is no picture, `CallFailed`
        when the content is gone."""
        place = self._folder / artifact.sha256[:2] / f"{artifact.sha256[2:]}-{width}.webp"
        with suppress(FileNotFoundError):
            return place.read_bytes()
        if not artifact.media_type.startswith("image/"):
            raise _refusal(say("This is {media_type}, and no picture.", media_type=artifact.media_type))
        content = _small(Image(self._objects.path(artifact), label=artifact.sha256), width)
        try:
            with tempfile.NamedTemporaryFile(dir=home.make(place.parent), suffix=".part", delete=False) as part:
                part.write(content)
            os.replace(part.name, place)  # noqa: PTH105 - whole or absent, also when two make it at the same time.
        except OSError as error:
            raise home.failure(self._folder, error, len(content)) from error
        return content

    def sweep(self, *, before: float | None = None) -> int:
        """Delete those made before a time, by default those kept for long enough. Gives the count."""
        limit = time.time() - KEPT_SECONDS if before is None else before
        count = 0
        for file in self._folder.glob("*/*"):
            with suppress(FileNotFoundError):  # Another process did.
                if file.stat().st_mtime < limit:
                    file.unlink()
                    count += 1
        return count


def _small(source: Image, width: int) -> bytes:
    from PIL import Image as Pillow
    from PIL import ImageOps

    try:
        with source.opened() as picture:
            picture.draft("RGB", (2 * width, 2 * width))  # A JPEG need not be read as a whole.
            upright = ImageOps.exif_transpose(picture)
            small = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            small.thumbnail((width, 4 * width), Pillow.Resampling.LANCZOS)
            buffer = io.BytesIO()
            small.save(buffer, "WEBP", quality=QUALITY)
    except InputRefused as refused:
        raise _refusal(refused.message) from refused
    except (OSError, ValueError, SyntaxError) as error:
        raise _refusal(say("The picture is damaged, or of a kind that is not read here.")) from error
    return buffer.getvalue()


def _refusal(message: str) -> Problems:
    return Problems([Problem(code="no-picture", message=message)])
