"""Tallies: how many traces of each group had which noise-free power at each instruction.

They are what any statistic of single samples needs, of any order, and merge by addition. Noise is not in them: it is
drawn once, at the end, from its exact law (`noise_law.py`).
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt


class Tally:
    """Counts of levels, per group of traces."""

    def __init__(self, groups: int, bins: int) -> None:
        self.counts = np.zeros(groups, np.int64)
        """[groups] traces."""
        self.levels = np.zeros((groups, bins), np.int64)
        """[groups, bins] of `renode.trace.Levels`; an instruction may count fewer traces than the group has."""

    def merge(self, other: "Tally") -> None:
        """Add the counts of other traces; raise ValueError for other shapes."""
        if other.levels.shape != self.levels.shape:
            raise ValueError(f"shapes differ: {self.levels.shape} and {other.levels.shape}")
        self.counts += other.counts
        self.levels += other.levels

    def blank(self) -> Self:
        """Return a tally of the same shape, of no traces."""
        return type(self)(len(self.counts), self.levels.shape[1])

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the state as arrays, by name; levels in the smallest integers that hold them."""
        return {"counts": self.counts, "levels": self.levels.astype(np.min_scalar_type(self.levels.max(initial=0)))}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Return the tally whose state `to_arrays` gave."""
        counts, levels = arrays["counts"], arrays["levels"]
        if levels.ndim != 2 or len(levels) != len(counts):
            raise ValueError(f"counts {counts.shape} and levels {levels.shape} do not belong together")
        out = cls(len(counts), levels.shape[1])
        out.counts[:] = counts
        out.levels[:] = levels
        return out
