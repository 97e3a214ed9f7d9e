"""Instructions whose condition varies: lanes in which it fails do nothing, and have an activity word of zeros.

What they compute lies in a spare row, is sampled where the mask is set, and merged into its place.
"""

from dataclasses import replace

from renode.lockstep.access import fetch, give_up, parts, shown
from renode.lockstep.emit import MEMORY_CODE, NUMBER_CODE, PLACE_CODE
from renode.lockstep.program import PURE_BASE, PURE_OPS, Kernel
from renode.lockstep.pure import compute
from renode.lockstep.state import SECOND_SPARE, SPARE, State
from renode.lockstep.steps import Kind, Step
from renode.lockstep.tables import MASKS, scatter
from renode.lockstep.values import Unsupported, Word
from renode.thumb.micro import Op, Place

_MERGE = PURE_BASE + PURE_OPS.index(Op.MERGE)


def do_masked(state: State, step: Step) -> None:
    """Do a step in the lanes of the state's mask."""
    if step.kind is Kind.PURE:
        _compute(state, step)
    elif step.kind is Kind.LOAD:
        _load(state, step)
    elif step.kind is Kind.STORE:
        _store(state, step)
    elif step.kind is Kind.SAMPLE:
        code = state.code(step.n)
        _sample(state, code, code, low=step.low)
    elif step.kind is Kind.BUS:
        state.put_some_on_bus(state.file[step.n], state.code(step.n), step.bus)
    else:
        raise Unsupported("exclusive: its condition varies")


def _compute(state: State, step: Step) -> None:
    if step.d >= Place.T0:
        compute(state, step)
        return
    compute(state, _elsewhere(step))
    _write(state, step)


def _elsewhere(step: Step) -> Step:
    """Return the step with the spare row as its place, not sampled."""
    return replace(step, d=SPARE, sampled=False, low=False)


def _write(state: State, step: Step) -> None:
    """Merge the spare row into the place of a step."""
    value, code = state.file[SPARE], state.code(SPARE)
    old, code_of_old = state.file[step.d], state.code(step.d)
    if step.sampled:
        _sample(state, code, code_of_old, low=step.low)
    if value is old or (isinstance(value, int) and value == old):
        return
    state.emit.add(_MERGE, PLACE_CODE | step.d, code_of_old, code, state.mask_code)
    state.file[step.d] = state.merged(old, value)


def _sample(state: State, new: int, old: int, *, low: bool) -> None:
    state.emit.add(Kernel.REGISTER, state.mask_code, new, old)
    if low:
        _tell_low(state, new)
    state.sampled = True


def _tell_low(state: State, code: int) -> None:
    state.emit.add(Kernel.LOW, 0, code, a=state.mask_code)
    state.sampled = True


def _load(state: State, step: Step) -> None:
    target = step if step.d >= Place.T0 else _elsewhere(step)
    fetch(state, target)
    if step.bus:
        value, place = shown(state, target)
        state.put_some_on_bus(value, PLACE_CODE | place, step.bus)
    if step.d < Place.T0:
        _write(state, step)


def _store(state: State, step: Step) -> None:
    address, width = state.file[step.n], step.micro.width
    mask, value = MASKS[width], state.file[step.m]
    code = state.code(step.m)
    give_up(state, address, width)
    if not isinstance(address, int):
        scatter(state, step, step.n)
    elif (address & 3) + width > 4:
        for row, shift, part, word, where in parts(state, step, address):
            _merge(state, (row, shift, part), word, where)
    else:
        row, shift = state.memory.row_of(address)
        _merge(state, (row, shift, mask), value, code)
    if step.bus:
        state.put_some_on_bus(value, code, step.bus)
    if step.low:
        _tell_low(state, code)


def _merge(state: State, place: tuple[int, int, int], value: Word, code: int) -> None:
    """Store to bits of a row, given as row, shift and mask, in the lanes of the state's mask."""
    row, shift, mask = place
    old: Word = state.memory.load(row, shift, mask, signed=False)
    code_of_old = NUMBER_CODE | old if isinstance(old, int) else PLACE_CODE | SECOND_SPARE
    if not isinstance(old, int):
        state.emit.add(Kernel.EXTRACT, code_of_old, MEMORY_CODE | row, mask=mask, shift=shift)
    state.emit.add(_MERGE, PLACE_CODE | SECOND_SPARE, code_of_old, code, state.mask_code)
    state.memory.store(row, shift, mask, state.merged(old, value), PLACE_CODE | SECOND_SPARE)
