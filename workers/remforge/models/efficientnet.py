"""EfficientNet-Lite0 as an ONNX graph, its batch norms folded into the convolutions before them.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019; the Lite models (Liu,
2020) have no squeeze-and-excitation, and ReLU6 in place of Swish. 4.65 million weights, 0.4 GFLOP a picture.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.encoders.onnx_graph import OnnxGraph

BUILDER = b"1"
"""The version of the graph below: another one, another digest."""
SIZE = 224
CLASSES = 1000
MEAN, SPREAD = 127.0, 128.0
"""A pixel is (value - MEAN) / SPREAD: efficientnet_lite_builder.py of the original."""
EPSILON = 1e-3
"""Of the batch norms."""
STAGES = ((1, 3, 1, 1), (2, 3, 2, 6), (2, 5, 2, 6), (3, 3, 2, 6), (3, 5, 1, 6), (4, 5, 2, 6), (1, 3, 1, 6))
"""Blocks, size of the kernel, stride of the first block, by how much a block widens."""

Weights = Mapping[str, NDArray[Any]]


def build(weights: Weights) -> bytes:
    """Return the model: `pixels` uint8 [n, 224, 224, 3] to `shares` float32 [n, 1000], which sum to 1."""
    return _Lite0(weights).model()


class _Lite0:
    def __init__(self, weights: Weights) -> None:
        self._weights, self._graph = weights, OnnxGraph()

    def model(self) -> bytes:
        graph = self._graph
        states = self._conv(self._scaled(), "_conv_stem", "_bn0", kernel=3, stride=2)
        number = 0
        for blocks, kernel, first_stride, widens in STAGES:
            for block in range(blocks):
                stride = first_stride if block == 0 else 1
                states = self._block(states, f"_blocks.{number}", kernel=kernel, stride=stride, widens=widens)
                number += 1
        states = self._conv(states, "_conv_head", "_bn1")
        pooled = graph.node("Flatten", [graph.node("GlobalAveragePool", [states], "mean")], "pooled")
        matrix = graph.constant("_fc.weight", self._weights["_fc.weight"].T)
        product = graph.node("MatMul", [pooled, matrix], "product")
        scores = graph.node("Add", [product, graph.constant("_fc.bias", self._weights["_fc.bias"])], "scores")
        graph.node("Softmax", [scores], "shares", axis=1)
        return graph.model(
            "efficientnet-lite0",
            inputs={"pixels": ("u1", ["n", SIZE, SIZE, 3])},
            outputs={"shares": ("f4", ["n", CLASSES])},
        )

    def _scaled(self) -> str:
        graph = self._graph
        numbers = graph.node("Cast", ["pixels"], "numbers", to=1)  # 1 is float32.
        centred = graph.node("Sub", [numbers, graph.constant("middle", np.array([MEAN], np.float32))], "centred")
        scaled = graph.node("Div", [centred, graph.constant("spread", np.array([SPREAD], np.float32))], "scaled")
        return graph.node("Transpose", [scaled], "planes", perm=[0, 3, 1, 2])

    def _block(self, states: str, name: str, *, kernel: int, stride: int, widens: int) -> str:
        inner = states
        if widens > 1:
            inner = self._conv(inner, f"{name}._expand_conv", f"{name}._bn0")
        inner = self._conv(inner, f"{name}._depthwise_conv", f"{name}._bn1", kernel=kernel, stride=stride, each=True)
        inner = self._conv(inner, f"{name}._project_conv", f"{name}._bn2", bounded=False)
        wide, narrow = (self._weights[f"{name}._{part}_conv.weight"].shape for part in ("project", "depthwise"))
        before = narrow[0] // widens
        return inner if stride > 1 or wide[0] != before else self._graph.node("Add", [inner, states], f"{name}.sum")

    def _conv(
        self,
        states: str,
        name: str,
        norm: str,
        *,
        kernel: int = 1,
        stride: int = 1,
        each: bool = False,
        bounded: bool = True,
    ) -> str:
        """Add a convolution with what its batch norm does to it; `each`: channel by channel."""
        weight, shift, mean, variance, scale = (
            np.asarray(self._weights[key], np.float64)
            for key in (
                f"{name}.weight",
                *(f"{norm}.{part}" for part in ("bias", "running_mean", "running_var", "weight")),
            )
        )
        gain = scale / np.sqrt(variance + EPSILON)
        folded = np.asarray(weight * gain[:, None, None, None], np.float32)
        # TensorFlow's "same": as much as is needed on all sides together, the odd one below and to the right.
        padding = max(kernel - stride, 0)
        before, after = padding // 2, padding - padding // 2
        result = self._graph.node(
            "Conv",
            [
                states,
                self._graph.constant(f"{name}.weight", folded),
                self._graph.constant(f"{name}.bias", np.asarray(shift - mean * gain, np.float32)),
            ],
            name,
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=len(weight) if each else 1,
        )
        if not bounded:
            return result
        bounds = [self._graph.constant(f"{name}.{bound}", np.array(bound, np.float32)) for bound in (0, 6)]
        return self._graph.node("Clip", [result, *bounds], f"{name}.relu6")
