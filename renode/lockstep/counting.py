"""How the levels of each instruction are counted: which weights kernels add, in how many bits, into which bins."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from renode.lockstep.frame import A, D, M, N, X
from renode.lockstep.program import PURE_BASE, SAMPLED_BASE, Kernel, Program
from renode.trace import BUS_HD, BUS_HW, LOW_BYTE, REGISTER_HD, REGISTER_HW, Levels

_FIELDS = ((REGISTER_HW, 0xFFF), (REGISTER_HD, 0xFFF), (BUS_HW, 0xFFF), (BUS_HD, 0xFFF), (LOW_BYTE, 0xFF))
INTO_REGISTER = frozenset({Kernel.EXTRACT_SAMPLED, Kernel.TABLE_SAMPLED, Kernel.GATHER_SAMPLED, Kernel.REGISTER})
_TELLS_LOW = frozenset({Kernel.EXTRACT_SAMPLED})
_BYTE, _HALF = 1 << 8, 1 << 16


def sampled_fields(operation: np.void) -> tuple[int, ...]:
    """Return which of the five fields an operation samples."""
    kernel = int(operation["kernel"])
    if kernel == Kernel.BUS:
        return (2, 3)
    if kernel == Kernel.LOW:
        return (4,)
    if kernel < PURE_BASE and kernel not in INTO_REGISTER:
        return ()
    if PURE_BASE <= kernel < SAMPLED_BASE:
        return ()
    tells = kernel >= SAMPLED_BASE or kernel in _TELLS_LOW
    return (0, 1, 4) if tells and operation["low"] else (0, 1)


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

    def flush(self, region: int) -> tuple[int, ...]:
        """Return the record of `kernels_tally.flush`, but for the function, of histograms at unit `region`."""
        record = [0] * 8
        record[D], record[N], record[X] = region, self.room, self.bins
        record[M], record[A] = self.first_bin + self.rest, self.unit
        return tuple(record[1:])


class Counting:
    """What is counted of a program: lane by lane, or for all lanes alike."""

    def __init__(self, program: Program, levels: Levels) -> None:
        """Plan it; raise ValueError for levels that need more than 16 bits."""
        self._levels = levels
        self.counted: dict[int, Counted] = {}
        """By position."""
        window = range(levels.first, levels.first + levels.weights.shape[1])
        fields: dict[int, set[int]] = {}
        for operation in program.operations:
            fields.setdefault(int(operation["index"]), set()).update(sampled_fields(operation))
        ends = program.operations[program.operations["kernel"] == Kernel.END]
        for end in ends:
            index = int(end["index"])
            if index in window:
                planned = self._plan(index - levels.first, int(end["base"]), fields.get(index, set()))
                if planned is not None:
                    self.counted[index] = planned
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

    def _plan(self, column: int, base: int, fields: set[int]) -> Counted | None:
        weights = [int(weight) if k in fields else 0 for k, weight in enumerate(self._levels.weights[:, column])]
        unit = math.gcd(*weights)
        if unit == 0:
            return None
        all_weights = self._levels.weights[:, column]
        still = sum(int(weight) * (base >> at & mask) for weight, (at, mask) in zip(all_weights, _FIELDS, strict=True))
        constant, rest = divmod(still - int(self._levels.lowest[column]), unit)
        first, after = (int(offset) for offset in self._levels.offsets[column : column + 2])
        bins = (after - first - 1 - rest) // unit + 1
        if bins >= _HALF:
            raise ValueError(f"{bins} levels of an instruction are too many")
        return Counted(tuple(weight // unit for weight in weights), constant, unit, rest, max(bins, 1), first)

    def _bins(self, words: npt.NDArray[np.uint64], columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        weights = self._levels.weights[:, columns].astype(np.int64)
        level = -self._levels.lowest[columns].astype(np.int64)
        for weight, (at, mask) in zip(weights, _FIELDS, strict=True):
            level += weight * (words >> np.uint64(at) & np.uint64(mask)).astype(np.int64)
        return self._levels.offsets[columns] + level
