"""Captured records as Parquet, a row group at a time."""

from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from renode.records import ROW, Records
from workers.simulation.records_parquet import metadata_of, table_of


class ParquetWriter:
    """Keeps at most a row group of records in memory."""

    def __init__(self, file: BinaryIO, *, group: int) -> None:
        """Begin a file of row groups of `group` records."""
        self._held = np.zeros(group, ROW)
        self._filled = 0
        schema = table_of(Records(self._held[:0], 0)).schema
        self._writer = pq.ParquetWriter(pa.PythonFile(file, "w"), schema, compression="zstd")

    def add(self, records: Records) -> None:
        """Hold rows, and write whenever there are enough of them."""
        rows = records.rows
        while len(rows):
            fits = min(len(rows), len(self._held) - self._filled)
            self._held[self._filled : self._filled + fits] = rows[:fits]
            self._filled += fits
            rows = rows[fits:]
            if self._filled == len(self._held):
                self._write(records)

    def end(self, records: Records, count: int) -> None:
        """Write the last row group, and what is known of the whole."""
        del count
        if self._filled:
            self._write(records)
        self._writer.add_key_value_metadata(metadata_of(records))
        self._writer.close()

    def _write(self, like: Records) -> None:
        held = Records(self._held[: self._filled], like.period_ns, like.firmware, 0, like.clock)
        self._writer.write_table(table_of(held))
        self._filled = 0
