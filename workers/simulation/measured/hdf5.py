"""HDF5: as lascar writes it, as estraces and scared do (ETS), or datasets by name.

lascar: /leakages [traces, samples] and /values, one structure or one row of bytes a trace.
ETS:    /traces [traces, samples] and /metadata/<name>, one row a trace; what all traces share are attributes of /metadata.
Else:   any dataset [traces, samples] by the name that the request gives, and values beside it. `group/table/field` names
        a field of a structure, as in ASCAD's `Attack_traces/metadata/plaintext`.

Only what lies in the file itself is read: no external or soft links, no external storage, no virtual datasets, no
filters but HDF5's own.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

import h5py
import numpy as np
import numpy.typing as npt

from workers.simulation.measured.names import KNOWN, found, left_out
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

MAGIC = b"\x89HDF\r\n\x1a\n"
MAX_CHUNK_BYTES = 64 * 2**20
"""A chunk is unpacked whole."""
MAX_LISTED = 1000
FILTERS = frozenset({1, 2, 3, 4, 5, 6, 32000})
"""deflate, shuffle, fletcher32, szip, n-bit, scale-offset; lzf."""
METADATA, VALUES = "metadata", "values"


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value lies: a dataset, or one field of its structure."""

    dataset: h5py.Dataset
    field: str | None

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return int(self.dataset.shape[0])

    def read(self, first: int, last: int) -> npt.NDArray[np.generic]:
        """Return rows [first, last)."""
        rows = self.dataset[first:last]
        return np.asarray(rows if self.field is None else rows[self.field])


def read_hdf5(stream: IO[bytes], wanted: Wanted) -> Opened:
    """Open the traces of an HDF5 file."""
    try:
        return _read(h5py.File(stream, "r"), wanted)
    except (OSError, KeyError, ValueError, RuntimeError, TypeError) as error:
        raise Refusal("unreadable", f"The HDF5 file cannot be read: {str(error)[:200]}") from error


def _read(file: h5py.File, wanted: Wanted) -> Opened:
    columns, common, form = _columns(file, wanted)
    there = [*columns, *common]
    for ours, theirs in wanted.names.items():
        if theirs not in there:
            raise _missing(file, ours, theirs)
    chosen = found(there, wanted.names, wanted.also)
    if SAMPLES not in chosen or chosen[SAMPLES] not in columns:
        raise Refusal("no-traces", f"No dataset is called traces or leakages; at the top there are: {_told(file)}.")
    traces = columns[chosen[SAMPLES]].dataset
    if len(traces.shape) != 2 or traces.dtype.names:
        raise Refusal("not-traces", f"{traces.name} has the shape {list(traces.shape)}; traces are [traces, samples].")
    check_shape(traces.shape[0], traces.shape[1], wanted.limits)
    _check_written(traces)
    each = {ours: columns[theirs] for ours, theirs in chosen.items() if ours != SAMPLES and theirs in columns}
    for ours, column in each.items():
        _check_written(column.dataset)
        if column.rows != traces.shape[0]:
            raise Refusal("ragged", f"{ours} has {column.rows} rows for {traces.shape[0]} traces.", field="values")
    shared = {ours: as_bytes(ours, common[theirs]) for ours, theirs in chosen.items() if theirs in common}
    widths = {ours: as_bytes(ours, column.read(0, 1)).shape[1] for ours, column in each.items()}
    widths |= {ours: value.shape[1] for ours, value in shared.items()}
    blocks = _blocks(traces, each, shared)
    return Opened(form, traces.shape[0], traces.shape[1], widths, blocks, left_out(there, chosen))


def _blocks(
    traces: h5py.Dataset, each: Mapping[str, Column], shared: Mapping[str, npt.NDArray[np.uint8]]
) -> Iterator[Block]:
    step = rows_at_once(traces.shape[1] * traces.dtype.itemsize)
    for first in range(0, traces.shape[0], step):
        last = min(first + step, traces.shape[0])
        try:
            rows = np.asarray(traces[first:last])
            values = {name: as_bytes(name, column.read(first, last)) for name, column in each.items()}
        except (OSError, RuntimeError, ValueError) as error:
            raise Refusal("unreadable", f"Traces {first} to {last} cannot be read: {str(error)[:200]}") from error
        yield Block(rows, values | {name: value.repeat(len(rows), axis=0) for name, value in shared.items()})


def _columns(file: h5py.File, wanted: Wanted) -> tuple[dict[str, Column], dict[str, npt.NDArray[np.generic]], str]:
    """Return what there is by name: one row a trace, and shared by all; and the form."""
    columns: dict[str, Column] = {}
    common: dict[str, npt.NDArray[np.generic]] = {}
    form, asked = "hdf5", {*wanted.names.values(), *wanted.also}
    for name in _listed(file):
        if name in {METADATA, VALUES} | asked or name.casefold() in KNOWN_NAMES:
            thing = _own(file, name)
            if isinstance(thing, h5py.Group) and name == METADATA:
                form = "ets"
                columns |= {inner: Column(_dataset(thing, inner), None) for inner in _listed(thing)}
                common |= _attributes(thing)
            elif isinstance(thing, h5py.Dataset) and name == VALUES and thing.dtype.names is None:
                columns |= _untold(_dataset(file, name))
            elif isinstance(thing, h5py.Dataset):
                columns |= _fields(name, _dataset(file, name))
    for ours, path in wanted.names.items():
        if path not in columns and path not in common and "/" in path:
            columns[path] = _at(file, ours, path)
    return columns, common, form


def _fields(name: str, dataset: h5py.Dataset) -> dict[str, Column]:
    if dataset.dtype.names is None:
        return {name: Column(dataset, None)}
    return {field: Column(dataset, field) for field in dataset.dtype.names[:MAX_LISTED]}


def _untold(values: h5py.Dataset) -> dict[str, Column]:
    """Return values without names: 16 bytes are taken for the plaintext, as in the examples of lascar."""
    plain = len(values.shape) == 2 and values.shape[1] == 16 and values.dtype == np.uint8
    return {"plaintext" if plain else VALUES: Column(values, None)}


def _at(file: h5py.File, ours: str, path: str) -> Column:
    parts = path.strip("/").split("/")
    place: Any = file
    for number, part in enumerate(parts):
        if isinstance(place, h5py.Dataset):
            if number == len(parts) - 1 and part in (place.dtype.names or ()):
                return Column(place, part)
            raise _missing(file, ours, path)
        if part not in place or part == ".":
            raise _missing(file, ours, path)
        place = _own(place, part)
        if isinstance(place, h5py.Dataset):
            _check(place)
    if not isinstance(place, h5py.Dataset):
        raise _missing(file, ours, path)
    return Column(place, None)


def _missing(file: h5py.File, ours: str, path: str) -> Refusal:
    message = f"The file has no dataset {path!r}; at its top there are: {_told(file)}."
    return Refusal("no-such-value", message, field=f"values.{ours}")


def _told(file: h5py.File) -> str:
    return ", ".join(_listed(file)[:20]) or "none"


def _listed(group: h5py.Group) -> list[str]:
    names = []
    for name in group:
        names.append(str(name))
        if len(names) > MAX_LISTED:
            raise Refusal("too-many-entries", f"{group.name} has more than {MAX_LISTED} entries.")
    return names


def _own(group: h5py.Group, name: str) -> Any:
    """Return what a hard link leads to; raise Refusal for any other link, which may lead out of the file."""
    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        raise Refusal("external-link", f"{name!r} is a {type(link).__name__}, which may lead out of the file: refused.")
    return group[name]


def _dataset(group: h5py.Group, name: str) -> h5py.Dataset:
    thing = _own(group, name)
    if not isinstance(thing, h5py.Dataset):
        raise Refusal("unreadable", f"{name!r} is not a dataset.")
    return _check(thing)


def _check(dataset: h5py.Dataset) -> h5py.Dataset:
    """Raise Refusal for what reads other files, needs plug-ins, or unpacks to more than is sensible at once."""
    if dataset.external or dataset.is_virtual:
        raise Refusal("external-link", f"{dataset.name} lies in other files: refused.")
    plist = dataset.id.get_create_plist()
    used = {plist.get_filter(number)[0] for number in range(plist.get_nfilters())}
    if used - FILTERS:
        raise Refusal(
            "unreadable", f"{dataset.name} uses the filters {sorted(used - FILTERS)}, which are not HDF5's own."
        )
    if dataset.shape is None or not dataset.shape:
        raise Refusal("unreadable", f"{dataset.name} is a single value, not one a trace.")
    chunk = int(np.prod(dataset.chunks or (1,), dtype=object)) * dataset.dtype.itemsize
    if chunk > MAX_CHUNK_BYTES:
        raise Refusal("too-large", f"{dataset.name} has chunks of {chunk} bytes, at most {MAX_CHUNK_BYTES} are read.")
    return dataset


def _check_written(dataset: h5py.Dataset) -> None:
    """Raise Refusal for a dataset with parts that nobody wrote: they read as zeros, of a capture that was broken off."""
    if dataset.chunks is None:
        wanted, written = 1, int(dataset.id.get_storage_size() > 0 or dataset.size == 0)
    else:
        each = zip(dataset.shape, dataset.chunks, strict=True)
        wanted, written = math.prod(-(-size // chunk) for size, chunk in each), dataset.id.get_num_chunks()
    if written < wanted:
        raise Refusal(
            "cut", f"{dataset.name}: {written} of {wanted} chunks were written, and the others are not made up."
        )


def _attributes(group: h5py.Group) -> dict[str, npt.NDArray[np.generic]]:
    """Return the attributes that are one row of bytes: values of all traces."""
    found_here = {}
    for name in list(group.attrs)[:MAX_LISTED]:
        if name.casefold() in KNOWN_NAMES:
            value = np.asarray(group.attrs[name])
            if value.ndim == 1 and value.dtype.kind in "biu" and 0 < len(value) <= 4096:
                found_here[name] = value[np.newaxis, :]
    return found_here


KNOWN_NAMES = frozenset(usual for names in KNOWN.values() for usual in names)
