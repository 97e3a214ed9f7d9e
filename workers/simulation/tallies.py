"""Tallies: how many traces of each group had which noise-free power at each instruction.

They are what any statistic of single samples needs, of any order, and merge by addition. Noise is not in them: it is
drawn once, at the end, from its exact law (`noise_law.py`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from workers.simulation import blocks


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

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Yield the state as arrays, each with its name: levels block by block, in the smallest integers that hold them."""
        yield "counts", self.counts
        for name, block in blocks.cut("levels", self.levels):
            yield name, block.astype(np.min_scalar_type(block.max(initial=0)))

    def add(self, stored: Mapping[str, npt.NDArray[Any]]) -> None:
        """Add the counts whose state `arrays` gave, which are read block by block; raise as `merge`."""
        if stored["counts"].shape != self.counts.shape:
            raise ValueError(f"shapes differ: {self.counts.shape} and {stored['counts'].shape} groups")
        blocks.add("levels", stored, self.levels)
        self.counts += stored["counts"]
