"""Parquet: a column of lists of samples, or one column a sample; values as binary, lists of bytes or hexadecimal text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from workers.simulation.measured.names import GROUP, SETS, found, left_out
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

MAGIC = b"PAR1"
MAX_COLUMNS = 100_000
INDEX = re.compile(r"__index_level_\d+__")
"""Columns in which pandas keeps the numbers of its rows."""
BINARY = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
TEXT = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)


def read_parquet(stream: IO[bytes], wanted: Wanted) -> Opened:
    """Open a table."""
    try:
        file = pq.ParquetFile(stream, thrift_string_size_limit=64 * 2**20, thrift_container_size_limit=10_000_000)
        return _read(file, wanted)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Refusal("unreadable", f"The Parquet file cannot be read: {str(error)[:200]}") from error


def _read(file: Any, wanted: Wanted) -> Opened:
    schema = file.schema_arrow
    if len(schema.names) > MAX_COLUMNS or len(set(schema.names)) != len(schema.names):
        raise Refusal("unreadable", "The file has too many columns, or two of one name.")
    lists = {name for name in schema.names if _is_list(schema.field(name).type)}
    named = dict(wanted.names)
    chosen = found(
        [name for name in schema.names if name in lists or not _is_number(schema.field(name).type)],
        {ours: theirs for ours, theirs in named.items() if ours != GROUP},
        wanted.also,
    )
    group = found(schema.names, {GROUP: named[GROUP]} if GROUP in named else {}).get(GROUP)
    chosen = {ours: theirs for ours, theirs in chosen.items() if ours != GROUP} | ({GROUP: group} if group else {})
    if SAMPLES in chosen:
        if chosen[SAMPLES] not in lists:
            raise Refusal("not-traces", f"The column {chosen[SAMPLES]!r} does not hold lists of numbers.")
        samples = [chosen[SAMPLES]]
    else:
        taken = {*chosen.values(), *filter(INDEX.fullmatch, schema.names)}
        samples = [name for name in schema.names if _is_number(schema.field(name).type) and name not in taken]
    if not samples:
        raise Refusal("no-traces", "No column holds samples: neither a list called samples nor numbers.")
    values = {ours: theirs for ours, theirs in chosen.items() if ours != SAMPLES}
    first = _first(file, [*samples, *values.values()])
    width = _samples(first, samples, as_list=SAMPLES in chosen).shape[1]
    traces = file.metadata.num_rows
    check_shape(traces, width, wanted.limits)
    widths = {ours: _value(ours, first.column(theirs)).shape[1] for ours, theirs in values.items()}
    blocks = _blocks(file, samples, values, widths, as_list=SAMPLES in chosen, width=width)
    return Opened("parquet", traces, width, widths, blocks, left_out(schema.names, chosen | {n: n for n in samples}))


def _blocks(
    file: Any,
    samples: Sequence[str],
    values: Mapping[str, str],
    widths: Mapping[str, int],
    *,
    as_list: bool,
    width: int,
) -> Iterator[Block]:
    try:
        for batch in _batches(file, [*samples, *values.values()], rows_at_once(8 * width)):
            rows = _samples(batch, samples, as_list=as_list)
            read = {ours: _value(ours, batch.column(theirs)) for ours, theirs in values.items()}
            if rows.shape[1] != width or any(read[name].shape[1] != widths[name] for name in read):
                raise Refusal("ragged", "The rows are of different lengths.")
            yield Block(rows, read)
    except (pa.ArrowException, OSError) as error:
        raise Refusal("unreadable", f"The Parquet file cannot be read: {str(error)[:200]}") from error


def _batches(file: Any, columns: Sequence[str], rows: int) -> Iterator[Any]:
    yield from file.iter_batches(batch_size=rows, columns=list(columns), use_threads=False)


def _first(file: Any, columns: Sequence[str]) -> Any:
    batch = next(_batches(file, columns, 1), None)
    if batch is None or batch.num_rows == 0:
        raise Refusal("empty", "The file has no row.")
    return batch


def _samples(batch: Any, columns: Sequence[str], *, as_list: bool) -> npt.NDArray[np.generic]:
    if not as_list:
        return np.stack([_plain(batch.column(name)) for name in columns], axis=1)
    return _listed(batch.column(columns[0]), columns[0])


def _value(name: str, column: Any) -> npt.NDArray[np.uint8]:
    if column.null_count:
        raise Refusal("not-bytes", f"{name} has rows without a value.", field="values")
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if _is_list(kind):
        return as_bytes(name, _listed(column, name))
    if any(is_one(kind) for is_one in BINARY):
        cells = column.to_pylist()
        if len({len(cell) for cell in cells}) > 1:
            raise Refusal("ragged", f"{name} has values of different lengths.", field="values")
        return np.frombuffer(b"".join(cells), np.uint8).reshape(len(cells), -1)
    if any(is_one(kind) for is_one in TEXT):
        texts = column.to_pylist()
        if name == GROUP:
            unknown = next((text for text in texts if text.casefold() not in SETS), None)
            if unknown is not None:
                message = f"The set {unknown[:40]!r} is neither fixed nor random."
                raise Refusal("not-bytes", message, field="values.group")
            return np.array([[SETS[text.casefold()]] for text in texts], np.uint8)
        return as_bytes(name, np.array(texts, object))
    return as_bytes(name, _plain(column))


def _listed(column: Any, name: str) -> npt.NDArray[np.generic]:
    """Return a column of lists of one length as rows."""
    if column.null_count:
        raise Refusal("ragged", f"{name} has rows without a value.")
    flat = column.flatten()
    rows, rest = divmod(len(flat), max(len(column), 1))
    if rest or (
        not pa.types.is_fixed_size_list(column.type) and set(np.diff(_plain(column.offsets)).tolist()) - {rows}
    ):
        raise Refusal("ragged", f"{name} has lists of different lengths.")
    return _plain(flat).reshape(len(column), rows)


def _plain(array: Any) -> npt.NDArray[np.generic]:
    if array.null_count:
        raise Refusal("not-numbers", "A number is missing.")
    return np.asarray(array.to_numpy(zero_copy_only=False))


def _is_list(kind: Any) -> bool:
    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return bool(lists) and _is_number(kind.value_type)


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))
