"""Reads where records, which tell CLOCK_MONOTONIC, lie in real time, and the last pulses of the kernel's PPS sources.

A kernel module cannot ask another one for pulses, but every process may: /sys/class/pps (Documentation/driver-api/pps.rst).
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from errno import EAGAIN
from pathlib import Path

PPS = Path("/sys/class/pps")
BRACKETS = 9
"""Readings of both clocks, of which the closest one counts: an interrupt may come into some."""
READINGS = 5
"""Of a pulse, after the first, until two in a row are the same."""
SECOND_NS = 10**9
_PULSE = re.compile(r"(\d+)\.(\d{9})#(\d+)\n?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pulse:
    """The last pulse of a PPS source."""

    source: str
    """As the kernel numbers it: `pps0`."""
    name: str | None
    """As its driver calls it; None where that cannot be read."""
    sequence: int | None
    """Pulses so far."""
    at_ns: int | None
    """CLOCK_REALTIME of its assert edge, as the kernel's interrupt read it."""
    absent: str | None
    """Why there is no pulse."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Both clocks at once, and the pulses before."""

    monotonic_ns: int
    """In the middle of the bracket."""
    realtime_ns: int
    bracket_ns: int
    """How long it took to read the real time, by the monotonic clock: both are apart by half of that at most."""
    pulses: tuple[Pulse, ...]
    pulses_absent: str | None
    """Why there is no PPS source."""

    @property
    def offset_ns(self) -> int:
        """Return the real time less the monotonic one."""
        return self.realtime_ns - self.monotonic_ns


def moment(sources: Path = PPS, clock: Callable[[int], int] = time.clock_gettime_ns) -> Moment:
    """Read both clocks and all PPS sources."""
    pulses, why = _pulses(sources)
    monotonic_ns, realtime_ns, bracket_ns = min((_bracket(clock) for _ in range(BRACKETS)), key=lambda read: read[2])
    return Moment(monotonic_ns, realtime_ns, bracket_ns, pulses, why)


def _bracket(clock: Callable[[int], int]) -> tuple[int, int, int]:
    before, realtime, after = (clock(one) for one in (time.CLOCK_MONOTONIC, time.CLOCK_REALTIME, time.CLOCK_MONOTONIC))
    return (before + after) // 2, realtime, after - before


def _pulses(sources: Path) -> tuple[tuple[Pulse, ...], str | None]:
    try:
        found = sorted(sources.iterdir(), key=lambda source: (len(source.name), source.name))
    except OSError as error:
        # A kernel without PPS has no such folder; records are no worse for it.
        return (), f"{sources} cannot be read: {error.strerror}"
    return tuple(_pulse(source) for source in found), None if found else "the kernel has no PPS source"


def _pulse(source: Path) -> Pulse:
    try:
        name, said = _text(source / "name").strip(), steady(lambda: _text(source / "assert"))
    except OSError as error:
        # Its receiver may have been unplugged just now.
        return Pulse(source.name, None, None, None, f"it cannot be read: {error.strerror}")
    if not said.strip():
        return Pulse(source.name, name, None, None, "it captures no assert edge")
    told = _PULSE.fullmatch(said)
    if told is None:
        return Pulse(source.name, name, None, None, f"it says {said[:64]!r}, which is no pulse")
    sequence = int(told[3])
    if not sequence:
        return Pulse(source.name, name, 0, None, "no pulse has come yet")
    return Pulse(source.name, name, sequence, int(told[1]) * SECOND_NS + int(told[2]), None)


def steady(read: Callable[[], str]) -> str:
    """Return what is read twice in a row: the kernel locks nothing where a pulse comes while it is told.

    Raise OSError where each reading is another one.
    """
    before = read()
    for _ in range(READINGS):
        said = read()
        if said == before:
            return said
        before = said
    raise OSError(EAGAIN, "it says something else each time")


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")
