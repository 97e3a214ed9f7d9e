"""Some executions of every part are a second engine's as well: two that disagree fail the campaign, and leave the case.

What is compared is what the campaign counts: the activity of executions that are sampled one by one, and the counts of
levels of those that are tallied.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.errors import EngineMismatch
from renode.trace import OF_EACH, Batch, Levels, Outcomes, Simulator
from workers.simulation.inputs import GROUPS, groups, input_rows
from workers.simulation.plan import CampaignPlan

EVERY = 4096
"""One trace of so many, by its index, and the first one of each part."""
AT_ONCE = 256
FILL = 16
"""Executions below which no engine uses lanes: the same ones are given as often as it takes."""
CASE = "mismatch.json"


def repeated(first: int, last: int) -> npt.NDArray[np.int64]:
    """Return which traces of the part [first, last) are run twice, ascending."""
    multiples = np.arange(-(-first // EVERY) * EVERY, last, EVERY, dtype=np.int64)
    return multiples if first % EVERY == 0 or first >= last else np.concatenate([[first], multiples])


@dataclass(frozen=True, slots=True)
class Witness:
    """Compares what `simulator` says of a campaign's executions with what `other`, the reference engine, does."""

    plan: CampaignPlan
    simulator: Simulator
    other: Simulator

    def sampled(self, batch: Batch, rows: npt.NDArray[np.uint8], first: int, traces: npt.NDArray[np.int64]) -> int:
        """Compare some `traces` of a batch that begins with trace `first`, and return how many lanes had run.

        `rows` are the inputs of the whole batch. Raise EngineMismatch.
        """
        if not batch.work.lanes or not len(traces):
            return 0
        where = traces - first
        again = self.other.run(rows[where], self.plan.path)
        for k, row in enumerate(where):
            words, expected = batch.activity[row], again.activity[k]
            if not _equal(batch, row, again, k) or (words != expected).any():
                differ = np.flatnonzero(words != expected)
                at = int(differ[0]) if differ.size else _parted(batch, row, again, k)
                at = min(at, len(expected) - 1)
                told = [{"activity": f"{int(one[at]):#018x}"} for one in (words, expected)]
                raise self._mismatch(
                    int(traces[k]), rows[row], at, _told(batch, row, told[0]), _told(again, k, told[1])
                )
        return len(traces)

    def tallied(self, traces: npt.NDArray[np.int64], levels: Levels) -> int:
        """Tally `traces` of the campaign on both engines, and return how many lanes had run; raise EngineMismatch."""
        checked = 0
        for start in range(0, len(traces), AT_ONCE):
            some = traces[start : start + AT_ONCE]
            rows = np.concatenate([input_rows(self.plan.request, int(trace), 1) for trace in some])
            labels = np.concatenate([groups(self.plan.request, int(trace), 1) for trace in some])
            lanes, found = self._compare(some, rows, labels, levels)
            if found is not None:
                alone = (self._compare(some[[k]], rows[[k]], labels[[k]], levels)[1] for k in range(len(some)))
                raise next((error for error in alone if error is not None), found)
            checked += len(some) if lanes else 0
        return checked

    def _compare(
        self,
        traces: npt.NDArray[np.int64],
        rows: npt.NDArray[np.uint8],
        labels: npt.NDArray[np.uint8],
        levels: Levels,
    ) -> tuple[int, EngineMismatch | None]:
        """Return how many executions were in lanes, and how the engines differ, if they do."""
        times, path = -(-FILL // len(rows)), self.plan.path
        counts, expected = np.zeros((GROUPS, levels.bins), np.int64), np.zeros((GROUPS, levels.bins), np.int64)
        told = self.simulator.tally(np.tile(rows, (times, 1)), np.tile(labels, times), path, levels, counts)
        if not told.work.lanes:
            return 0, None
        again = self.other.tally(rows, labels, path, levels, expected)
        unlike = [row for row in range(times * len(rows)) if not _equal(told, row, again, row % len(rows))]
        differ = np.flatnonzero((counts != times * expected).any(axis=0))
        if not unlike and not differ.size:
            return told.work.lanes, None
        row = unlike[0] if unlike else 0
        k = row % len(rows)
        at = _parted(told, row, again, k)
        if differ.size:
            at = levels.first + int(np.searchsorted(levels.offsets, differ[0], side="right")) - 1
        at = min(at, len(path.pcs) - 1)
        mine, theirs = ({"levels": _bins(one, at, levels)} for one in (counts, times * expected))
        error = self._mismatch(int(traces[k]), rows[k], at, _told(told, row, mine), _told(again, k, theirs))
        return told.work.lanes, error

    def _mismatch(
        self,
        trace: int,
        inputs: npt.NDArray[np.uint8],
        at: int,
        told: Mapping[str, Any],
        expected: Mapping[str, Any],
    ) -> EngineMismatch:
        pc = int(self.plan.path.pcs[at])
        step = self.simulator.instruction(pc)
        names = [
            f"{engine.get('name')} {engine.get('version')}" for engine in (self.simulator.engine, self.other.engine)
        ]
        return EngineMismatch(
            f"{names[0]} and {names[1]} differ in trace {trace}, at instruction {at} of the path, 0x{pc:08x}: "
            f"{step.mnemonic} {step.operands}".rstrip(),
            case={
                "trace": trace,
                "inputs": inputs.tobytes().hex(),
                "instruction": at,
                "pc": pc,
                "results": [
                    {"engine": dict(self.simulator.engine), **told},
                    {"engine": dict(self.other.engine), **expected},
                ],
            },
        )


def _equal(one: Outcomes, row: int, other: Outcomes, its: int) -> bool:
    return all(bool(np.all(getattr(one, name)[row] == getattr(other, name)[its])) for name in OF_EACH)


def _parted(one: Outcomes, row: int, other: Outcomes, its: int) -> int:
    """Return the position from which two executions may differ."""
    return min(int(one.agreed[row]), int(other.agreed[its]))


def _told(outcomes: Outcomes, row: int, more: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: int(getattr(outcomes, name)[row]) for name in OF_EACH[:-1]}
    return {**told, "output": outcomes.output[row].tobytes().hex(), **more}


def _bins(counts: npt.NDArray[np.int64], at: int, levels: Levels) -> list[list[int]]:
    """Return [group, level above the lowest, executions] of one instruction."""
    if not levels.first <= at < levels.first + len(levels.lowest):
        return []
    begin, end = (int(levels.offsets[at - levels.first + k]) for k in (0, 1))
    return [[int(g), int(b), int(counts[g, begin + b])] for g, b in np.argwhere(counts[:, begin:end])]
