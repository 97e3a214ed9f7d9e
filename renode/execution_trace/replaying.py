"""Goes through a trace instruction by instruction, in compiled code: what each computes, and whether the trace says the same.

Registers come from the start state and from what instructions mean; what they load comes from the trace, or from the
registers that were written down behind the load. Everything else that the trace says is compared.
"""

from typing import Any

import numba
import numpy as np

from renode.layout import i64, require
from renode.native import call5, ones
from renode.thumb.micro import Place
from renode.trace import BUS_HD, BUS_HW, LOW_BYTE, REGISTER_HD

require("ed81e53642df32ae")

KNOWN, TOLD, REFUSED, OUTSIDE = range(4)
"""PLAN.state: its steps are here; only what it writes is, so its registers have to be told; neither; it is no code."""
ONWARD, BRANCH, BRANCH_IF, BRANCH_ZERO, BRANCH_NONZERO, TRAP = range(6)
"""PLAN.control."""
PURE, LOAD, STORE, LOAD_EXCLUSIVE, STORE_EXCLUSIVE, CLEAR_EXCLUSIVE, SAMPLE, BUS = range(8)
"""STEP.kind. Numbers that compiled code knows are said beside it: its cache notices no change elsewhere."""
(
    DONE,
    UNFINISHED,
    BUDGET,
    TRAPPED,
    FETCHED,
    HANDLED,
    WAY,
    OPCODE,
    ADDRESS,
    ACCESS_KIND,
    STORED,
    NO_ACCESS,
    NO_VALUE,
    MORE_ACCESSES,
    REGISTER,
    REGISTER_BEFORE,
    NOT_TAKEN,
    IT_BLOCK,
) = range(18)
"""How it ended. Up to HANDLED it is an end; from WAY on the trace and what instructions mean are not the same, or it
does not say what is needed."""

_NOTHING = -1
_RESULT, _CARRY, _OVERFLOW = int(Place.RESULT), int(Place.CARRY), int(Place.OVERFLOW)
_FILE = 15
_WORD = 0xFFFFFFFF
_compiled: Any = numba.njit(cache=True, error_model="numpy", nogil=True)
_inlined: Any = numba.njit(inline="never", error_model="numpy")


@_inlined
def _holds(pure, cond, file):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 -- compiled
    return call5(pure, cond, file[_RESULT], file[_CARRY], file[_OVERFLOW], 0) != 0


@_inlined
def _told(registers, r, i, place):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 -- compiled
    """Return what was written down of a register after instruction `i`, from record `r` on; -1 if nothing was."""
    while r < len(registers) and registers[r].index == i:
        if not registers[r].before and registers[r].place == place:
            return i64(registers[r].value)
        r += 1
    return i64(_NOTHING)


@_compiled
def replay(
    pure,
    pcs,
    opcodes,
    numbers,
    plans,
    steps,
    accesses,
    registers,
    file,
    start,
    stop,
    max_cycles,
    handlers,
    activity,
    begins,
    result,
):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, C901, E501, PLR0911, PLR0912, PLR0913, PLR0914, PLR0915, PLR0917 -- compiled: one loop, called by position
    """Return how it ended, how many instructions there were, and cycles; `result` is what the trace says, and the meaning.

    From instruction `start` on, `activity` and `begins` are filled; `file` is the registers, flags, and constants, and
    is left as the last instruction leaves it. `accesses` and `registers` begin where instruction `start` is.
    """
    a = r = i64(0)
    bus = cycles = i64(0)
    pending = np.zeros(4, np.int64)
    covered = done = i64(0)
    count = len(pcs)
    for i in range(start, count):
        if cycles >= max_cycles:
            return BUDGET, i - start, cycles
        plan = plans[numbers[i]]
        pc = i64(pcs[i])
        following = (pc + plan.size) & _WORD
        way = i64(pcs[i + 1]) if i + 1 < count else i64(_NOTHING)
        begins[i - start] = cycles
        status = i64(DONE)
        cond = i64(0)
        if done < covered:
            cond = pending[done]
            done += 1
        if plan.state != OUTSIDE and (plan.in_it != 0) != (cond != 0):
            status = i64(IT_BLOCK)
        if len(opcodes) and opcodes[i] != plan.opcode and status == DONE:
            status, result[0], result[1] = i64(OPCODE), i64(opcodes[i]), i64(plan.opcode)
        first_register = r
        while status == DONE and r < len(registers) and registers[r].index == i and registers[r].before:
            register = registers[r]
            if file[register.place] != register.value:
                status, result[0], result[1] = i64(REGISTER_BEFORE), i64(register.value), file[register.place]
                result[2] = register.place
            r += 1
        weight = distance = bus_weight = bus_distance = low = i64(0)
        executed = status == DONE and (cond == 0 or _holds(pure, cond, file))
        target = following
        trapped = False
        if executed and plan.state != KNOWN:
            if plan.state >= REFUSED:
                status = i64(NOT_TAKEN)
            else:
                for k in range(_FILE):
                    if plan.written >> k & 1 and status == DONE:
                        value = _told(registers, first_register, i, k)
                        if value == _NOTHING:
                            status = i64(NOT_TAKEN)
                        else:
                            weight += ones(value)
                            distance += ones(value ^ file[k])
                            file[k] = value
                            if plan.low == k:
                                low = value & 0xFF
        elif executed:
            for k in range(plan.first, plan.last):
                step = steps[k]
                kind = step.kind
                value = i64(0)
                writes = sampled_low = False
                word = i64(0)
                on_bus = False
                if kind == PURE:
                    value = call5(pure, i64(step.op), file[step.n], file[step.m], file[step.a], 0) & _WORD
                    writes, sampled_low = True, step.low != 0
                elif kind == LOAD or kind == LOAD_EXCLUSIVE:  # noqa: PLR1714 -- compiled
                    address = file[step.n]
                    if a < len(accesses) and accesses[a].index == i:
                        access = accesses[a]
                        a += 1
                        if access.address != address:
                            status, result[0], result[1] = i64(ADDRESS), i64(access.address), address
                            break
                        if access.kind != 0 and access.kind != 2:  # noqa: PLR1714 -- compiled
                            status, result[0], result[1] = i64(ACCESS_KIND), i64(access.kind), i64(2)
                            break
                        value = i64(access.value) & step.mask
                    elif len(accesses):
                        status, result[1] = i64(NO_ACCESS), address
                        break
                    elif step.to_pc and way != _NOTHING:
                        value = way | 1
                    elif 0 <= step.d < _FILE:
                        value = _told(registers, first_register, i, step.d)
                        if value == _NOTHING:
                            status, result[1] = i64(NO_VALUE), address
                            break
                        value &= step.mask
                    else:
                        status, result[1] = i64(NO_VALUE), address
                        break
                    word, on_bus = value, step.bus != 0
                    if step.signed and value & ((step.mask >> 1) + 1):
                        value = (value | ~i64(step.mask)) & _WORD
                    if step.to_pc:
                        word = value | 1
                    writes, sampled_low = True, step.low != 0
                elif kind == STORE or kind == STORE_EXCLUSIVE:  # noqa: PLR1714 -- compiled
                    address, stored = file[step.n], file[step.m] & step.mask
                    does = True
                    if kind == STORE_EXCLUSIVE:  # whether it is done is the core's to say: the trace shows it
                        if len(accesses):
                            does = a < len(accesses) and accesses[a].index == i
                        else:
                            value = _told(registers, first_register, i, step.d)
                            if value == _NOTHING:
                                status, result[1] = i64(NO_VALUE), address
                                break
                            does = value == 0
                        value = i64(0) if does else i64(1)
                        writes, sampled_low = True, step.low != 0 and not does
                    if does and len(accesses):
                        if a >= len(accesses) or accesses[a].index != i:
                            status, result[1] = i64(NO_ACCESS), address
                            break
                        access = accesses[a]
                        a += 1
                        if access.address != address:
                            status, result[0], result[1] = i64(ADDRESS), i64(access.address), address
                            break
                        if access.kind != 1 and access.kind != 3:  # noqa: PLR1714 -- compiled
                            status, result[0], result[1] = i64(ACCESS_KIND), i64(access.kind), i64(3)
                            break
                        if i64(access.value) & step.mask != stored:
                            status, result[0], result[1] = i64(STORED), i64(access.value) & step.mask, stored
                            break
                    if does:
                        word, on_bus = file[step.m], step.bus != 0
                        if step.low:
                            low = file[step.m] & 0xFF
                elif kind == SAMPLE:
                    value = file[step.n]
                    weight += ones(value)
                    if step.low:
                        low = value & 0xFF
                elif kind == BUS:
                    word, on_bus = file[step.n], True
                if on_bus:
                    word &= step.bus
                    bus_weight += ones(word)
                    bus_distance += ones(word ^ bus)
                    bus = word
                if writes and step.d >= 0:
                    if step.sampled:
                        weight += ones(value)
                        distance += ones(value ^ file[step.d])
                        if sampled_low:
                            low = value & 0xFF
                    file[step.d] = value
            if status == DONE:
                control = plan.control
                if control == TRAP:
                    trapped = True
                elif control != ONWARD:
                    goes = (
                        control == BRANCH
                        or (control == BRANCH_IF and _holds(pure, i64(plan.cond), file))
                        or (control == BRANCH_ZERO and file[plan.m] == 0)
                        or (control == BRANCH_NONZERO and file[plan.m] != 0)
                    )
                    if goes:
                        target = file[plan.n] & 0xFFFFFFFE
        if executed and plan.covers:
            covered, done = i64(plan.covers), i64(0)
            for k in range(4):
                pending[k] = plan.conds[k]
        while status == DONE and r < len(registers) and registers[r].index == i:
            register = registers[r]
            if not register.before and file[register.place] != register.value:
                status, result[0], result[1] = i64(REGISTER), i64(register.value), file[register.place]
                result[2] = register.place
            r += 1
        if status == DONE and a < len(accesses) and accesses[a].index == i:
            status, result[0] = i64(MORE_ACCESSES), i64(accesses[a].address)
        if status == DONE and not trapped and way != target and way != _NOTHING and target != stop:
            status, result[0], result[1] = i64(WAY), way, target
        if (status != DONE or trapped) and way != _NOTHING:
            for k in range(len(handlers)):
                if handlers[k] == way:
                    return HANDLED, i - start, cycles
        if trapped:
            return TRAPPED, i - start, cycles
        if status != DONE:
            return status, i - start, cycles
        activity[i - start] = (
            weight | distance << REGISTER_HD | bus_weight << BUS_HW | bus_distance << BUS_HD | low << LOW_BYTE
        )
        cycles += plan.cycles + (plan.refill if target != following else 0)
        result[3] = target
        if target == stop:
            return DONE, i - start + 1, cycles
        if way != _NOTHING and plans[numbers[i + 1]].state == OUTSIDE:
            return FETCHED, i - start + 1, cycles
    return UNFINISHED, count - start, cycles
