"""Measurement files, CSV or Parquet, read in pieces: whatever is in them, no more than a piece is in memory."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from jobs.errors import InvalidInput, TooLarge
from jobs.ingestion import Format
from jobs.measurement import MORE_COLUMNS

MAX_ROWS = 5_000_000
MAX_BYTES = 8 * 1024**3
"""Of a Parquet file, unpacked, by its own account; CSV is not packed."""
MAX_GROUP_BYTES = 1024**3
"""Of a Parquet row group, unpacked."""
PIECE_BYTES = 8 * 1024 * 1024
"""Of CSV text in memory; a line is shorter."""
PIECE_ROWS = 16_384
HEADER_BYTES = 8192
DIMENSIONS = 72
NUMBERS = ("timestamp", "energy", "temperature", "latency", *(f"dim_{index}" for index in range(DIMENSIONS)))
REQUIRED = ("timestamp", "energy", "instruction_id")
INSTRUCTION = re.compile(r"([0-9a-fA-F]{12}):(?:0[xX])?([0-9a-fA-F]{1,8})")
WHERE = re.compile(r"In CSV column #(\d+): (?:Row #(\d+): )?(.*)", re.DOTALL)

Table = Path | bytes


@dataclass(frozen=True, slots=True)
class Rows:
    """A piece of a file, in its order. What is not there is NaN."""

    timestamps: NDArray[np.float64]
    """s"""
    energies: NDArray[np.float64]
    """uJ"""
    temperatures: NDArray[np.float32]
    """degC"""
    latencies: NDArray[np.float32]
    """us"""
    dims: NDArray[np.float32]
    """[n, 72]"""
    codes: NDArray[np.int32]
    """Which of `names` the record belongs to; -1: none."""
    names: tuple[str, ...]
    """Instruction ids, lower case, addresses in eight digits."""


def read_table(table: Table, form: Format, *, max_rows: int = MAX_ROWS) -> Iterator[Rows]:
    """Yield the records of a file; raise InvalidInput naming column and row, and TooLarge."""
    with _refused(table):
        first = 1
        for piece in _parquet(table, max_rows) if form is Format.PARQUET else _csv(table):
            if first + piece.num_rows - 1 > max_rows:
                raise TooLarge(f"The file has more than {max_rows} rows.", field="artifact")
            if piece.num_rows:
                yield _rows(piece, first)
            first += piece.num_rows
        if first == 1:
            raise InvalidInput("The file has no measurements.", field="artifact", reason="empty")


def _csv(table: Table) -> Iterator[pa.RecordBatch]:
    names = _header(table)
    _check_names(names)
    types = dict.fromkeys(NUMBERS, pa.float64()) | {"instruction_id": pa.string()}
    try:
        reader = pa.csv.open_csv(
            pa.BufferReader(table) if isinstance(table, bytes) else pa.OSFile(str(table)),
            # One thread: only then errors tell the row.
            read_options=pa.csv.ReadOptions(block_size=PIECE_BYTES, use_threads=False),
            convert_options=pa.csv.ConvertOptions(column_types=types, null_values=["", "nan", "NaN", "null", "NA"]),
        )
        for piece in reader:
            for start in range(0, piece.num_rows, PIECE_ROWS):
                yield piece.slice(start, PIECE_ROWS)
    except pa.ArrowInvalid as error:
        if "straddl" in str(error):
            message = f"A line has more than {PIECE_BYTES} bytes."
            raise InvalidInput(message, field="artifact", reason="unreadable") from error
        if (told := WHERE.match(str(error))) is None or int(told[1]) >= len(names):
            raise
        row = f", row {int(told[2]) - 1}" if told[2] else ""
        message = f"Column {names[int(told[1])]}{row}: {told[3][:200]}"
        raise InvalidInput(message, field="artifact", reason="bad-value") from error


def _header(table: Table) -> list[str]:
    """Return the names of a CSV file's columns."""
    if isinstance(table, bytes):
        head = table[:HEADER_BYTES]
    else:
        with table.open("rb") as file:
            head = file.read(HEADER_BYTES)
    line = head.splitlines()[0] + b"\n" if head.strip() else b""
    names: list[str] = pa.csv.read_csv(pa.BufferReader(line)).schema.names
    return names


def _parquet(table: Table, max_rows: int) -> Iterator[pa.RecordBatch]:
    source = pa.BufferReader(table) if isinstance(table, bytes) else table
    # A text that is kept once and named often would be written out as often.
    with pa.parquet.ParquetFile(source, pre_buffer=False, read_dictionary=["instruction_id"]) as file:
        told = file.metadata
        sizes = [told.row_group(index).total_byte_size for index in range(told.num_row_groups)]
        if told.num_rows > max_rows:
            raise TooLarge(f"The file has more than {max_rows} rows.", field="artifact")
        if sum(sizes) > MAX_BYTES or max(sizes, default=0) > MAX_GROUP_BYTES:
            raise TooLarge(
                f"Unpacked, the file has more than {MAX_BYTES} bytes, or a row group of more than {MAX_GROUP_BYTES}.",
                field="artifact",
            )
        # What the recorder says beyond what is taken in: it is not read.
        read = [column for column in file.schema_arrow if column.name not in MORE_COLUMNS]
        _check_names([column.name for column in read])
        # Before anything is read: a list in one row can be longer than any memory.
        for column in read:
            _check_type(column.name, column.type)
        columns = [column.name for column in read]
        yield from file.iter_batches(batch_size=PIECE_ROWS, columns=columns, use_threads=False)


def _check_names(names: list[str]) -> None:
    unknown = [name for name in names if name not in {*NUMBERS, "instruction_id"}]
    if unknown:
        raise InvalidInput(f"Unknown column: {unknown[0][:100]}", field="artifact", reason="unknown-column")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(f"The column {twice} is there twice.", field="artifact", reason="unknown-column")
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise InvalidInput(f"There is no column {missing[0]}.", field="artifact", reason="missing-column")


def _rows(piece: pa.RecordBatch, first: int) -> Rows:
    columns = dict(zip(piece.schema.names, piece.columns, strict=True))
    numbers = {name: _numbers(name, column, first) for name, column in columns.items() if name != "instruction_id"}
    lacking = np.isnan(numbers["timestamp"])
    if lacking.any():
        raise InvalidInput(
            f"Column timestamp, row {first + int(lacking.argmax())}: there is none.",
            field="artifact",
            reason="bad-value",
        )
    absent = np.full(piece.num_rows, np.nan)
    dims = np.empty((piece.num_rows, DIMENSIONS), np.float32)
    for index in range(DIMENSIONS):
        dims[:, index] = numbers.get(f"dim_{index}", absent)
    codes, names = _instructions(columns["instruction_id"], first)
    return Rows(
        timestamps=numbers["timestamp"],
        energies=numbers["energy"] * 1e6,
        temperatures=numbers.get("temperature", absent).astype(np.float32),
        latencies=numbers.get("latency", absent).astype(np.float32),
        dims=dims,
        codes=codes,
        names=names,
    )


def _check_type(name: str, kind: pa.DataType) -> None:
    types = pa.types
    if name == "instruction_id":
        kind = kind.value_type if types.is_dictionary(kind) else kind
        wanted, fits = "text", types.is_string(kind) or types.is_large_string(kind)
    else:
        wanted, fits = "numbers", types.is_floating(kind) or types.is_integer(kind)
    if not fits and not types.is_null(kind):
        message = f"Column {name}: it has {str(kind)[:50]}, not {wanted}."
        raise InvalidInput(message, field="artifact", reason="bad-value")


def _numbers(name: str, column: Any, first: int) -> NDArray[np.float64]:
    values = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    # Sums of larger ones would leave what single precision can hold.
    wrong = np.abs(values) > 1e30
    if wrong.any():
        at = int(wrong.argmax())
        raise InvalidInput(
            f"Column {name}, row {first + at}: {values[at]} is out of range.", field="artifact", reason="bad-value"
        )
    return values


def _instructions(column: Any, first: int) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    if pa.types.is_null(column.type):
        return np.full(len(column), -1, np.int32), ()
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    none = len(encoded.dictionary)
    indices = np.asarray(encoded.indices.cast(pa.int64()).fill_null(none).to_numpy(zero_copy_only=False))
    used = np.unique(indices[indices < none])
    named: dict[str, int] = {}
    numbers = np.full(none + 1, -1, np.int32)
    for index, text in zip(used, encoded.dictionary.take(pa.array(used)).to_pylist(), strict=True):
        if not text:
            continue
        if (told := INSTRUCTION.fullmatch(text)) is None:
            row = first + int((indices == index).argmax())
            raise InvalidInput(
                f"Column instruction_id, row {row}: {text[:100]!r} is not <12 hex digits>:<address in hex>.",
                field="artifact",
                reason="bad-value",
            )
        numbers[index] = named.setdefault(f"{told[1].lower()}:{int(told[2], 16):08x}", len(named))
    return numbers[indices], tuple(named)


@contextmanager
def _refused(table: Table) -> Iterator[None]:
    """Turn what the reader says of a broken file into InvalidInput."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        # Where files lie is nobody's business.
        named = str(error) if isinstance(table, bytes) else str(error).replace(str(table), "the file")
        told = re.sub(r"\s+", " ", named)[:200]
        raise InvalidInput(f"The file cannot be read: {told}", field="artifact", reason="unreadable") from error
