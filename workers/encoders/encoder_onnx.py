"""MiniLM on ONNX Runtime, on the CPU."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock

import numpy as np
from onnxruntime import InferenceSession
from safetensors.numpy import load_file

from stores.vectors import FloatArray
from workers.encoders.built_model import built_model, session
from workers.encoders.minilm import DIMENSIONS, NAME, Tokenizer, build, digest, model_folder


class OnnxMiniLm:
    """Sentences to 384 dimensions, in this process.

    Texts run one by one: with padded batches the processor does more, not less, and a vector would depend on its neighbours.
    """

    dimensions = DIMENSIONS

    def __init__(self, folder: Path | None, *, threads: int) -> None:
        """Keep the built model in `folder`, if there is one. Nothing is loaded before it is needed."""
        self._folder = folder
        self._threads = threads
        self._lock = Lock()
        self._sessions: dict[int, InferenceSession] = {}

    @cached_property
    def model(self) -> str:
        """Return the model's name and digest."""
        return f"{NAME}-{digest(model_folder())[:12]}"

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Return what cuts texts; it needs no session."""
        return Tokenizer(model_folder())

    def tokens(self, text: str) -> list[tuple[int, int]]:
        """Return where each token of the whole text begins and ends, in characters."""
        return self.tokenizer.spans(text)

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return a row of unit length for each text: [n, 384]. What lies beyond 512 tokens is not seen."""
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        ready = self._ready() if texts else None
        for row, text in zip(vectors, texts, strict=True):
            if ready is not None:
                row[:] = ready.run(["vectors"], {"ids": np.array([self.tokenizer.ids(text)], np.int64)})[0][0]
        return vectors

    def _ready(self) -> InferenceSession:
        """Return this process's session.

        Threads do not live on in a forked child: it makes its own, and keeps its parent's, whose end would wait for them.
        """
        with self._lock:
            process = os.getpid()
            if process not in self._sessions:
                self._sessions[process] = self._load()
            return self._sessions[process]

    def _load(self) -> InferenceSession:
        source = built_model(self._folder, self.model, lambda: build(load_file(model_folder() / "model.safetensors")))
        return session(source, threads=self._threads)
