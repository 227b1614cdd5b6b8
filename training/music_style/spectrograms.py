"""Learn from tracks of which only a spectrogram is at hand.

Usage: python training/music_style/spectrograms.py [--data out/data] [--out out/features]

The shared data hold GTZAN's spectrograms of more tracks and longer pieces than its audio: 128 mel bands, thirteen
columns a second, decibels relative to the clip's maximum. Such a spectrogram is resampled to what the networks read,
and what they then hear in it is an estimate of what they would hear in the audio. Pairs of both, made from clips with
audio, teach a linear translation from one to the other (in `genres.py`).

To judge spectrograms themselves, the networks look at all of one, and faster than its music was played.

Writes `spectra.npz` (excerpts of the spectrograms), `pairs.npz`, and `pictures.npz` (the spectrograms as wholes and
as halves); they are empty where the data have no spectrograms.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnxruntime
import yamnet
from data import SPECTROGRAMS, Clip, read_clips
from features import HEARING, KEPT, hearing, seeing
from kept import Kept
from musicnn import BANDS, FFT, HOP, RATE, TAGS, UNITS, WINDOW, mel_filters, mel_scale
from progress import watched
from settings import PROJECT, Features, read_settings
from sources import gtzan_fold
from tables import Excerpts, Pairs

from halles.sdk import Audio

SOURCE_RATE, SOURCE_FFT, SOURCE_HOP, SOURCE_BANDS = 22_050, 2048, 512, 128
FRAMES_A_COLUMN, FIRST_FRAME = 1293 / 387.5, 1.7
"""Column j of a published spectrogram is frame floor(j · 1293 / 387.5 + 1.7) of the clip's 1293 frames."""
RANGE = 80.0
"""Decibels from black to white. The files do not say; this is the usual limit, which most clips reach."""
LEVEL = 20.0
"""Decibels by which the power of clips exceeds that of their spectrograms, in the median of sixty clips."""
YAMNET_GAIN = 3.72
"""By how much YAMNet's logarithms of clips exceed those of their spectrograms, in the median of as many."""

SEEING = [*HEARING, Path(__file__)]
PAIR_SECONDS = 30
LEAST_COLUMNS = 12
COLUMNS = UNITS + TAGS + yamnet.UNITS
EXCERPT_COLUMNS = 41  # Their frames cover a window of three seconds.
STRETCHES = (2, 4)
"""How many frames each column becomes where all of a spectrogram is looked at.

Five would be musicnn's own time. Where music runs faster, the networks see in their three seconds, or their one, what
a bar or a phrase is like, and less is made up between the columns.
"""


@dataclass(frozen=True)
class Spectrogram:
    """Pixels of shape (bands, columns), from 0 (80 dB under the maximum) to 255."""

    pixels: np.ndarray

    @cached_property
    def seconds(self) -> np.ndarray:
        """The time of each column's centre."""
        columns = np.arange(self.pixels.shape[1])
        return np.asarray(np.floor(columns * FRAMES_A_COLUMN + FIRST_FRAME) * SOURCE_HOP / SOURCE_RATE)

    def starts(self, count: int) -> list[int]:
        """Where excerpts begin: evenly spread columns, or the first alone when there is no room for two."""
        last = self.pixels.shape[1] - EXCERPT_COLUMNS
        return np.linspace(0, last, count).astype(int).tolist() if last > EXCERPT_COLUMNS // 2 else [0]

    def inputs(self, start: int, samples: int = WINDOW) -> dict[str, np.ndarray]:
        """What the networks read of so many samples (at 16 kHz)."""
        frames = (samples - FFT) // HOP + 1
        yamnet_frames = max(yamnet.PATCH, (samples - yamnet.WINDOW) // yamnet.HOP + 1)
        first = self.seconds[start]
        return self.read(
            first + (FFT / 2 + HOP * np.arange(frames)) / RATE,
            first + (yamnet.WINDOW / 2 + yamnet.HOP * np.arange(yamnet_frames)) / RATE,
        )

    def stretched(self, frames: int) -> dict[str, np.ndarray]:
        """What the networks read of all of it when each column becomes so many frames; YAMNet repeats what is short."""
        columns = np.arange(self.pixels.shape[1])
        seconds = np.interp(np.arange(columns[-1] * frames + 1) / frames, columns, self.seconds)
        return self.read(seconds, np.resize(seconds, max(len(seconds), yamnet.PATCH)))

    def read(self, seconds: np.ndarray, yamnet_seconds: np.ndarray) -> dict[str, np.ndarray]:
        """What the networks read at these times."""
        return {
            "log_mel": self.log_mel(seconds)[None, None],
            "yamnet_log_mel": self.yamnet_log_mel(yamnet_seconds)[None],
        }

    def log_mel(self, seconds: np.ndarray) -> np.ndarray:
        """Resample to musicnn's input (times, 96)."""
        decibels = self.resampled(seconds, mel_scale(RATE, BANDS)[1:-1])
        return np.log10(1 + 10_000 * 10 ** ((decibels + LEVEL) / 10)).astype(np.float32)

    def yamnet_log_mel(self, seconds: np.ndarray) -> np.ndarray:
        """Resample to YAMNet's input (times, 64), which is of magnitudes and of bands of equal height."""
        decibels = self.resampled(seconds, yamnet.band_centres())
        magnitudes = 10 ** (decibels / 20) * yamnet.mel_filters().sum(axis=1) * np.exp(YAMNET_GAIN)
        return np.asarray(np.log(magnitudes + yamnet.OFFSET), np.float32)

    def resampled(self, seconds: np.ndarray, hertz: np.ndarray) -> np.ndarray:
        """Decibels (times, frequencies): linear between columns and between the bands' centres."""
        decibels = self.pixels / 255 * RANGE - RANGE
        in_time = np.array([np.interp(seconds, self.seconds, band) for band in decibels])
        own = mel_scale(SOURCE_RATE, SOURCE_BANDS)[1:-1]
        return np.asarray([np.interp(hertz, own, column) for column in in_time.T])


def spectrogram_of(samples: np.ndarray) -> Spectrogram:
    """Draw the spectrogram of audio at 22,050 Hz as the published ones were drawn."""
    padded = np.pad(samples, SOURCE_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, SOURCE_FFT)[::SOURCE_HOP]
    columns = np.arange(int((len(frames) - 1 - FIRST_FRAME) / FRAMES_A_COLUMN) + 1)
    chosen = frames[np.floor(columns * FRAMES_A_COLUMN + FIRST_FRAME).astype(int)]
    window = np.hanning(SOURCE_FFT + 1)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(chosen * window)) ** 2 @ mel_filters(SOURCE_RATE, SOURCE_FFT, SOURCE_BANDS).T
    decibels = 10 * np.log10(np.maximum(power, 1e-10)).T
    decibels = np.maximum(decibels - decibels.max(), -RANGE)
    lowest = min(decibels.min(), -1.0)  # Silence has no range.
    return Spectrogram(np.round((1 - decibels / lowest) * 255).astype(np.uint8))


def look(see: onnxruntime.InferenceSession, spectrogram: Spectrogram) -> np.ndarray:
    """Embed all of a spectrogram at each of `STRETCHES`: one row, with the columns of one stretch after the other."""
    return np.hstack([part[0] for frames in STRETCHES for part in see.run(None, spectrogram.stretched(frames))])


def read_spectra(path: Path, how: Features) -> tuple[Excerpts, Excerpts]:
    """Embed all published spectrograms: excerpts of them, as their audio would be, and wholes with their halves."""
    see = seeing()

    def parts(pixels: np.ndarray) -> np.ndarray:
        spectrogram = Spectrogram(pixels)
        starts = spectrogram.starts(how.excerpts_a_spectrogram)
        return np.array([see.run(None, spectrogram.inputs(start))[0][0] for start in starts])

    def whole_and_halves(pixels: np.ndarray) -> np.ndarray:
        return np.array([look(see, Spectrogram(each)) for each in (pixels, *np.array_split(pixels, 2, axis=1))])

    return embedded(path, parts, how.excerpts_a_spectrogram), embedded(path, whole_and_halves, STRETCHES)


def embedded(path: Path, embed: Callable[[np.ndarray], np.ndarray], how: object) -> Excerpts:
    """Embed each spectrogram of a set, and keep its rows by what was done with it."""
    kept = Kept(KEPT, SEEING, how)
    with np.load(path) as file:
        tracks = list(zip(*(file[name] for name in ("X", "name", "genre", "split")), strict=True))
    rows = []
    for pixels, name, genre, split in watched(tracks, "looking at spectrograms"):
        for number, embedding in enumerate(kept(sha256(pixels.tobytes()).hexdigest(), partial(embed, pixels))):
            part = f"{name}, part {number}" if number else name
            rows.append((gtzan_fold(name), split, embedding, name, genre, part))
    return Excerpts(*(np.array(column) for column in zip(*rows, strict=True)))


def read_pairs(clips: list[Clip], how: Features) -> Pairs:
    """Embed excerpts of clips twice: by their audio, and by the spectrogram of it."""
    hear, see = hearing(["MSD"]), seeing()
    kept = Kept(KEPT, SEEING, ("pairs", how.excerpts_a_pair))

    def heard_and_seen(clip: Clip) -> np.ndarray:
        sound = Audio(clip.path)
        samples = sound.decode(SOURCE_RATE)[: PAIR_SECONDS * SOURCE_RATE]
        both = [
            (hear.run(None, {"audio": excerpt[None]})[0][0], see.run(None, inputs)[0][0])
            for excerpt, inputs in paired(samples, sound.decode(RATE), how.excerpts_a_pair)
        ]
        return np.array(both, np.float32).reshape(-1, 2, COLUMNS)

    rows = []
    for clip in watched(clips, "pairing"):
        for heard, seen in kept(clip.sha256, partial(heard_and_seen, clip)):
            rows.append((clip.fold, clip.split, heard, seen))
    return Pairs(*(np.array(column) for column in zip(*rows, strict=True)))


def paired(samples: np.ndarray, audio: np.ndarray, count: int) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Yield excerpts of audio (16 kHz) with the same seconds of its spectrogram (drawn from 22,050 Hz)."""
    spectrogram = spectrogram_of(samples)
    if spectrogram.pixels.shape[1] < LEAST_COLUMNS:
        return
    for start in spectrogram.starts(count):
        first = int(spectrogram.seconds[start] * RATE)
        excerpt = audio[first : first + WINDOW]
        if len(excerpt) >= RATE:
            yield excerpt, spectrogram.inputs(start, len(excerpt))


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=PROJECT / "out" / "data")
    parser.add_argument("--out", type=Path, default=PROJECT / "out" / "features")
    arguments = parser.parse_args()
    how = read_settings().features
    if (path := arguments.data / SPECTROGRAMS).exists():
        (spectra, pictures), pairs = read_spectra(path, how), read_pairs(read_clips(arguments.data), how)
    else:
        spectra, pictures = Excerpts.empty(COLUMNS), Excerpts.empty(len(STRETCHES) * COLUMNS)
        pairs = Pairs.empty(COLUMNS)
    spectra.write(arguments.out / "spectra.npz")
    pictures.write(arguments.out / "pictures.npz")
    pairs.write(arguments.out / "pairs.npz")


if __name__ == "__main__":
    main()
