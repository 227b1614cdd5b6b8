"""Turn clips into features: the embedding of excerpts of each.

Usage: python training/music_style/features.py ../shared/data/music out/music-style

Writes `audio.npz`: one row per excerpt.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from data import FOLDS, Clip, read_clips
from graph import Graph
from musicnn import BANDS, CORPORA, RATE, TAGS, UNITS, WINDOW, embed, log_mel
from tables import Excerpts

from halles.sdk import Audio, InputRefused
from halles_services.music_style.excerpts import excerpts

EXCERPTS_A_CLIP = 10
NOISES = 60


def embedding_session(source: str = "audio", corpora: Sequence[str] = CORPORA) -> onnxruntime.InferenceSession:
    """The model from `audio` (windows, samples) or `log_mel` (windows, 1, frames, 96) to the embedding."""
    graph = Graph()
    embed(graph, log_mel(graph, source) if source == "audio" else source, corpora)
    shape: list[int | str] = ["windows", "samples"] if source == "audio" else ["windows", 1, "frames", BANDS]
    model = graph.model({source: shape}, {"embedding": ["windows", len(corpora) * (UNITS + TAGS)]}, {})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def samples_of(clips: list[Clip], rate: int = RATE) -> Iterator[tuple[Clip, np.ndarray]]:
    """Yield the clips that can be decoded; the others are named and left out."""
    for clip in clips:
        try:
            yield clip, Audio(clip.path).decode(rate)
        except (InputRefused, OSError) as error:
            print(f"left out: {clip.path}: {error}")


def noises() -> Iterator[np.ndarray]:
    """Yield excerpts that are no music: white to brown noise at all levels, which must not be taken for a genre."""
    random = np.random.default_rng(0)
    for _ in range(NOISES):
        spectrum = np.fft.rfft(random.standard_normal(WINDOW))
        spectrum /= np.maximum(np.arange(len(spectrum)), 20) ** random.uniform(0, 1.2)
        noise = np.fft.irfft(spectrum, WINDOW)
        yield (noise / np.abs(noise).max() * 10 ** random.uniform(-2.5, 0)).astype(np.float32)


def read_excerpts(clips: list[Clip]) -> Excerpts:
    """Embed excerpts of all clips, and noise."""
    session = embedding_session()
    rows = []
    for number, (clip, samples) in enumerate(samples_of(clips)):
        for excerpt in excerpts(samples, WINDOW, EXCERPTS_A_CLIP):
            embedding = session.run(None, {"audio": excerpt[None]})[0][0]
            rows.append((clip.fold, clip.split, embedding, clip.track, clip.genre, number))
    for number, noise in enumerate(noises()):
        embedding = session.run(None, {"audio": noise[None]})[0][0]
        rows.append((number % FOLDS, "noise", embedding, f"noise.{number}", "", -1 - number))
    return Excerpts(*(np.array(column) for column in zip(*rows, strict=True)))


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("music", type=Path, help="the folder `music` of the shared data")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    read_excerpts(read_clips(arguments.music)).write(arguments.out / "audio.npz")


if __name__ == "__main__":
    main()
