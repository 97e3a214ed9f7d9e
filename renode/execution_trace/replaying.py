"""Goes through a trace instruction by instruction, in compiled code: what each computes, and whether the trace says the same.

Registers come from the start state and from what instructions mean; what they load comes from the trace, or from the
registers that were written down behind the load. Everything else that the trace says is compared. Numbers that
compiled code knows are said here: numba's cache notices changes of this module, and of no other.
"""

from typing import Any, NamedTuple

import numba
import numpy.typing as npt

from renode.layout import i64, require
from renode.native import call5, ones

require("ed81e53642df32ae")

KNOWN, TOLD, REFUSED, OUTSIDE = range(4)
"""PLAN.state: its steps are here; only what it writes is, so its registers have to be told; neither; it is no code."""
ONWARD, BRANCH, BRANCH_IF, BRANCH_ZERO, BRANCH_NONZERO, TRAP = range(6)
"""PLAN.control."""
PURE, LOAD, STORE, LOAD_EXCLUSIVE, STORE_EXCLUSIVE, CLEAR_EXCLUSIVE, SAMPLE, BUS = range(8)
"""STEP.kind."""
DONE, UNFINISHED, BUDGET, TRAPPED, FETCHED, HANDLED = range(6)
"""How it ended."""
WAY, OPCODE, ADDRESS, ACCESS_KIND, STORED, NO_ACCESS, NO_VALUE, MORE_ACCESSES = range(6, 14)
REGISTER, REGISTER_BEFORE, NOT_TAKEN, IT_BLOCK = range(14, 18)
"""Or where: the trace and what instructions mean are not the same, or it does not say what is needed."""
STATUS, SAID, MEANT, PLACE, TARGET = range(5)
"""Of the array that is left behind: what the trace says, what is meant, of which register, where it goes next."""
_AT, _NEXT, _ACCESS, _RECORD, _LAST = range(5, 10)  # instruction, the pc behind it, what was told, the bus
_WEIGHT, _DISTANCE, _BUS_WEIGHT, _BUS_DISTANCE, _LOW = range(10, 15)
_PENDING = 15  # four conditions of an IT block
STATES = 19
_RESULT, _CARRY, _OVERFLOW = 15, 16, 17  # places, as `renode.thumb.micro` numbers them
_FILE, _SP = 15, 13
_REGISTER_HD, _BUS_HW, _BUS_HD, _LOW_BYTE = 12, 24, 36, 48  # as `renode.trace` has them
_NOTHING = -1
_WORD = 0xFFFFFFFF
_READ, _WRITE = 2, 3
Array = npt.NDArray[Any]


class Told(NamedTuple):
    """A trace."""

    pcs: Array
    opcodes: Array
    """None where the trace has none."""
    numbers: Array
    """[N] which of `plans` each instruction is."""
    plans: Array
    """PLAN"""
    accesses: Array
    """From the first instruction of the execution on, as `registers`."""
    registers: Array


class Made(NamedTuple):
    """What is filled, from the first instruction on."""

    activity: Array
    begins: Array


# Nothing is allocated, so arrays need not be counted each time they are handed on: that took most of the time.
_njit: Any = numba.njit  # untyped: its own type does not know the option
_compiled: Any = _njit(cache=True, error_model="numpy", nogil=True, _nrt=False)
_inlined: Any = _njit(inline="never", error_model="numpy", _nrt=False)


@_inlined
def _fail(s: Array, status: int, said: int, meant: int) -> None:
    s[STATUS], s[SAID], s[MEANT] = status, said, meant


@_inlined
def _holds(pure: int, cond: int, file: Array) -> bool:
    return call5(pure, cond, file[_RESULT], file[_CARRY], file[_OVERFLOW], 0) != 0


@_inlined
def _register(s: Array, told: Told, place: int) -> int:
    """Return what was written down of a register after the instruction; -1 if nothing was."""
    r = s[_RECORD]
    while r < len(told.registers) and told.registers[r].index == s[_AT]:
        if not told.registers[r].before and told.registers[r].place == place:
            return i64(told.registers[r].value)
        r += 1
    return i64(_NOTHING)


@_inlined
def _compare(s: Array, told: Told, before: bool, file: Array) -> None:
    """Compare what was written down before or after the instruction; what follows belongs to later ones."""
    r = s[_RECORD]
    while s[STATUS] == DONE and r < len(told.registers) and told.registers[r].index == s[_AT]:
        register = told.registers[r]
        if register.before != before:
            if before:
                break
        elif file[register.place] != register.value:
            _fail(s, REGISTER_BEFORE if before else REGISTER, i64(register.value), file[register.place])
            s[PLACE] = register.place
        r += 1
    s[_RECORD] = r


@_inlined
def _has_access(s: Array, told: Told) -> bool:
    return s[_ACCESS] < len(told.accesses) and told.accesses[s[_ACCESS]].index == s[_AT]


@_inlined
def _accessed(s: Array, told: Told, address: int, kind: int) -> int:
    """Return the value of the instruction's next access, which has to be of a kind and at an address."""
    if not _has_access(s, told):
        _fail(s, NO_ACCESS, 0, address)
        return i64(0)
    access = told.accesses[s[_ACCESS]]
    s[_ACCESS] += 1
    if access.address != address:
        _fail(s, ADDRESS, i64(access.address), address)
    elif access.kind | 2 != kind:  # a peripheral's registers have the numbers 0 and 1
        _fail(s, ACCESS_KIND, i64(access.kind), kind)
    return i64(access.value)


@_inlined
def _bus(s: Array, word: int) -> None:
    s[_BUS_WEIGHT] += ones(word)
    s[_BUS_DISTANCE] += ones(word ^ s[_LAST])
    s[_LAST] = word


@_inlined
def _write(s: Array, step: Any, value: int, low: bool, file: Array) -> None:
    """Write to the place of a step, and sample it if that is a register."""
    if step.sampled:
        s[_WEIGHT] += ones(value)
        s[_DISTANCE] += ones(value ^ file[step.d])
        if low:
            s[_LOW] = value & 0xFF
    file[step.d] = value


@_inlined
def _load(s: Array, step: Any, told: Told, file: Array) -> None:
    """Load what the trace says that was loaded."""
    address = file[step.n]
    value = i64(_NOTHING)
    if len(told.accesses):
        value = _accessed(s, told, address, _READ)
    elif step.to_pc:
        value = s[_NEXT] if s[_NEXT] == _NOTHING else s[_NEXT] | 1
    elif step.d < _FILE:
        value = _register(s, told, step.d)
    if value == _NOTHING and len(told.accesses) == 0:
        _fail(s, NO_VALUE, 0, address)
    if s[STATUS] != DONE:
        return
    value &= step.mask
    if step.bus:
        _bus(s, (value | (1 if step.to_pc else 0)) & step.bus)
    if step.signed and value & ((step.mask >> 1) + 1):
        value = (value | ~i64(step.mask)) & _WORD
    _write(s, step, value, step.low != 0, file)


@_inlined
def _store(s: Array, step: Any, told: Told, file: Array) -> None:
    """Store; the trace has to say the same."""
    address, word = file[step.n], file[step.m]
    if len(told.accesses):
        said = _accessed(s, told, address, _WRITE) & step.mask
        if s[STATUS] == DONE and said != word & step.mask:
            _fail(s, STORED, said, word & step.mask)
    if step.bus:
        _bus(s, word & step.bus)
    if step.low:
        s[_LOW] = word & 0xFF


@_inlined
def _store_exclusively(s: Array, step: Any, told: Told, file: Array) -> None:
    """Store and leave 0, or leave 1: which of them is the core's to say, and shows in the trace."""
    if len(told.accesses):
        # A simulator may read what is there, to compare it: that is no word on the bus.
        while _has_access(s, told) and told.accesses[s[_ACCESS]].kind == _READ:
            s[_ACCESS] += 1
        status = i64(0) if _has_access(s, told) else i64(1)
    else:
        status = _register(s, told, step.d)
    if status == _NOTHING:
        _fail(s, NO_VALUE, 0, file[step.n])
        return
    if status == 0:
        _store(s, step, told, file)
    _write(s, step, status, step.low != 0 and status != 0, file)


@_inlined
def _do(s: Array, pure: int, step: Any, told: Told, file: Array) -> None:
    kind = step.kind
    if kind == PURE:
        value = call5(pure, i64(step.op), file[step.n], file[step.m], file[step.a], 0) & _WORD
        _write(s, step, value, step.low != 0, file)
    elif kind == SAMPLE:
        s[_WEIGHT] += ones(file[step.n])
        if step.low:
            s[_LOW] = file[step.n] & 0xFF
    elif kind == BUS:
        _bus(s, file[step.n] & step.bus)
    elif kind == STORE:
        _store(s, step, told, file)
    elif kind == STORE_EXCLUSIVE:
        _store_exclusively(s, step, told, file)
    elif kind != CLEAR_EXCLUSIVE:
        _load(s, step, told, file)


@_inlined
def _take_over(s: Array, plan: Any, told: Told, file: Array) -> None:
    """Take what an instruction writes from the registers that were written down after it."""
    if plan.state >= REFUSED:
        s[STATUS] = NOT_TAKEN
        return
    for k in range(_FILE):
        hidden = plan.hidden and k == _SP
        if not plan.written >> k & 1 and not hidden:
            continue
        value = _register(s, told, k)
        if value == _NOTHING:
            s[STATUS] = NOT_TAKEN
            return
        if hidden and value == file[k]:
            continue
        s[_WEIGHT] += ones(value)
        s[_DISTANCE] += ones(value ^ file[k])
        file[k] = value
        if plan.low == k or hidden:
            s[_LOW] = value & 0xFF


@_inlined
def _goes(pure: int, plan: Any, file: Array) -> bool:
    """Return whether an instruction leads elsewhere than to the next one."""
    if plan.control == BRANCH_IF:
        return _holds(pure, i64(plan.cond), file)
    if plan.control == BRANCH_ZERO:
        return file[plan.m] == 0
    if plan.control == BRANCH_NONZERO:
        return file[plan.m] != 0
    return plan.control == BRANCH


@_inlined
def _execute(s: Array, pure: int, steps: Array, told: Told, file: Array) -> bool:
    """Do what the instruction does; return whether it traps."""
    plan = told.plans[told.numbers[s[_AT]]]
    if plan.state != KNOWN:
        _take_over(s, plan, told, file)
        return False
    for k in range(plan.first, plan.last):
        _do(s, pure, steps[k], told, file)
        if s[STATUS] != DONE:
            return False
    if plan.control == TRAP:
        return True
    if _goes(pure, plan, file):
        s[TARGET] = file[plan.n] & 0xFFFFFFFE
    return False


@_inlined
def _is_handler(handlers: Array, pc: int) -> bool:
    for handler in handlers:  # noqa: SIM110 -- compiled
        if handler == pc:
            return True
    return False


@_inlined
def _begin(s: Array, told: Told, plan: Any, i: int, cond: int) -> None:
    """Begin instruction `i`, of which an IT block says `cond`."""
    s[_WEIGHT] = s[_DISTANCE] = s[_BUS_WEIGHT] = s[_BUS_DISTANCE] = s[_LOW] = 0
    s[_AT] = i
    s[_NEXT] = i64(told.pcs[i + 1]) if i + 1 < len(told.pcs) else i64(_NOTHING)
    s[TARGET] = (i64(told.pcs[i]) + plan.size) & _WORD
    if plan.state != OUTSIDE and (plan.in_it != 0) != (cond != 0):
        s[STATUS] = IT_BLOCK
    elif len(told.opcodes) and told.opcodes[i] != plan.opcode:
        _fail(s, OPCODE, i64(told.opcodes[i]), i64(plan.opcode))


@_inlined
def _end(s: Array, told: Told, stop: int) -> None:
    """See whether the trace says more of the instruction, or goes on elsewhere."""
    if s[STATUS] == DONE and _has_access(s, told):
        _fail(s, MORE_ACCESSES, i64(told.accesses[s[_ACCESS]].address), 0)
    leaves = s[_NEXT] != _NOTHING and s[TARGET] != stop and s[_NEXT] != s[TARGET]
    if s[STATUS] == DONE and leaves:
        _fail(s, WAY, s[_NEXT], s[TARGET])


@_compiled
def replay(  # noqa: C901, PLR0917 -- numba is called by position
    pure: int,
    told: Told,
    steps: Array,
    file: Array,
    start: int,
    stop: int,
    budget: int,
    handlers: Array,
    made: Made,
    s: Array,
) -> tuple[int, int, int]:
    """Return how it ended, how many instructions there were, and cycles; `s` [STATES], zeroed, is left with the rest.

    `file` is the registers, flags, and constants at instruction `start`, and is left as the last instruction leaves it.
    """
    cycles = covered = done = i64(0)
    count = len(told.pcs)
    for i in range(start, count):
        if cycles >= budget:
            return BUDGET, i - start, cycles
        plan = told.plans[told.numbers[i]]
        made.begins[i - start] = cycles
        cond = i64(0)
        if done < covered:
            cond = s[_PENDING + done]
            done += 1
        _begin(s, told, plan, i, cond)
        following = s[TARGET]
        _compare(s, told, True, file)  # noqa: FBT003 -- compiled
        traps = False
        if s[STATUS] == DONE and (cond == 0 or _holds(pure, cond, file)):
            traps = _execute(s, pure, steps, told, file)
            if plan.covers:
                covered, done = i64(plan.covers), i64(0)
                for k in range(4):
                    s[_PENDING + k] = plan.conds[k]
        _compare(s, told, False, file)  # noqa: FBT003 -- compiled
        if not traps:
            _end(s, told, stop)
        if traps or s[STATUS] != DONE:
            if s[_NEXT] != _NOTHING and _is_handler(handlers, s[_NEXT]):
                return HANDLED, i - start, cycles
            return TRAPPED if traps else s[STATUS], i - start, cycles
        word = s[_WEIGHT] | s[_DISTANCE] << _REGISTER_HD | s[_BUS_WEIGHT] << _BUS_HW | s[_BUS_DISTANCE] << _BUS_HD
        made.activity[i - start] = word | s[_LOW] << _LOW_BYTE
        cycles += i64(plan.cycles) + (i64(plan.refill) if s[TARGET] != following else i64(0))
        if s[TARGET] == stop:
            return DONE, i - start + 1, cycles
        if s[_NEXT] != _NOTHING and told.plans[told.numbers[i + 1]].state == OUTSIDE:
            return FETCHED, i - start + 1, cycles
    return UNFINISHED, count - start, cycles
