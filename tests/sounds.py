"""Makes audio files of any kind for tests."""

from pathlib import Path

import av
import numpy as np

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
CODECS = {
    "wav": "pcm_s16le", "mp3": "libmp3lame", "ogg": "libopus", "opus": "libopus", "flac": "flac", "m4a": "aac",
    "aac": "aac", "webm": "libopus",
}  # fmt: skip


def tone(seconds: float, rate: int = 48000, pitch: float = 440) -> np.ndarray:
    """A sine of half the full scale."""
    return (0.5 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def write(
    file: Path, samples: np.ndarray | None = None, *, rate: int = 48000, channels: int = 1, kind: str | None = None
) -> Path:
    """Encode as the kind that a file's name says, unless another is named; a tone of one second unless given."""
    kind = kind or file.suffix[1:]
    layout = LAYOUTS[channels]
    sound = np.tile(tone(1, rate) if samples is None else samples, (channels, 1))
    with av.open(str(file), "w", format={"aac": "adts", "m4a": "mp4"}.get(kind, kind)) as container:
        stream = container.add_stream(CODECS[kind], rate=rate, layout=layout)
        resampler = av.AudioResampler(format=stream.format.name, layout=layout, rate=rate)
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout=layout)
        frame.sample_rate = rate
        for ready in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux(stream.encode(ready))
    return file
