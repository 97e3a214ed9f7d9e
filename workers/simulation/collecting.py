"""How records get from the sensor to their reader: one after the other, each taking its time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from jobs.recording import Collector
from workers.simulation.draws import normals

JITTER_PURPOSE = 129
_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Collected:
    """Which periods have a record, and when it could be read."""

    periods: npt.NDArray[np.int64]
    """[records] ascending."""
    latency_ns: npt.NDArray[np.int64]
    """[records] from the period's end on."""
    dropped: int
    """Periods before the last record that have none."""


def collect(collector: Collector, *, samples: int, period_ns: int, seed: int, limit: int) -> Collected:
    """Return when `samples` records are taken; raise InvalidInput where that takes more than `limit` periods.

    A period's end wakes the collector. It works `work_ns`, and `jitter_ns` on the mean longer, exponentially
    distributed and independent from period to period. A period that ends while it still works on an earlier one is
    dropped, as a timer's tick is that finds its handler running.
    """
    periods: list[int] = []
    latencies: list[int] = []
    free_ns, period = 0, 0
    extra = np.zeros(0)
    while len(periods) < samples:
        if period >= limit:
            raise InvalidInput(
                f"the collector is too slow: {len(periods)} records in {limit} periods",
                field="collector",
                reason="too-slow",
            )
        if period % _AT_ONCE == 0 and collector.jitter_ns:
            extra = _exponential(seed, period) * collector.jitter_ns
        end_ns = (period + 1) * period_ns
        if free_ns <= end_ns:
            took = collector.work_ns + (round(float(extra[period % _AT_ONCE])) if collector.jitter_ns else 0)
            free_ns = end_ns + took
            periods.append(period)
            latencies.append(took)
        period += 1
    return Collected(np.array(periods, np.int64), np.array(latencies, np.int64), periods[-1] + 1 - samples)


def _exponential(seed: int, period: int) -> npt.NDArray[np.float64]:
    """Return exponential draws of mean 1 for _AT_ONCE periods: half the squared length of a plane normal vector."""
    pairs = normals(seed, period, _AT_ONCE, 2, JITTER_PURPOSE).astype(np.float64)
    return (pairs**2).sum(axis=1) / 2
