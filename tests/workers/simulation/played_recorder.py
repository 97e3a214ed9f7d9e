"""A recorder without a kernel: it plays batches that a test has made, and remembers what it was told."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from jobs import model
from jobs.capturing import CaptureRequest
from kernel.abi import DIMS, Flag, State
from kernel.clocks import Moment, Pulse, moment
from kernel.reader import Batch, Status
from stores.artifacts import FileArtifacts, JobFiles
from tests.workers.simulation.conftest import Watched
from workers.simulation.capturing import CaptureServices, capture

DEVICE = Path("/dev/monje_virtual")
BOOT = "0d5f3c0e-5c0f-4a36-9d1f-6a1f1c3f9b11"
NOW = datetime(2026, 11, 29, tzinfo=UTC)


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


def moments(*read: tuple[int, int], pulses: Iterable[Pulse] = (), bracket_ns: int = 120) -> Callable[[], Moment]:
    """Return what reads the clocks one after the other: pairs of the monotonic time and the real one, in ns."""
    left = iter(read)
    absent = None if pulses else "the kernel has no PPS source"
    return lambda: Moment(*next(left), bracket_ns, tuple(pulses), absent)


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


def services(
    folder: Path, device: Played | None = None, *, clocks: Callable[[], Moment] = moment, files: JobFiles | None = None
) -> CaptureServices:
    """Return what captures of a played recorder work with; their files lie in a folder, unless `files` are elsewhere."""
    return CaptureServices(
        files=files or JobFiles(folder, "campaigns"),
        artifacts=FileArtifacts(folder),
        device=DEVICE,
        open=lambda _device: device or Played(),
        absent=lambda _device: None,
        artifact_bytes=2**30,
        boot=BOOT,
        moment=clocks,
    )


def captured(services: CaptureServices, attempt: Watched | None = None, *, name: str = "c", **given: Any) -> Any:
    """Capture what a request that is `given` asks for; return how that ended."""
    params = CaptureRequest.model_validate(given).model_dump(mode="json")
    job = model.Job(name, "simulation.capture", model.State.RUNNING, params, "default", 5, NOW)
    return capture(job, attempt or Watched(name), services)
