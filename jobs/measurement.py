"""The 72-dimension record: what a sensor, simulated or real, says once a period, and how its bytes lie in a file.

72 = 8 channels x 9 lags: `dim[8 * k + c]` is channel c, k periods ago; NaN where there is no such record. A file is a
header and records, little-endian. Timestamps are of the clock that the header names, and never of the wall.
"""

from enum import IntEnum
from struct import Struct
from typing import NamedTuple


class Channel(NamedTuple):
    """One of the channels, in the order of dimensions."""

    name: str
    unit: str


CHANNELS = (
    Channel("cycles", "cycles"),
    Channel("instructions", "count"),
    Channel("energy", "uJ"),
    Channel("temperature", "degC"),
    Channel("l1d_misses", "count"),
    Channel("branch_misses", "count"),
    Channel("latency", "us"),
    Channel("noise", "uJ"),
)
LAGS = 9
DIMENSIONS = len(CHANNELS) * LAGS
ENERGY, TEMPERATURE, LATENCY = 2, 3, 6
"""Channels that a CSV repeats in SI units."""

COLUMNS = (
    "timestamp",
    "temperature",
    "energy",
    "latency",
    *(f"dim_{number}" for number in range(DIMENSIONS)),
    "instruction_id",
)
"""Of a CSV: s, degC, J, us, the dimensions, and `<firmware sha256[:12]>:<pc hex>` or nothing."""
MORE_COLUMNS = ("timestamp_ns", "period", "ideal_energy_uj", "sensor_age_us", "pc")
"""What Parquet has beside them; `timestamp` there is rounded to what a double holds."""

MAGIC = b"DSN72REC"
VERSION = 1


class Clock(IntEnum):
    """What timestamps count."""

    VIRTUAL = 0
    MONOTONIC = 1


HEADER = Struct("<8sHHHHBxHI QQQ12s12x")
"""Magic, version, header bytes, channels, lags, clock, record bytes, flags (0), period in ns, records, records dropped,
and the first 12 hex digits of the firmware's sha256 (zeros: none)."""
RECORD = Struct(f"<QQ{DIMENSIONS}dddII")
"""Timestamp in ns, number of the period, dimensions, energy of the ideal probe in uJ, age of the sensor's value in us
(NaN: not known), pc of the instruction that took most of the period's cycles, flags."""
HAS_PC = 1
"""Flag of a record: the pc means something."""
