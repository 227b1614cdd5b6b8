"""Decoding and encoding audio with FFmpeg (PyAV), in bounded memory."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from mmap import mmap
from types import TracebackType
from typing import Any, Self, cast

import av
import av.error
import numpy as np

from halles.model import Saying, extension, say
from halles.sdk import settings
from halles.sdk.context import InputRefused
from halles.sdk.values import Audio, File, scratch

CODECS = {
    "flac": ("flac", "audio/flac"), "wav": ("pcm_s16le", "audio/wav"), "opus": ("libopus", "audio/ogg"),
    "mp3": ("libmp3lame", "audio/mpeg"),
}  # fmt: skip
JOINED = 30.0
"""Seconds of the pieces that a whole is joined of: large ones go back to the system when they are freed."""
MEMO_BYTES = 512 * 1024 * 1024
LAYOUTS = {1: "mono", 2: "stereo"}
FORMATS = "aac,ac3,aiff,ape,asf,au,caf,flac,matroska,mov,mp3,mpegts,ogg,w64,wav,wv"
"""The containers that are opened. Playlists (HLS, concat …) are none: they make FFmpeg open further files and URLs."""
GUESSED = {"aac"}
"""Containers without a header: FFmpeg guesses the length from the first frames, which may be far off."""
MEDIA_TYPES = {
    "wav": "audio/wav", "w64": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg", "flac": "audio/flac",
    "mov": "audio/mp4", "mp4": "audio/mp4", "m4a": "audio/mp4", "aac": "audio/aac", "matroska": "audio/webm",
    "webm": "audio/webm", "aiff": "audio/aiff",
}  # fmt: skip


GIVE = "Give an audio file: mp3, wav, flac, ogg, opus, m4a, aac or webm."


def max_seconds() -> float:
    """The longest audio that is taken, `HALLES_MAX_AUDIO_SECONDS` (default one hour)."""
    return settings.number("HALLES_MAX_AUDIO_SECONDS", 3600)


@dataclass(frozen=True)
class AudioInfo:
    """What a file says of itself; `seconds` is None when it does not say."""

    seconds: float | None
    rate: int
    channels: int
    codec: str
    media_type: str


def _open(audio: File) -> Any:
    """A container with sound that is not longer, by its own account, than what is taken."""
    path = audio.path
    if path.stat().st_size == 0:
        raise InputRefused(say("`{label}` is an empty file. {give}", label=audio.label, give=say(GIVE)))
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    try:
        container = av.open(str(path), metadata_errors="ignore", container_options=options)
    except PermissionError:
        raise
    except (av.error.FFmpegError, ValueError) as error:
        raise _unreadable(audio) from error
    streams = container.streams.audio
    if not streams or not streams[0].codec_context or not streams[0].codec_context.sample_rate:
        container.close()
        raise InputRefused(say("`{label}` holds no sound. {give}", label=audio.label, give=say(GIVE)))
    stated = container.duration / 1e6 if container.duration and container.format.name not in GUESSED else 0
    if stated > max_seconds():
        container.close()
        raise _too_long(audio, stated)
    return container


def _unreadable(audio: File) -> InputRefused:
    with audio.path.open("rb") as file:
        mp4 = file.read(8)[4:] == b"ftyp"
    if mp4:
        message = say(
            "`{label}` is cut off or damaged: an m4a keeps its table of contents at its end, so a part of it cannot be "
            "read. Give the whole file.",
            label=audio.label,
        )
        return InputRefused(message)
    return InputRefused(
        say(
            "`{label}` cannot be read as audio: it is another kind of file, damaged or cut off. {give}",
            label=audio.label,
            give=say(GIVE),
        )
    )


def _too_long(audio: File, stated: float | None = None) -> InputRefused:
    message = say(
        "`{label}` is longer than the {most} that are taken. Give a shorter piece of it, or set "
        "HALLES_MAX_AUDIO_SECONDS to more (memory and time grow with it).",
        label=audio.label,
        most=_length(max_seconds()),
    )
    if stated:
        message = say(
            "`{label}` is {length} long; at most {most} are taken. Give a shorter piece of it, or set "
            "HALLES_MAX_AUDIO_SECONDS to more (memory and time grow with it).",
            label=audio.label,
            length=_length(stated),
            most=_length(max_seconds()),
        )
    return InputRefused(message)


def _length(seconds: float) -> Saying:
    return say("{minutes:.0f} min", minutes=seconds / 60) if seconds >= 90 else say("{seconds:g} s", seconds=seconds)


def probe(audio: File) -> AudioInfo:
    """Read the header of an audio file."""
    with _open(audio) as container:
        stream = container.streams.audio[0]
        seconds = container.duration / 1e6 if container.duration else None
        formats = container.format.name.split(",")
        media = next((MEDIA_TYPES[name] for name in formats if name in MEDIA_TYPES), f"audio/x-{formats[0]}")
        return AudioInfo(seconds, stream.rate, stream.channels, stream.codec_context.name, media)


def measure(audio: File) -> float:
    """Seconds of sound by its packets, whatever the header states. Raises `InputRefused` once that is too long."""
    with _open(audio) as container:
        stream = container.streams.audio[0]
        step, most, length = float(stream.time_base), max_seconds(), 0
        with suppress(av.error.FFmpegError):
            for packet in container.demux(stream):
                length += packet.duration or 0
                if length * step > most:
                    raise _too_long(audio)
    return length * step


def _frames(container: Any) -> Iterator[av.AudioFrame]:
    """Decoded frames. As players do: damaged packets are left out, a file that breaks off is used as far as it goes."""
    with suppress(av.error.FFmpegError):
        for packet in container.demux(container.streams.audio[0]):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            yield from cast("list[av.AudioFrame]", frames)


def _resampled(container: Any, rate: int, channels: int) -> Iterator[av.AudioFrame]:
    """Frames of one rate and layout; where those of the file change, as in joined files, resampling begins anew."""
    resampler, setup = None, None
    for frame in _frames(container):
        if setup != (setup := (frame.format.name, frame.layout.name, frame.sample_rate)):
            if resampler is not None:
                yield from resampler.resample(None)
            resampler = av.AudioResampler(format="fltp", layout=LAYOUTS[channels], rate=rate)
        yield from resampler.resample(frame)  # type: ignore[union-attr]
    if resampler is not None:
        yield from resampler.resample(None)


def _samples(audio: File, rate: int, channels: int) -> Iterator[np.ndarray]:
    """Resampled pieces of shape (channels, n)."""
    most, count = max_seconds() * rate, 0
    with _open(audio) as container:
        for frame in _resampled(container, rate, channels):
            # Float files can hold what is no number, which a model would turn into garbage without a word.
            samples = np.nan_to_num(frame.to_ndarray(), nan=0.0, posinf=1.0, neginf=-1.0)
            count += samples.shape[1]
            if count > most:  # The header lied, or said nothing.
                raise _too_long(audio)
            yield samples
    if not count:
        raise InputRefused(
            say(
                "`{label}` holds no sound: it is damaged, or cut off before its sound begins. Give a whole file.",
                label=audio.label,
            )
        )


def blocks(audio: File, rate: int, channels: int, seconds: float) -> Iterator[np.ndarray]:
    """Decode in blocks of equal length, the last one shorter."""
    size = round(seconds * rate)
    held: list[np.ndarray] = []
    count = 0
    for piece in _samples(audio, rate, channels):
        held.append(piece)
        count += piece.shape[1]
        while count >= size:
            joined = np.concatenate(held, axis=1)
            yield _shaped(joined[:, :size])
            held, count = [joined[:, size:]], count - size
    if count:
        yield _shaped(np.concatenate(held, axis=1))


def _shaped(samples: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(samples[0] if len(samples) == 1 else samples)


def _apart(piece: np.ndarray) -> np.ndarray:
    """A copy in pages of its own: they go back to the system when it is freed, those of the heap only by luck."""
    held = np.frombuffer(mmap(-1, piece.nbytes), dtype=piece.dtype).reshape(piece.shape)
    held[...] = piece
    return held


def _joined(pieces: list[np.ndarray]) -> np.ndarray:
    """The pieces side by side. They are taken from the end and freed at once, so that memory is not needed twice."""
    end = sum(piece.shape[-1] for piece in pieces)
    joined = np.empty((*pieces[0].shape[:-1], end), dtype=np.float32)
    while pieces:
        piece = pieces.pop()
        joined[..., end - piece.shape[-1] : end] = piece
        end -= piece.shape[-1]
    return joined


class _Memo:
    """Decoded audio by content, rate and channels; the least recently used goes when it is full."""

    def __init__(self) -> None:
        self.entries: OrderedDict[tuple[Any, ...], np.ndarray] = OrderedDict()
        self.locks: dict[tuple[Any, ...], threading.Lock] = {}
        self.guard = threading.Lock()

    def get(self, key: tuple[Any, ...], audio: File, rate: int, channels: int) -> np.ndarray:
        with self.guard:
            lock = self.locks.setdefault(key, threading.Lock())
        with lock:  # Two services that ask at once: one decodes, the other waits for it.
            with self.guard:
                if key in self.entries:
                    self.entries.move_to_end(key)
                    return self.entries[key]
            samples = _joined([_apart(piece) for piece in blocks(audio, rate, channels, JOINED)])
            samples.flags.writeable = False
            self._keep(key, samples)
            return samples

    def _keep(self, key: tuple[Any, ...], samples: np.ndarray) -> None:
        with self.guard:
            self.entries[key] = samples
            while sum(entry.nbytes for entry in self.entries.values()) > MEMO_BYTES and len(self.entries) > 1:
                old, _ = self.entries.popitem(last=False)
                self.locks.pop(old, None)


_memo = _Memo()


def decode(audio: File, rate: int, channels: int) -> np.ndarray:
    """Decode the whole, once for all who ask."""
    if audio.sha256:
        content: tuple[Any, ...] = (audio.sha256,)
    else:
        stat = audio.path.stat()
        content = (str(audio.path), stat.st_size, stat.st_mtime_ns)
    return _memo.get((*content, rate, channels), audio, rate, channels)


class Writer:
    """Encodes audio block by block into a temporary file, `.audio` in the end."""

    def __init__(self, rate: int, channels: int, codec: str) -> None:
        if codec not in CODECS:
            raise ValueError(f"Unknown codec `{codec}`; there are {', '.join(CODECS)}.")
        name, media_type = CODECS[codec]
        self.audio = Audio.adopt(scratch(extension(media_type)), media_type)
        self._channels = channels
        self._container = av.open(str(self.audio.path), "w", options={"fflags": "+bitexact"})
        possible = av.Codec(name, "w").audio_rates
        kept = rate if not possible or rate in possible else max(possible)
        self._stream = cast("av.AudioStream", self._container.add_stream(name, rate=kept, layout=LAYOUTS[channels]))
        self._stream.codec_context.flags |= av.codec.context.Flags.bitexact
        self._resampler = av.AudioResampler(format=self._stream.format.name, layout=LAYOUTS[channels], rate=kept)
        self._rate = rate
        self._written = 0

    def write(self, samples: np.ndarray) -> None:
        """Append float samples of shape (n,) or (channels, n); what exceeds [-1, 1] is clipped."""
        block = np.ascontiguousarray(np.clip(np.atleast_2d(samples), -1, 1), dtype=np.float32)
        if not block.size:
            return
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=LAYOUTS[self._channels])
        frame.sample_rate, frame.pts = self._rate, self._written
        self._written += block.shape[1]
        self._encode(frame)

    def _encode(self, frame: av.AudioFrame | None) -> None:
        for ready in self._resampler.resample(frame):
            self._container.mux(self._stream.encode(ready))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._encode(None)
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
