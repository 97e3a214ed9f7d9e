"""Captured records as Parquet, a row group at a time."""

from collections.abc import Mapping
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from renode.records import ROW, Records
from workers.simulation.records_parquet import metadata_of, table_of


class _Sink:
    """An open file, until what is written is not wanted any more."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.wanted = True

    def write(self, data: bytes) -> int:
        return self._file.write(data) if self.wanted else len(data)

    def tell(self) -> int:
        return self._file.tell() if self.wanted else 0

    def flush(self) -> None:
        """Leave that to who opened the file, as its end."""

    close = flush


class ParquetWriter:
    """Keeps at most a row group of records in memory."""

    def __init__(self, file: BinaryIO, *, group: int) -> None:
        """Begin a file of row groups of `group` records."""
        self._held = np.zeros(group, ROW)
        self._filled = 0
        self._sink = _Sink(file)
        schema = table_of(Records(self._held[:0], 0)).schema
        # Measured numbers hardly repeat: dictionaries of them cost two thirds of the time, and more bytes than none.
        self._writer = pq.ParquetWriter(
            pa.PythonFile(self._sink, "w"), schema, compression="zstd", use_dictionary=["instruction_id"]
        )

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

    def end(self, records: Records, count: int, notes: Mapping[str, str]) -> None:
        """Write the last row group, and what is known of the whole."""
        del count
        if self._filled:
            self._write(records)
        self._writer.add_key_value_metadata(metadata_of(records, notes))
        self._writer.close()

    def abandon(self) -> None:
        """Write nothing more, whatever Parquet has to say at its end."""
        self._sink.wanted = False
        self._writer.close()

    def _write(self, like: Records) -> None:
        held = Records(self._held[: self._filled], like.period_ns, like.firmware, 0, like.clock)
        self._writer.write_table(table_of(held))
        self._filled = 0
