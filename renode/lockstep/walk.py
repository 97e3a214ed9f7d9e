"""A walk along a reference path: from what one core did to a program for many lanes.

Whatever does not depend on the inputs that vary is computed here, once, as numbers; the rest becomes operations. Values
that vary are known on profile lanes, which tell where their accesses go and which way their branches.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from renode.decode import Decoded
from renode.lockstep import access
from renode.lockstep.branches import goes
from renode.lockstep.collecting import uncollected
from renode.lockstep.emit import NONE, NUMBER_CODE, PLACE_CODE
from renode.lockstep.masked import do_masked
from renode.lockstep.needed import needed, packed, written_rows
from renode.lockstep.plan import Planner
from renode.lockstep.planned import Unseen
from renode.lockstep.program import MEMORY, PLACES, Kernel, Program
from renode.lockstep.pure import compute
from renode.lockstep.route import route
from renode.lockstep.start import Start
from renode.lockstep.state import State, mask_row
from renode.lockstep.steps import Step
from renode.lockstep.values import Faults, Unsupported
from renode.thumb.micro import ALWAYS
from renode.trace import Path, Stop

LONGEST = 300_000
"""Instructions of a path."""
_HANDLERS: tuple[Callable[[State, Step], None], ...] = (
    compute,
    access.load,
    access.store,
    access.load_exclusive,
    access.store_exclusive,
    access.clear_exclusive,
    lambda state, step: state.sample_kept(step),
    lambda state, step: state.put_on_bus(state.file[step.n], step.n, step.bus),
)
"""By the kind of a step."""


def walk(
    start: Start,
    path: Path,
    rows: npt.NDArray[np.uint8],
    varying: npt.NDArray[np.bool_],
    *,
    decoded: Callable[[int], Decoded] | None = None,
    planner: Planner | None = None,
) -> Program:
    """Return the program of lanes that go along `path`; raise Unsupported where there is none.

    `rows` [profile lanes, input bytes] are inputs as lanes may have them, from which `varying` [input bytes] differ; of
    the other bytes the first row counts. `decoded` gives what the tracer knows of an instruction; a `planner`, which
    has it already, keeps what it has worked out for further paths of the same firmware.
    """
    if planner is None:
        if decoded is None:
            raise ValueError("a walk needs a planner, or `decoded` for one")
        planner = Planner(start, decoded)
    if path.stop is not Stop.DONE:
        raise Unsupported(f"reference: it ended with {path.stop.name.lower()}")
    if len(path.pcs) > LONGEST:
        raise Unsupported(f"path-too-long: {len(path.pcs)} instructions, {LONGEST} at most")
    with uncollected():
        return _Walker(start, path, rows, varying, planner).program()


class _Walker:
    def __init__(
        self,
        start: Start,
        path: Path,
        rows: npt.NDArray[np.uint8],
        varying: npt.NDArray[np.bool_],
        planner: Planner,
    ) -> None:
        self._start = start
        self._varying = varying
        self._ways = [*path.pcs[1:].tolist(), start.stop]
        self._route = route(path.pcs.tolist(), planner)
        self._state = State(start, rows, varying, planner.constants)
        self._input_words = self._state.memory.input_words()
        self._constant = [0] * len(path.pcs)
        self._varies = [False] * len(path.pcs)

    def program(self) -> Program:
        ends = self._walk()
        state = self._state
        output, output_rows, read = self._output()
        operations, pool = packed(needed(state.emit.operations, read))
        return Program(
            operations=operations,
            numbers=pool,
            tables=state.emit.tables(),
            varying=self._varying,
            input_words=self._input_words,
            constant=np.array(self._constant, np.uint64),
            varies=np.array(self._varies, np.bool_),
            ends=ends,
            output=output,
            output_rows=output_rows,
            accesses=tuple(sorted(state.noted(), key=lambda access: access.index)),
            written=written_rows(operations),
        )

    def _walk(self) -> int:
        """Go along the path; return how many of its instructions lanes go through."""
        state = self._state
        for index, (plan, steps, cond) in enumerate(self._route):
            state.emit.begin(index)
            state.address = plan.address
            state.base, state.sampled = 0, False
            executed = True
            if cond != ALWAYS:
                executed = self._holds(cond, longer=plan.longer)
            if executed:
                if plan.refusal:
                    raise Unsupported(plan.refusal)
                if state.mask is None:
                    for step in steps:
                        _HANDLERS[step.kind](state, step)
                else:
                    self._masked(steps, traps=plan.traps)
                if state.deserted or (plan.traps and state.mask is None):
                    return index
                self._constant[index] = state.base
                if state.sampled:
                    self._varies[index] = True
                    state.emit.add(Kernel.END, base=state.base)
            if not goes(state, plan, self._ways[index], executed=executed) or state.deserted:
                return index + 1
            state.mask, state.mask_code = None, NONE
        return len(self._route)

    def _holds(self, cond: int, *, longer: bool) -> bool:
        """Return whether an instruction is executed, in all lanes or in those of the state's mask.

        One that is `longer` than a cycle takes the core a cycle alone where its condition fails: that is noted.
        """
        state = self._state
        holds = state.holds(cond)
        if isinstance(holds, bool):
            return holds
        if longer:
            state.note("operand", holds)
        state.mask, state.mask_code = holds, PLACE_CODE | mask_row(cond)
        return True

    def _masked(self, steps: tuple[Step, ...], *, traps: bool) -> None:
        """Do the steps in the lanes of the state's mask; they are lost if the execution ends here."""
        state, lost = self._state, traps
        try:
            for step in steps:
                do_masked(state, step)
        except (Unseen, Faults):
            lost = True
        if lost:
            state.emit.lose_before(state.mask_code, NUMBER_CODE | 0, equal=False)
            state.keep(~state.executing())

    def _output(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], list[tuple[int, int]]]:
        """Return the output's bytes, where those lie that vary, and what has to be in rows for that."""
        state, length = self._state, self._start.output_length
        output, places = np.zeros(length, np.uint8), np.zeros((length, 3), np.int64)
        read = []
        for byte in range(length):
            if self._start.output is None:
                row, shift, space = 0, 8 * byte, PLACES
                word = state.file[0]
                same = word if isinstance(word, int) else None
            else:
                row, shift = state.memory.row_of(self._start.output.address + byte)
                space, same = MEMORY, state.memory.words[row]
                if state.memory.varies.get(row, 0) >> shift & 0xFF:
                    same = None
            if same is None:
                places[byte] = space, row, shift
                read.append((space << 32 | row, 0xFF << shift))
            else:
                output[byte] = same >> shift & 0xFF
        return output, places, read
