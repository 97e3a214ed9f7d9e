"""How the levels of each instruction are counted: which weights kernels add, in how many bits, into which bins."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from renode.lockstep.bound import Operation, read
from renode.lockstep.frame import A, D, M, N, X
from renode.lockstep.kernels_tally import MOST_LEVELS
from renode.lockstep.program import SAMPLED_BASE, Kernel, Program
from renode.trace import BUS_HD, BUS_HW, LOW_BYTE, REGISTER_HD, REGISTER_HW, Levels

_FIELDS = ((REGISTER_HW, 0xFFF), (REGISTER_HD, 0xFFF), (BUS_HW, 0xFFF), (BUS_HD, 0xFFF), (LOW_BYTE, 0xFF))
INTO_REGISTER = frozenset({Kernel.EXTRACT_SAMPLED, Kernel.TABLE_SAMPLED, Kernel.GATHER_SAMPLED, Kernel.REGISTER})
_BYTE = 1 << 8


def sampled_fields(it: Operation) -> tuple[int, ...]:
    """Return which of the five fields an operation samples."""
    kernel = it.kernel
    if kernel >= SAMPLED_BASE:
        return (0, 1, 4) if it.low else (0, 1)
    if kernel == Kernel.BUS:
        return (2, 3)
    if kernel in INTO_REGISTER:
        return (0, 1, 4) if kernel == Kernel.EXTRACT_SAMPLED and it.low else (0, 1)
    return (4,) if kernel == Kernel.LOW else ()


@dataclass(frozen=True, slots=True)
class Counted:
    """Of an instruction whose level varies.

    Kernels count in units of the weights' greatest common divisor: what they count as k is level `rest` + `unit` * k.
    """

    weights: tuple[int, ...]
    """Of the five fields, in units."""
    constant: int
    """What the level begins with, in units."""
    unit: int
    rest: int
    bins: int
    """Levels that there are, in units."""
    first_bin: int

    @property
    def wide(self) -> bool:
        """Return whether levels need 16 bits."""
        return self.bins > _BYTE

    @property
    def planes(self) -> int:
        """Return how many bits levels of bytes have, of which three are always looked at."""
        return max(3, (self.bins - 1).bit_length())

    @property
    def room(self) -> int:
        """Return the bins that histograms have, some of which stay empty.

        Whole eights are counted, from anywhere on where levels are wide. They take an odd number of cache lines: an
        even one would bring the levels that occur into a few of the cache's sets.
        """
        bins = self.bins + _BYTE if self.wide else self.bins
        return (-(-bins // 16) | 1) * 16

    def flush(self, region: int) -> dict[int, int]:
        """Return the fields of `kernels_tally.flush` for histograms at unit `region`."""
        return {D: region, N: self.room, M: self.first_bin + self.rest, A: self.unit, X: self.bins}


class Counting:
    """What is counted of a program: lane by lane, or for all lanes alike."""

    def __init__(self, program: Program, levels: Levels) -> None:
        """Plan it; raise ValueError for levels that need more than 16 bits, or that have no bins."""
        self._levels = levels
        self.bins_in_all = levels.bins
        self.counted: dict[int, Counted] = {}
        """By position."""
        window = range(levels.first, levels.first + levels.weights.shape[1])
        fields: dict[int, set[int]] = {}
        columns = levels.weights.T.tolist()
        for it in read(program):
            if it.kernel == Kernel.END:
                sampled = fields.pop(it.index, set())
                planned = self._plan(columns, it, sampled) if it.index in window else None
                if planned is not None:
                    self.counted[it.index] = planned
            else:
                fields.setdefault(it.index, set()).update(sampled_fields(it))
        ends = program.operations[program.operations["kernel"] == Kernel.END]
        words = program.constant.copy()
        words[ends["index"]] = ends["base"]
        alike = np.ones(len(words), np.bool_)
        alike[list(self.counted)] = False
        alike[: window.start] = alike[window.stop :] = False
        alike[program.ends :] = False
        self.positions: npt.NDArray[np.int64] = np.flatnonzero(alike)
        """[instructions] whose level is the same in all lanes,"""
        self.bins: npt.NDArray[np.int64] = self._bins(words[self.positions], self.positions - levels.first)
        """and the bin of each."""

    def _plan(self, columns: list[list[int]], end: Operation, fields: set[int]) -> Counted | None:
        column = end.index - self._levels.first
        weights = [weight if k in fields else 0 for k, weight in enumerate(columns[column])]
        unit = math.gcd(*weights)
        if unit == 0:
            return None
        still = 0
        if end.base:
            still = sum(w * (end.base >> at & mask) for w, (at, mask) in zip(columns[column], _FIELDS, strict=True))
        constant, rest = divmod(still - int(self._levels.lowest[column]), unit)
        first, after = (int(offset) for offset in self._levels.offsets[column : column + 2])
        bins = (after - first - 1 - rest) // unit + 1
        if not 0 < bins <= MOST_LEVELS:
            raise ValueError(f"{bins} levels of an instruction are too many, or too few")
        return Counted(tuple(weight // unit for weight in weights), constant, unit, rest, bins, first)

    def _bins(self, words: npt.NDArray[np.uint64], columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        weights = self._levels.weights[:, columns].astype(np.int64)
        level = -self._levels.lowest[columns].astype(np.int64)
        for weight, (at, mask) in zip(weights, _FIELDS, strict=True):
            level += weight * (words >> np.uint64(at) & np.uint64(mask)).astype(np.int64)
        bins = self._levels.offsets[columns] + level
        if (level < 0).any() or (bins >= self._levels.offsets[columns + 1]).any():
            raise ValueError("an instruction has a level outside of its range")
        return bins
