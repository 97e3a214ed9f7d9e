"""The simulator of campaigns: many executions at once in vector lanes, and Unicorn for whatever lanes do not take."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt

from jobs.errors import EngineMismatch
from renode import counting
from renode.lockstep.choice import Choice, Lanes, Maker, Way, Went
from renode.lockstep.leaders import followed
from renode.lockstep.values import Unsupported
from renode.trace import OF_EACH, Batch, Dependences, Footprint, Instruction, Levels, Outcomes, Path, Stop, Work
from renode.unicorn_core import UnicornCore

VERSION = "1"
PATIENCE = 2048
"""Executions along a path that are Unicorn's before lanes go it: about as many as it does while they are made."""
REPEATED_BYTES = 16 * 2**20
"""Activity words of executions that Unicorn repeats together."""

Rows = npt.NDArray[np.uint8]


class LockstepCore:
    """Calls one target of one firmware like the UnicornCore that it is built around: every result is the same.

    Executions go along the reference in lanes. Those that leave it together follow a leader of their own. Fewer than
    16, what lanes do not take, and what does not end well are Unicorn's.
    """

    def __init__(self, unicorn: UnicornCore, maker: Maker, *, patience: int = PATIENCE) -> None:
        """Let the first `patience` executions along any path be Unicorn's, and others go in lanes of `maker`."""
        self._unicorn, self._maker = unicorn, maker
        self._choice = Choice(maker, budget=unicorn.max_cycles, patience=patience)
        self._last: Way | None = None
        self.firmware = unicorn.firmware

    @property
    def engine(self) -> Mapping[str, str]:
        """Say what ran along the reference that was given last, and why it was not lanes."""
        unicorn = dict(self._unicorn.engine)
        way = self._last
        if way is None:
            return unicorn
        if not way.ran:
            return {**unicorn, "why": way.why}
        return {
            "name": "lockstep",
            "version": VERSION,
            "core": unicorn["core"],
            "varying": f"{way.foldings[0].program.varies.sum()} of {len(way.path.pcs)} instructions",
            "features": self._maker.features,
            "fallback": f"{unicorn['name']} {unicorn['version']}",
            "why": "lanes know every instruction of the path",
        }

    def path(self, inputs: Rows) -> Path:
        """Execute once with `inputs` [input bytes] and record where it goes."""
        return self._unicorn.path(inputs)

    def run(self, inputs: Rows, reference: Path) -> Batch:
        """Execute once per row of `inputs` [N, input bytes]; raise ValueError for a path of another firmware."""
        lanes = self._lanes(inputs, reference, None)
        if lanes is None:
            return self._unicorn.run(inputs, reference)
        inputs = np.ascontiguousarray(inputs)
        activity = np.zeros((len(inputs), len(reference.pcs)), np.uint64)
        went = lanes.activity(inputs, activity)
        outcomes, left = self._outcomes(inputs, reference, went)
        for rows, again in self._repeated(inputs, left, reference, went):
            activity[rows] = again.activity
            _put(outcomes, rows, again)
        rows = np.flatnonzero(went.lost < len(reference.pcs))
        for row in rows:
            activity[row, outcomes.agreed[row] :] = 0
        return Batch(activity=activity, **{field.name: getattr(outcomes, field.name) for field in fields(outcomes)})

    def tally(
        self,
        inputs: Rows,
        groups: npt.NDArray[np.uint8],
        reference: Path,
        levels: Levels,
        counts: npt.NDArray[np.int64],
    ) -> Outcomes:
        """Execute once per row of `inputs` [N, input bytes] and count levels; raise ValueError like `run`."""
        lanes = self._lanes(inputs, reference, levels)
        if lanes is None:
            return self._unicorn.tally(inputs, groups, reference, levels, counts)
        counting.check(len(inputs), len(reference.pcs), groups, levels, counts)
        inputs = np.ascontiguousarray(inputs)
        went = lanes.tally(inputs, np.ascontiguousarray(groups), counts)
        outcomes, left = self._outcomes(inputs, reference, went)
        for rows, again in self._repeated(inputs, left, reference, went):
            # In place of what lanes have counted goes what Unicorn counts: all that is in common, or nothing at all.
            ended = np.where(again.stop == Stop.DONE, again.agreed, np.int32(0))
            counting.count(again.activity, ended, groups[rows], levels, counts)
            np.negative(counts, out=counts)
            counting.count(again.activity, went.lost[rows], groups[rows], levels, counts)
            np.negative(counts, out=counts)
            _put(outcomes, rows, again)
        return outcomes

    def dependences(self, inputs: Rows, reference: Path) -> Dependences:
        """Say which instructions of the path depend on the input bytes that differ among the rows of `inputs`."""
        self._unicorn.run(inputs[:1], reference)  # what the path goes through is decoded, or not of this firmware
        try:
            return Dependences(self._choice.program(reference, inputs).accesses)
        except Unsupported as refused:
            return Dependences((), absent=f"lanes do not take this path: {refused}")

    def footprint(self, inputs: Rows) -> Footprint:
        """Execute once with `inputs` [input bytes] and say where it went and what it touched."""
        return self._unicorn.footprint(inputs)

    def instruction(self, address: int) -> Instruction:
        """Describe the instruction at `address`."""
        return self._unicorn.instruction(address)

    def extent(self, place: str, *, field: str) -> tuple[int, int]:
        """Return [start, end) of a symbol, or of the instruction at an `0x` address."""
        return self._unicorn.extent(place, field=field)

    def _lanes(self, inputs: Rows, reference: Path, levels: Levels | None) -> Lanes | None:
        """Return lanes for `inputs`; None where they are Unicorn's, or wrong, which it will say."""
        self._last = way = self._choice.way(reference)
        if inputs.dtype != np.uint8 or inputs.ndim != 2 or inputs.shape[1] != self._unicorn.input_bytes:
            return None
        if not way.foldings and way.refused is None:
            self._unicorn.run(inputs[:1], reference)  # what the path goes through is decoded, or not of this firmware
        return self._choice.lanes(way, inputs, levels)

    def _outcomes(self, inputs: Rows, reference: Path, went: Went) -> tuple[Outcomes, npt.NDArray[np.intp]]:
        """Return how executions went as far as lanes know, those of leaders too, and the rows that are left to do."""
        count, length = len(inputs), len(reference.pcs)
        last = int(reference.pcs[-1])
        outcomes = Outcomes(
            agreed=went.lost.copy(),
            left_to=np.zeros(count, np.uint32),
            executed=np.full(count, length, np.int64),
            cycles=np.full(count, reference.cycles, np.int64),
            stop=np.full(count, Stop.DONE, np.uint8),
            stop_pc=np.full(count, last, np.uint32),
            output=went.output.copy(),
        )
        lost = np.flatnonzero(went.lost < length)
        settled = np.zeros(len(lost), bool)
        parties = followed(inputs[lost], went.lost[lost], reference, choice=self._choice, recorder=self._unicorn)
        for party in parties:
            rows, path = lost[party.rows], party.path
            settled[party.rows] = True
            outcomes.left_to[rows] = path.pcs[party.agreed] if party.agreed < len(path.pcs) else 0
            outcomes.executed[rows] = len(path.pcs)
            outcomes.cycles[rows] = path.cycles
            outcomes.stop_pc[rows] = path.stop_pc
            outcomes.output[rows] = party.output
        left = lost[~settled]
        return replace(outcomes, work=Work(lanes=count - len(left), again=len(lost))), left

    def _repeated(
        self, inputs: Rows, left: npt.NDArray[np.intp], reference: Path, went: Went
    ) -> Iterator[tuple[npt.NDArray[np.intp], Batch]]:
        """Yield what Unicorn says of the rows `left`, some at a time; raise EngineMismatch if it contradicts lanes."""
        at_once = max(1, REPEATED_BYTES // (8 * len(reference.pcs)))
        for start in range(0, len(left), at_once):
            rows = left[start : start + at_once]
            again = self._unicorn.run(inputs[rows], reference)
            wrong = np.flatnonzero(again.agreed < went.lost[rows])
            if wrong.size:
                row, agreed = int(rows[wrong[0]]), int(again.agreed[wrong[0]])
                raise EngineMismatch(
                    f"lanes went on where Unicorn left the path, at 0x{reference.pcs[agreed]:08x}",
                    case={"row": row, "inputs": inputs[row].tobytes().hex(), "instruction": agreed},
                )
            yield rows, again


def _put(outcomes: Outcomes, rows: npt.NDArray[np.intp], again: Outcomes) -> None:
    """Write how some executions went in the place of what was known of them."""
    for name in OF_EACH:
        getattr(outcomes, name)[rows] = getattr(again, name)
