"""Measured power and simulated activity of the same executions, instruction by instruction along the path."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from jobs.measuring import Clock
from renode.trace import BUS_HD, BUS_HW, LOW_BYTE, REGISTER_HD, REGISTER_HW, Path, Simulator, Stop
from workers.simulation.measured.mapping import executed, rows_of
from workers.simulation.measured.taken import Taken

TERMS = 5
BATCH, BATCH_VALUES = 256, 2**21
"""Traces that are looked at together, and values of one feature that they may have."""
MOST_VALUES = 2**25
"""Traces times instructions: 128 MiB of float32, twice."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Aligned:
    """Which samples of a trace are an instruction's, and what executes the same."""

    taken: Taken
    simulator: Simulator
    path: Path
    positions: npt.NDArray[np.int64]
    """[instructions] of the path that have a sample, ascending"""
    firsts: npt.NDArray[np.int64]
    """[instructions] the first sample of each"""
    counts: npt.NDArray[np.int64]
    """[instructions]"""
    rows: npt.NDArray[np.uint8]
    """[traces, input bytes] what goes into the firmware"""

    @property
    def pcs(self) -> npt.NDArray[np.uint32]:
        """Return the address of each instruction."""
        return self.path.pcs[self.positions]

    def batches(self) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], npt.NDArray[np.uint64]]]:
        """Yield traces (their numbers) [n], measured power and activity words [n, instructions], of those on the path."""
        step = max(1, min(BATCH, BATCH_VALUES // len(self.positions)))
        for first in range(0, len(self.rows), step):
            chosen = np.arange(first, min(first + step, len(self.rows)))
            batch = self.simulator.run(self.rows[chosen], self.path)
            good = (batch.stop == Stop.DONE) & (batch.agreed > self.positions[-1])
            yield chosen[good], self._power(chosen[good]), batch.activity[good][:, self.positions]

    def _power(self, chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        samples = np.asarray(self.taken.traces[chosen], np.float64)
        sums = np.concatenate([np.zeros((len(chosen), 1)), samples.cumsum(axis=1)], axis=1)
        return np.asarray((sums[:, self.firsts + self.counts] - sums[:, self.firsts]) / self.counts, np.float32)


def aligned(taken: Taken, simulator: Simulator, *, traces: int) -> Aligned:
    """Align the first `traces` traces; raise InvalidInput where the firmware did not make them."""
    request = taken.request
    if request.target is None or request.clock is None:
        raise InvalidInput(
            "No reference: the import has no firmware, target and clock, so nothing can be fitted to it (uncalibrated).",
            field="campaign",
            reason="no-reference",
        )
    inputs = np.asarray(taken.inputs[:traces])
    rows = rows_of(request, request.target, taken.layout, inputs)
    few = slice(0, BATCH)
    path, common, _ = executed(request, taken.layout, inputs[few], rows[few], simulator)
    positions, firsts, counts = _samples(path, request.clock, taken, common)
    if not len(positions):
        raise InvalidInput("The clock gives no instruction a sample.", field="campaign", reason="no-samples")
    return Aligned(taken, simulator, path, positions, firsts, counts, rows[: max(1, MOST_VALUES // len(positions))])


def features(words: npt.NDArray[np.uint64]) -> Floats:
    """Return the fields of activity words [..., 5]: register weight and distance, bus weight and distance, low byte."""
    fields = ((REGISTER_HW, 0xFFF), (REGISTER_HD, 0xFFF), (BUS_HW, 0xFFF), (BUS_HD, 0xFFF), (LOW_BYTE, 0xFF))
    return np.stack([((words >> np.uint64(bit)) & np.uint64(mask)).astype(np.float64) for bit, mask in fields], axis=-1)


def _samples(
    path: Path, clock: Clock, taken: Taken, common: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the instructions that have samples, the first sample of each and how many.

    They are those of its last cycle, where the simulator puts what depends on data; all of its own where that has none.
    """
    begins = path.begins[:common].astype(np.float64)
    ends = np.append(path.begins, path.cycles)[1 : common + 1].astype(np.float64)
    first_of = _at(ends - 1, clock, taken)
    last = _at(ends, clock, taken)
    own = _at(begins, clock, taken)
    first = np.where(last > first_of, first_of, own)
    there = (first >= 0) & (last <= taken.samples) & (last > first)
    positions = np.flatnonzero(there)
    return positions, first[there], (last - first)[there]


def _at(cycles: Floats, clock: Clock, taken: Taken) -> npt.NDArray[np.int64]:
    """Return the first stored sample of each cycle."""
    at = np.ceil(clock.first_sample + cycles * clock.samples_per_cycle - taken.layout.first_sample - 1e-9)
    return np.asarray(at, np.int64)
