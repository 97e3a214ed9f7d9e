"""Loads and stores of a walker, at addresses that lanes share."""

from collections.abc import Iterator
from dataclasses import replace

from renode.lockstep.bounds import ANY
from renode.lockstep.emit import MEMORY_CODE, NUMBER_CODE, PLACE_CODE
from renode.lockstep.program import PURE_BASE, PURE_OPS, Kernel
from renode.lockstep.state import FREE, SECOND_SPARE, SPARE, State
from renode.lockstep.steps import Step
from renode.lockstep.tables import MASKS, gather, scatter
from renode.lockstep.values import Unsupported, Varying, Word
from renode.thumb import arrays
from renode.thumb.micro import WORD, Op

_LSL, _LSR, _ORR, _SXTH = (PURE_BASE + PURE_OPS.index(op) for op in (Op.LSL, Op.LSR, Op.ORR, Op.SXTH))


def load(state: State, step: Step) -> None:
    """Load to the place of a step, and put the word on the bus."""
    fetch(state, step)
    if step.bus:
        value, place = shown(state, step)
        state.put_on_bus(value, place, step.bus)


def fetch(state: State, step: Step) -> None:
    """Load to the place of a step."""
    micro = step.micro
    address, mask = state.file[step.n], MASKS[micro.width]
    if not isinstance(address, int):
        gather(state, step, step.n)
    else:
        value = state.memory.constant(address, micro.width)
        if value is not None:
            sign = (mask >> 1) + 1
            state.write(step, ((value ^ sign) - sign) & WORD if micro.signed else value)
        elif (address & 3) + micro.width > 4:
            _load_across(state, step, address)
        else:
            row, shift = state.memory.row_of(address)
            word = state.memory.load(row, shift, mask, signed=micro.signed)
            if isinstance(word, int):
                state.write(step, word)
            else:
                state.compute(
                    step, word, Kernel.EXTRACT, MEMORY_CODE | row, mask=mask, shift=shift, flag=int(micro.signed)
                )  # fmt: skip


def shown(state: State, step: Step) -> tuple[Word, int]:
    """Return what a load puts on the bus, and the place where it lies; an address of code has its bit 0 set there."""
    value = state.file[step.d]
    if not step.to_pc:
        return value, step.d
    if isinstance(value, int):
        return value | 1, step.d
    state.emit.add(_ORR, PLACE_CODE | SPARE, PLACE_CODE | step.d, NUMBER_CODE | 1)
    state.file[SPARE] = word = Varying(arrays.FUNCTIONS[Op.ORR], (value, 1, 0), ANY)
    return word, SPARE


def _load_across(state: State, step: Step, address: int) -> None:
    """Load what lies in two words: the upper part is shifted to its place above the lower one."""
    lower = 4 - (address & 3)
    found = []
    for place, count, at in ((SPARE, lower, address), (SECOND_SPARE, step.micro.width - lower, address + lower)):
        row, shift = state.memory.row_of(at)
        bits = (1 << 8 * count) - 1
        word = state.memory.load(row, shift, bits, signed=False)
        if not isinstance(word, int):
            state.emit.add(Kernel.EXTRACT, PLACE_CODE | place, MEMORY_CODE | row, mask=bits, shift=shift)
        state.file[place] = word
        found.append(word)
    low, high = found
    shift = 8 * lower
    sign = 1 << 8 * step.micro.width - 1 if step.micro.signed else 0
    if isinstance(low, int) and isinstance(high, int):
        state.write(step, ((low | high << shift) ^ sign) - sign & WORD)
        return
    above: Word
    if isinstance(high, int):
        above = high << shift
    else:
        above = Varying(arrays.FUNCTIONS[Op.LSL], (high, shift, 0))
        state.emit.add(_LSL, PLACE_CODE | SECOND_SPARE, PLACE_CODE | SECOND_SPARE, NUMBER_CODE | shift)
    state.file[SECOND_SPARE] = above
    value = Varying(arrays.FUNCTIONS[Op.ORR], (low, above, 0))
    if sign:  # a halfword
        state.emit.add(_ORR, PLACE_CODE | SPARE, state.code(SPARE), state.code(SECOND_SPARE))
        state.compute(step, Varying(arrays.FUNCTIONS[Op.SXTH], (value, 0, 0)), _SXTH, PLACE_CODE | SPARE)
    else:
        state.compute(step, value, _ORR, state.code(SPARE), state.code(SECOND_SPARE))


def store(state: State, step: Step) -> None:
    """Store, and put the word on the bus."""
    micro = step.micro
    address, mask, value = state.file[step.n], MASKS[micro.width], state.file[step.m]
    give_up(state, address, micro.width)
    if not isinstance(address, int):
        scatter(state, step, step.n)
    elif (address & 3) + micro.width > 4:
        _store_across(state, step, address)
    else:
        row, shift = state.memory.row_of(address)
        state.memory.store(row, shift, mask, value, state.code(step.m))
    if step.bus:
        state.put_on_bus(value, step.m, step.bus)
    if step.low:
        state.tell_low(value, step.m)


def _store_across(state: State, step: Step, address: int) -> None:
    """Store to two words."""
    for row, shift, mask, value, code in parts(state, step, address):
        state.memory.store(row, shift, mask, value, code)


def parts(state: State, step: Step, address: int) -> Iterator[tuple[int, int, int, Word, int]]:
    """Yield what a store to two words does to each: row, shift, mask, value and where it lies."""
    lower = 4 - (address & 3)
    value, code = state.file[step.m], state.code(step.m)
    yield (*state.memory.row_of(address), (1 << 8 * lower) - 1, value, code)
    row, _ = state.memory.row_of(address + lower)
    above: Word
    if isinstance(value, int):
        above = value >> 8 * lower
        code = NUMBER_CODE | above
    else:
        above = Varying(arrays.FUNCTIONS[Op.LSR], (value, 8 * lower, 0))
        state.emit.add(_LSR, PLACE_CODE | SPARE, code, NUMBER_CODE | 8 * lower)
        code = PLACE_CODE | SPARE
    yield row, 0, (1 << 8 * (step.micro.width - lower)) - 1, above, code


def load_exclusive(state: State, step: Step) -> None:
    """Load, and remember the address."""
    load(state, step)
    state.monitor = _exclusively(state, step)


def store_exclusive(state: State, step: Step) -> None:
    """Store and leave 0 in the place of the step, or leave 1 where the address is none that was loaded exclusively."""
    wanted, monitor = _exclusively(state, step), state.monitor
    if monitor is None:
        raise Unsupported("exclusive: nothing was loaded, or it was stored to since")
    state.monitor = FREE
    if monitor == wanted:
        store(state, step)
        state.monitor = FREE
        state.write(replace(step, low=False), 0)
    elif monitor[0] == wanted[0]:
        raise Unsupported("exclusive: it was loaded in another width")
    else:
        state.write(step, 1)


def clear_exclusive(state: State, _step: Step) -> None:
    """Forget the address that was loaded exclusively."""
    state.monitor = FREE


def give_up(state: State, address: Word, width: int) -> None:
    """Note a store: at what was loaded exclusively it is not said here what an exclusive store then does."""
    if state.monitor not in {None, FREE}:
        start, size = state.monitor
        if not isinstance(address, int) or (address < start + size and start < address + width):
            state.monitor = None


def _exclusively(state: State, step: Step) -> tuple[int, int]:
    address = state.file[step.n]
    if not isinstance(address, int):
        raise Unsupported("exclusive: the address varies")
    return address, step.micro.width
