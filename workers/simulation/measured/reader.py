"""Which reader takes a file: by its first bytes, or as the request says."""

from collections.abc import Callable, Mapping
from typing import IO

from workers.simulation.measured import hdf5, parquet_table
from workers.simulation.measured.archive import opened_archive
from workers.simulation.measured.chipwhisperer import is_project, read_project
from workers.simulation.measured.csv_table import read_csv
from workers.simulation.measured.hdf5 import read_hdf5
from workers.simulation.measured.npy_stream import MAGIC as NUMPY
from workers.simulation.measured.numpy_files import read_npy, read_npz
from workers.simulation.measured.parquet_table import read_parquet
from workers.simulation.measured.source import Opened, Refusal, Wanted

READERS: Mapping[str, Callable[[IO[bytes], Wanted], Opened]] = {
    "npy": read_npy,
    "npz": read_npz,
    "chipwhisperer": read_project,
    "hdf5": read_hdf5,
    "ets": read_hdf5,
    "csv": read_csv,
    "parquet": read_parquet,
}
ZIP = b"PK"


def read(stream: IO[bytes], form: str | None, wanted: Wanted) -> Opened:
    """Open a file of traces; raise Refusal for whatever is wrong with it."""
    return READERS[form or told(stream)](stream, wanted)


def told(stream: IO[bytes]) -> str:
    """Return the form of a file, and leave the stream at its start."""
    head = stream.read(16)
    stream.seek(0)
    if head.startswith(NUMPY):
        return "npy"
    if head.startswith(hdf5.MAGIC):
        return "hdf5"
    if head.startswith(parquet_table.MAGIC):
        return "parquet"
    if head.startswith(ZIP):
        project = is_project(opened_archive(stream).namelist())
        stream.seek(0)
        return "chipwhisperer" if project else "npz"
    if head and not any(byte < 9 or 13 < byte < 32 for byte in head):
        return "csv"
    raise Refusal("unreadable", "The file is none of npy, npz, ChipWhisperer, HDF5, CSV and Parquet.")
