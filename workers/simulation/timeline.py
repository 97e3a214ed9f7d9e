"""The recorder's timeline: periods of virtual time, cut where something else begins or ends."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_NS = 10**9


@dataclass(frozen=True, slots=True)
class Timeline:
    """Segments of whole cycles, one after the other from cycle 0 on."""

    ends: npt.NDArray[np.int64]
    """[segments] the cycle after each, ascending."""
    closes: npt.NDArray[np.bool_]
    """[segments] whether a period ends with it."""
    clock_hz: int
    period_ns: int
    periods: int

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Return the cycles of each segment [segments]."""
        return np.diff(self.ends, prepend=0)

    def cycle_at(self, time_ns: int) -> int:
        """Return the cycle that `time_ns` lies in."""
        return time_ns * self.clock_hz // _NS

    def of_periods(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the sum of `values` [segments, ...] over each period [periods, ...]."""
        return np.add.reduceat(values, self._starts, axis=0)

    def counted(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the same of counts."""
        return np.add.reduceat(counts, self._starts, axis=0)

    @property
    def _starts(self) -> npt.NDArray[np.int64]:
        """Return the first segment of each period [periods]."""
        return np.concatenate([np.zeros(1, np.int64), np.flatnonzero(self.closes)[:-1] + 1])

    def since_start(self, values: npt.NDArray[np.float64]) -> "Integral":
        """Return the running sum of `values` [segments]."""
        return Integral(np.concatenate([[0], self.ends]), np.concatenate([[0.0], np.cumsum(values)]), self)


@dataclass(frozen=True, slots=True)
class Integral:
    """A running sum over a timeline, known where segments end."""

    cycles: npt.NDArray[np.int64]
    sums: npt.NDArray[np.float64]
    timeline: Timeline

    def mean(self, start_ns: int, end_ns: int) -> float:
        """Return the mean a second over [start, end), which must lie on ends of segments; raise ValueError if not."""
        first, last = self.timeline.cycle_at(start_ns), self.timeline.cycle_at(end_ns)
        i, j = np.searchsorted(self.cycles, (first, last))
        if j >= len(self.cycles) or self.cycles[i] != first or self.cycles[j] != last:
            raise ValueError(f"[{start_ns}, {end_ns}) ns are no segments of the timeline")
        return float((self.sums[j] - self.sums[i]) * self.timeline.clock_hz / (last - first))


def timeline(*, periods: int, period_ns: int, clock_hz: int, cuts_ns: npt.NDArray[np.int64]) -> Timeline:
    """Return `periods` periods that are cut at the times `cuts_ns`, too; those beyond the last period are left out.

    A period ends with the cycle that its end in nanoseconds lies in, so none drifts, whatever the clock.
    """
    closing = np.arange(1, periods + 1, dtype=np.int64) * period_ns * clock_hz // _NS
    cuts = cuts_ns * clock_hz // _NS
    ends = np.union1d(closing, cuts[(cuts > 0) & (cuts < closing[-1])])
    return Timeline(ends, np.isin(ends, closing), clock_hz, period_ns, periods)
