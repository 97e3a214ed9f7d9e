"""Tables as pandas writes them: with the numbers of rows or columns, and with categories."""

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from workers.simulation.measured import reader
from workers.simulation.measured.source import Limits, Opened, Wanted

TRACES = np.random.default_rng(7).normal(size=(40, 9)).astype(np.float32)


def opened(data: bytes) -> Opened:
    """Open a file."""
    return reader.read(io.BytesIO(data), None, Wanted({}, None, Limits(samples=100, stored_bytes=2**20)))


def table(*, head: list[str], numbered: bool) -> bytes:
    """Return a CSV with this first line, whose rows begin with their number if they are `numbered`."""
    rows = [
        [*([str(number)] if numbered else []), *(repr(float(value)) for value in row)]
        for number, row in enumerate(TRACES)
    ]
    return "".join(",".join(cells) + "\n" for cells in (head, *rows)).encode()


def parquet(columns: dict[str, Any]) -> bytes:
    """Return a table."""
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def samples(read: Opened) -> Any:
    """Return all traces of an open file."""
    return np.concatenate([block.samples for block in read.blocks])


def test_a_column_without_a_name_is_no_sample() -> None:
    read = opened(table(head=["", *map(str, range(9))], numbered=True))

    assert read.notes == ("not read: a column without a name",)
    np.testing.assert_array_equal(samples(read), TRACES)


def test_a_first_line_that_counts_the_columns_is_no_trace() -> None:
    read = opened(table(head=list(map(str, range(9))), numbered=False))

    assert read.notes == ("the first line counts the columns: it was taken for their names",)
    np.testing.assert_array_equal(samples(read), TRACES)


def test_a_first_line_of_few_small_numbers_is_a_trace() -> None:
    read = opened(b"0,1,2\n5,6,7\n")

    assert read.notes == ()
    np.testing.assert_array_equal(samples(read), [[0, 1, 2], [5, 6, 7]])


def test_the_index_of_a_frame_is_no_sample() -> None:
    columns = {f"s{number}": TRACES[:, number] for number in range(9)}

    read = opened(parquet({**columns, "__index_level_0__": np.arange(40)}))

    assert read.notes == ("not read: __index_level_0__",)
    np.testing.assert_array_equal(samples(read), TRACES)


def test_categories_are_what_they_stand_for() -> None:
    plain = np.random.default_rng(7).integers(0, 256, (40, 16), dtype=np.uint8)

    read = opened(
        parquet(
            {
                "samples": pa.array(TRACES.tolist(), pa.list_(pa.float32())),
                "plaintext": pa.array([row.tobytes() for row in plain]).dictionary_encode(),
                "group": pa.array(["Fixed", "random"] * 20).dictionary_encode(),
            }
        )
    )
    values = next(iter(read.blocks)).values

    np.testing.assert_array_equal(values["plaintext"], plain)
    assert values["group"][:, 0].tolist() == [0, 1] * 20
