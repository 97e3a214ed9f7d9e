"""Where instructions go: lanes that do not go the reference's way are lost behind them."""

import numpy as np

from renode.lockstep.emit import NONE, NUMBER_CODE, PLACE_CODE
from renode.lockstep.program import Kernel
from renode.lockstep.state import State, mask_row
from renode.lockstep.steps import Plan, Step
from renode.lockstep.values import Unsupported, Varying, given, lanes_of
from renode.thumb.micro import WORD, Op, Place

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


def goes(state: State, plan: Plan, way: int, *, executed: bool) -> bool:
    """Let lanes that do not go the reference's way be lost; return False where none goes there."""
    following = plan.address + plan.size
    control = plan.control if executed and not plan.traps else None
    if control is None:
        return following == way
    if state.mask is not None:
        # Lanes whose condition fails go on to the next instruction; the reference does, too, or it does not.
        _check(state, state.mask, state.mask_code, WORD, expected=way != following)
        if way == following:
            return True
    op, target = control.micro.op, state.file[control.n]
    if op is Op.BRANCH:
        if isinstance(target, int):
            return target & _BIT0 == way
        state.note("branch", target)
        _check(state, target, PLACE_CODE | control.n, _usual(state, target, way), expected=True)
        return True
    if not isinstance(target, int):
        raise Unsupported("branch: a condition and an address that varies")
    return _branches(state, control, target & _BIT0, following, way)


def _branches(state: State, control: Step, target: int, following: int, way: int) -> bool:
    """Do so for a branch with a condition."""
    if way not in {target, following} or target == following:
        return way == following
    taken = _taken(state, control)
    if isinstance(taken, bool):
        return taken is (way == target)
    word, code, number, equal = taken
    _check(state, word, code, number, expected=equal is (way == target))
    return True


def _usual(state: State, target: Varying, way: int) -> int:
    """Return the word that leads to `way`: with bit 0 as most profile lanes have it."""
    lanes = lanes_of(target)[state.alive]
    there = lanes[lanes & _BIT0 == way]
    return way | int(2 * np.count_nonzero(there & 1) >= len(there))


def _taken(state: State, control: Step) -> bool | tuple[Varying, int, int, bool]:
    """Return whether a branch is taken; or the word, its operand, the number, and whether it is where they are equal."""
    micro = control.micro
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


def _check(state: State, word: Varying, code: int, number: int, *, expected: bool) -> None:
    """Lose the lanes where whether a word is a number is not what is expected."""
    equal = lanes_of(word) == number
    state.note("branch", given(equal.astype(np.uint32)))
    state.keep(equal == expected)
    state.emit.add(Kernel.CHECK, NONE, code, NUMBER_CODE | number, flag=int(expected))
