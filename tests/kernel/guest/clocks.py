"""Checks of what captures say of real time, with a PPS source whose pulses come when they are asked for."""

import contextlib
import ctypes
import itertools
import os
import time
from collections.abc import Callable, Iterator

from kernel.clocks import moment
from renode.records import Records
from tests.kernel.guest.capturing import MS, captured
from tests.kernel.guest.modules import PARAMETERS, load, unload
from tests.kernel.guest.recording import recorder
from workers.simulation.capture_clocks import clocks_of
from workers.simulation.capture_run import Ran, Wanted

STEP_NS = 3_600 * 10**9
FASTEST = (500 << 16, 11_000)
"""As far as a clock can be slewed: 500 ppm, and 10 % by its tick (adjtimex(2))."""
USUAL = (0, 10_000)
_ADJ_FREQUENCY, _ADJ_TICK = 0x2, 0x4000


class _Timex(ctypes.Structure):
    """`struct timex` of 64-bit kernels, as far as it is used."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("errors", ctypes.c_long * 2),
        ("status", ctypes.c_int),
        ("constants", ctypes.c_long * 3),
        ("time", ctypes.c_long * 2),
        ("tick", ctypes.c_long),
        ("rest", ctypes.c_long * 32),
    )


_libc = ctypes.CDLL(None, use_errno=True)


def where_records_lie_in_real_time_is_told_with_the_pulse_before() -> None:
    with _pulses() as pulse, recorder(period_ns=MS):
        none = moment().pulses
        pulse()
        began, since = time.time_ns(), time.monotonic_ns()
        ran, records = _captured(pulse)
        ended = time.time_ns()

    (yet,), (first,), (second,) = none, ran.start.pulses, ran.end.pulses
    assert (yet.source, yet.name, yet.sequence, yet.at_ns) == ("pps0", "monje_fake", 0, None), yet
    assert yet.absent == "no pulse has come yet"
    assert (first.sequence, second.sequence) == (1, 2), (first, second)
    assert (first.at_ns or 0) < began < (second.at_ns or 0) < ended, (first, began, second, ended)
    assert moment().pulses_absent == "the kernel has no PPS source"
    # Records tell the same monotonic clock, so each lies in real time where both clocks were, and after the first pulse.
    stamps = records.rows["timestamp_ns"].astype("int64")
    assert since < stamps[0] < stamps[-1] < ran.end.monotonic_ns
    assert (first.at_ns or 0) < stamps[0] + ran.start.offset_ns < stamps[-1] + ran.start.offset_ns < ended
    assert not clocks_of(ran.start, ran.end)["stepped"], (ran.start, ran.end)


def a_clock_that_is_set_meanwhile_was_stepped_and_one_that_is_slewed_was_not() -> None:
    with recorder(period_ns=MS):
        ahead = _captured(lambda: _set(STEP_NS))[0]
        back = _captured(lambda: _set(-STEP_NS))[0]
        before = time.monotonic_ns() - time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        try:
            slewed = _captured(lambda: _slew(FASTEST))[0]
        finally:
            _slew(USUAL)
        drifted = time.monotonic_ns() - time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) - before

    for moved, ran in ((STEP_NS, ahead), (-STEP_NS, back)):
        told = clocks_of(ran.start, ran.end)
        # What setting it takes is lost, as the clock is set to a time that was read before.
        assert told["stepped"], told
        assert abs(told["changed_ns"] - moved) < 10**9, told
    told = clocks_of(slewed.start, slewed.end)
    assert not told["stepped"], told
    # It was slewed, and so was the monotonic clock, by more than what reading them could hide.
    assert drifted > slewed.start.bracket_ns + slewed.end.bracket_ns, (drifted, slewed)


@contextlib.contextmanager
def _pulses() -> Iterator[Callable[[], object]]:
    load("monje_fake_pps")
    try:
        yield lambda: (PARAMETERS / "monje_fake_pps" / "parameters" / "pulse").write_text("1")
    finally:
        unload("monje_fake_pps")


def _captured(act: Callable[[], object]) -> tuple[Ran, Records]:
    """Capture half a second, and do something once when some of the records are there."""
    rounds = itertools.count()

    def check() -> None:
        if next(rounds) == 0:
            act()

    ran, records, _ = captured(Wanted(500, MS, 60), check=check)
    return ran, records


def _set(ns: int) -> None:
    time.clock_settime_ns(time.CLOCK_REALTIME, time.time_ns() + ns)


def _slew(how: tuple[int, int]) -> None:
    wanted = _Timex(modes=_ADJ_FREQUENCY | _ADJ_TICK)
    wanted.freq, wanted.tick = how
    if _libc.adjtimex(ctypes.byref(wanted)) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), f"adjtimex {how}")


CHECKS = [
    where_records_lie_in_real_time_is_told_with_the_pulse_before,
    a_clock_that_is_set_meanwhile_was_stepped_and_one_that_is_slewed_was_not,
]
