"""Writers of the forms: each takes kept traces and a path that is not there yet.

npz      arrays traces, group, one for each value, and pc, the instruction of each sample
hdf5     as lascar reads it (Hdf5Container): /leakages [traces, samples], /values a structure with a field for each value
ets      as estraces and scared read it (read_ths_from_ets_file): /traces, /metadata/<value>
parquet  one row a trace: samples (a list of float32), values (binary), group
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from stores.trace_export.kept import GROUP, Kept


def write_npz(kept: Kept, path: Path) -> None:
    """Write an archive of arrays, not compressed."""
    arrays: dict[str, npt.NDArray[Any]] = {name: np.ascontiguousarray(value) for name, value in kept.values.items()}
    arrays |= {"traces": kept.traces, GROUP: kept.groups}
    if kept.pcs is not None:
        arrays["pc"] = np.ascontiguousarray(kept.pcs)
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def write_hdf5(kept: Kept, path: Path) -> None:
    """Write the datasets that lascar's Hdf5Container opens by default."""
    fields = [(name, "u1", (value.shape[1],)) for name, value in kept.values.items()]
    kind = np.dtype([*fields, (GROUP, "u1")])
    with h5py.File(path, "w") as file:
        leakages = file.create_dataset("leakages", kept.traces.shape, "<f4")
        values = file.create_dataset("values", (len(kept.traces),), kind)
        for rows in kept.blocks():
            leakages[rows] = kept.traces[rows]
            part = np.zeros(rows.stop - rows.start, kind)
            for name, value in kept.values.items():
                part[name] = value[rows]
            part[GROUP] = kept.groups[rows]
            values[rows] = part
        _pcs(file, kept)


def write_ets(kept: Kept, path: Path) -> None:
    """Write an ETS, estraces' own form."""
    with h5py.File(path, "w", libver="latest") as file:
        traces = file.create_dataset("traces", kept.traces.shape, "<f4")
        metadata = file.create_group("metadata")
        values = {name: metadata.create_dataset(name, value.shape, "u1") for name, value in kept.values.items()}
        group = metadata.create_dataset(GROUP, (len(kept.traces),), "u1")
        for rows in kept.blocks():
            traces[rows] = kept.traces[rows]
            group[rows] = kept.groups[rows]
            for name, value in kept.values.items():
                values[name][rows] = value[rows]
        _pcs(file, kept)


def write_parquet(kept: Kept, path: Path) -> None:
    """Write a table, a row group a block."""
    samples = kept.traces.shape[1]
    schema = pa.schema(
        [
            pa.field("samples", pa.list_(pa.float32(), samples), nullable=False),
            *(pa.field(name, pa.binary(value.shape[1]), nullable=False) for name, value in kept.values.items()),
            pa.field(GROUP, pa.uint8(), nullable=False),
        ]
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in kept.blocks():
            flat = pa.array(np.ascontiguousarray(kept.traces[rows]).reshape(-1), pa.float32())
            columns = [pa.FixedSizeListArray.from_arrays(flat, samples)]
            for name, value in kept.values.items():
                columns.append(pa.array([row.tobytes() for row in value[rows]], schema.field(name).type))
            columns.append(pa.array(kept.groups[rows]))
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _pcs(file: h5py.File, kept: Kept) -> None:
    if kept.pcs is not None:
        file.create_dataset("pc", data=np.ascontiguousarray(kept.pcs))


FORMS: Mapping[str, Callable[[Kept, Path], None]] = {
    "npz": write_npz,
    "hdf5": write_hdf5,
    "ets": write_ets,
    "parquet": write_parquet,
}
