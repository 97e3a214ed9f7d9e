"""Loads and stores of a walker, at addresses that lanes share and at such that differ."""

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from renode.lockstep.bounds import Bounds, of_bits
from renode.lockstep.emit import MEMORY_CODE, NONE, NUMBER_CODE, PLACE_CODE
from renode.lockstep.plan import Step
from renode.lockstep.program import PURE_BASE, PURE_OPS, Kernel
from renode.lockstep.state import SECOND_SPARE, SPARE, State
from renode.lockstep.values import Lanes, Unsupported, Varying, Word, extracted, given, lanes_of
from renode.thumb import arrays
from renode.thumb.micro import WORD, Op

_MASKS = {1: 0xFF, 2: 0xFFFF, 4: WORD}
_LSL, _LSR, _ORR, _SXTH = (PURE_BASE + PURE_OPS.index(op) for op in (Op.LSL, Op.LSR, Op.ORR, Op.SXTH))
_CERTAIN_SPAN = 4096
"""Bytes that certain bounds of an address may span; beyond, the profile lanes say where accesses go."""


def load(state: State, step: Step) -> None:
    """Load to the place of a step, and put the word on the bus."""
    micro = step.micro
    address, mask = state.file[step.n], _MASKS[micro.width]
    if type(address) is not int:
        _load_table(state, step, address)  # type: ignore[arg-type]
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
            if type(word) is int:
                state.write(step, word)
            else:
                state.compute(
                    step, word, Kernel.EXTRACT, MEMORY_CODE | row, mask=mask, shift=shift, flag=int(micro.signed)
                )  # fmt: skip
    if step.bus:
        _show(state, step)


def _show(state: State, step: Step) -> None:
    """Put what was loaded on the bus; an address of code has its bit 0 set there."""
    value = state.file[step.d]
    if not step.to_pc:
        state.put_on_bus(value, step.d, step.bus)
    elif type(value) is int:
        state.put_on_bus(value | 1, step.d, step.bus)
    else:
        state.emit.add(_ORR, PLACE_CODE | SPARE, PLACE_CODE | step.d, NUMBER_CODE | 1)
        shown = Varying(np.bitwise_or, (value, np.uint32(1)))
        state.file[SPARE] = shown
        state.put_on_bus(shown, SPARE, step.bus)


def _load_across(state: State, step: Step, address: int) -> None:
    """Load what lies in two words: the upper part is shifted to its place above the lower one."""
    lower = 4 - (address & 3)
    parts = []
    for place, count, at in ((SPARE, lower, address), (SECOND_SPARE, step.micro.width - lower, address + lower)):
        row, shift = state.memory.row_of(at)
        bits = (1 << 8 * count) - 1
        word = state.memory.load(row, shift, bits, signed=False)
        if type(word) is not int:
            state.emit.add(Kernel.EXTRACT, PLACE_CODE | place, MEMORY_CODE | row, mask=bits, shift=shift)
        state.file[place] = word
        parts.append(word)
    low, high = parts
    shift = 8 * lower
    sign = 1 << 8 * step.micro.width - 1 if step.micro.signed else 0
    if type(low) is int and type(high) is int:
        state.write(step, ((low | high << shift) ^ sign) - sign & WORD)
        return
    if type(high) is int:
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
    address, mask, value = state.file[step.n], _MASKS[micro.width], state.file[step.m]
    if type(address) is not int:
        _scatter(state, step, address)
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
    lower = 4 - (address & 3)
    value, code = state.file[step.m], state.code(step.m)
    row, shift = state.memory.row_of(address)
    state.memory.store(row, shift, (1 << 8 * lower) - 1, value, code)
    row, _ = state.memory.row_of(address + lower)
    if type(value) is int:
        above: Word = value >> 8 * lower
    else:
        above = Varying(arrays.FUNCTIONS[Op.LSR], (value, 8 * lower, 0))
        state.emit.add(_LSR, PLACE_CODE | SPARE, code, NUMBER_CODE | 8 * lower)
    state.memory.store(row, 0, (1 << 8 * (step.micro.width - lower)) - 1, above, PLACE_CODE | SPARE)


def _load_table(state: State, step: Step, address: Varying) -> None:
    """Load at addresses that differ: from a table of what lanes share, else from the rows of memory."""
    micro = step.micro
    state.note("load", address)
    start, end, home, low, high = _range(state, address, micro.width)
    _keep(state, address, low, high)
    mask = _MASKS[micro.width]
    bounds = of_bits(mask) if not micro.signed else (0, WORD, WORD)
    if not isinstance(home, int):
        content = bytes(home[low - start : high + micro.width - start])
    else:
        first = home + (low - start >> 2)
        count = (high + micro.width - 1 - start >> 2) - (low - start >> 2) + 1
        if not state.memory.uniform(first, count):
            _gather(state, step, address, first, count, (low, high, bounds))
            return
        skipped = low & 3
        content = state.memory.snapshot(first, count)[skipped : skipped + high - low + micro.width]
    function = partial(_looked_up, _words_of(content, micro.width, signed=micro.signed), low)
    value = Varying(function, (address,), bounds)
    state.compute(
        step,
        value,
        Kernel.TABLE,
        PLACE_CODE | step.n,
        mask=mask,
        flag=int(micro.signed),
        low=low,
        high=high,
        table=state.emit.table(content),
    )


def _gather(
    state: State, step: Step, address: Varying, first: int, count: int, planned: tuple[int, int, Bounds]
) -> None:
    """Load from rows of memory at addresses that differ."""
    low, high, bounds = planned
    micro, mask = step.micro, _MASKS[step.micro.width]
    for row in range(first, first + count):
        state.memory.whole(row)
    _keep(state, address, low, high, width=micro.width)
    base = low & ~3
    offset = _clipped(address, low, high) - np.uint32(base)
    words = _matrix(state, first, count)[offset >> np.uint32(2), np.arange(len(offset))]
    lanes = extracted(words, (offset & np.uint32(3)) << np.uint32(3), mask, (mask >> 1) + 1 if micro.signed else 0)
    state.compute(
        step,
        given(lanes, bounds),
        Kernel.GATHER,
        PLACE_CODE | step.n,
        mask=mask,
        flag=int(micro.signed),
        low=base,
        high=high,
        table=first,
    )


def _scatter(state: State, step: Step, address: Varying) -> None:
    """Store at addresses that differ: all of what is planned for varies from then on."""
    micro, mask, value = step.micro, _MASKS[step.micro.width], state.file[step.m]
    state.note("store", address)
    start, _, home, low, high = _range(state, address, micro.width)
    if not isinstance(home, int):
        raise Unsupported(f"address: 0x{low:08x} is not writable")
    _keep(state, address, low, high, width=micro.width)
    first = home + (low - start >> 2)
    count = (high + micro.width - 1 - start >> 2) - (low - start >> 2) + 1
    for row in range(first, first + count):
        state.memory.whole(row)
    base = low & ~3
    state.emit.add(
        Kernel.SCATTER, NONE, PLACE_CODE | step.n, state.code(step.m), mask=mask, low=base, high=high, table=first
    )
    offset = _clipped(address, low, high) - np.uint32(base)
    shift = (offset & np.uint32(3)) << np.uint32(3)
    matrix = _matrix(state, first, count)
    rows, lanes = offset >> np.uint32(2), np.arange(len(offset))
    part = np.uint32(value) if type(value) is int else lanes_of(value)
    matrix[rows, lanes] = matrix[rows, lanes] & ~(np.uint32(mask) << shift) | (part & np.uint32(mask)) << shift
    for number in range(count):
        state.memory.take(first + number, given(matrix[number]))


def _matrix(state: State, first: int, count: int) -> Lanes:
    """Return [rows, profile lanes] a copy of some rows of memory."""
    memory = state.memory
    matrix = np.empty((count, len(state.alive)), np.uint32)
    for number, row in enumerate(range(first, first + count)):
        value = memory.values.get(row)
        matrix[number] = memory.words[row] if value is None else lanes_of(value)
    return matrix


def _clipped(address: Varying, low: int, high: int) -> Lanes:
    """Return addresses; of lanes that are lost, some that are planned for."""
    return np.clip(lanes_of(address), np.uint32(low), np.uint32(high))


def _range(state: State, address: Varying, width: int) -> tuple[int, int, Any, int, int]:
    """Return the block that an access goes to, and the least and greatest address that is planned for."""
    least, greatest, _ = address.bounds
    if greatest - least > _CERTAIN_SPAN:
        values = lanes_of(address)[state.alive]
        least, greatest = int(values.min()), int(values.max())
        margin = greatest - least + 64
        least, greatest = least - margin, greatest + margin
        start, end, home = state.memory.find(int(values[0]))
    else:
        start, end, home = state.memory.find(least)
    return start, end, home, max(least, start), min(greatest, end - width)


def _keep(state: State, address: Varying, low: int, high: int, *, width: int = 1) -> None:
    """Drop the profile lanes that are lost in an access: outside of what is planned for, or over the end of a word."""
    least, greatest, bits = address.bounds
    if least < low or greatest > high:
        lanes = lanes_of(address)
        state.alive &= (lanes >= low) & (lanes <= high)
    if width > 1 and bits & (width - 1):
        state.alive &= (lanes_of(address) & np.uint32(3)) + np.uint32(width) <= 4


def _words_of(content: bytes, width: int, *, signed: bool) -> Lanes:
    """Return what a load of each address of a table gives."""
    table = np.frombuffer(content, np.uint8).astype(np.uint32)
    count = len(table) - width + 1
    words = table[:count].copy()
    for byte in range(1, width):
        words |= table[byte : byte + count] << np.uint32(8 * byte)
    if signed:
        sign = np.uint32(1 << 8 * width - 1)
        words = (words ^ sign) - sign
    return words


def _looked_up(words: Lanes, low: int, address: npt.NDArray[np.uint32]) -> Lanes:
    return words[np.minimum(address - np.uint32(low), len(words) - 1)]
