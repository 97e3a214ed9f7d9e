"""A recorder without a kernel: it plays batches that a test has made, and remembers what it was told."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from kernel.abi import DIMS, Flag, State
from kernel.reader import Batch, Status


def batch(
    stamps: Iterable[int],
    *,
    flags: dict[int, Flag] | None = None,
    values: npt.NDArray[np.float64] | None = None,
    first: int = 0,
) -> Batch:
    """Return records of these times; `flags` by position. Values count up where none are given."""
    times = np.array(list(stamps), np.uint64)
    marks = np.zeros(len(times), np.uint32)
    for position, flag in (flags or {}).items():
        marks[position] = flag
    if values is None:
        values = np.arange(len(times) * DIMS, dtype=np.float64).reshape(-1, DIMS) + first
    numbers = np.arange(first, first + len(times), dtype=np.uint64)
    ages = np.full(len(times), 1_500, np.uint64)
    return Batch(numbers, times, values, ages, np.zeros(len(times), np.uint32), marks)


class Played:
    """Plays `batches` once it runs; then it says nothing more, or stops if it `ends`."""

    def __init__(self, batches: Iterable[Batch] = (), *, ends: bool = False, period_ns: int = 50_000) -> None:
        self._batches = iter(batches)
        self._ends = ends
        self.state = State.STOPPED
        self.told: list[str | tuple[str, int]] = []
        self.lost = 0
        self.unread: Sequence[Batch] = ()
        """What is read of it once it was stopped."""
        self.reserved: Sequence[bool] = ()
        """What is answered to those who reserve it, at first."""
        self.after: Callable[[], None] = lambda: None
        """Called when each batch has come."""
        self.page = {
            "records": 4096,
            "period_ns": period_ns,
            "starts": 0,
            "missed": 5,
            "sensor_reads": 0,
            "sensor_errors": 0,
            "sensor_overflows": 0,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.told.append("close")

    @property
    def header(self) -> dict[str, int]:
        return dict(self.page)

    def reserve(self) -> bool:
        first, *rest = [*self.reserved, True]
        self.reserved = rest[:-1]
        return first

    def status(self) -> Status:
        return Status(self.state, 1, self.page["period_ns"], 0, 0, 0, self.page["missed"])

    def start(self) -> None:
        self.told.append("start")
        self.page["starts"] += 1
        self.state = State.RUNNING

    def stop(self) -> None:
        self.told.append("stop")
        self.state = State.STOPPED

    def set_period(self, ns: int) -> None:
        self.told.append(("period", ns))
        self.page["period_ns"] = ns

    def set_wakeup(self, records: int) -> None:
        self.told.append(("wakeup", records))

    def batches(self, *, timeout_s: float, most: int | None = None) -> Iterator[Batch]:
        del timeout_s, most
        if self.state is State.STOPPED:
            yield from self.unread
            self.unread = []
            return
        for one in self._batches:
            self.after()
            yield one
        if self._ends:
            self.state = State.STOPPED
