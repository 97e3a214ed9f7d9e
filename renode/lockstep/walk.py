"""A walk along a reference path: from what one core did to a program for many lanes.

Whatever does not depend on the inputs that vary is computed here, once, as numbers; the rest becomes operations. Values
that vary are known on profile lanes, which tell where their accesses go and which way their branches.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from renode.decode import Decoded
from renode.lockstep import access
from renode.lockstep.emit import NONE, NUMBER_CODE, PLACE_CODE
from renode.lockstep.masked import do_masked
from renode.lockstep.needed import needed, packed, written_rows
from renode.lockstep.plan import Planner
from renode.lockstep.program import MEMORY, PLACES, Kernel, Program
from renode.lockstep.pure import compute
from renode.lockstep.route import route
from renode.lockstep.start import Start
from renode.lockstep.state import State, mask_row
from renode.lockstep.steps import Plan, Step
from renode.lockstep.tables import Unseen
from renode.lockstep.values import Faults, Unsupported, Varying, given, lanes_of
from renode.thumb.micro import ALWAYS, WORD, Op, Place
from renode.trace import Path, Stop

LONGEST = 300_000
"""Instructions of a path."""
_BIT0 = 0xFFFFFFFE
_COMPARISONS = {
    0: (Place.RESULT, 0, True),
    1: (Place.RESULT, 0, False),
    2: (Place.CARRY, 1, True),
    3: (Place.CARRY, 1, False),
    6: (Place.OVERFLOW, 1, True),
    7: (Place.OVERFLOW, 1, False),
}
"""Conditions that are a comparison: of which flag, with what, and whether it is then equal."""
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
            accesses=tuple(sorted(state.accesses.values(), key=lambda access: access.index)),
            written=written_rows(operations),
        )

    def _walk(self) -> int:
        """Go along the path; return how many of its instructions lanes go through."""
        state = self._state
        for index, (plan, steps, cond) in enumerate(self._route):
            state.emit.index = index
            state.address = plan.address
            state.base, state.sampled = 0, False
            executed = True
            if cond != ALWAYS:
                executed = self._holds(cond)
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
            if not self._goes(plan, self._ways[index], executed=executed) or state.deserted:
                return index + 1
            state.mask = None
        return len(self._route)

    def _holds(self, cond: int) -> bool:
        """Return whether an instruction is executed, in all lanes or in those of the state's mask."""
        state = self._state
        holds = state.holds(cond)
        if isinstance(holds, bool):
            return holds
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
        state.mask_code, self._mask_code = NONE, state.mask_code

    def _goes(self, plan: Plan, way: int, *, executed: bool) -> bool:
        """Let lanes that do not go the reference's way be lost; return False where none goes there."""
        state, following = self._state, plan.address + plan.size
        control = plan.control if executed and not plan.traps else None
        if control is None:
            return following == way
        if state.mask is not None:
            # Lanes whose condition fails go on to the next instruction; the reference does, too, or it does not.
            self._check(state.mask, self._mask_code, WORD, expected=way != following)
            if way == following:
                return True
        op, target = control.micro.op, state.file[control.n]
        if op is Op.BRANCH:
            if isinstance(target, int):
                return target & _BIT0 == way
            state.note("branch", target)
            self._check(target, PLACE_CODE | control.n, self._usual(target, way), expected=True)
            return True
        if not isinstance(target, int):
            raise Unsupported("branch: a condition and an address that varies")
        return self._branches(control, target & _BIT0, following, way)

    def _branches(self, control: Step, target: int, following: int, way: int) -> bool:
        """Do so for a branch with a condition."""
        if way not in {target, following} or target == following:
            return way == following
        taken = self._taken(control)
        if isinstance(taken, bool):
            return taken is (way == target)
        word, code, number, equal = taken
        self._check(word, code, number, expected=equal is (way == target))
        return True

    def _usual(self, target: Varying, way: int) -> int:
        """Return the word that leads to `way`: with bit 0 as most profile lanes have it."""
        lanes = lanes_of(target)[self._state.alive]
        there = lanes[lanes & _BIT0 == way]
        return way | int(2 * np.count_nonzero(there & 1) >= len(there))

    def _taken(self, control: Step) -> bool | tuple[Varying, int, int, bool]:
        """Return whether a branch is taken; or the word, its operand, the number, and whether it is where they are equal."""
        state, micro = self._state, control.micro
        if micro.op is not Op.BRANCH_IF:
            word, zero = state.file[control.m], micro.op is Op.BRANCH_ZERO
            return (word == 0) is zero if isinstance(word, int) else (word, PLACE_CODE | control.m, 0, zero)
        cond = micro.cond
        if cond in _COMPARISONS:
            place, number, equal = _COMPARISONS[cond]
            flag = state.file[place]
            return (flag == number) is equal if isinstance(flag, int) else (flag, PLACE_CODE | place, number, equal)
        holds = state.holds(cond)
        return holds if isinstance(holds, bool) else (holds, PLACE_CODE | mask_row(cond), WORD, True)

    def _check(self, word: Varying, code: int, number: int, *, expected: bool) -> None:
        """Lose the lanes where whether a word is a number is not what is expected."""
        state = self._state
        equal = lanes_of(word) == number
        state.note("branch", given(equal.astype(np.uint32)))
        state.keep(equal == expected)
        state.emit.add(Kernel.CHECK, NONE, code, NUMBER_CODE | number, flag=int(expected))

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
