"""What services take and give: files with a media type, and among them audio and pictures."""

import io
import tempfile
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from halles.model import extension, say
from halles.sdk import settings
from halles.sdk.context import InputRefused

if TYPE_CHECKING:
    import numpy as np

    from halles.sdk.sound import AudioInfo, Writer

PICTURES = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""The formats that are opened; others that Pillow knows start interpreters."""


def max_pixels() -> float:
    """Larger pictures are refused before they are decoded: `HALLES_MAX_PIXELS` (default 64 million)."""
    return settings.number("HALLES_MAX_PIXELS", 64_000_000)


_temporary: set[Path] = set()


def scratch(suffix: str) -> Path:
    """A new empty temporary file."""
    handle = tempfile.NamedTemporaryFile(prefix="halles-", suffix=suffix, delete=False)  # noqa: SIM115
    handle.close()
    _temporary.add(Path(handle.name))
    return Path(handle.name)


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)
    _temporary.discard(path)


def sweep() -> None:
    """Delete all temporary files, for a process that ends at once while services may still work."""
    for path in _temporary.copy():
        _drop(path)


class File:
    """Content with a media type, in memory or on disk; whichever is asked for is made from the other."""

    media_type = "application/octet-stream"

    def __init__(
        self,
        source: Path | str | bytes,
        media_type: str | None = None,
        *,
        sha256: str | None = None,
        label: str = "input",
    ) -> None:
        self._bytes = source if isinstance(source, bytes) else None
        self._path = None if isinstance(source, bytes) else Path(source)
        self.media_type = media_type or type(self).media_type
        self.sha256 = sha256
        self.label = label

    @property
    def path(self) -> Path:
        """A file on disk with the content; it lives as long as this object."""
        if self._path is None:
            self._path = self._own(scratch(extension(self.media_type)))
            self._path.write_bytes(self.read())
        return self._path

    def read(self) -> bytes:
        """The whole content."""
        return self._bytes if self._bytes is not None else self.path.read_bytes()

    @property
    def source(self) -> Path | bytes:
        """The content as it is held, for who wants to store it without a copy."""
        return self._bytes if self._bytes is not None else self.path

    def _own(self, path: Path) -> Path:
        weakref.finalize(self, _drop, path)
        return path

    @classmethod
    def adopt(cls, path: Path, media_type: str) -> Self:
        """Take over a temporary file, which is deleted with the object."""
        file = cls(path, media_type)
        file._own(path)
        return file


class Audio(File):
    """Sound in any container and codec that FFmpeg reads."""

    media_type = "audio/wav"

    def probe(self) -> "AudioInfo":
        """Length, rate, channels and codec, as the file states them."""
        from halles.sdk import sound

        return sound.probe(self)

    def decode(self, rate: int, channels: int = 1) -> "np.ndarray":
        """All samples as read-only float32 in [-1, 1], shape (samples,) for one channel, else (channels, samples).

        Shared by all services of the process: the same audio is decoded once. Raises `InputRefused` for what
        is not audio or is longer than `HALLES_MAX_AUDIO_SECONDS`.
        """
        from halles.sdk import sound

        return sound.decode(self, rate, channels)

    def blocks(self, rate: int, channels: int = 1, seconds: float = 10.0) -> Iterator["np.ndarray"]:
        """The same samples in blocks of `seconds` (the last one shorter), in bounded memory."""
        from halles.sdk import sound

        return sound.blocks(self, rate, channels, seconds)

    @classmethod
    def encode(cls, samples: "np.ndarray", rate: int, codec: str = "flac") -> "Audio":
        """Audio of float samples, shape (samples,) or (channels, samples); codec `flac`, `wav` or `opus`."""
        with cls.writer(rate, 1 if samples.ndim == 1 else len(samples), codec) as writer:
            writer.write(samples)
        return writer.audio

    @classmethod
    @contextmanager
    def writer(cls, rate: int, channels: int, codec: str = "flac") -> Iterator["Writer"]:
        """Write audio block by block; `.audio` holds it once the block is left."""
        from halles.sdk import sound

        with sound.Writer(rate, channels, codec) as writer:
            yield writer


class Image(File):
    """A picture; PNG when a service makes it."""

    media_type = "image/png"

    @classmethod
    def from_array(cls, pixels: "np.ndarray") -> "Image":
        """A PNG of uint8 pixels, shape (height, width, 3 or 4). The same pixels give the same bytes."""
        from PIL import Image as Pillow

        buffer = io.BytesIO()
        Pillow.fromarray(pixels).save(buffer, "PNG", compress_level=4)
        return cls(buffer.getvalue(), "image/png")

    def array(self) -> "np.ndarray":
        """The pixels as uint8, shape (height, width, 3)."""
        import numpy as np

        with self.opened() as picture:
            try:
                return np.asarray(picture.convert("RGB"))
            except (OSError, ValueError, SyntaxError) as error:
                raise InputRefused(
                    say("The picture `{label}` is damaged or cut off. Give a whole one.", label=self.label)
                ) from error

    def probe(self) -> str:
        """The media type that the content has, whatever the file is called."""
        with self.opened() as picture:
            name = (picture.format or "png").lower()
            return f"image/{'jpeg' if name == 'mpo' else name}"  # A JPEG with more pictures in it, as phones make.

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        with self.opened() as picture:
            return (picture.width, picture.height)

    @contextmanager
    def opened(self) -> Iterator["Pillow.Image"]:  # type: ignore[name-defined]  # noqa: F821
        """The picture as Pillow opens it, before it is decoded. Raises `InputRefused` for what is no picture that is
        read here, or has more pixels than `HALLES_MAX_PIXELS`."""
        from PIL import Image as Pillow

        # What Pillow warns of is refused below.
        warnings.filterwarnings("ignore", category=Pillow.DecompressionBombWarning)
        try:
            picture = Pillow.open(self.path if self._bytes is None else io.BytesIO(self._bytes), formats=PICTURES)
        except Pillow.DecompressionBombError as error:
            raise self._too_large() from error
        except PermissionError:
            raise
        except (OSError, ValueError, SyntaxError) as error:
            raise InputRefused(
                say("`{label}` is not a picture that can be read. Give a PNG, JPEG or WebP file.", label=self.label)
            ) from error
        with picture:
            if picture.width * picture.height > max_pixels():
                raise self._too_large()
            yield picture

    def _too_large(self) -> InputRefused:
        message = say(
            "The picture `{label}` has more than the {most:g} million pixels that are taken. Make it smaller.",
            label=self.label,
            most=max_pixels() / 1e6,
        )
        return InputRefused(message)
