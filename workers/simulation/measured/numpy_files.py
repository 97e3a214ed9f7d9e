"""NumPy files: one array of traces, or an archive of arrays by name."""

import zipfile
from collections.abc import Iterator, Mapping
from typing import IO

from workers.simulation.measured.archive import member, opened_archive
from workers.simulation.measured.names import found, left_out
from workers.simulation.measured.npy_stream import Array, open_array
from workers.simulation.measured.source import (
    SAMPLES,
    Block,
    Opened,
    Refusal,
    Wanted,
    as_bytes,
    check_shape,
    rows_at_once,
)

MAX_VALUES_BYTES = 2**20
"""Of a value that is the same for all traces."""


def read_npy(stream: IO[bytes], wanted: Wanted) -> Opened:
    """Open an array of traces [traces, samples] that comes alone: nothing is known of what went in."""
    traces = _traces(open_array("the file", stream), wanted)
    blocks = (Block(rows, {}) for rows in traces.rows())
    return Opened("npy", traces.shape[0], traces.shape[1], {}, blocks)


def read_npz(stream: IO[bytes], wanted: Wanted) -> Opened:
    """Open an archive with an array of traces, and arrays of values, one row a trace."""
    archive = opened_archive(stream)
    there = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
    chosen = found(there, wanted.names, wanted.also)
    if SAMPLES not in chosen:
        raise Refusal("no-traces", f"None of the arrays is called traces or samples: {', '.join(there[:20])}.")
    arrays = {ours: _open(archive, f"{theirs}.npy") for ours, theirs in chosen.items()}
    traces = _traces(arrays.pop(SAMPLES), wanted)
    return Opened(
        "npz",
        traces.shape[0],
        traces.shape[1],
        widths := {name: width_of(array, traces.shape[0]) for name, array in arrays.items()},
        together(traces, arrays, widths),
        left_out(there, chosen),
    )


def together(traces: Array, arrays: Mapping[str, Array], widths: Mapping[str, int]) -> Iterator[Block]:
    """Yield the rows of several arrays beside each other; a value of one row belongs to every trace."""
    step = rows_at_once(traces.row_bytes)
    each = {name: array.rows(step) for name, array in arrays.items() if not is_common(array, traces.shape[0])}
    common = {
        name: as_bytes(name, array.whole(limit_bytes=MAX_VALUES_BYTES).reshape(1, -1))
        for name, array in arrays.items()
        if is_common(array, traces.shape[0])
    }
    for rows in traces.rows(step):
        values = {name: as_bytes(name, next(rest)) for name, rest in each.items()}
        values |= {name: value.repeat(len(rows), axis=0) for name, value in common.items()}
        for name, value in values.items():
            if value.shape != (len(rows), widths[name]):
                raise Refusal("ragged", f"{name} has values of different lengths.", field="values")
        yield Block(rows, values)


def is_common(array: Array, traces: int) -> bool:
    """Say whether an array is one value of all traces: it has one row, or is a row."""
    return traces != array.shape[0] or (traces == 1 and len(array.shape) == 1)


def width_of(array: Array, traces: int) -> int:
    """Return the bytes of a value; raise Refusal where it belongs neither to each trace nor to all of them."""
    if array.dtype.kind in "SU":
        raise Refusal("not-bytes", f"{array.name} is text: store it as bytes (uint8).", field="values")
    shape, item = array.shape, array.dtype.itemsize if array.dtype.kind == "V" else 1
    if len(shape) == 2 and shape[0] in {1, traces}:
        return shape[1]
    if len(shape) == 1 and shape[0] == traces:
        return item
    if len(shape) == 1 and shape[0] <= 64:
        return shape[0]
    raise Refusal(
        "ragged",
        f"{array.name} has the shape {list(shape)}: neither a row for each of {traces} traces nor one for all.",
    )


def _traces(array: Array, wanted: Wanted) -> Array:
    if len(array.shape) != 2:
        raise Refusal("not-traces", f"{array.name} has the shape {list(array.shape)}; traces are [traces, samples].")
    check_shape(array.shape[0], array.shape[1], wanted.limits)
    return array


def _open(archive: zipfile.ZipFile, name: str) -> Array:
    return open_array(name, member(archive, name))
