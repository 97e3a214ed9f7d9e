"""Recording with the recorder in the kernel: begin, take, stop. NumPy is all that it needs.

Captures of one machine follow each other: each reserves the recorder before it touches it, and what reserves it is gone
with its process, however that ended.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from jobs.errors import Conflict, DeviceUnavailable, InvalidInput
from kernel.abi import State
from kernel.clocks import Moment
from kernel.reader import Batch, Status
from workers.simulation.capture_files import Rows
from workers.simulation.capture_rows import Numbering

LISTEN_S = 0.25
"""How long nobody is listened to at most, but for what writing takes."""
AT_ONCE = 4096
COUNTERS = ("missed", "sensor_reads", "sensor_errors", "sensor_overflows")
"""Of the module, since it was loaded."""


class Device(Protocol):
    """An open recorder: `kernel.reader.Reader`."""

    lost: int

    @property
    def header(self) -> dict[str, int]:
        """Return the fields of the header page."""

    def reserve(self) -> bool:
        """Say whether this is the one that may record."""

    def status(self) -> Status:
        """Return what it does."""

    def start(self) -> None:
        """Start sampling."""

    def stop(self) -> None:
        """Stop sampling."""

    def set_period(self, ns: int) -> None:
        """Set the sampling period."""

    def set_wakeup(self, records: int) -> None:
        """Be woken when so many records are unread."""

    def batches(self, *, timeout_s: float, most: int | None = None) -> Iterator[Batch]:
        """Yield records as they come; end when it was stopped and all was read, or none came for `timeout_s`."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be recorded, and for how long at most."""

    samples: int
    period_ns: int
    most_s: float
    wakeup: int | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """How a recording went, beside its records."""

    ended: str
    """`samples`, `timeout`, or `stopped` by somebody else."""
    started: bool
    """False: it ran already, with this period."""
    lost: int
    """Records that were overwritten before they were taken."""
    counted: dict[str, int]
    """By how much the module's counters rose meanwhile."""
    start: Moment
    """Before its records were taken."""
    end: Moment
    """After they were."""


def run(
    device: Device,
    wanted: Wanted,
    numbering: Numbering,
    write: Callable[[Rows], None],
    *,
    check: Callable[[], None],
    report: Callable[[int], None],
    is_ours: Callable[[int], bool],
    note: Callable[[int], None],
    moment: Callable[[], Moment],
) -> Ran:
    """Record until there are enough records, the time is up, or somebody stops the recorder.

    `check` raises where it is to end at once, `report` is told how many there are. `note` is told the number of the
    start, `is_ours` whether a recorder that runs since that start was left running by an earlier attempt. `moment` reads
    the clocks. Raise InvalidInput where it runs with another period, Conflict where somebody sets another one,
    DeviceUnavailable where it goes away.
    """
    end = time.monotonic() + wanted.most_s
    with _there():
        reserved = _reserve(device, end, check)
    if not reserved:
        raise Conflict("Other captures had the recorder for all of the time.", reason="reserved")
    with _recording(device, wanted.period_ns, is_ours, note) as started:
        before, lost, start = device.header, device.lost, moment()
        ended = _take(device, wanted, numbering, write, end=end, check=check, report=report)
        after = device.header
        counted = {name: after[name] - before[name] for name in COUNTERS}
        return Ran(ended, started, device.lost - lost, counted, start=start, end=moment())


def _reserve(device: Device, end: float, check: Callable[[], None]) -> bool:
    while not device.reserve():
        check()
        if time.monotonic() >= end:
            return False
        time.sleep(LISTEN_S)
    return True


@contextmanager
def _recording(
    device: Device, period_ns: int, is_ours: Callable[[int], bool], note: Callable[[int], None]
) -> Iterator[bool]:
    """Have it run with this period; yield whether that was our doing, and stop it then."""
    with _there():
        status = device.status()
        if status.state is not State.STOPPED and is_ours(device.header["starts"]):
            device.stop()
            for _ in device.batches(timeout_s=LISTEN_S):
                pass  # what that one wrote since this file was opened
            status = device.status()
        started = status.state is State.STOPPED
        if started:
            device.set_period(period_ns)
            # Noted before, so that whoever comes after a death in between knows.
            note(device.header["starts"] + 1)
            device.start()
        elif status.period_ns != period_ns:
            raise InvalidInput(
                f"The recorder was started by somebody else, with a period of {status.period_ns} ns.",
                field="period_ns",
                reason="running",
            )
    try:
        yield started
    finally:
        if started:
            with _there():
                device.stop()


def _take(
    device: Device,
    wanted: Wanted,
    numbering: Numbering,
    write: Callable[[Rows], None],
    *,
    end: float,
    check: Callable[[], None],
    report: Callable[[int], None],
) -> str:
    # Four wakes a second, and none so late that the ring is half full.
    often = max(1, int(LISTEN_S * 1e9) // wanted.period_ns)
    wakeup = min(wanted.wakeup or often, often, device.header["records"] // 4)
    stopped = False
    while (left := wanted.samples - numbering.count) > 0:
        with _there():
            device.set_wakeup(min(wakeup, left))
            batches = device.batches(timeout_s=LISTEN_S, most=AT_ONCE)
        for batch in _each(batches):
            write(numbering.rows(batch, wanted.samples - numbering.count))
            check()
            report(numbering.count)
            if device.header["period_ns"] != wanted.period_ns:
                raise Conflict("Somebody set another period meanwhile.", field="period_ns", reason="period-changed")
            # The last ones may be fewer than those that wake.
            if wanted.samples - numbering.count < wakeup or time.monotonic() >= end:
                break
        else:
            check()
            if stopped:
                return "stopped"
            with _there():
                # What was written before it stopped is taken in another round.
                stopped = device.status().state is State.STOPPED
        if time.monotonic() >= end and numbering.count < wanted.samples:
            return "timeout"
    return "samples"


def _each(batches: Iterator[Batch]) -> Iterator[Batch]:
    while True:
        with _there():
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


@contextmanager
def _there() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DeviceUnavailable(
            f"The recorder does not do as it is told: {error.strerror}.", reason="device"
        ) from error
