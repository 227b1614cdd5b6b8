"""Decoding and encoding audio with FFmpeg (PyAV), in bounded memory."""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, cast

import av
import av.error
import numpy as np

from halles.sdk.context import InputRefused
from halles.sdk.values import Audio, File, scratch

CODECS = {"flac": ("flac", "audio/flac"), "wav": ("pcm_s16le", "audio/wav"), "opus": ("libopus", "audio/ogg")}
MEMO_BYTES = 512 * 1024 * 1024
LAYOUTS = {1: "mono", 2: "stereo"}
MEDIA_TYPES = {
    "wav": "audio/wav", "w64": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg", "flac": "audio/flac",
    "mov": "audio/mp4", "mp4": "audio/mp4", "m4a": "audio/mp4", "aac": "audio/aac", "matroska": "audio/webm",
    "webm": "audio/webm", "aiff": "audio/aiff",
}  # fmt: skip


def max_seconds() -> float:
    """The longest audio that is taken, `HALLES_MAX_AUDIO_SECONDS` (default one hour)."""
    return float(os.environ.get("HALLES_MAX_AUDIO_SECONDS", "3600"))


@dataclass(frozen=True)
class AudioInfo:
    """What a file says of itself; `seconds` is None when it does not say."""

    seconds: float | None
    rate: int
    channels: int
    codec: str
    media_type: str


def _open(audio: File) -> Any:
    path = audio.path
    if path.stat().st_size == 0:
        raise InputRefused(f"`{audio.label}` is an empty file. Give an audio file (mp3, wav, ogg, flac, m4a …).")
    try:
        container = av.open(str(path), metadata_errors="ignore")
    except (av.error.FFmpegError, ValueError) as error:
        raise InputRefused(
            f"`{audio.label}` is not audio that can be read: it is damaged, cut off or another kind of file. "
            "Give mp3, wav, ogg, opus, flac or m4a."
        ) from error
    if not container.streams.audio or not container.streams.audio[0].codec_context.sample_rate:
        container.close()
        raise InputRefused(f"`{audio.label}` holds no sound. Give an audio file (mp3, wav, ogg, flac, m4a …).")
    return container


def probe(audio: File) -> AudioInfo:
    """Read the header of an audio file."""
    with _open(audio) as container:
        stream = container.streams.audio[0]
        seconds = container.duration / 1e6 if container.duration else None
        formats = container.format.name.split(",")
        media = next((MEDIA_TYPES[name] for name in formats if name in MEDIA_TYPES), f"audio/x-{formats[0]}")
        return AudioInfo(seconds, stream.rate, stream.channels, stream.codec_context.name, media)


def _samples(audio: File, rate: int, channels: int) -> Iterator[np.ndarray]:
    """Resampled pieces of shape (channels, n). Damaged packets are left out, as players do."""
    left = int(max_seconds() * rate)
    heard = False
    with _open(audio) as container:
        resampler = av.AudioResampler(format="fltp", layout=LAYOUTS[channels], rate=rate)
        for packet in container.demux(container.streams.audio[0]):
            try:
                pieces = [out for frame in packet.decode() for out in resampler.resample(cast("av.AudioFrame", frame))]
                pieces += resampler.resample(None) if packet.dts is None and heard else []
            except av.error.FFmpegError:
                continue
            for piece in pieces:
                samples = piece.to_ndarray()
                heard = heard or samples.shape[1] > 0
                left -= samples.shape[1]
                if left < 0:
                    raise InputRefused(
                        f"`{audio.label}` is longer than {max_seconds() / 60:g} minutes, the longest that is taken "
                        "here (HALLES_MAX_AUDIO_SECONDS). Give a shorter piece of it."
                    )
                yield samples
    if not heard:
        raise InputRefused(f"`{audio.label}` holds no sound: the file is damaged or cut off before its first second.")


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
            samples = _shaped(np.concatenate(list(_samples(audio, rate, channels)), axis=1))
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
        self.audio = Audio.adopt(scratch("." + media_type.partition("/")[2]), media_type)
        self._channels = channels
        self._container = av.open(str(self.audio.path), "w", options={"fflags": "+bitexact"})
        self._stream = cast("av.AudioStream", self._container.add_stream(name, rate=rate, layout=LAYOUTS[channels]))
        self._stream.codec_context.flags |= av.codec.context.Flags.bitexact
        self._resampler = av.AudioResampler(format=self._stream.format.name, layout=LAYOUTS[channels], rate=rate)
        self._rate = rate
        self._written = 0

    def write(self, samples: np.ndarray) -> None:
        """Append float samples of shape (n,) or (channels, n); what exceeds [-1, 1] is clipped."""
        block = np.ascontiguousarray(np.clip(np.atleast_2d(samples), -1, 1), dtype=np.float32)
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
        if kind is None:
            self._encode(None)
            self._container.mux(self._stream.encode(None))
        self._container.close()
