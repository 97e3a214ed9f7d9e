"""What every reader of a trace file yields, and what it refuses. Files are strangers': nothing in them is believed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BLOCK_BYTES = 4 * 2**20
"""Of samples that are read at once."""
MAX_TRACES = 10_000_000
"""Of a file: what is kept of each trace in memory, such as its set, is then 100 MiB or so."""
MAX_COLUMN_BYTES = 4096
"""Of one value of a trace."""
SAMPLES = "samples"
"""What names the traces themselves among the names of values."""

Samples = npt.NDArray[np.float32]
Values = Mapping[str, npt.NDArray[np.uint8]]


class Refusal(Exception):
    """A file that cannot be taken in: `reason` is a code, the message a sentence for whoever uploaded it."""

    def __init__(self, reason: str, message: str, *, field: str = "artifact") -> None:
        """Keep why, and which field of the request it concerns."""
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True)
class Limits:
    """How large what is in a file may be."""

    samples: int
    """Of a trace."""
    stored_bytes: int
    """Of all traces and their values, as they are stored."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read: names of values by what the file calls them, and which samples."""

    names: Mapping[str, str]
    window: tuple[int, int] | None
    limits: Limits
    also: frozenset[str] = frozenset()
    """Values that are read under their own name in the file, where it has them."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive traces: rows [n, samples] as the file has them, and values [n, bytes] by name."""

    rows: npt.NDArray[np.generic]
    values: Values

    @property
    def samples(self) -> Samples:
        """Return the rows as float32; raise Refusal."""
        return as_samples(self.rows)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose head was read: its traces come in `blocks`, in order, which may still raise Refusal."""

    form: str
    traces: int | None
    """None where only the end of the file tells."""
    samples: int
    """In each trace of the file, before the window is cut."""
    values: Mapping[str, int]
    """Name -> bytes a trace."""
    blocks: Iterator[Block]
    notes: tuple[str, ...] = ()


def rows_at_once(row_bytes: int) -> int:
    """Return how many rows are read at once."""
    return max(1, BLOCK_BYTES // max(row_bytes, 1))


def check_shape(traces: int, samples: int, limits: Limits) -> None:
    """Raise Refusal for a shape that is empty or too large: it is known before anything of it is read."""
    if traces < 1 or samples < 1:
        raise Refusal("empty", f"There are {traces} traces of {samples} samples.")
    if samples > limits.samples:
        raise Refusal("too-many-samples", f"A trace has {samples} samples, at most {limits.samples} can be compared.")
    if 4 * traces * samples > limits.stored_bytes:
        raise Refusal(
            "too-large",
            f"{traces} traces of {samples} samples are {4 * traces * samples} bytes as float32; the limit is "
            f"{limits.stored_bytes}.",
        )
    if traces > MAX_TRACES:
        raise Refusal("too-many-traces", f"There are {traces} traces, at most {MAX_TRACES} are taken in.")


def as_samples(array: npt.NDArray[np.generic]) -> Samples:
    """Return numbers as float32 [n, samples]; raise Refusal for what are none, or beyond float32."""
    if array.dtype.kind not in "iuf":
        raise Refusal("not-numbers", f"The samples have the type {array.dtype}; they must be integers or floats.")
    with np.errstate(over="ignore"):
        samples = np.ascontiguousarray(array, np.float32)
    if np.isinf(samples).any():
        raise Refusal("not-finite", "A sample is infinite, or beyond what float32 holds.")
    return samples


def as_bytes(name: str, array: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Return values as bytes [n, width]: bytes, integers 0 to 255, or text in hexadecimal digits; raise Refusal."""
    kind = array.dtype.kind
    if kind == "V" and array.dtype.names is None and array.ndim == 1:
        return np.ascontiguousarray(array).view(np.uint8).reshape(len(array), -1)
    if kind in "biu" and array.ndim in {1, 2}:
        if array.size and (int(array.min()) < 0 or int(array.max()) > 255):
            raise Refusal("not-bytes", f"{name} holds numbers that are not bytes.", field="values")
        return np.ascontiguousarray(array.reshape(len(array), -1), np.uint8)
    if kind in "SUO" and array.ndim == 1:
        return _decoded(name, array.tolist())
    raise Refusal(
        "not-bytes", f"{name} has the type {array.dtype} and {array.ndim} dimensions: not bytes.", field="values"
    )


def _decoded(name: str, cells: list[object]) -> npt.NDArray[np.uint8]:
    rows = []
    for cell in cells:
        text = cell.decode("ascii", "replace") if isinstance(cell, bytes) else cell
        if not isinstance(text, str):
            raise Refusal("not-bytes", f"{name} holds something that is neither bytes nor text.", field="values")
        try:
            rows.append(bytes.fromhex(text.strip().removeprefix("0x")))
        except ValueError as error:
            raise Refusal(
                "not-bytes", f"{name} holds {text[:40]!r}, which is not hexadecimal.", field="values"
            ) from error
    if len({len(row) for row in rows}) > 1:
        raise Refusal("ragged", f"{name} has values of different lengths.", field="values")
    width = len(rows[0]) if rows else 0
    return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), width)
