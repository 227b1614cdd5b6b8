"""The two U-Nets of Spleeter 2stems as an ONNX graph.

Jansson et al., "Singing voice separation with deep U-Net convolutional networks", ISMIR 2017; Hennequin et al.,
"Spleeter: a fast and efficient music source separation tool with pre-trained models", JOSS 5(50), 2020. Each U-Net
sees the magnitudes of the mix and says which share of each of them belongs to its stem.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper

STEMS = ("vocals", "accompaniment")  # in the order in which the checkpoint numbers their layers
BINS = 1024
FRAME_MULTIPLE = 64  # six layers halve the number of frames
ENCODERS = 6
DECODERS = 6

# TensorFlow's padding "same" of a 5×5 kernel with stride 2 on an even length: one before, two after.
HALVING = {"kernel_shape": [5, 5], "strides": [2, 2], "pads": [1, 1, 2, 2]}
DILATED = {"kernel_shape": [4, 4], "dilations": [2, 2], "pads": [3, 3, 3, 3]}
BATCH_NORM_EPSILON = 1e-3  # Keras's default
LEAK = 0.2


def build_model(variables: dict[str, np.ndarray]) -> ModelProto:
    """Return the model `magnitudes (1, 2, frames, 1024) → vocals, accompaniment`, shares in [0, 1] of the same shape.

    `frames` is any multiple of `FRAME_MULTIPLE`. The same variables give the same bytes.
    """
    graph = Graph(variables)
    for stem in range(len(STEMS)):
        unet(graph, stem)
    shape: list[int | str | None] = [1, 2, "frames", BINS]
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("magnitudes", *STEMS)]
    return helper.make_model(
        helper.make_graph(graph.nodes, "spleeter-2stems", ports[:1], ports[1:], graph.weights),
        ir_version=10,
        opset_imports=[helper.make_opsetid("", 17)],
        producer_name="halles",
    )


def unet(graph: "Graph", stem: int) -> None:
    """Append the U-Net of one stem; the skip connections leave before the normalisation."""
    convolution, transposed = stem * (ENCODERS + 1), stem * DECODERS
    norm = stem * (ENCODERS + DECODERS)
    value, skips = "magnitudes", []
    for layer in range(ENCODERS):
        value = graph.convolve(value, _numbered("conv2d", convolution + layer), **HALVING)
        if layer < ENCODERS - 1:
            skips.append(value)
            value = graph.normalise(value, _numbered("batch_normalization", norm + layer))
            value = graph.add("LeakyRelu", [value], alpha=LEAK)
    for layer in range(DECODERS):
        if layer > 0:
            value = graph.add("Concat", [skips.pop(), value], axis=1)
        value = graph.convolve(value, _numbered("conv2d_transpose", transposed + layer), **HALVING)
        value = graph.add("Relu", [value])
        value = graph.normalise(value, _numbered("batch_normalization", norm + ENCODERS + layer))
    value = graph.convolve(value, _numbered("conv2d", convolution + ENCODERS), **DILATED)
    graph.add("Sigmoid", [value], name=STEMS[stem])


def _numbered(layer: str, number: int) -> str:
    """Name a layer as Keras does: the first of its kind has no number."""
    return f"{layer}_{number}" if number else layer


@dataclass
class Graph:
    """An ONNX graph under construction, which takes its weights from TensorFlow's variables."""

    variables: dict[str, np.ndarray]
    nodes: list[NodeProto] = field(default_factory=list)
    weights: list[TensorProto] = field(default_factory=list)

    def convolve(self, value: str, layer: str, **attributes: Any) -> str:
        """Append a convolution, or a transposed one, with its bias."""
        transposed = layer.startswith("conv2d_transpose")
        # TensorFlow: height, width, in, out (transposed: out, in). ONNX: out, in (transposed: in, out), height, width.
        kernel = self.weight(f"{layer}/kernel", self.variables[f"{layer}/kernel"].transpose(3, 2, 0, 1))
        bias = self.weight(f"{layer}/bias", self.variables[f"{layer}/bias"])
        return self.add("ConvTranspose" if transposed else "Conv", [value, kernel, bias], **attributes)

    def normalise(self, value: str, layer: str) -> str:
        """Append a batch normalisation with its stored statistics."""
        names = [f"{layer}/{part}" for part in ("gamma", "beta", "moving_mean", "moving_variance")]
        weights = [self.weight(name, self.variables[name]) for name in names]
        return self.add("BatchNormalization", [value, *weights], epsilon=BATCH_NORM_EPSILON)

    def weight(self, name: str, values: np.ndarray) -> str:
        """Append a constant of the graph."""
        raw = np.ascontiguousarray(values, "<f4").tobytes()
        self.weights.append(helper.make_tensor(name, TensorProto.FLOAT, values.shape, raw, raw=True))
        return name

    def add(self, operator: str, inputs: list[str], name: str = "", **attributes: Any) -> str:
        """Append a node and return the name of its output."""
        output = name or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output
