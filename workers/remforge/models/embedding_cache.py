"""What models made of contents before, in a file that processes share and that outlives them.

A key is the SHA-256 of the content (bytes, shape and type), of the model's digest, and of how the content is prepared
and in which precision it is computed. A value is checked by its own digest when it is read: a damaged one is a miss.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from workers.encoders.digest_file import DigestFile
from workers.remforge.inference import Card, Item, Output
from workers.remforge.models.frames import BadFrame
from workers.remforge.models.wire import pack_results, unpack_results

LAYOUT = "1"
"""Of a value: other layouts have other keys."""
CHECK_BYTES = 8
SIZE_BYTES = 4
MOST_BYTES = 1 << 20
"""What is larger is not kept: one result must not push out thousands."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many results were there, and how many had to be computed."""

    hits: int = 0
    misses: int = 0


class EmbeddingCache:
    """Outputs by content and model. Losing the file costs time and nothing else."""

    def __init__(self, path: Path, *, limit_bytes: int, clock: Callable[[], float] = time.time) -> None:
        """Keep at most about `limit_bytes` in `path`; the longest unused go first."""
        self._file = DigestFile(path, limit_bytes=limit_bytes, clock=clock)
        self._lock = Lock()
        self._counts = Counts()

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Output]:
        """Return the outputs that are there and whole."""
        read = {key: _unpacked(value) for key, value in self._file.get(list(dict.fromkeys(keys))).items()}
        return {key: output for key, output in read.items() if output is not None}

    def put(self, outputs: Mapping[bytes, Output]) -> None:
        """Keep outputs, if that is possible."""
        packed = {key: _packed(output) for key, output in outputs.items()}
        self._file.put({key: value for key, value in packed.items() if len(value) <= MOST_BYTES})

    def count(self, hits: int, misses: int) -> None:
        """Count what was there and what was not."""
        with self._lock:
            self._counts = Counts(self._counts.hits + hits, self._counts.misses + misses)

    @property
    def counts(self) -> Counts:
        """Return the counts since this process began."""
        return self._counts

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._file.close()


def content_digest(item: Item) -> bytes:
    """Return the SHA-256 of an item's bytes with their shape and type."""
    if isinstance(item, str):
        return hashlib.sha256(b"text\0" + item.encode("utf-8", "surrogatepass")).digest()
    digest = hashlib.sha256(f"{item.dtype.str} {item.shape}\0".encode())
    digest.update(item.tobytes())
    return digest.digest()


def key_of(content: bytes, card: Card) -> bytes:
    """Return the key of a content's output; what a model looks at is part of how it prepares a picture."""
    view = "-" if card.view is None else f"{card.view.short}/{card.view.crop}"
    named = [LAYOUT, card.role, card.model.sha256, card.model.version, view, card.model.dtype]
    return hashlib.sha256(json.dumps(named).encode() + b"\0" + content).digest()


def _packed(output: Output) -> bytes:
    [described], parts = pack_results([output])
    text = json.dumps(described).encode()
    value = len(text).to_bytes(SIZE_BYTES, "little") + text + b"".join(parts)
    return hashlib.sha256(value).digest()[:CHECK_BYTES] + value


def _unpacked(value: bytes) -> Output | None:
    check, rest = value[:CHECK_BYTES], value[CHECK_BYTES:]
    if len(check) < CHECK_BYTES or hashlib.sha256(rest).digest()[:CHECK_BYTES] != check:
        return None
    size = int.from_bytes(rest[:SIZE_BYTES], "little")
    try:
        [result] = unpack_results(
            [json.loads(rest[SIZE_BYTES : SIZE_BYTES + size])], memoryview(rest)[SIZE_BYTES + size :]
        )
    except (BadFrame, ValueError):
        return None
    return result if isinstance(result, Output) else None
