"""Histograms of the groups that are being executed, until their counts are taken."""

import numpy as np
import numpy.typing as npt

from renode.lockstep import arena
from renode.lockstep.arena import BLOCKS, UNIT, Arena, Zeros
from renode.lockstep.eights import MOST_BATCHES
from renode.lockstep.way import Way

_HALF = BLOCKS // 2
_NO_ORDER = np.zeros((1, 0), np.int32)


class Histograms:
    """Histograms of pairs of groups, one for each half of a batch, kept until another pair needs their place."""

    def __init__(self, place: Arena, units: int, flush: Way) -> None:
        """Begin without any: each has so many `units`, and `flush` takes its counts."""
        self._arena = place
        self._units = units
        self._flush = flush
        self._used: dict[tuple[int, int], Zeros] = {}
        self._spare: list[Zeros] = []
        self._batches = 0
        """Since all were empty."""

    @property
    def size(self) -> int:
        """Return how many bytes they take."""
        return self._units * UNIT * (len(self._used) + len(self._spare))

    def begin(self) -> None:
        """Forget what is left of executions that were broken off: nobody wants their counts any more."""
        self._used.clear()
        self._batches = 0
        self._arena.set(arena.BEYOND, 0)

    def prepare(self, groups: tuple[int, ...], batches: int, counts: npt.NDArray[np.int64]) -> None:
        """Let each block of the next batches be counted for its group; what has no place is added to `counts`."""
        if self._batches + batches > MOST_BATCHES:
            self.empty(counts)
        self._batches += batches
        halves = (groups[0], groups[-1])
        paired = groups == (halves[0],) * _HALF + (halves[1],) * _HALF
        pairs = [halves] if paired else [(group, group) for group in dict.fromkeys(groups)]
        for pair in [pair for pair in self._used if pair not in pairs]:
            self._take(pair, counts)
        self._arena.set(arena.SLOT_COUNT, len(pairs))
        for number, pair in enumerate(pairs):
            if pair not in self._used:
                self._used[pair] = self._spare.pop() if self._spare else Zeros(self._units * UNIT)
            at = arena.SLOTS + 128 * number
            blocks = [0xFF if paired or group == pair[0] else 0 for group in groups]
            self._arena.bytes[at : at + 64] = np.tile(np.array(blocks, np.uint8), 8)
            self._arena.set(at + 64, self._used[pair].address)
        for block, group in enumerate(groups):
            pair, half = (halves, block // _HALF) if paired else ((group, group), 0)
            self._arena.set(arena.TABLES + 8 * block, self._used[pair].address + 2 * half)

    def empty(self, counts: npt.NDArray[np.int64]) -> None:
        """Add all histograms to `counts` [groups, bins]; raise ValueError for levels out of their range."""
        for pair in list(self._used):
            self._take(pair, counts)
        self._batches = 0
        if self._arena.get(arena.BEYOND):
            self._arena.set(arena.BEYOND, 0)
            raise ValueError("an instruction has a level outside of its range")

    def _take(self, pair: tuple[int, int], counts: npt.NDArray[np.int64]) -> None:
        table = self._used.pop(pair)
        for at, address in enumerate((table.address, *(counts[group].ctypes.data for group in pair))):
            self._arena.set(arena.TABLES + 8 * at, address)
        self._flush.go(_NO_ORDER)
        self._spare.append(table)
