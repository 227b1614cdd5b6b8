"""Stage `export`: write the model that the service runs: audio in, genres, tags and mood out.

Usage: python training/music_style/export.py [--heads out/train/heads.npz] [--out out/model.onnx]
"""

import argparse
import json
from pathlib import Path

import musicnn
import numpy as np
import yamnet
from genres import MSD, linear
from graph import Graph
from heads import CLIP, Linear
from musicnn import RATE, WINDOW
from names import MUSICAL, SPOKEN
from onnx import ModelProto
from settings import PROJECT, read_settings
from tags import SYNONYMS, tag_head


def build_model(heads: dict[str, np.ndarray], shortest: float) -> ModelProto:
    """Return the model; the same heads give the same bytes. Of less than `shortest` seconds it is never sure."""
    names = heads["genres"].tolist()
    graph = Graph()
    embedding = musicnn.embed(graph, musicnn.log_mel(graph, "audio"))
    units = yamnet.embed(graph, yamnet.log_mel(graph, "audio"))
    reduced = layer(graph, units, linear(heads, "reduce"))
    called, musical = layer_of_names(graph, units, heads)
    told_from = graph.add("Slice", embedding, np.array([0]), np.array([MSD]), np.array([1]))
    scores = layer(graph, graph.add("Concat", told_from, reduced, called, axis=1), linear(heads, "genres"))
    graph.add("Softmax", graph.add("Mul", graph.add("Mul", scores, musical), heads["scale"]), name="genres")
    mood = layer(graph, embedding, linear(heads, "mood"))
    energy, valence = (graph.add("Slice", mood, np.array([i]), np.array([i + 1]), np.array([1])) for i in (0, 1))
    graph.add("Concat", graph.add("Sigmoid", energy), graph.add("Tanh", valence), axis=1, name="mood")
    graph.add("Sigmoid", graph.add("Gemm", embedding, *tag_head(heads["typical"], heads["spread"])), name="tags")
    metadata = {
        "genres": json.dumps(names),
        "tags": json.dumps(list(SYNONYMS)),
        "rate": str(RATE),
        "window": str(WINDOW),
        "unsure_below": str(float(heads["unsure_below"])),
        "shortest": str(shortest),
        "licence": "Apache-2.0; contains weights of musicnn by Jordi Pons (ISC) and YAMNet by Google (Apache-2.0)",
    }
    outputs: dict[str, list[int | str]] = {
        "genres": ["windows", len(names)], "tags": ["windows", len(SYNONYMS)], "mood": ["windows", 2]
    }  # fmt: skip
    return graph.model({"audio": ["windows", "samples"]}, outputs, metadata)


def layer(graph: Graph, value: str, head: Linear) -> str:
    """Append a linear layer."""
    scaled = graph.affine(value, 1 / head.deviation, -head.mean / head.deviation)
    clipped = graph.add("Clip", scaled, np.float32(-CLIP), np.float32(CLIP))
    return graph.add("Gemm", clipped, head.weights, head.bias)


def layer_of_names(graph: Graph, units: str, heads: dict[str, np.ndarray]) -> tuple[str, str]:
    """Append what YAMNet calls the genres, and how much it hears music rather than speech (`Names`)."""
    columns = len(heads["names_bias"])
    logits = graph.add("Gemm", graph.add("Mul", units, units), heads["names_weights"], heads["names_bias"])
    genres = graph.add("Slice", logits, np.array([0]), np.array([columns - 1]), np.array([1]))
    last = graph.add("Slice", logits, np.array([columns - 1]), np.array([columns]), np.array([1]))
    risen = graph.affine(last, *(np.array(each / (MUSICAL - SPOKEN)) for each in (1, -SPOKEN)))
    return genres, graph.add("Clip", risen, np.float32(0), np.float32(1))


def main() -> None:
    """Read the heads, write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heads", type=Path, default=PROJECT / "out" / "train" / "heads.npz")
    parser.add_argument("--out", type=Path, default=PROJECT / "out" / "model.onnx")
    arguments = parser.parse_args()
    model = build_model(dict(np.load(arguments.heads)), read_settings().export.shortest)
    arguments.out.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
