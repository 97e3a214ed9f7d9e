"""What kernel/monje_virtual.h says, in Python; a test compiles the header and compares.

Everything is little-endian, as the machines are that the module builds for.
"""

from enum import IntEnum, IntFlag
from struct import Struct

import numpy as np

MAGIC = 0x454A4E4F
VERSION = 1
CHANNELS = 8
LAGS = 9
DIMS = CHANNELS * LAGS
FRACTION_BITS = 16
MIN_PERIOD_NS = 50_000
MAX_PERIOD_NS = 1_000_000_000

HEADER = np.dtype(
    [
        ("magic", "<u4"),
        ("version", "<u4"),
        ("header_bytes", "<u4"),
        ("record_bytes", "<u4"),
        ("records", "<u4"),
        ("dims", "<u4"),
        ("fraction_bits", "<u4"),
        ("state", "<u4"),
        ("head", "<u8"),
        ("period_ns", "<u8"),
        ("missed", "<u8"),
        ("starts", "<u8"),
        ("sensor_reads", "<u8"),
        ("sensor_errors", "<u8"),
        ("sensor_overflows", "<u8"),
    ]
)
RECORD = np.dtype(
    [
        ("sequence", "<u8"),
        ("timestamp_ns", "<u8"),
        ("dim", "<i8", (DIMS,)),
        ("available", "<u8", (2,)),
        ("energy_age_ns", "<u8"),
        ("cpu", "<u4"),
        ("flags", "<u4"),
        ("reserved", "<u8", (2,)),
    ]
)
OFFSETS = {name: int(field[1]) for name, field in (RECORD.fields or {}).items()}
"""Bytes into a record at which its fields lie."""
STATUS = Struct("<2I5Q")
STATUS_FIELDS = ("state", "wakeup", "period_ns", "head", "tail", "dropped", "missed")


class Channel(IntEnum):
    """Channels of a period; `dim[8 * k + channel]` is the channel k periods ago."""

    CYCLES = 0
    INSTRUCTIONS = 1
    ENERGY = 2
    """Microjoule."""
    TEMPERATURE = 3
    """Degree Celsius."""
    L1D_MISSES = 4
    BRANCH_MISSES = 5
    LATENCY = 6
    """Microseconds."""
    NOISE = 7
    """Microjoule."""


class Flag(IntFlag):
    """What is particular about a record."""

    FIRST = 1
    GAP = 2
    OVERFLOW = 4


class State(IntEnum):
    """What the recorder does."""

    STOPPED = 0
    RUNNING = 1
    SUSPENDED = 2


def _ioc(direction: int, number: int, size: int = 0) -> int:
    """Return a request number as asm-generic/ioctl.h composes it: direction, size, type, number."""
    return direction << 30 | size << 16 | ord("J") << 8 | number


_NONE, _WRITE, _READ = 0, 1, 2
START = _ioc(_NONE, 1)
STOP = _ioc(_NONE, 2)
GET_STATUS = _ioc(_READ, 3, STATUS.size)
SET_PERIOD = _ioc(_WRITE, 4, 8)
SET_WAKEUP = _ioc(_WRITE, 5, 4)
ACKNOWLEDGE = _ioc(_WRITE, 6, 8)
