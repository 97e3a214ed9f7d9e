"""The executions of one trial, run and compared."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jobs.assessing import DataCache
from renode.trace import Footprint, Simulator, Stop
from workers.simulation.consttime.addresses import Addresses
from workers.simulation.consttime.data_cache import misses
from workers.simulation.consttime.masked import Masked
from workers.simulation.consttime.trials import FIXED, Trial
from workers.simulation.consttime.ways import Ways


@dataclass(slots=True)
class Seen:
    """What was seen of a trial."""

    trial: Trial
    reference: Footprint
    ways: Ways
    addresses: Addresses
    masked: Masked | None
    """What stands in the place of the two before where there are masks."""
    cycles: npt.NDArray[np.int64]
    """[N]"""
    waited: npt.NDArray[np.int64]
    """[N] cycles that misses took besides; zeros without a cache."""
    extra: dict[int, tuple[int, int]] = field(default_factory=dict)
    """pc -> least and most cycles that its misses took in an execution that went the reference's way."""
    ended_well: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    """[N]"""


def see(trial: Trial, simulator: Simulator, *, cache: DataCache | None, masks: bool, alive: Callable[[], None]) -> Seen:
    """Run all executions of a trial; `alive` is called between them and may raise."""
    reference = simulator.footprint(trial.rows[0])
    line_bytes = cache.line_bytes if cache is not None else None
    count = len(trial.rows)
    seen = Seen(
        trial,
        reference,
        Ways(reference),
        Addresses(line_bytes),
        Masked(reference, line_bytes) if masks else None,
        cycles=np.full(count, reference.cycles, np.int64),
        waited=np.zeros(count, np.int64),
        ended_well=np.full(count, reference.stop is Stop.DONE),
    )
    waiting = _Waiting(reference, cache)
    for row in range(count):
        alive()
        if not masks and trial.sets[row] == FIXED:
            footprint = reference  # the same inputs: the same execution
        else:
            footprint = simulator.footprint(trial.rows[row])
            seen.cycles[row], seen.ended_well[row] = footprint.cycles, footprint.stop is Stop.DONE
            if seen.masked is not None:
                seen.masked.add(footprint, int(trial.sets[row]))
            else:
                seen.addresses.add(row, footprint, seen.ways.add(row, footprint))
        seen.waited[row] = waiting.of(footprint)
    seen.extra = waiting.extra()
    return seen


class _Waiting:
    """What misses take: in all, and by instruction."""

    def __init__(self, reference: Footprint, cache: DataCache | None) -> None:
        self._reference, self._cache = reference, cache
        self._pcs, self._of = np.unique(reference.pcs[reference.touches["position"]], return_inverse=True)
        self._least = np.full(len(self._pcs), np.iinfo(np.int64).max, np.int64)
        self._most = np.zeros(len(self._pcs), np.int64)
        self._known: tuple[Footprint, int] | None = None

    def of(self, footprint: Footprint) -> int:
        """Return the cycles that the misses of an execution take."""
        if self._cache is None:
            return 0
        if self._known is not None and self._known[0] is footprint:
            return self._known[1]
        took = misses(footprint.touches, self._cache).astype(np.int64) * self._cache.miss_cycles
        here = self._reference
        if np.array_equal(footprint.pcs, here.pcs) and len(took) == len(here.touches):
            by_pc = np.bincount(self._of, weights=took, minlength=len(self._pcs)).astype(np.int64)
            np.minimum(self._least, by_pc, out=self._least)
            np.maximum(self._most, by_pc, out=self._most)
        self._known = footprint, int(took.sum())
        return self._known[1]

    def extra(self) -> dict[int, tuple[int, int]]:
        """Return pc -> least and most cycles, for the instructions of the reference."""
        if self._cache is None:
            return {}
        return {
            int(pc): (int(least), int(most)) for pc, least, most in zip(self._pcs, self._least, self._most, strict=True)
        }
