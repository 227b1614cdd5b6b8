"""Values from one media type to another, where both are said of the same thing."""

import io
import shutil
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import PurePosixPath

from halles.csia.media import ZIP
from halles.model import extension, media_type
from halles.sdk import Audio, File, Image, InputRefused
from halles.sdk.values import scratch

CODECS = {"audio/ogg": "opus", "audio/mpeg": "mp3", "audio/flac": "flac", "audio/wav": "wav"}
PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
MOST_ENTRIES = 1000
COPIED = 1 << 20


def convert(file: File, target: str) -> File:
    """The same as another type: sound and pictures are made anew, text is text, anything else goes into a zip."""
    if target == ZIP:
        return zipped([file], file.label)
    if target in CODECS:
        return _audio(file, target)
    if target in PICTURES:
        return _picture(file, target)
    return File(file.source, target, label=file.label)


def zipped(files: Iterable[File], name: str) -> File:
    """All files in a zip, numbered. The same files give the same bytes: the entries have no time."""
    whole = File.adopt(scratch(".zip"), ZIP)
    with zipfile.ZipFile(whole.path, "w", zipfile.ZIP_STORED) as archive:
        for number, file in enumerate(files, start=1):
            entry = zipfile.ZipInfo(f"{name}-{number}{extension(file.media_type)}")
            with file.path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, COPIED)
    return whole


def unzipped(file: File, limit: float) -> list[File]:
    """The files of a zip in the order of their names, with the types of their extensions, in bounded space."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            names = sorted(info.filename for info in archive.infolist() if _wanted(info))
            if len(names) > MOST_ENTRIES:
                raise InputRefused(
                    f"`{file.label}` is a zip of {len(names):,} files; at most {MOST_ENTRIES:,} are taken."
                )
            found: list[File] = []
            for name in names:
                found.append(_entry(archive, name, limit, file.label))
                limit -= found[-1].path.stat().st_size
            return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise InputRefused(
            f"`{file.label}` is a zip that cannot be read: {error}. Make it again, unencrypted."
        ) from error


def _wanted(info: zipfile.ZipInfo) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(info.filename).parts)
    return not (info.is_dir() or hidden)


def _entry(archive: zipfile.ZipFile, name: str, limit: float, label: str) -> File:
    """One file, written while it is counted: what a zip says of sizes may be a lie."""
    kind = media_type(name) or "application/octet-stream"
    target = File.adopt(scratch(extension(kind)), kind)
    target.label = label
    size = 0
    with archive.open(name) as source, target.path.open("wb") as copy:
        while chunk := source.read(COPIED):
            size += len(chunk)
            if size > limit:
                raise InputRefused(
                    f"What is in the zip `{label}` is larger than what is taken (HALLES_MAX_INPUT_BYTES)."
                )
            copy.write(chunk)
    return target


def _audio(file: File, target: str) -> File:
    audio = Audio(file.source, file.media_type, label=file.label)
    info = audio.probe()
    channels = max(1, min(info.channels, 2))
    with Audio.writer(info.rate, channels, CODECS[target]) as writer:
        for block in audio.blocks(info.rate, channels):
            writer.write(block)
    return writer.audio


def _picture(file: File, target: str) -> File:
    from PIL import Image as Pillow

    pixels = Image(file.source, file.media_type, label=file.label).array()
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, PICTURES[target], quality=92)
    return File(buffer.getvalue(), target, label=file.label)
