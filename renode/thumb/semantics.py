"""What each pure micro-operation computes, said once, over any kind of words.

The functions here work on numbers, on NumPy arrays of lanes and on LLVM vectors alike: an `Algebra` says how. All of
them take n, m and a; shifts by what is no constant are by 0 to 31.
"""

from collections.abc import Callable, Mapping

from renode.thumb import parallel, scalar
from renode.thumb.algebra import Algebra, Flag, Value
from renode.thumb.micro import WORD, Op
from renode.thumb.parallel import Pure

__all__ = ["PURE", "Algebra", "Flag", "Pure", "Value", "condition", "holds"]


def holds(k: Algebra, cond: int, result: Value, carry: Value, overflow: Value) -> Flag:
    """Return whether condition `cond`, 0 to 14, holds (A7.3). Each odd one is the opposite of the one before."""
    flag = _CONDITIONS[cond >> 1](k, result, carry, overflow)
    return k.opposite(flag) if cond & 1 else flag


def condition(k: Algebra, cond: int, result: Value, carry: Value, overflow: Value) -> Value:
    """Return all ones where condition `cond` holds, else 0."""
    return k.select(holds(k, cond, result, carry, overflow), WORD, 0)


def _same_sign(k: Algebra, result: Value, overflow: Value) -> Flag:
    """Return whether N is V: of a difference that n >= m, signed."""
    return k.equal(k.shr(result, 31), overflow)


_CONDITIONS: tuple[Callable[[Algebra, Value, Value, Value], Flag], ...] = (
    lambda k, result, _c, _v: k.equal(result, 0),
    lambda k, _r, carry, _v: k.equal(carry, 1),
    lambda k, result, _c, _v: k.less_signed(result, 0),
    lambda k, _r, _c, overflow: k.equal(overflow, 1),
    lambda k, result, carry, _v: k.both(k.equal(carry, 1), k.opposite(k.equal(result, 0))),
    lambda k, result, _c, overflow: _same_sign(k, result, overflow),
    lambda k, result, _c, overflow: k.both(_same_sign(k, result, overflow), k.opposite(k.equal(result, 0))),
    lambda k, result, _c, _v: k.equal(result, result),
)
"""eq, cs, mi, vs, hi, ge, gt, always."""

PURE: Mapping[Op, Pure] = {
    Op.MOV: lambda _k, n, _m, _a: n,
    Op.MVN: lambda _k, n, _m, _a: ~n,
    Op.AND: lambda _k, n, m, _a: n & m,
    Op.ORR: lambda _k, n, m, _a: n | m,
    Op.EOR: lambda _k, n, m, _a: n ^ m,
    Op.BIC: lambda _k, n, m, _a: n & ~m,
    Op.ORN: lambda _k, n, m, _a: n | ~m,
    Op.MERGE: lambda _k, n, m, a: (n & ~a) | (m & a),
    Op.ADD: lambda _k, n, m, _a: n + m,
    Op.SUB: lambda _k, n, m, _a: n - m,
    Op.ADC: lambda _k, n, m, a: n + m + a,
    Op.ADD_CARRY: scalar.add_carry,
    Op.ADD_OVERFLOW: scalar.add_overflow,
    Op.SUB_CARRY: scalar.sub_carry,
    Op.SUB_OVERFLOW: scalar.sub_overflow,
    Op.ADC_CARRY: scalar.adc_carry,
    Op.ADC_OVERFLOW: scalar.adc_overflow,
    Op.LSL: scalar.lsl,
    Op.LSR: scalar.lsr,
    Op.ASR: scalar.asr,
    Op.ROR: scalar.ror,
    Op.RRX: scalar.rrx,
    Op.LSL_CARRY: scalar.lsl_carry,
    Op.LSR_CARRY: scalar.lsr_carry,
    Op.ASR_CARRY: scalar.asr_carry,
    Op.ROR_CARRY: scalar.ror_carry,
    Op.MUL: lambda _k, n, m, _a: n * m,
    Op.UMULH: lambda k, n, m, _a: k.high(n, m),
    Op.SMULH: lambda k, n, m, _a: k.high_signed(n, m),
    Op.UDIV: scalar.udiv,
    Op.SDIV: scalar.sdiv,
    Op.CLZ: lambda k, n, _m, _a: k.leading_zeros(n),
    Op.RBIT: lambda k, n, _m, _a: k.reversed_bits(n),
    Op.REV: lambda k, n, _m, _a: k.swapped_bytes(n),
    Op.REV16: scalar.rev16,
    Op.REVSH: scalar.revsh,
    Op.SXTB: scalar.sxtb,
    Op.SXTH: scalar.sxth,
    Op.EQUAL: scalar.equal,
    Op.DIFFER: scalar.differ,
    Op.STATUS: scalar.status,
    Op.SSAT: scalar.ssat,
    Op.USAT: scalar.usat,
    Op.QADD: scalar.qadd,
    Op.QSUB: scalar.qsub,
    Op.SMULBB: scalar.smulbb,
    Op.SMULBT: scalar.smulbt,
    Op.SMULTB: scalar.smultb,
    Op.SMULTT: scalar.smultt,
    Op.SMULWB: scalar.smulwb,
    Op.SMULWT: scalar.smulwt,
    Op.SEL: parallel.sel,
    Op.USAD8: parallel.usad8,
    Op.SSAT16: parallel.ssat16,
    Op.USAT16: parallel.usat16,
    **parallel.FAMILIES,
}
"""All of `micro.PURE` but CONDITION."""
