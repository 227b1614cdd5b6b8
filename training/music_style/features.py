"""Turn clips into features: the embedding of excerpts of each.

Usage: python training/music_style/features.py [--data out/data] [--out out/features]

Writes `audio.npz`: one row per excerpt. What was computed is kept in `work`, so that an interrupted run goes on where
it was, and new clips alone cost something.
"""

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import musicnn
import numpy as np
import onnxruntime
import yamnet
from data import FOLDS, Clip, read_clips
from graph import Graph
from kept import Kept
from musicnn import CORPORA, RATE, WINDOW
from progress import watched
from settings import PROJECT, Features, read_settings
from tables import Excerpts

from halles.sdk import Audio
from halles_services.music_style.excerpts import excerpts

KEPT = PROJECT / "work" / "features"
HEARING = [Path(__file__).with_name(f"{name}.py") for name in ("features", "graph", "musicnn", "yamnet")]
"""The code that what is kept was computed with."""


def hearing(corpora: Sequence[str] = CORPORA) -> onnxruntime.InferenceSession:
    """The model from `audio` (windows, samples) to the embedding: musicnn's columns, then YAMNet's."""
    graph = Graph()
    spectra = musicnn.log_mel(graph, "audio"), yamnet.log_mel(graph, "audio")
    return session(graph, spectra, corpora, {"audio": ["windows", "samples"]})


def seeing() -> onnxruntime.InferenceSession:
    """The same from the log-mel spectra that the two networks (MSD's musicnn) make of audio."""
    inputs: dict[str, list[int | str]] = {
        "log_mel": ["windows", 1, "frames", musicnn.BANDS], "yamnet_log_mel": ["windows", "patch_frames", yamnet.BANDS],
    }  # fmt: skip
    return session(Graph(), ("log_mel", "yamnet_log_mel"), ["MSD"], inputs)


def session(
    graph: Graph, spectra: tuple[str, str], corpora: Sequence[str], inputs: dict[str, list[int | str]]
) -> onnxruntime.InferenceSession:
    """Finish the graph with the networks."""
    parts = musicnn.embed(graph, spectra[0], corpora), yamnet.embed(graph, spectra[1])
    graph.add("Concat", *parts, axis=1, name="heard")
    columns = len(corpora) * (musicnn.UNITS + musicnn.TAGS) + yamnet.UNITS
    model = graph.model(inputs, {"heard": ["windows", columns]}, {})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    there = onnxruntime.get_available_providers()
    providers = [each for each in ("CUDAExecutionProvider", "CPUExecutionProvider") if each in there]
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=providers)


def noises(count: int) -> Iterator[np.ndarray]:
    """Yield excerpts that are no music: hiss to rumble at all levels, some distorted, every fourth a gliding tone."""
    random = np.random.default_rng(0)
    time = np.arange(WINDOW) / RATE
    for number in range(count):
        spectrum = np.fft.rfft(random.standard_normal(WINDOW))
        spectrum /= np.maximum(np.arange(len(spectrum)), 20) ** random.uniform(0, 1.2)
        noise = np.fft.irfft(spectrum, WINDOW)
        if number % 4 == 3:
            noise = np.sin(2 * np.pi * (10 ** random.uniform(1.8, 3.5) + random.uniform(0, 300) * time) * time)
        loud = noise / np.abs(noise).max() * 10 ** random.uniform(-2.5, 0.5)
        yield np.clip(loud, -1, 1).astype(np.float32)


def read_excerpts(clips: list[Clip], how: Features) -> Excerpts:
    """Embed excerpts of all clips, and noise."""
    model = hearing()
    kept = Kept(KEPT, HEARING, how.excerpts_a_clip)

    def heard(samples: np.ndarray) -> np.ndarray:
        return np.asarray(model.run(None, {"audio": samples[None]})[0][0])

    def embedded(clip: Clip) -> np.ndarray:
        samples = Audio(clip.path).decode(RATE)
        return np.array([heard(excerpt) for excerpt in excerpts(samples, WINDOW, how.excerpts_a_clip)])

    rows = []
    for clip in watched(clips, "listening"):
        for embedding in kept(clip.sha256, partial(embedded, clip)):
            rows.append((clip.fold, clip.split, embedding, clip.track, clip.genre, clip.file))
    for number, noise in enumerate(noises(how.noises)):
        rows.append((number % FOLDS, "noise", heard(noise), f"noise.{number}", "", f"noise.{number}"))
    return Excerpts(*(np.array(column) for column in zip(*rows, strict=True)))


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=PROJECT / "out" / "data")
    parser.add_argument("--out", type=Path, default=PROJECT / "out" / "features")
    arguments = parser.parse_args()
    read_excerpts(read_clips(arguments.data), read_settings().features).write(arguments.out / "audio.npz")


if __name__ == "__main__":
    main()
