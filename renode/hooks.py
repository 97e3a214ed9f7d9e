"""The native side of the tracer: a Unicorn code hook, compiled by numba.

A code hook runs before its instruction, so each hook emits the activity word of the instruction before it. While an
execution follows the reference path, the hook compares one pc, reads at most two registers and writes one word; off
the path it only counts. No memory hook is needed: what was loaded is read in the destination register, and what was
stored is still in its source. Addresses are int64 throughout.
"""

from typing import Any

import numba
from numba import types

from renode.layout import (
    BEFORE,
    BRANCH_TABLE,
    BUDGET,
    COMPLEX,
    CONDITIONAL,
    EXCLUSIVE,
    FETCH,
    HIDDEN,
    HOT_BYTES,
    NONE,
    PAGE_BITS,
    PAGE_HALFWORDS,
    PC,
    REFUSED,
    RUNNING,
    SP,
    STORE,
    UNDEFINED,
    cold_at,
    cost_of,
    hot_at,
    i64,
    inlined,
    offset_of,
    refresh,
    require,
    state_at,
)
from renode.native import address_of, call1, call2, call3, load32, load64, lowest, ones, plain, store32, store64

require("ed81e53642df32ae")

_SHADOW = offset_of("shadow")
_RARE = (types.int64, types.int64)
_HOOK = (types.int64, types.int64, types.int64, types.voidptr)


def _prepare(address: int, record: int) -> None:
    """Before an instruction: keep what it is going to store, as it may write back to one of these registers."""
    s = state_at(address)
    cold = cold_at(s.cold + record - s.hot)
    for k in range(cold.count):
        register = (cold.list >> (4 * k)) & 15
        if s.api:
            call3(s.reg_read, s.engine, s.ids[register], s.registers + 4 * register)
        s.stored[k] = load32(s.registers + 4 * register) & cold.mask


def _finish(address: int, following: int) -> None:
    """Emit the word of the instruction begun, whatever it is, given the pc that follows it."""
    s = state_at(address)
    hot = hot_at(s.record)
    if hot.pc == 1:  # the null record: odd, so no instruction's
        return
    cold = cold_at(s.cold + s.record - s.hot)
    written = i64(cold.written)
    low_register = i64(cold.low)
    if cold.shape & HIDDEN and load32(s.registers + 4 * SP) != s.shadow[SP]:
        written |= 1 << SP
        low_register = i64(SP)
    weight = distance = 0
    while written:
        register = lowest(written)
        written &= written - 1
        value = load32(s.registers + 4 * register)
        weight += ones(value)
        distance += ones(value ^ s.shadow[register])
        s.shadow[register] = value
    low = i64(0)
    if low_register != NONE:
        low = load32(s.registers + 4 * low_register)
    bus_weight = bus_distance = 0
    if not (cold.shape & EXCLUSIVE and load32(s.registers + 4 * cold.status) != 0):
        for k in range(cold.count):
            register = (cold.list >> (4 * k)) & 15
            if cold.shape & STORE:
                value = i64(s.stored[k])
                low = value
            elif cold.shape & BRANCH_TABLE:
                value = ((following - hot.pc - 4) >> 1) & cold.mask
            elif register == PC:
                value = following | 1
            else:
                value = load32(s.registers + 4 * register) & cold.mask
            bus_weight += ones(value)
            bus_distance += ones(value ^ s.bus)
            s.bus = value
    store64(s.out, weight | distance << 12 | bus_weight << 24 | bus_distance << 36 | (low & 0xFF) << 48)
    s.out += 8


@inlined
def _lookup(s: Any, pc: int) -> int:
    """Return the number of the record at `pc`: 0 where nothing is decoded yet, -1 outside code."""
    page = (pc - s.code_start) >> PAGE_BITS
    if page < 0 or page >= s.code_pages or load32(s.pages + 4 * page) == 0:
        return i64(-1)
    base = load32(s.pages + 4 * page) * PAGE_HALFWORDS
    return load32(s.lookup + 4 * (base + ((pc & 0xFFF) >> 1)))


@inlined
def _begin_counted(s: Any, pc: int, number: int) -> None:
    """Begin an instruction off the reference path."""
    if s.begun == s.agreed:
        s.left_to = pc
    if s.pcs:
        store32(s.pcs + 4 * s.begun, pc)
    s.begun += 1
    s.last = s.hot + number * HOT_BYTES


@inlined
def _rejoined(address: int, pc: int) -> bool:
    """Step over instructions of the reference whose IT condition fails; return whether it goes on with `pc`.

    Unicorn calls no hook for them. They are part of the path and have a word of zeros: the core spends their time
    and does nothing.
    """
    s = state_at(address)
    last, following = s.record, s.hot + load32(s.cursor)
    while hot_at(following).flags & CONDITIONAL and hot_at(following).pc != pc:
        store64(s.out, 0)
        s.out += 8
        s.cursor += 4
        last, following = following, s.hot + load32(s.cursor)
    if hot_at(following).pc == pc:
        s.record = following
        s.cursor += 4
        if hot_at(following).flags & BEFORE:
            call2(s.prepare, address, following)
        return True
    s.off_path = 1
    s.last = last
    s.begun = s.agreed = (s.cursor - s.reference) >> 2
    s.cycles = load64(s.elapsed + 8 * (s.begun - 1)) if s.begun else 0
    s.record, s.cursor = s.hot, s.null
    return False


def _slow(address: int, pc: int) -> None:
    """Off the reference path: count, and stop where the budget or the code ends."""
    s = state_at(address)
    if not s.off_path and _rejoined(address, pc):
        return
    while s.last != s.hot:
        here = i64(hot_at(s.last).pc) + hot_at(s.last).size
        number = _lookup(s, here)
        if here == pc or number <= 0 or not hot_at(s.hot + number * HOT_BYTES).flags & CONDITIONAL:
            break
        s.cycles += cost_of(s.last, here)  # its condition failed
        _begin_counted(s, here, number)
    s.cycles += cost_of(s.last, pc)
    reason = i64(RUNNING)
    number = _lookup(s, pc)
    if number == 0:
        call1(s.decode, pc)
        number = _lookup(s, pc)
    if s.cycles >= s.budget:
        reason, s.stop_pc = BUDGET, hot_at(s.last).pc
    elif number <= 0:
        reason, s.stop_pc = FETCH, hot_at(s.last).pc
    elif hot_at(s.hot + number * HOT_BYTES).flags & REFUSED:
        reason, s.stop_pc = UNDEFINED, pc
    if reason == RUNNING:
        _begin_counted(s, pc, number)
        return
    s.last = s.hot  # settled
    s.reason = reason
    call1(s.emu_stop, s.engine)


@inlined
def _step(address: int, pc: int) -> None:
    s = state_at(address)
    record = s.record
    hot = hot_at(record)
    if hot.flags & COMPLEX:
        call2(s.finish, address, pc)
    else:
        value = load32(s.registers + hot.written)
        bus = load32(s.registers + hot.bus) & hot.bus_mask
        before = load32(address + _SHADOW + hot.written)
        last = i64(s.bus)
        now = bus if hot.bus_mask else last
        word = ones(value & hot.written_mask) | ones(value ^ before) << 12
        word |= ones(bus) << 24 | ones(now ^ last) << 36
        word |= (value & hot.written_low | bus & hot.bus_low) << 48
        out = s.out
        store32(address + _SHADOW + hot.written, value)
        s.bus = now
        s.out = out + 8
        store64(out, word)
    cursor = s.cursor
    following = s.hot + load32(cursor)
    then = hot_at(following)
    if then.pc != pc:
        call2(s.slow, address, pc)
        return
    s.record = following
    s.cursor = cursor + 4
    if then.flags & BEFORE:
        call2(s.prepare, address, following)


def _direct(_engine: int, pc: int, _size: int, data: Any) -> None:
    _step(address_of(data), pc)


def _through_api(_engine: int, pc: int, _size: int, data: Any) -> None:
    address = address_of(data)
    refresh(state_at(address))
    _step(address, pc)


def _empty(_engine: int, _pc: int, _size: int, _data: Any) -> None:
    pass


_entry_direct, _entry_api, _entry_empty = plain(_direct, *_HOOK), plain(_through_api, *_HOOK), plain(_empty, *_HOOK)
_entry_slow, _entry_finish, _entry_prepare = plain(_slow, *_RARE), plain(_finish, *_RARE), plain(_prepare, *_RARE)


@numba.njit(cache=True, error_model="numpy")
def _entries() -> tuple[int, int, int, int, int, int]:
    return _entry_direct(), _entry_api(), _entry_empty(), _entry_slow(), _entry_finish(), _entry_prepare()


def addresses() -> dict[str, int]:
    """Return where the compiled functions are, compiling them if this is the first time."""
    names = ("direct", "api", "empty", "slow", "finish", "prepare")
    return dict(zip(names, _entries(), strict=True))
