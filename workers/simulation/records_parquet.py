"""Records as Parquet: the columns of the CSV, what it leaves out, and the header as metadata of the file."""

import io
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.errors import InvalidInput
from jobs.measurement import COLUMNS, DIMENSIONS, ENERGY, HAS_PC, LATENCY, MORE_COLUMNS, TEMPERATURE, VERSION, Clock
from renode.records import ROW, Records

_PREFIX = "dasein."


def to_parquet(records: Records) -> bytes:
    """Return a Parquet file; NaN is null."""
    table = table_of(records).replace_schema_metadata(metadata_of(records, {}))
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def metadata_of(records: Records, notes: Mapping[str, str]) -> dict[str, str]:
    """Return what a file says of its records, but of their number; `notes` are what else it says, by name."""
    said = {
        "version": VERSION,
        "period_ns": records.period_ns,
        "dropped": records.dropped,
        "clock": records.clock.name.lower(),
        "firmware": records.firmware,
        **notes,
    }
    return {f"{_PREFIX}{name}": str(value) for name, value in said.items()}


def table_of(records: Records) -> pa.Table:
    """Return records as a table; NaN is null."""
    rows = records.rows
    dims = np.ascontiguousarray(rows["dim"].T)  # a column at a time
    known = (rows["flags"] & HAS_PC) != 0
    codes, which = np.unique(rows["pc"], return_inverse=True)
    names = pa.array([f"{records.firmware}:{code:08x}" for code in codes.tolist()], pa.string())
    return pa.table(
        {
            "timestamp": pa.array(rows["timestamp_ns"] / 1e9),
            "temperature": _numbers(dims[TEMPERATURE]),
            "energy": _numbers(dims[ENERGY] * 1e-6),
            "latency": _numbers(dims[LATENCY]),
            **{f"dim_{number}": _numbers(dims[number]) for number in range(DIMENSIONS)},
            "instruction_id": pa.DictionaryArray.from_arrays(pa.array(which.astype(np.int32), mask=~known), names),
            "timestamp_ns": pa.array(rows["timestamp_ns"]),
            "period": pa.array(rows["period"]),
            "ideal_energy_uj": _numbers(rows["ideal_uj"]),
            "sensor_age_us": _numbers(rows["age_us"]),
            "pc": pa.array(rows["pc"], mask=~known),
        }
    )


def from_parquet(data: bytes, *, limit: int) -> Records:
    """Read at most `limit` records of a file that `to_parquet` wrote; raise InvalidInput."""
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        if file.metadata.num_rows > limit:
            raise InvalidInput(f"there are more than {limit} records", field="records", reason="too-many")
        table = file.read()
        head = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
        said = {key.removeprefix(_PREFIX): value for key, value in head.items() if key.startswith(_PREFIX)}
        missing = {*COLUMNS, *MORE_COLUMNS} - set(table.column_names)
        if missing or said.get("version") != str(VERSION):
            raise InvalidInput("the file holds no records of this version", field="records", reason="layout")
        rows = np.zeros(table.num_rows, ROW)
        for name in ("timestamp_ns", "period"):
            rows[name] = table[name].to_numpy()
        for number in range(DIMENSIONS):
            rows["dim"][:, number] = _read(table[f"dim_{number}"])
        rows["ideal_uj"], rows["age_us"] = _read(table["ideal_energy_uj"]), _read(table["sensor_age_us"])
        rows["pc"] = table["pc"].fill_null(0).to_numpy()
        rows["flags"] = np.where(table["pc"].is_valid().to_numpy(), HAS_PC, 0)
        clock = Clock[said["clock"].upper()]
        return Records(rows, int(said["period_ns"]), said["firmware"], int(said["dropped"]), clock)
    except (pa.ArrowException, KeyError, ValueError, UnicodeDecodeError) as error:
        raise InvalidInput(f"the file cannot be read: {error}", field="records", reason="parquet") from error


def _numbers(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _read(column: pa.ChunkedArray) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(column.cast(pa.float64()).fill_null(np.nan).to_numpy(), np.float64)
