"""An ONNX graph that grows node by node; names of nodes are names of their outputs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET, IR_VERSION = 23, 11
Places = Mapping[str, tuple[str, Sequence[str | int]]]
"""Of a graph's inputs or outputs: dtype in numpy's letters, and shape, where a name is a size that is free."""


class OnnxGraph:
    """A model in the making."""

    def __init__(self) -> None:
        # Imported here because a process that finds its model built needs nothing of it.
        from onnx import helper, numpy_helper  # noqa: PLC0415

        self._helper, self._numpy = helper, numpy_helper
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def node(self, kind: str, inputs: list[str], name: str, **attributes: Any) -> str:
        """Add an operation; return the name of its output."""
        self._nodes.append(self._helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Add an array; return its name."""
        self._constants.append(self._numpy.from_array(np.ascontiguousarray(value), name))
        return name

    def model(self, name: str, *, inputs: Places, outputs: Places) -> bytes:
        """Return the whole of it; equal graphs are equal bytes."""
        graph = self._helper.make_graph(self._nodes, name, self._places(inputs), self._places(outputs), self._constants)
        opset = [self._helper.make_opsetid("", OPSET)]
        model = self._helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
        return bytes(model.SerializeToString(deterministic=True))

    def _places(self, places: Places) -> list[Any]:
        return [
            self._helper.make_tensor_value_info(
                name, self._helper.np_dtype_to_tensor_dtype(np.dtype(letters)), list(shape)
            )
            for name, (letters, shape) in places.items()
        ]
