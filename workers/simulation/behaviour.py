"""How executions behaved against the reference path: where they left it, how they ended, how long they took."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from renode.trace import Outcomes, Stop, Work


@dataclass(slots=True)
class Behaviour:
    """Exact, mergeable counts over executions; sets are the two of a t-test (0 fixed, 1 random)."""

    traces: Counter[int] = field(default_factory=Counter)
    """set -> executions"""
    diverged: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    """(set, instructions in common, first pc off the path) -> executions that ended well by another path"""
    faulted: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    """(set, Stop, pc) -> executions that did not end well"""
    left_first: dict[tuple[int, int], int] = field(default_factory=dict)
    """(instructions in common, first pc off the path) -> the first trace that left the path so"""
    faulted_first: dict[tuple[int, int], int] = field(default_factory=dict)
    """(Stop, pc) -> the first trace that ended so"""
    cycles: dict[int, tuple[int, int]] = field(default_factory=dict)
    """set -> fewest and most cycles"""
    clipped: int = 0
    """Samples outside the quantiser's range."""
    work: Work = field(default_factory=Work)
    """Which engine did them: no part of what they did."""

    def update(
        self, batch: Outcomes, sets: np.ndarray[Any, np.dtype[np.uint8]], path_length: int, *, first: int
    ) -> None:
        """Count a batch that begins with trace `first`; `sets` [N] is each execution's set."""
        good = batch.stop == Stop.DONE
        for chosen in np.flatnonzero(np.bincount(sets)):
            mine = sets == chosen
            self.traces[int(chosen)] += int(mine.sum())
            ended = batch.cycles[mine & good]
            if ended.size:
                self._widen(int(chosen), int(ended.min()), int(ended.max()))
        off_path = good & ((batch.agreed < path_length) | (batch.executed != path_length))
        self.work += batch.work
        self.diverged.update(_rows(off_path, sets, batch.agreed, batch.left_to))
        self.faulted.update(_rows(~good, sets, batch.stop, batch.stop_pc))
        _earlier(self.left_first, _firsts(off_path, batch.agreed, batch.left_to, first))
        _earlier(self.faulted_first, _firsts(~good, batch.stop, batch.stop_pc, first))

    def merge(self, other: Self) -> None:
        """Add another part's counts."""
        self.traces.update(other.traces)
        self.diverged.update(other.diverged)
        self.faulted.update(other.faulted)
        self.clipped += other.clipped
        self.work += other.work
        for mine, theirs in ((self.left_first, other.left_first), (self.faulted_first, other.faulted_first)):
            _earlier(mine, theirs)
        for chosen, (fewest, most) in other.cycles.items():
            self._widen(chosen, fewest, most)

    def common(self, path_length: int) -> int:
        """Return how many instructions all executions that ended well have in common with the path."""
        return min((agreed for _, agreed, _ in self.diverged), default=path_length)

    def _widen(self, chosen: int, fewest: int, most: int) -> None:
        low, high = self.cycles.get(chosen, (fewest, most))
        self.cycles[chosen] = (min(low, fewest), max(high, most))

    def to_json(self) -> dict[str, Any]:
        """Return plain data, in a canonical order."""
        return {**self.identity(), "work": [self.work.lanes, self.work.again, self.work.checked]}

    def identity(self) -> dict[str, Any]:
        """Return what does not depend on the engine, in a canonical order."""
        return {
            "traces": sorted(self.traces.items()),
            "diverged": sorted([*key, count] for key, count in self.diverged.items()),
            "faulted": sorted([*key, count] for key, count in self.faulted.items()),
            "left_first": sorted([*key, trace] for key, trace in self.left_first.items()),
            "faulted_first": sorted([*key, trace] for key, trace in self.faulted_first.items()),
            "cycles": sorted([chosen, *ends] for chosen, ends in self.cycles.items()),
            "clipped": self.clipped,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` returned."""
        return cls(
            traces=Counter({int(chosen): int(count) for chosen, count in data["traces"]}),
            diverged=Counter({(a, b, c): count for a, b, c, count in data["diverged"]}),
            faulted=Counter({(a, b, c): count for a, b, c, count in data["faulted"]}),
            left_first={(a, b): trace for a, b, trace in data["left_first"]},
            faulted_first={(a, b): trace for a, b, trace in data["faulted_first"]},
            cycles={chosen: (low, high) for chosen, low, high in data["cycles"]},
            clipped=int(data["clipped"]),
            work=Work(*data["work"]),
        )


def _rows(
    chosen: np.ndarray[Any, np.dtype[np.bool_]], *columns: np.ndarray[Any, Any]
) -> Iterator[tuple[int, int, int]]:
    a, b, c = (column[chosen].tolist() for column in columns)
    return zip(a, b, c, strict=True)


def _firsts(
    chosen: np.ndarray[Any, np.dtype[np.bool_]], one: np.ndarray[Any, Any], other: np.ndarray[Any, Any], first: int
) -> dict[tuple[int, int], int]:
    """Return, for each pair of values, the first of the chosen traces that has it."""
    rows = np.flatnonzero(chosen)[::-1]
    pairs = zip(one[rows].tolist(), other[rows].tolist(), strict=True)
    return dict(zip(pairs, (rows + first).tolist(), strict=True))  # the last one given is the first trace


def _earlier(mine: dict[tuple[int, int], int], theirs: Mapping[tuple[int, int], int]) -> None:
    for key, trace in theirs.items():
        mine[key] = min(mine.get(key, trace), trace)
