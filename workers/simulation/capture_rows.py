"""Records of the kernel's recorder as those of `jobs.measurement`: numbered by period, and counted."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jobs.errors import Conflict
from jobs.measurement import ENERGY, HAS_PC
from kernel.abi import Flag
from kernel.reader import Batch
from renode.records import ROW


@dataclass(slots=True)
class Numbering:
    """Makes rows of batches, one after the other. Of the recorder it knows the period alone.

    The first record is of period 0. A record that follows a restart (sleep of the machine, somebody else's stop) is of
    the period in which it lies, or of the next one: periods always rise.
    """

    period_ns: int
    pc: int | None = None
    """Of the instruction that is stated to run meanwhile."""
    count: int = 0
    next_period: int = 0
    gaps: int = 0
    """Records that follow a period without one, as the recorder says."""
    overflows: int = 0
    """Records whose energy was out of the sensor's range."""
    restarts: int = 0
    available: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(8, np.int64))
    """[8] records that have the channel."""
    cpus: Counter[int] = field(default_factory=Counter)
    first_ns: int = 0
    last_ns: int = 0
    _began_ns: int = 0
    _began: int = 0

    @property
    def dropped(self) -> int:
        """Return the periods between the first record and the last one that have none."""
        return self.next_period - self.count

    def rows(self, batch: Batch, most: int) -> npt.NDArray[np.void]:
        """Return the first `most` records of a batch as rows of `renode.records.ROW`.

        Raise Conflict for records that were written with another, shorter period.
        """
        count = min(len(batch), most)
        flags = batch.flags[:count]
        stamps = batch.timestamp_ns[:count].astype(np.int64)
        rows = np.zeros(count, ROW)
        if not count:
            return rows
        rows["timestamp_ns"], rows["period"] = stamps, self._periods(stamps, flags)
        rows["dim"] = batch.values[:count]
        rows["ideal_uj"] = np.nan
        aged = np.isfinite(rows["dim"][:, ENERGY])
        rows["age_us"] = np.where(aged, batch.energy_age_ns[:count] * 1e-3, np.nan)
        if self.pc is not None:
            rows["pc"], rows["flags"] = self.pc, HAS_PC
        self.gaps += int(((flags & Flag.GAP) != 0).sum())
        self.overflows += int(((flags & Flag.OVERFLOW) != 0).sum())
        self.available += np.isfinite(rows["dim"][:, : len(self.available)]).sum(axis=0)
        numbers, seen = np.unique(batch.cpu[:count], return_counts=True)
        self.cpus.update(dict(zip(numbers.tolist(), seen.tolist(), strict=True)))
        self.first_ns = self.first_ns if self.count else int(stamps[0])
        self.last_ns = int(stamps[-1])
        self.count += count
        return rows

    def _periods(self, stamps: npt.NDArray[np.int64], flags: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        """Return the period of each record; between two restarts they are multiples of the period apart."""
        begins = np.flatnonzero((flags & Flag.FIRST) != 0).tolist()
        if not self.count and (not begins or begins[0]):
            begins.insert(0, 0)
        periods = np.empty(len(stamps), np.int64)
        for start, end in zip([0, *begins], [*begins, len(stamps)], strict=True):
            if start == end:
                continue
            if start in begins:
                if self.count or start:
                    self.restarts += 1
                lies = self._began + (int(stamps[start]) - self._began_ns) // self.period_ns
                began = max(lies, self.next_period) if self.count or start else 0
                self._began_ns, self._began = int(stamps[start]), began
            periods[start:end] = self._began + (stamps[start:end] - self._began_ns) // self.period_ns
            if (np.diff(periods[start:end], prepend=self.next_period - 1) < 1).any():
                raise Conflict("Records lie closer than a period.", field="period_ns", reason="period-changed")
            self.next_period = int(periods[end - 1]) + 1
        return periods
