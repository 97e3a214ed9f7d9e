"""Records of the 72-dimension recorder as arrays, and as the bytes and lines of `jobs.measurement`."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from jobs.measurement import (
    CHANNELS,
    COLUMNS,
    DIMENSIONS,
    ENERGY,
    HAS_PC,
    HEADER,
    LAGS,
    LATENCY,
    MAGIC,
    RECORD,
    TEMPERATURE,
    VERSION,
    Clock,
)

ROW = np.dtype(
    [
        ("timestamp_ns", "<u8"),
        ("period", "<u8"),
        ("dim", "<f8", (DIMENSIONS,)),
        ("ideal_uj", "<f8"),
        ("age_us", "<f8"),
        ("pc", "<u4"),
        ("flags", "<u4"),
    ]
)
"""`jobs.measurement.RECORD` for NumPy."""
_NS = 10**9
_CHUNK = 4096
_LONGEST_LINE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Records:
    """What a recorder wrote, oldest first."""

    rows: npt.NDArray[np.void]
    """[records] of ROW."""
    period_ns: int
    """0: not known, as in what came from a CSV."""
    firmware: str = ""
    """The first 12 hex digits of its sha256; empty where no firmware is known."""
    dropped: int = 0
    """Periods without a record."""
    clock: Clock = Clock.VIRTUAL


def embedded(channels: npt.NDArray[np.float64], periods: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the dimensions [records, 72] of records that said `channels` [records, 8] of `periods` [records].

    Periods ascend. What was said k periods ago is NaN where that period has no record.
    """
    width = len(CHANNELS)
    dims = np.full((len(periods), DIMENSIONS), np.nan)
    for lag in range(LAGS):
        at = np.searchsorted(periods, periods - lag)
        found = periods[at] == periods - lag
        dims[found, lag * width : (lag + 1) * width] = channels[at[found]]
    return dims


def to_bytes(records: Records) -> Iterator[bytes]:
    """Yield a binary file, piece by piece."""
    yield header_of(records, len(records.rows))
    for start in range(0, len(records.rows), _CHUNK):
        yield records.rows[start : start + _CHUNK].tobytes()


def header_of(records: Records, count: int) -> bytes:
    """Return the header of a binary file that holds `count` records like these."""
    return HEADER.pack(
        MAGIC,
        VERSION,
        HEADER.size,
        len(CHANNELS),
        LAGS,
        records.clock,
        RECORD.size,
        0,
        records.period_ns,
        count,
        records.dropped,
        records.firmware.encode("ascii"),
    )


def from_bytes(data: bytes) -> Records:
    """Read a binary file; raise InvalidInput that says what is wrong with it, and where."""
    if len(data) < HEADER.size:
        raise InvalidInput(f"{len(data)} bytes are no header", field="records", reason="truncated")
    magic, version, header, channels, lags, clock, size, _, period, count, dropped, firmware = HEADER.unpack_from(data)
    if magic != MAGIC:
        raise InvalidInput("the file does not begin as one of records", field="records", reason="not-records")
    if version != VERSION:
        raise InvalidInput(f"version {version} is not known", field="records.version", reason="version")
    if (channels, lags, size) != (len(CHANNELS), LAGS, RECORD.size) or header < HEADER.size:
        raise InvalidInput(f"{channels} x {lags} in {size} bytes is another layout", field="records", reason="layout")
    if clock not in set(Clock):
        raise InvalidInput(f"there is no clock {clock}", field="records.clock", reason="layout")
    if len(data) - header != count * size:
        raise InvalidInput(
            f"the header promises {count} records of {size} bytes, {len(data) - header} bytes follow",
            field="records",
            reason="truncated",
        )
    try:
        name = firmware.rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError as error:
        raise InvalidInput("the firmware's name is no text", field="records.firmware", reason="layout") from error
    rows = np.frombuffer(data, ROW, count, header)
    return Records(rows, period, name, dropped, Clock(clock))


def to_csv(records: Records) -> Iterator[str]:
    """Yield the lines of a CSV; numbers are the shortest that read back as the same."""
    yield ",".join(COLUMNS) + "\n"
    yield from csv_lines(records)


def csv_lines(records: Records) -> Iterator[str]:
    """Yield the lines of a CSV without the one that names the columns."""
    for start in range(0, len(records.rows), _CHUNK):
        part = records.rows[start : start + _CHUNK]
        stamps, pcs, flags = part["timestamp_ns"].tolist(), part["pc"].tolist(), part["flags"].tolist()
        for stamp, dims, pc, flag in zip(stamps, part["dim"].tolist(), pcs, flags, strict=True):
            values = [dims[TEMPERATURE], dims[ENERGY] * 1e-6, dims[LATENCY], *dims]
            fields = ["" if value != value else repr(value) for value in values]  # noqa: PLR0124 -- NaN
            place = f"{records.firmware}:{pc:08x}" if flag & HAS_PC else ""
            yield f"{stamp // _NS}.{stamp % _NS:09d},{','.join(fields)},{place}\n"


def from_csv(lines: Iterable[str], *, limit: int) -> Records:
    """Read at most `limit` records of a CSV; raise InvalidInput with line and column.

    What a CSV does not have is unknown then: the period and what was dropped 0, the ideal energy and the age NaN.
    """
    reader = csv.reader(_bounded(lines))
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise InvalidInput("the first line does not name the columns", field="line 1", reason="columns")
        rows: list[tuple[object, ...]] = []
        names: set[str] = set()
        for fields in reader:
            if len(rows) == limit:
                raise InvalidInput(f"there are more than {limit} records", field="records", reason="too-many")
            rows.append(_row(fields, f"line {reader.line_num}", names, number=len(rows)))
    except csv.Error as error:
        raise InvalidInput(str(error), field=f"line {reader.line_num}", reason="csv") from error
    if len(names) > 1:
        raise InvalidInput("records are of several firmwares", field="instruction_id", reason="several")
    return Records(np.array(rows, ROW), 0, next(iter(names), ""))


def csv_bytes(records: Records) -> Iterator[bytes]:
    """Yield a CSV as bytes, many lines at once."""
    held = io.StringIO()
    for line in to_csv(records):
        held.write(line)
        if held.tell() > _LONGEST_LINE:
            yield held.getvalue().encode("ascii")
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode("ascii")


def _row(fields: list[str], where: str, names: set[str], *, number: int) -> tuple[object, ...]:
    if len(fields) != len(COLUMNS):
        raise InvalidInput(f"{len(fields)} fields, not {len(COLUMNS)}", field=where, reason="fields")
    stamp = _nanoseconds(fields[0], f"{where}, timestamp")
    values = [_number(text, f"{where}, {name}") for text, name in zip(fields[1:-1], COLUMNS[1:-1], strict=True)]
    dims = values[3:]
    said = zip(values[:3], (dims[TEMPERATURE], dims[ENERGY] * 1e-6, dims[LATENCY]), COLUMNS[1:4], strict=True)
    for value, expected, name in said:
        if value != expected and not (math.isnan(value) and math.isnan(expected)):
            raise InvalidInput(
                f"it is {value}, the dimension says {expected}", field=f"{where}, {name}", reason="differs"
            )
    if not fields[-1]:
        return stamp, number, dims, math.nan, math.nan, 0, 0
    name, separator, place = fields[-1].partition(":")
    try:
        pc = int(place, 16)
    except ValueError:
        pc = -1
    if not separator or not 0 <= pc < 2**32 or not name.isascii() or len(name) not in {0, 12}:
        raise InvalidInput("not <firmware>:<pc hex>", field=f"{where}, instruction_id", reason="instruction-id")
    names.add(name)
    return stamp, number, dims, math.nan, math.nan, pc, HAS_PC


def _nanoseconds(text: str, where: str) -> int:
    seconds, _, fraction = text.partition(".")
    digits = seconds + fraction
    if not (digits.isascii() and digits.isdigit() and seconds and len(fraction) <= 9):
        raise InvalidInput(f"{text[:40]!r} is no time in seconds", field=where, reason="number")
    stamp = int(seconds) * _NS + int(fraction.ljust(9, "0") or "0")
    if stamp >= 2**64:
        raise InvalidInput("beyond 64 bits of nanoseconds", field=where, reason="number")
    return stamp


def _number(text: str, where: str) -> float:
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value) or math.isinf(value):
        raise InvalidInput(f"{text[:40]!r} is no number", field=where, reason="number")
    return value


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if len(line) > _LONGEST_LINE:
            raise InvalidInput(f"longer than {_LONGEST_LINE} characters", field=f"line {number}", reason="too-long")
        yield line
