"""The curves of a campaign: every sample's statistics in one file, and windows of them for whoever draws.

<campaign>/series.npy   one record a sample, float64 but for `pc` (uint32). Fields that were not computed are not there:
                        pc, mean, t1 and t2 with a t-test, rho and snr with an attack
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stores.ports import Files

NAME = "series.npy"
CURVES = ("t1", "t2", "rho", "snr", "mean")
PIECE = 2**16
"""Records that are written at once."""

TABLE = 2**22
"""Bytes of code up to which distinct addresses are found by a table."""

Records = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Window:
    """Part of the curves: bucket n holds the samples from `first` + n * `stride` on, `stride` of them."""

    samples: int
    """Of the whole trace."""
    first: int
    last: int
    stride: int
    pcs: npt.NDArray[np.uint32]
    """[buckets] of each bucket's first sample."""
    worst: npt.NDArray[np.int64]
    """[buckets] the sample with the largest |t1|, or |rho| without a t-test."""
    low: Mapping[str, npt.NDArray[np.float64]]
    """[buckets] by curve."""
    high: Mapping[str, npt.NDArray[np.float64]]
    marked: npt.NDArray[np.int64]
    """Buckets that hold samples of the instruction that was asked for, ascending."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The instructions behind some samples."""

    samples: int
    """Of the whole trace."""
    first: int
    last: int
    pcs: npt.NDArray[np.uint32]
    """[instructions] ascending"""
    counts: npt.NDArray[np.int64]
    """[instructions] how many of the samples are its."""
    largest: Mapping[str, npt.NDArray[np.float64]]
    """[instructions] largest magnitude over those samples, by curve."""


def save(files: Files, campaign: str, pcs: npt.NDArray[np.uint32], curves: Mapping[str, npt.NDArray[Any]]) -> None:
    """Store the curves of all samples [samples], replacing those that are there."""
    files.write(campaign, NAME, _pieces(pcs, curves))


def _pieces(pcs: npt.NDArray[np.uint32], curves: Mapping[str, npt.NDArray[Any]]) -> Iterator[bytes]:
    """Yield the file in pieces: all records are as much as all curves once more."""
    layout = np.dtype([("pc", "<u4"), *((name, "<f8") for name in curves)])
    head = io.BytesIO()
    told = {"descr": np.lib.format.dtype_to_descr(layout), "fortran_order": False, "shape": (len(pcs),)}
    np.lib.format.write_array_header_1_0(head, told)
    yield head.getvalue()
    for first in range(0, len(pcs), PIECE):
        piece = slice(first, first + PIECE)
        records = np.empty(len(pcs[piece]), layout)
        records["pc"] = pcs[piece]
        for name, values in curves.items():
            records[name] = values[piece]
        yield records.tobytes()


def load(files: Files, campaign: str) -> Records:
    """Return the records of all samples, read as they are used; raise NotFound."""
    records: Records = np.load(files.path(campaign, NAME), mmap_mode="r", allow_pickle=False)
    return records


def window(records: Records, *, first: int, last: int | None, points: int, address: int | None = None) -> Window:
    """Return samples [first, last) in at most `points` buckets; what lies outside the trace is cut off.

    Buckets begin at multiples of their size, so that those of overlapping windows agree.
    """
    first, last = _cut(records, first, last)
    stride = max(1, -(-(last - first) // points))
    while -(-last // stride) - first // stride > points:
        stride += 1
    first = first // stride * stride
    chosen = records[first:last]
    starts = np.arange(0, len(chosen), stride)
    low: dict[str, npt.NDArray[np.float64]] = {}
    high: dict[str, npt.NDArray[np.float64]] = {}
    for name in CURVES:
        if name in _names(records):
            values = np.ascontiguousarray(chosen[name])
            low[name] = np.minimum.reduceat(values, starts) if len(starts) else values
            high[name] = np.maximum.reduceat(values, starts) if len(starts) else values
    marked = np.empty(0, np.int64)
    if address is not None:
        marked = np.unique(np.flatnonzero(chosen["pc"] == address) // stride)
    pcs = np.ascontiguousarray(chosen["pc"][::stride])
    return Window(len(records), first, last, stride, pcs, _worst(chosen, first, stride), low, high, marked)


def behind(records: Records, *, first: int, last: int | None) -> Behind:
    """Return the instructions that made the samples [first, last)."""
    first, last = _cut(records, first, last)
    chosen = records[first:last]
    pcs, of_sample = _distinct(np.ascontiguousarray(chosen["pc"]))
    largest = {}
    for name in CURVES:
        if name in _names(records) and name != "mean":
            largest[name] = np.zeros(len(pcs))
            np.maximum.at(largest[name], of_sample, np.abs(chosen[name]))
    return Behind(len(records), first, last, pcs, np.bincount(of_sample, minlength=len(pcs)), largest)


def _cut(records: Records, first: int, last: int | None) -> tuple[int, int]:
    first = min(first, len(records))
    return first, max(first, min(len(records), len(records) if last is None else last))


def _distinct(pcs: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return what `np.unique` does with the inverse; code lies close together, so that a table beats sorting."""
    low, high = int(pcs.min(initial=2**32 - 1)), int(pcs.max(initial=0))
    if not 0 <= high - low < TABLE:
        found, inverse = np.unique(pcs, return_inverse=True)
        return found, inverse
    offsets = pcs - np.uint32(low)
    there = np.zeros(high - low + 1, np.bool_)
    there[offsets] = True
    number = np.cumsum(there, dtype=np.int64) - 1
    return (np.flatnonzero(there) + low).astype(np.uint32), number[offsets]


def _names(records: Records) -> tuple[str, ...]:
    return records.dtype.names or ()


def _worst(chosen: Records, first: int, stride: int) -> npt.NDArray[np.int64]:
    name = next((name for name in ("t1", "rho", "mean") if name in _names(chosen)), None)
    if name is None or not len(chosen):
        return np.empty(0, np.int64)
    heights = np.abs(chosen[name])
    heights = np.pad(heights, (0, -len(heights) % stride), constant_values=-1.0).reshape(-1, stride)
    return np.asarray(first + np.arange(len(heights)) * stride + heights.argmax(axis=1), np.int64)
