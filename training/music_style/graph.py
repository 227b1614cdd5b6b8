"""ONNX graphs under construction."""

from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper


class Graph:
    """Nodes and constants in the order in which they were added. The same additions give the same bytes."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(self, kind: str, *inputs: str | np.ndarray | np.generic, name: str = "", **attributes: Any) -> str:
        """Append a node and return the name of its output; arrays among the inputs become constants."""
        output = name or f"{kind}_{len(self.nodes)}"
        names = [value if isinstance(value, str) else self._constant(np.asarray(value)) for value in inputs]
        self.nodes.append(helper.make_node(kind, names, [output], **attributes))
        return output

    def affine(self, value: str, scale: np.ndarray, shift: np.ndarray) -> str:
        """Append `value · scale + shift`."""
        return self.add("Add", self.add("Mul", value, scale), shift)

    def half(self, value: np.ndarray) -> str:
        """Append a constant that is stored with 16 bits, which halves the file, and widened when it is loaded."""
        return self.add("Cast", self._keep(np.array(value, np.float16, order="C")), to=TensorProto.FLOAT)

    def model(
        self, inputs: dict[str, list[int | str]], outputs: dict[str, list[int | str]], metadata: dict[str, str]
    ) -> ModelProto:
        """The finished model; inputs and outputs are float32 of the given shapes, letters for free sizes."""
        sources, results = (
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in side.items()]
            for side in (inputs, outputs)
        )
        model = helper.make_model(
            helper.make_graph(self.nodes, "music-style", sources, results, self.constants),
            ir_version=10,
            opset_imports=[helper.make_opsetid("", 18)],
            producer_name="halles",
        )
        helper.set_model_props(model, metadata)
        checker.check_model(model)
        return model

    def _constant(self, value: np.ndarray) -> str:
        integer = value.dtype.kind == "i"
        array = np.array(value, np.int64 if integer else np.float32, order="C")
        return self._keep(array)

    def _keep(self, array: np.ndarray) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name
