"""What saturating instructions do (A4.4.4, A4.4.5): they set Q where they saturate, and nothing clears it."""

from renode.thumb.micro import Op, Operand, Place, Refused
from renode.thumb.steps import Steps


def one(it: Steps, *, op: Op, h: int, n: int, d: int, i: int, s: int) -> None:
    """Saturate register n, shifted left or arithmetically right (h) by i, to s bits, for SSAT to one more."""
    if h and i == 0:
        raise Refused("unallocated", it.row)
    it.general(d, n)
    value = it.emit(Op.ASR if h else Op.LSL, Place(n), i) if i else Place(n)
    limited(it, op, d, value, s + (op is Op.SSAT))


def limited(it: Steps, op: Op, d: int, value: Operand, bits: int) -> None:
    """Write `value` as `op` brings it into the range of `bits` to register d."""
    mark(it, Op.DIFFER, it.emit(op, value, bits), value)
    it.put(d, op, value, bits)


def mark(it: Steps, op: Op, n: Operand, m: Operand) -> None:
    """Set Q where `op` of n and m is 1."""
    it.emit(Op.ORR, Place.SATURATED, it.emit(op, n, m), d=Place.SATURATED)
