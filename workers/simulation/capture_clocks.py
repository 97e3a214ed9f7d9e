"""What a capture says of real time: both clocks before its records and after them, and the last pulse of each PPS source."""

from typing import Any

from kernel.clocks import SECOND_NS, Moment, Pulse


def clocks_of(start: Moment, end: Moment) -> dict[str, Any]:
    """Return what was read before the records and after them, and whether the real-time clock was stepped in between.

    Linux slews both clocks alike, so between them nothing drifts: their distance changes where the real-time clock is
    set, a leap second comes, or the machine sleeps.
    """
    changed = end.offset_ns - start.offset_ns
    return {
        "start": _told(start),
        "end": _told(end),
        "changed_ns": changed,
        "stepped": abs(changed) > start.bracket_ns + end.bracket_ns,
    }


def _told(moment: Moment) -> dict[str, Any]:
    return {
        "monotonic_ns": moment.monotonic_ns,
        "realtime": _seconds(moment.realtime_ns),
        "bracket_ns": moment.bracket_ns,
        "pps": [_pulse(pulse) for pulse in moment.pulses] or None,
        "pps_absent": moment.pulses_absent,
    }


def _pulse(pulse: Pulse) -> dict[str, Any]:
    return {
        "source": pulse.source,
        "name": pulse.name,
        "sequence": pulse.sequence,
        "at": None if pulse.at_ns is None else _seconds(pulse.at_ns),
        "absent": pulse.absent,
    }


def _seconds(ns: int) -> str:
    """Return seconds as text: of a real time in nanoseconds, readers of JSON that make it a double lose hundreds."""
    return f"{ns // SECOND_NS}.{ns % SECOND_NS:09d}"
