"""Turn clips into features: the embedding of excerpts of each.

Usage: python training/music_style/features.py ../shared/data/music out/music-style/features.npz
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
from data import Clip, read_clips
from graph import Graph
from musicnn import EMBEDDING, RATE, WINDOW, embed

from halles.sdk import Audio, InputRefused
from halles_services.music_style.excerpts import excerpts

EXCERPTS_A_CLIP = 10
NOISES = 60


def embedding_session(threads: int = 2) -> onnxruntime.InferenceSession:
    """The model audio (windows, samples) → embedding (windows, 500)."""
    graph = Graph()
    embed(graph, "audio")
    model = graph.model({"audio": ["windows", "samples"]}, {"embedding": ["windows", len(EMBEDDING)]}, {})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def samples_of(clips: list[Clip]) -> Iterator[tuple[Clip, np.ndarray]]:
    """Yield the clips that can be decoded; the others are named and left out."""
    for clip in clips:
        try:
            yield clip, Audio(clip.path).decode(RATE)
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


def main() -> None:
    """Write one row per excerpt: embedding, track, genre, split, fold and number of the clip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("music", type=Path, help="the folder `music` of the shared data")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    session = embedding_session()
    rows, embeddings = [], []

    def note(excerpt: np.ndarray, *row: str | int) -> None:
        embeddings.append(session.run(None, {"audio": excerpt[None]})[0][0])
        rows.append(row)

    for number, (clip, samples) in enumerate(samples_of(read_clips(arguments.music))):
        for excerpt in excerpts(samples, WINDOW, EXCERPTS_A_CLIP):
            note(excerpt, clip.track, clip.genre, clip.split, clip.fold, number)
    for number, noise in enumerate(noises()):
        note(noise, f"noise.{number}", "", "noise", number % 5, -1 - number)
    track, genre, split, fold, clip_number = (np.array(column) for column in zip(*rows, strict=True))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        arguments.out,
        embedding=np.array(embeddings),
        track=track,
        genre=genre,
        split=split,
        fold=fold,
        clip=clip_number,
    )


if __name__ == "__main__":
    main()
