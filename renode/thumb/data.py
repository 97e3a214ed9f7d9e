"""What data-processing instructions do (A4.4), and their second operands (A5.3.2, A7.4.2)."""

from functools import partial
from typing import NamedTuple, Protocol

from renode.thumb.micro import WORD, Micro, Op, Operand, Place
from renode.thumb.steps import Steps


class Second(NamedTuple):
    """A second operand."""

    value: Operand
    carry: Micro | None = None
    """What the shifter does to the carry, if anything; it reads registers as they were."""


class Operation(Protocol):
    """Writes n and the second operand, operated on, to register d, or compares where that is None."""

    def __call__(self, it: Steps, d: int | None, n: Operand, second: Second, *, sets: bool) -> None:
        """Add the micro-operations; `sets` says whether flags are set."""


def expanded(it: Steps, i: int) -> Second:
    """Return the modified immediate constant i, of 12 bits: ThumbExpandImm_C (A5.3.2)."""
    byte = i & 0xFF
    if i >> 10:
        amount, value = i >> 7, 0x80 | (i & 0x7F)
        value = (value >> amount | value << (32 - amount)) & WORD
        return Second(value, Micro(Op.MOV, Place.CARRY, value >> 31))
    it.forbid(bool(i >> 8) and byte == 0, "a constant of nothing but zeros")
    return Second(byte * (0x1, 0x00010001, 0x01000100, 0x01010101)[i >> 8])


def shifted(it: Steps, m: int, t: int, i: int) -> Second:
    """Return register m shifted by the constant i of type t: DecodeImmShift and Shift_C (A7.4.2)."""
    register = it.read(m)
    if t == 0 and i == 0:
        return Second(register)
    if t == 3 and i == 0:
        return Second(it.emit(Op.RRX, register, Place.CARRY), Micro(Op.AND, Place.CARRY, register, 1))
    shift, carry = SHIFTS[t]
    amount = i or 32
    return Second(it.emit(shift, register, amount), Micro(carry, Place.CARRY, register, amount, Place.CARRY))


SHIFTS = (
    (Op.LSL, Op.LSL_CARRY),
    (Op.LSR, Op.LSR_CARRY),
    (Op.ASR, Op.ASR_CARRY),
    (Op.ROR, Op.ROR_CARRY),
)
"""By type: shift, its carry."""


def shift_by_constant(it: Steps, d: int, m: int, t: int, i: int, *, sets: bool) -> None:
    """Write register m, shifted, to register d; i of 0 is 32 for shifts right."""
    shift_by(it, d, Place(m), t, i or 32, sets=sets)


def shift_by(it: Steps, d: int, n: Operand, t: int, amount: Operand, *, sets: bool) -> None:
    """Write n, shifted by the low byte of `amount`, to register d."""
    shift, carry = SHIFTS[t]
    if sets:
        it.emit(carry, n, amount, Place.CARRY, d=Place.CARRY)
    result = it.put(d, shift, n, amount)
    if sets:
        it.emit(Op.MOV, result, d=Place.RESULT)


def rotate_through_carry(it: Steps, d: int, m: int, *, sets: bool) -> None:
    """Write register m, with the carry moved in from above, to register d."""
    lost = it.emit(Op.AND, Place(m), 1)
    result = it.put(d, Op.RRX, Place(m), Place.CARRY)
    if sets:
        it.emit(Op.MOV, lost, d=Place.CARRY)
        it.emit(Op.MOV, result, d=Place.RESULT)


def _written(it: Steps, d: int | None, op: Op, n: Operand, m: Operand, *, sets: bool) -> None:
    """Write the result of `op`; of a comparison to the flags alone."""
    if d is None:
        it.emit(op, n, m, d=Place.RESULT)
        return
    result = it.put(d, op, n, m)
    if sets:
        it.emit(Op.MOV, result, d=Place.RESULT)


def _logic(it: Steps, d: int | None, n: Operand, second: Second, *, sets: bool, op: Op) -> None:
    if sets and second.carry is not None:
        it.add(second.carry)
    _written(it, d, op, n, second.value, sets=sets)


def _move(it: Steps, d: int | None, _n: Operand, second: Second, *, sets: bool, op: Op) -> None:
    _logic(it, d, second.value, Second(0, second.carry), sets=sets, op=op)


def _add(it: Steps, d: int | None, n: Operand, second: Second, *, sets: bool) -> None:
    if sets:
        it.emit(Op.ADD_CARRY, n, second.value, d=Place.CARRY)
        it.emit(Op.ADD_OVERFLOW, n, second.value, d=Place.OVERFLOW)
    _written(it, d, Op.ADD, n, second.value, sets=sets)


def _subtract(it: Steps, d: int | None, n: Operand, second: Second, *, sets: bool) -> None:
    if sets:
        it.emit(Op.SUB_CARRY, n, second.value, d=Place.CARRY)
        it.emit(Op.SUB_OVERFLOW, n, second.value, d=Place.OVERFLOW)
    _written(it, d, Op.SUB, n, second.value, sets=sets)


def _subtract_reversed(it: Steps, d: int | None, n: Operand, second: Second, *, sets: bool) -> None:
    _subtract(it, d, second.value, Second(n), sets=sets)


def _add_with_carry(it: Steps, d: int | None, n: Operand, second: Second, *, sets: bool) -> None:
    m = second.value
    carry = Place.CARRY
    if sets:
        it.emit(Op.ADC_OVERFLOW, n, m, Place.CARRY, d=Place.OVERFLOW)
        carry = it.emit(Op.ADC_CARRY, n, m, Place.CARRY)
    result = it.emit(Op.ADC, n, m, Place.CARRY) if d is None else it.put(d, Op.ADC, n, m, Place.CARRY)
    if sets:
        it.emit(Op.MOV, carry, d=Place.CARRY)
        it.emit(Op.MOV, result, d=Place.RESULT)


def _subtract_with_carry(it: Steps, d: int | None, n: Operand, second: Second, *, sets: bool) -> None:
    m = second.value
    opposite = it.emit(Op.MVN, m) if isinstance(m, Place) else m ^ WORD
    _add_with_carry(it, d, n, Second(opposite), sets=sets)


AND: Operation = partial(_logic, op=Op.AND)
BIC: Operation = partial(_logic, op=Op.BIC)
ORR: Operation = partial(_logic, op=Op.ORR)
ORN: Operation = partial(_logic, op=Op.ORN)
EOR: Operation = partial(_logic, op=Op.EOR)
MOV: Operation = partial(_move, op=Op.MOV)
MVN: Operation = partial(_move, op=Op.MVN)
ADD: Operation = _add
ADC: Operation = _add_with_carry
SUB: Operation = _subtract
SBC: Operation = _subtract_with_carry
RSB: Operation = _subtract_reversed
