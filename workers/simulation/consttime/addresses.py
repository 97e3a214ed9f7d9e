"""Loads and stores that go elsewhere in one execution than in another: by instruction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from renode.trace import Footprint
from workers.simulation.consttime.ways import Compared

Touches = npt.NDArray[np.void]


@dataclass(slots=True)
class Moved:
    """A load or store, and what is known of where it goes."""

    first: int
    """Least position in a path."""
    rows: tuple[int, int]
    """Two executions that differ there."""
    executions: int = 0
    other_lines: int = 0
    """Executions in which it went to another cache line; without a cache nothing."""
    least: int = 0xFFFFFFFF
    greatest: int = 0


class Addresses:
    """What executions that differ in secrets alone touched elsewhere than those they are compared with."""

    def __init__(self, line_bytes: int | None) -> None:
        """Begin with nothing; cache lines have `line_bytes`, or there is no cache."""
        self._shift = line_bytes.bit_length() - 1 if line_bytes is not None else None
        self.moved: dict[tuple[int, bool], Moved] = {}
        """By pc, and whether it is a store."""

    def add(self, row: int, footprint: Footprint, compared: Sequence[Compared]) -> None:
        """Compare what an execution touched with those that it went along with, each as long as it did."""
        seen: dict[tuple[int, bool], bool] = {}
        before = 0
        for leader, agreed in ((one.leader, one.agreed) for one in compared):
            for mine, theirs in _pairs(footprint, leader.footprint, before, agreed):
                self._note(seen, footprint.pcs, mine, theirs, (leader.row, row))
            before = agreed
        for which, other_line in seen.items():
            self.moved[which].executions += 1
            self.moved[which].other_lines += other_line

    def _note(
        self,
        seen: dict[tuple[int, bool], bool],
        pcs: npt.NDArray[np.uint32],
        mine: Touches,
        theirs: Touches | None,
        rows: tuple[int, int],
    ) -> None:
        """Note by instruction what differs; all of it where the other did nothing (None)."""
        if theirs is not None:
            different = mine["address"] != theirs["address"]
            mine, theirs = mine[different], theirs[different]
        if not len(mine):
            return
        order = np.argsort(pcs[mine["position"]].astype(np.int64) << 1 | mine["write"], kind="stable")
        mine = mine[order]
        other = mine["address"] if theirs is None else theirs["address"][order]
        keys = pcs[mine["position"]].astype(np.int64) << 1 | mine["write"]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        if theirs is None:
            lines = np.full(len(mine), self._shift is not None)
        elif self._shift is None:
            lines = np.zeros(len(mine), bool)
        else:
            lines = mine["address"] >> self._shift != other >> self._shift
        columns = (
            keys[starts],
            np.minimum.reduceat(mine["position"], starts),
            np.minimum.reduceat(np.minimum(mine["address"], other), starts),
            np.maximum.reduceat(np.maximum(mine["address"], other), starts),
            np.logical_or.reduceat(lines, starts),
        )
        for key, first, least, greatest, line in zip(*(column.tolist() for column in columns), strict=True):
            which = (key >> 1, bool(key & 1))
            known = self.moved.setdefault(which, Moved(first, rows))
            if first < known.first:
                known.first, known.rows = first, rows
            known.least, known.greatest = min(known.least, least), max(known.greatest, greatest)
            seen[which] = seen.get(which, False) or line


def _pairs(one: Footprint, other: Footprint, first: int, last: int) -> Iterator[tuple[Touches, Touches | None]]:
    """Yield what two executions touched in the instructions [first, last) of both, access beside access.

    Where one of them did not load or store, as its condition failed, the other's accesses stand beside nothing.
    """
    mine, theirs = _between(one.touches, first, last), _between(other.touches, first, last)
    if len(mine) == len(theirs) and np.array_equal(mine["position"], theirs["position"]):
        yield mine, theirs
        return
    counts = [np.bincount(touches["position"], minlength=last) for touches in (mine, theirs)]
    same = counts[0] == counts[1]
    yield mine[same[mine["position"]]], theirs[same[theirs["position"]]]
    for touches in (mine, theirs):
        yield touches[~same[touches["position"]]], None


def _between(touches: Touches, first: int, last: int) -> Touches:
    return touches[slice(*np.searchsorted(touches["position"], (first, last)))]
