"""Records as bytes and lines: what is written is read back, and what is not in order is refused by its place."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.errors import InvalidInput
from jobs.measurement import CHANNELS, COLUMNS, DIMENSIONS, HAS_PC, HEADER, LAGS, RECORD, Clock
from renode.records import ROW, Records, csv_bytes, embedded, from_bytes, from_csv, to_bytes, to_csv

FIRMWARE = "5e5e5e5e5e5e"


def records(count: int = 20, seed: int = 7) -> Records:
    rng = np.random.default_rng(seed)
    rows = np.zeros(count, ROW)
    rows["timestamp_ns"] = np.arange(1, count + 1) * 50_000
    rows["period"] = np.arange(count)
    rows["dim"] = rng.normal(size=(count, DIMENSIONS)) * 10.0 ** rng.integers(-12, 12, (count, DIMENSIONS))
    rows["dim"][:8, 40:] = np.nan
    rows["ideal_uj"], rows["age_us"] = rng.random(count), np.nan
    rows["pc"] = rng.integers(0, 2**32, count)
    rows["flags"] = HAS_PC
    rows["flags"][3:4] = rows["pc"][3:4] = 0
    return Records(rows, 50_000, FIRMWARE, 3, Clock.MONOTONIC)


def binary(given: Records) -> bytes:
    return b"".join(to_bytes(given))


def lines(given: Records) -> list[str]:
    return list(to_csv(given))


def test_numpy_sees_a_record_as_struct_does() -> None:
    row = records(1).rows[0]

    fields = RECORD.unpack(row.tobytes())

    assert ROW.itemsize == RECORD.size == 616
    assert HEADER.size == 72
    assert fields[:2] == (row["timestamp_ns"], row["period"])
    np.testing.assert_array_equal(fields[2:74], row["dim"])
    np.testing.assert_array_equal(fields[74:], [row["ideal_uj"], row["age_us"], row["pc"], row["flags"]])


def test_a_header_is_these_bytes() -> None:
    head = binary(records())[: HEADER.size]

    assert head[:8] == b"DSN72REC"
    assert head[8:16] == bytes([1, 0, 72, 0, 8, 0, 9, 0])
    assert head[16:24] == bytes([1, 0]) + (616).to_bytes(2, "little") + bytes(4)
    assert [int.from_bytes(head[at : at + 8], "little") for at in (24, 32, 40)] == [50_000, 20, 3]
    assert head[48:] == b"5e5e5e5e5e5e" + bytes(12)


@pytest.mark.parametrize("count", [0, 1, 5000])
def test_a_binary_file_is_read_back_bit_for_bit(count: int) -> None:
    written = records(count)

    read = from_bytes(binary(written))

    assert read.rows.tobytes() == written.rows.tobytes()
    assert replace(read, rows=written.rows) == written


def test_csv_to_binary_to_csv_is_the_same() -> None:
    first = lines(records())

    again = lines(from_bytes(binary(from_csv(first, limit=100))))

    assert again == first


def test_a_csv_says_what_the_dimensions_do() -> None:
    header, first, *rest = lines(records())

    fields = dict(zip(header.strip().split(","), first.strip().split(","), strict=True))

    assert tuple(header.strip().split(",")) == COLUMNS
    assert fields["timestamp"] == "0.000050000"
    assert float(fields["energy"]) == float(fields["dim_2"]) * 1e-6
    assert (fields["temperature"], fields["latency"]) == (fields["dim_3"], fields["dim_6"])
    assert fields["dim_71"] == ""
    assert fields["instruction_id"].startswith(f"{FIRMWARE}:")
    assert rest[2].endswith(",\n")  # where no instruction dominated


def test_a_csv_as_bytes_is_its_lines() -> None:
    assert b"".join(csv_bytes(records(500))) == "".join(lines(records(500))).encode()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=DIMENSIONS, max_size=DIMENSIONS))
def test_any_numbers_come_through_a_csv(values: list[float]) -> None:
    given = records(1)
    given.rows["dim"][0] = values
    written = lines(given)
    if math.isinf(values[2] * 1e-6):
        return

    read = from_csv(written, limit=1)

    assert read.rows["dim"].tobytes() == given.rows["dim"].tobytes()
    assert (read.rows["timestamp_ns"][0], read.firmware) == (50_000, FIRMWARE)


def changed(number: int, column: str, text: str) -> list[str]:
    found = lines(records())
    fields = found[number].rstrip("\n").split(",")
    fields[COLUMNS.index(column)] = text
    found[number] = ",".join(fields) + "\n"
    return found


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([], "line 1"),
        (["timestamp,energy\n"], "line 1"),
        ([*lines(records())[:2], "1,2,3\n"], "line 3"),
        (changed(2, "dim_7", "wide"), "line 3, dim_7"),
        (changed(2, "dim_7", "nan"), "line 3, dim_7"),
        (changed(2, "dim_7", "inf"), "line 3, dim_7"),
        (changed(5, "energy", "1"), "line 6, energy"),
        (changed(5, "energy", ""), "line 6, energy"),
        (changed(1, "timestamp", "-1"), "line 2, timestamp"),
        (changed(1, "timestamp", "1.0000000001"), "line 2, timestamp"),
        (changed(1, "timestamp", "99999999999999"), "line 2, timestamp"),
        (changed(1, "instruction_id", "5e5e5e5e5e5e"), "line 2, instruction_id"),
        (changed(1, "instruction_id", "5e5e5e5e5e5e:100000000"), "line 2, instruction_id"),
        (changed(1, "instruction_id", "5e:10"), "line 2, instruction_id"),
        (changed(1, "instruction_id", "0123456789ab:10"), "instruction_id"),
        ([*lines(records())[:1], "9" * 70_000], "line 2"),
    ],
)
def test_a_csv_that_is_not_in_order_is_refused_by_its_place(given: list[str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        from_csv(given, limit=100)

    assert refused.value.field == field


def test_no_more_records_are_read_than_may_be() -> None:
    with pytest.raises(InvalidInput, match="more than 19"):
        from_csv(lines(records(20)), limit=19)


@pytest.mark.parametrize(
    ("at", "value", "match"),
    [
        (0, b"X", "does not begin"),
        (8, b"\2", "version 2"),
        (12, b"\7", "another layout"),
        (18, b"\0", "another layout"),
        (16, b"\7", "no clock 7"),
        (32, b"\xff" * 8, "promises"),
        (50, b"\xff", "no text"),
    ],
)
def test_a_binary_file_that_is_not_in_order_is_refused(at: int, value: bytes, match: str) -> None:
    data = binary(records())

    with pytest.raises(InvalidInput, match=match):
        from_bytes(data[:at] + value + data[at + len(value) :])


@pytest.mark.parametrize("length", [0, 10, 71, 72, 72 + 615, 72 + 20 * 616 - 1])
def test_a_binary_file_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(InvalidInput, match=r"header|promises"):
        from_bytes(binary(records())[:length])


def test_dimensions_are_the_channels_of_the_periods_before() -> None:
    periods = np.array([0, 1, 2, 4, 5, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 40])
    channels = np.arange(len(periods) * 8, dtype=np.float64).reshape(-1, 8)

    dims = embedded(channels, periods)

    said = dict(zip(periods.tolist(), channels, strict=True))
    nothing = np.full(len(CHANNELS), np.nan)
    for row, period in zip(dims, periods.tolist(), strict=True):
        expected = np.concatenate([said.get(period - lag, nothing) for lag in range(LAGS)])
        np.testing.assert_array_equal(row, expected)
