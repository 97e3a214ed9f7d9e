"""Loads and stores of a walker at addresses that differ between lanes: which are planned for, and what they find."""

from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt

from jobs.target import Core
from renode.lockstep.bounds import ANY, of_bits
from renode.lockstep.emit import NUMBER_CODE, PLACE_CODE
from renode.lockstep.planned import Planned, planned
from renode.lockstep.program import PURE_BASE, PURE_OPS, Kernel
from renode.lockstep.state import SECOND_SPARE, THIRD_SPARE, State
from renode.lockstep.steps import Step
from renode.lockstep.values import Faults, Lanes, Varying, extracted, given, lanes_of
from renode.thumb.micro import WORD, Op

MASKS = {1: 0xFF, 2: 0xFFFF, 4: WORD}
_FURTHER = {2: np.array([0, 1], np.uint32), 4: np.array([0, 2, 1, 2], np.uint32)}
"""Accesses more that the bus does for one that is not aligned, by the low bits of its address (Cortex-M4 TRM, DDI 0439B)."""
_BYTES_PER_ROW = 32
"""Of a table, that take about as long as a row of memory."""
_AND, _MERGE = (PURE_BASE + PURE_OPS.index(op) for op in (Op.AND, Op.MERGE))


def gather(state: State, step: Step, position: int) -> None:
    """Load to the place of a step, from the address at a position of the file.

    What lanes share is looked up in a table; where something varies the rows of memory are.
    """
    micro = step.micro
    mask = MASKS[micro.width]
    range_, position = _aim(state, step, position, "load")
    address: Varying = state.file[position]  # type: ignore[assignment]
    bounds = of_bits(mask) if not micro.signed else ANY
    shared = range_.content
    if shared is None and state.memory.uniform(range_.first, range_.rows):
        skipped = range_.low & 3
        content = state.memory.snapshot(range_.first, range_.rows)
        shared = content[skipped : skipped + range_.high - range_.low + micro.width]
    if shared is not None:
        _keep(state, address, range_)
        words = _words_of(shared, micro.width, signed=micro.signed)
        value = Varying(partial(_looked_up, words, range_.low), (address,), bounds)
        kernel, low, table = Kernel.TABLE, range_.low, state.emit.table(shared)
    else:
        _keep(state, address, range_, width=micro.width)
        for row in range(range_.first, range_.first + range_.rows):
            state.memory.whole(row)
        kernel, low, table = Kernel.GATHER, range_.low & ~3, range_.first
        offset = _offsets(address, range_)
        found = state.memory.matrix(range_.first, range_.rows)[offset >> np.uint32(2), np.arange(len(offset))]
        sign = (mask >> 1) + 1 if micro.signed else 0
        value = given(extracted(found, (offset & np.uint32(3)) << np.uint32(3), mask, sign), bounds)
    place, low, high = _apart(state, position, low, range_.high, even=1 if shared is not None else 4)
    state.compute(step, value, kernel, place, mask=mask, flag=int(micro.signed), low=low, high=high, table=table)


def scatter(state: State, step: Step, position: int) -> None:
    """Store to the address at a position of the file: all of what is planned for varies from then on."""
    micro, value = step.micro, state.file[step.m]
    mask = MASKS[micro.width]
    range_, position = _aim(state, step, position, "store")
    address: Varying = state.file[position]  # type: ignore[assignment]
    if range_.content is not None:
        raise Faults(f"address: 0x{range_.low:08x} is not writable")
    _keep(state, address, range_, width=micro.width)
    for row in range(range_.first, range_.first + range_.rows):
        state.memory.whole(row)
    place, low, high = _apart(state, position, range_.low & ~3, range_.high, even=4)
    state.emit.add(
        Kernel.SCATTER,
        state.mask_code,
        place,
        state.code(step.m),
        mask=mask,
        low=low,
        high=high,
        table=range_.first,
    )
    lanes = np.flatnonzero(state.executing())
    offset = _offsets(address, range_)[lanes]
    shift = (offset & np.uint32(3)) << np.uint32(3)
    part = np.uint32(value) if isinstance(value, int) else lanes_of(value)[lanes]
    matrix, rows = state.memory.matrix(range_.first, range_.rows), offset >> np.uint32(2)
    kept = matrix[rows, lanes] & ~(np.uint32(mask) << shift)
    matrix[rows, lanes] = kept | (part & np.uint32(mask)) << shift
    state.memory.take(range_.first, range_.rows)


def _aim(state: State, step: Step, position: int, kind: str) -> tuple[Planned, int]:
    """Return what is planned for, and where the address lies then: lanes that do not execute the access get a good one."""
    address: Varying = state.file[position]  # type: ignore[assignment]
    width = step.micro.width
    state.note(kind, address)
    if state.core is not Core.M0 and address.bounds[2] & (width - 1):
        _note_splits(state, address, width)
    range_ = planned(state.memory, address, state.executing(), width=width)
    state.spend(range_.rows + (range_.high - range_.low) // _BYTES_PER_ROW)
    if state.core is Core.M0 and width > 1 and address.bounds[2] & (width - 1):
        range_ = range_.aligned(width)
        if range_.low > range_.high:
            raise Faults(f"address: 0x{range_.low - width + 1:08x} is not aligned")
    if state.mask is not None:
        good = range_.low
        state.emit.add(_MERGE, PLACE_CODE | SECOND_SPARE, NUMBER_CODE | good, PLACE_CODE | position, state.mask_code)
        position = SECOND_SPARE
        state.file[position] = address = state.merged(good, address)
    if state.core is Core.M0 and width > 1 and address.bounds[2] & (width - 1):
        # It faults at other addresses, before the instruction is done.
        state.emit.add(_AND, PLACE_CODE | THIRD_SPARE, PLACE_CODE | position, NUMBER_CODE | (width - 1))
        state.emit.lose_before(PLACE_CODE | THIRD_SPARE, NUMBER_CODE | 0, equal=False)
        state.keep(lanes_of(address) & np.uint32(width - 1) == 0)
    return range_, position


def _note_splits(state: State, address: Varying, width: int) -> None:
    """Note an access that profile lanes make in different numbers of parts, as some of their addresses are not aligned."""
    further = _FURTHER[width][lanes_of(address) & np.uint32(width - 1)]
    here = further[state.executing()]
    if (here != here[:1]).any():
        state.note("operand", given(further))


def _apart(state: State, position: int, low: int, high: int, *, even: int) -> tuple[int, int, int]:
    """Return where the address lies, and the bounds: those of what it is the sum of with a number, if that is there.

    The number has to be a multiple of `even`: rows of memory are taken apart by the lowest bits of addresses.
    """
    known = state.sums.get(position)
    if known is not None:
        value, place, word, number = known
        below, above = (low - number) & WORD, (high - number) & WORD
        there = state.file[position] is value and state.file[place] is word
        if there and number % even == 0 and below <= above:
            return PLACE_CODE | place, below, above
    return PLACE_CODE | position, low, high


def _keep(state: State, address: Varying, range_: Planned, *, width: int = 1) -> None:
    """Drop the profile lanes that are lost in an access: outside of what is planned for, or over the end of a word."""
    least, greatest, bits = address.bounds
    if least < range_.low or greatest > range_.high:
        lanes = lanes_of(address)
        state.keep((lanes >= range_.low) & (lanes <= range_.high))
    if width > 1 and bits & (width - 1):
        state.keep((lanes_of(address) & np.uint32(3)) + np.uint32(width) <= 4)


def _offsets(address: Varying, range_: Planned) -> Lanes:
    """Return how far addresses lie above the first row; of lanes that are lost, some address that is planned for."""
    return np.clip(lanes_of(address), np.uint32(range_.low), np.uint32(range_.high)) - np.uint32(range_.low & ~3)


@lru_cache(32)
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
    return words[np.minimum(address - np.uint32(low), np.uint32(len(words) - 1))]
