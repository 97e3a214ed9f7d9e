"""A walk along a reference path: from what one core did to a program for many lanes.

Whatever does not depend on the inputs that vary is computed here, once, as numbers; the rest becomes operations. Values
that vary are known on profile lanes, which tell where their accesses go and which way their branches.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from renode.decode import Decoded
from renode.lockstep import access
from renode.lockstep.emit import MEMORY_CODE, NONE, NUMBER_CODE, PLACE_CODE, packed, written_rows
from renode.lockstep.plan import READ_BY, Kind, Plan, Planner, Step, flags_of
from renode.lockstep.program import MEMORY, NOTHING, PLACES, PURE_BASE, PURE_OPS, Kernel, Program
from renode.lockstep.start import Start
from renode.lockstep.state import MASK_ROW, SPARE, State
from renode.lockstep.bounds import ANY
from renode.lockstep.values import Unsupported, Varying, given, lanes_of
from renode.thumb import arrays, numbers
from renode.thumb.micro import ALWAYS, WORD, Micro, Op, Place
from renode.trace import Path, Stop

LONGEST = 300_000
"""Instructions of a path."""
_BIT0 = 0xFFFFFFFE
_PURE, _MOV = Kind.PURE, Op.MOV
_OF_THE_SAME = frozenset({Op.EOR, Op.SUB, Op.BIC})
"""Operations of a word with itself that give 0."""
_FLAGS = (Place.RESULT, Place.CARRY, Place.OVERFLOW)
_SIMPLE = {
    0: (Place.RESULT, 0, True),
    1: (Place.RESULT, 0, False),
    2: (Place.CARRY, 1, True),
    3: (Place.CARRY, 1, False),
    6: (Place.OVERFLOW, 1, True),
    7: (Place.OVERFLOW, 1, False),
}
"""Conditions that are a comparison: of which flag, with what, and whether it is then equal."""
_AND, _CONDITION = (PURE_BASE + PURE_OPS.index(op) for op in (Op.AND, Op.CONDITION))
_HANDLERS: dict[Kind, Callable[[State, Step], None]] = {Kind.LOAD: access.load, Kind.STORE: access.store}


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
        self._route = _route(path.pcs.tolist(), planner)
        self._state = State(start, rows, varying, planner.constants)
        self._input_words = self._state.memory.input_words()
        self._constant = [0] * len(path.pcs)
        self._varies = [False] * len(path.pcs)

    def program(self) -> Program:
        ends = self._walk()
        state = self._state
        output, output_rows, read = self._output()
        operations, pool = packed(state.emit.needed(read))
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
            accesses=tuple(state.accesses.values()),
            written=written_rows(operations),
        )

    def _walk(self) -> int:
        """Go along the path; return how many of its instructions lanes go through."""
        state = self._state
        for index, (plan, steps, cond) in enumerate(self._route):
            state.emit.index = index
            state.address = plan.address
            if cond != ALWAYS and not self._holds(cond):
                continue
            if plan.refusal:
                raise Unsupported(plan.refusal)
            state.base, state.sampled = 0, False
            for step in steps:
                if step.kind is _PURE:
                    _compute(state, step)
                else:
                    _HANDLERS[step.kind](state, step)
            if not state.alive.any():
                return index
            self._constant[index] = state.base
            if state.sampled:
                self._varies[index] = True
                state.emit.add(Kernel.END, base=state.base)
            way = self._ways[index]
            if plan.control is not None:
                if not self._goes(plan, plan.control.micro, way) or not state.alive.any():
                    return index + 1
            elif plan.address + plan.size != way:
                raise Unsupported(f"path: it leaps at 0x{plan.address:08x}")
        return len(self._route)

    def _holds(self, cond: int) -> bool:
        file = self._state.file
        result, carry, overflow = (file[place] if place in READ_BY[cond] else 0 for place in _FLAGS)
        if type(result) is int and type(carry) is int and type(overflow) is int:
            return numbers.CONDITIONS[cond](result, carry, overflow) != 0
        raise Unsupported("predicated: to come")

    def _goes(self, plan: Plan, micro: Micro, way: int) -> bool:
        """Let lanes that do not go the reference's way be lost; return False where none goes there."""
        if micro.op is Op.TRAP:
            return False
        state, file = self._state, self._state.file
        step = plan.control
        target = file[step.n]
        following = plan.address + plan.size
        if micro.op is Op.BRANCH:
            if type(target) is int:
                return target & _BIT0 == way
            place = PLACE_CODE | step.n
            state.note("branch", target)
            self._check(target, place, self._usual(target, way), expected=True)
            return True
        taken = self._taken(micro, step)
        if target & _BIT0 == following:
            return following == way
        expected = way == target & _BIT0
        if not expected and way != following:
            return False
        if type(taken) is bool:
            return taken is expected
        word, code, number, equal = taken
        self._check(word, code, number, expected=equal is expected)
        return True

    def _usual(self, target: Varying, way: int) -> int:
        """Return the word that leads to `way`: with bit 0 as most profile lanes have it."""
        lanes = lanes_of(target)[self._state.alive]
        there = lanes[lanes & _BIT0 == way]
        return way | int(2 * np.count_nonzero(there & 1) >= len(there))

    def _taken(self, micro: Micro, step: Step) -> bool | tuple[Varying, int, int, bool]:
        """Return whether a branch is taken; or the word, its operand, the number, and whether it is where they are equal."""
        state = self._state
        if micro.op is not Op.BRANCH_IF:
            word = state.file[step.m]
            zero = micro.op is Op.BRANCH_ZERO
            return (word == 0) is zero if type(word) is int else (word, PLACE_CODE | step.m, 0, zero)
        flags = [state.file[place] if place in READ_BY[micro.cond] else 0 for place in _FLAGS]
        if all(type(flag) is int for flag in flags):
            return numbers.CONDITIONS[micro.cond](*flags) != 0
        if micro.cond in _SIMPLE:
            place, number, equal = _SIMPLE[micro.cond]
            return state.file[place], PLACE_CODE | place, number, equal
        codes = [
            NUMBER_CODE | flag if type(flag) is int else PLACE_CODE | place
            for flag, place in zip(flags, _FLAGS, strict=True)
        ]
        state.emit.add(_CONDITION, PLACE_CODE | MASK_ROW, *codes, cond=micro.cond)
        return Varying(arrays.CONDITIONS[micro.cond], tuple(flags)), PLACE_CODE | MASK_ROW, WORD, True

    def _check(self, word: Varying, code: int, number: int, *, expected: bool) -> None:
        """Lose the lanes where whether a word is a number is not what is expected."""
        state = self._state
        equal = lanes_of(word) == number
        state.note("branch", given(equal.astype(np.uint32)))
        state.alive &= equal == expected
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
                varies = type(word) is not int
            else:
                row, shift = state.memory.row_of(self._start.output.address + byte)
                space, word = MEMORY, state.memory.words[row]
                varies = bool(state.memory.varies.get(row, 0) >> shift & 0xFF)
            if varies:
                places[byte] = space, row, shift
                read.append((space << 32 | row, 0xFF << shift))
            else:
                output[byte] = word >> shift & 0xFF
        return output, places, read


def _route(pcs: list[int], planner: Planner) -> list[tuple[Plan, tuple[Step, ...], int]]:
    """Return for each instruction its plan, the steps of it that matter, and its condition."""
    plans, conditions = [], []
    covered: list[int] = []
    for pc in pcs:
        plan = planner.at(pc, in_it=bool(covered))
        cond = covered.pop() if covered else ALWAYS
        if plan.refusal and cond == ALWAYS:
            raise Unsupported(plan.refusal)
        plans.append(plan)
        conditions.append(cond)
        if plan.coded.covers:
            covered = list(reversed(plan.coded.covers))
    route: list[tuple[Plan, tuple[Step, ...], int]] = []
    live = 0
    for plan, cond in zip(reversed(plans), reversed(conditions), strict=True):
        steps, live = plan.variant(live, cond=cond)
        route.append((plan, steps, cond))
    if live:
        raise Unsupported("flags: they are read before they are set")
    route.reverse()
    return route


def _compute(state: State, step: Step) -> None:
    """Compute a pure operation."""
    file = state.file
    n, m, a = file[step.n], file[step.m], file[step.a]
    if type(n) is int and type(m) is int and type(a) is int:
        state.write(step, step.numbers(n, m, a))
        return
    op = step.micro.op
    if op is _MOV:
        value = n
    else:
        if n is m and op in _OF_THE_SAME:
            state.write(step, 0)
            return
        bounds = ANY
        if step.rule is not None:
            bounds = step.rule(
                (n, n, n) if type(n) is int else n.bounds,
                (m, m, m) if type(m) is int else m.bounds,
            )
            if bounds[0] == bounds[1]:
                state.write(step, bounds[0])
                return
        value = Varying(step.arrays, (n, m, a), bounds)
    state.compute(
        step,
        value,
        step.kernel,
        NUMBER_CODE | n if type(n) is int else PLACE_CODE | step.n,
        NUMBER_CODE | m if type(m) is int else PLACE_CODE | step.m,
        NUMBER_CODE | a if type(a) is int else PLACE_CODE | step.a,
    )
