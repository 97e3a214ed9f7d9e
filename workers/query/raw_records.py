"""Raw measurement records as documents: blocks of 512 in the file's order, each sorted by time.

`blob`: times (float64, s), then the place of each record's instruction in `ids` (int32, -1: none), then [n, 75] float32:
temperature, energy, latency, dim_0 .. dim_71; little-endian. `at` is the first time, body `until` the last one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.ingestion import Format
from stores.documents import Record
from workers.query.table import DIMENSIONS, Table, read_table

BLOCK = 512
"""Raw records in one document: 160 KB."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A block of raw records, by time; units as in the file but energy, in uJ."""

    timestamps: NDArray[np.float64]
    values: NDArray[np.float32]
    """[n, 75]: temperature, energy, latency, dim_0 .. dim_71"""
    instructions: tuple[str | None, ...]


def raw_of(record: Record) -> Raw:
    """Return the raw records of a block."""
    count, names = int(record.body["rows"]), record.body["ids"]
    times = np.frombuffer(record.blob, "<f8", count)
    codes = np.frombuffer(record.blob, "<i4", count, offset=8 * count)
    values = np.frombuffer(record.blob, "<f4", offset=12 * count).reshape(count, DIMENSIONS + 3)
    return Raw(times, values, tuple(names[code] if code >= 0 else None for code in codes))


def raw_records(batch: str, table: Table, form: Format, *, expires_at: float) -> Iterator[Record]:
    """Yield a file's records in blocks."""
    number = 0
    for rows in read_table(table, form):
        for start in range(0, len(rows.codes), BLOCK):
            part = slice(start, start + BLOCK)
            order = np.argsort(rows.timestamps[part], kind="stable")
            times, codes = rows.timestamps[part][order], rows.codes[part][order]
            columns = rows.temperatures[part], rows.energies[part].astype(np.float32), rows.latencies[part]
            values = np.concatenate([np.stack(columns, axis=1), rows.dims[part]], axis=1)[order]
            used, own = np.unique(codes, return_inverse=True)
            own = (own - (used[0] < 0)).astype("<i4")
            blob = times.astype("<f8").tobytes() + own.tobytes() + values.astype("<f4").tobytes()
            body = {"rows": len(codes), "ids": [rows.names[code] for code in used if code >= 0], "until": times[-1]}
            key = f"{batch}|{number:06d}"
            yield Record(key, body, batch, "", float(times[0]), blob, expires_at)
            number += 1
