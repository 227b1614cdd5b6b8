"""How well voice extraction separates, and what it costs.

    python -m bench.separation [--data ../shared/data/separation] [--pairs 40] [--minutes 10] [--json FILE]

SDR is 10 log10(|s|² / |s − ŝ|²) over a whole clip, in dB: nothing is forgiven, neither level nor filtering (the
"new SDR" of the Music Demixing Challenge 2021, Mitsufuji et al. 2022, equation 1). SI-SDR first scales the true stem
to fit (Le Roux et al., ICASSP 2019). The leak is the level of the vocals that are found in the true accompaniment
alone, relative to it: lower is better. All are means over clips; the estimates do not pass through a codec.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.process import measure as measure_command
from halles.sdk import Audio, Context, run_service
from halles_services.voice_extraction.separation import BINS, LEVEL, RATE, Separator, measure
from halles_services.voice_extraction.service import VoiceExtraction
from halles_services.voice_extraction.weights import MODEL, SPLEETER

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "separation"
COLUMNS = ("vocals SDR", "accompaniment SDR", "vocals SI-SDR", "accompaniment SI-SDR", "leak")
Estimator = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


class Clip(NamedTuple):
    """A mix and its two true stems, stereo at 44.1 kHz."""

    vocals: np.ndarray
    accompaniment: np.ndarray
    mix: np.ndarray


class Published(Separator):
    """Spleeter's own settings: shares by energy, no vocals above 11 kHz."""

    def vocal_share(self, magnitudes: np.ndarray) -> np.ndarray:
        shares = self.session.run(None, {"magnitudes": magnitudes[None, ..., :BINS]})
        vocals, accompaniment = (np.square(share[0]) for share in shares)
        whole = np.zeros_like(magnitudes)
        whole[..., :BINS] = vocals / (vocals + accompaniment)
        return whole


class VocalsOnly(Separator):
    """One of the two U-Nets, whose shares are taken as they are."""

    def vocal_share(self, magnitudes: np.ndarray) -> np.ndarray:
        (shares,) = self.session.run(["vocals"], {"magnitudes": magnitudes[None, ..., :BINS]})
        above = np.repeat(shares[0][..., -1:], magnitudes.shape[-1] - BINS, axis=-1)
        return np.concatenate([shares[0], above], axis=-1)


def song_clips(data: Path) -> list[Clip]:
    folders = sorted(path for path in (data / "songs").iterdir() if path.is_dir())
    return [
        Clip(*(_stereo(folder / f"{name}.mp3") for name in ("vocals_true", "accompaniment_true", "mix")))
        for folder in folders
    ]


def karaoke_clips(data: Path, count: int) -> list[Clip]:
    """A sample of the MIR-1K pairs, the same every time."""
    names = sorted(path.name for path in (data / "mir1k" / "vocals").iterdir())
    chosen = np.random.default_rng(0).choice(len(names), min(count, len(names)), replace=False)
    clips = []
    for name in (names[number] for number in sorted(chosen)):
        stems = [_stereo(data / "mir1k" / stem / name) for stem in ("vocals", "accompaniment")]
        vocals, accompaniment = (stem[:, : min(s.shape[1] for s in stems)] for stem in stems)
        clips.append(Clip(vocals, accompaniment, vocals + accompaniment))
    return clips


def _stereo(path: Path) -> np.ndarray:
    return np.concatenate(list(Audio(path).blocks(RATE, 2)), axis=1)


def sdr(true: np.ndarray, estimate: np.ndarray) -> float:
    return decibels(true, true - estimate)


def decibels(signal: np.ndarray, reference: np.ndarray) -> float:
    """Energy of a signal relative to another's."""
    energy, whole = (float(np.square(samples, dtype=np.float64).sum()) for samples in (signal, reference))
    return 10 * math.log10(energy / whole)


def scale_invariant_sdr(true: np.ndarray, estimate: np.ndarray) -> float:
    return sdr(true * (np.vdot(true, estimate) / np.vdot(true, true)), estimate)


def scores(clips: Iterable[Clip], estimate: Estimator) -> list[float]:
    """Mean scores over clips of an estimator of (vocals, accompaniment)."""
    rows = []
    for clip in clips:
        pairs = list(zip((clip.vocals, clip.accompaniment), estimate(clip.mix), strict=True))
        leak, _ = estimate(clip.accompaniment)
        rows.append(
            [
                *(sdr(*pair) for pair in pairs),
                *(scale_invariant_sdr(*pair) for pair in pairs),
                decibels(leak, clip.accompaniment),
            ]
        )
    return [float(mean) for mean in np.mean(rows, axis=0)]


def estimator(separator: Separator, *, levelled: bool = True, gain: float = 1.0) -> Estimator:
    """Separate a mix that is `gain` times as loud; `levelled` brings it to the level that the network likes."""

    def estimate(mix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        song = mix * np.float32(gain)
        pieces = separator.separate([song], measure([song]).rms if levelled else LEVEL)
        vocals, accompaniment = (np.concatenate(stem, axis=1) / gain for stem in zip(*pieces, strict=True))
        return vocals, accompaniment

    return estimate


def quality(sets: dict[str, list[Clip]]) -> dict[str, dict[str, list[float]]]:
    """The scores of several ways to separate, by set of clips."""
    context = Context()
    ours, published, vocals_only = (
        kind(context.weights(SPLEETER) / MODEL, context.threads) for kind in (Separator, Published, VocalsOnly)
    )
    ways = {
        "no separation": lambda mix: (mix, mix),
        "Spleeter's settings": estimator(published, levelled=False),
        "this service": estimator(ours),
        "vocals network alone": estimator(vocals_only),
        "Spleeter's settings, song 20 dB quieter": estimator(published, levelled=False, gain=0.1),
        "this service, song 20 dB quieter": estimator(ours, gain=0.1),
    }
    return {name: {way: scores(clips, run) for way, run in ways.items()} for name, clips in sets.items()}


def cost(song: Path) -> dict[str, float]:
    """Separate one song as the service does, in this process."""
    context = Context()
    context.weights(SPLEETER)
    before = time.process_time()
    VoiceExtraction.setup(context)
    loaded = time.process_time()
    audio = Audio(song)
    run_service(VoiceExtraction, context=context, song=audio)
    seconds = audio.probe().seconds or 0
    return {
        "audio, seconds": seconds,
        "CPU seconds per audio second": (time.process_time() - loaded) / seconds,
        "model load, CPU seconds": loaded - before,
    }


def costs(mix: np.ndarray, minutes: float) -> dict[str, float]:
    """Repeat a mix to a song of a given length, and separate it in a fresh process whose memory is watched."""
    left = round(minutes * 60 * RATE)
    with Audio.writer(RATE, 2) as writer:
        while left > 0:
            writer.write(mix[:, :left])
            left -= mix.shape[1]
    child = measure_command([sys.executable, "-m", "bench.separation", "--cost-of", str(writer.audio.path)])
    return json.loads(child.output) | {"peak RSS, MB": child.peak}


def show(figures: dict[str, Any]) -> None:
    for name, ways in figures["quality"].items():
        print(f"\n| {name}, dB | {' | '.join(COLUMNS)} |\n|---|{'---:|' * len(COLUMNS)}")
        for way, row in ways.items():
            print(f"| {way} | {' | '.join(f'{score:.2f}' for score in row)} |")
    print("\n| cost | |\n|---|---:|")
    for name, figure in figures["cost"].items():
        print(f"| {name} | {figure:.3g} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.separation", description="Measure voice extraction.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--pairs", type=int, default=40, help="of MIR-1K")
    parser.add_argument("--minutes", type=float, default=10, help="length of the song whose cost is measured")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--cost-of", type=Path, metavar="SONG", help="only separate this song and print the cost")
    options = parser.parse_args()
    if options.cost_of:
        print(json.dumps(cost(options.cost_of)))
        return
    if not options.data.is_dir():
        parser.error(f"{options.data} is not there; give the folder with `songs` and `mir1k` as --data")
    songs, karaoke = song_clips(options.data), karaoke_clips(options.data, options.pairs)
    figures = {
        "quality": quality({f"songs ({len(songs)})": songs, f"MIR-1K ({len(karaoke)} pairs)": karaoke}),
        "cost": costs(songs[0].mix, options.minutes),
    }
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
