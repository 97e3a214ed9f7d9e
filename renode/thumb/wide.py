"""How the 32-bit encodings of data processing name their operands (A5.3.1 to A5.3.3, A5.3.11, A5.3.12)."""

from renode.thumb import data
from renode.thumb.data import Operation, Second
from renode.thumb.micro import WORD, Op, Operand, Place
from renode.thumb.steps import SP, Steps


def modified_constant(
    it: Steps, *, op: Operation, i: int, d: int | None = None, n: int | None = None, s: int = 1, sums: bool = False
) -> None:
    """Operate on register n and a modified constant; without d, compare."""
    _first(it, d, n, sums=sums)
    op(it, d, _operand(it, n), data.expanded(it, i), sets=bool(s))


def shifted_register(
    it: Steps,
    *,
    op: Operation,
    i: int,
    t: int,
    m: int,
    d: int | None = None,
    n: int | None = None,
    s: int = 1,
    sums: bool = False,
) -> None:
    """Operate on register n and register m shifted by a constant; without d, compare."""
    _first(it, d, n, sums=sums)
    it.general(m)
    op(it, d, _operand(it, n), data.shifted(it, m, t, i), sets=bool(s))


def plain_constant(it: Steps, *, op: Operation, n: int, d: int, i: int) -> None:
    """Operate on register n and a constant of 12 bits, without flags."""
    it.general(d, n)
    op(it, d, Place(n), Second(i), sets=False)


def sp_and_modified_constant(it: Steps, *, op: Operation, s: int, d: int, i: int) -> None:
    """Operate on sp and a modified constant."""
    it.not_pc(d)
    op(it, d, Place.SP, data.expanded(it, i), sets=bool(s))


def sp_and_constant(it: Steps, *, op: Operation, d: int, i: int) -> None:
    """Operate on sp and a constant of 12 bits, without flags."""
    it.not_pc(d)
    op(it, d, Place.SP, Second(i), sets=False)


def sp_and_register(it: Steps, *, op: Operation, s: int, d: int, i: int, t: int, m: int) -> None:
    """Operate on sp and register m shifted by a constant."""
    it.not_pc(d)
    it.general(m)
    it.forbid(d == SP and (t != 0 or i > 3), "sp and a register shifted by more than 3, or to the right")
    op(it, d, Place.SP, data.shifted(it, m, t, i), sets=bool(s))


def moved_register(it: Steps, *, s: int, d: int, m: int) -> None:
    """Move register m to register d."""
    if s:
        it.general(d, m)
    it.not_pc(d, m)
    it.forbid(d == SP and m == SP, "sp to sp")
    data.MOV(it, d, 0, Second(Place(m)), sets=bool(s))


def constant_shift(it: Steps, *, t: int, s: int, i: int, d: int, m: int) -> None:
    """Shift register m by a constant: t is the type (A7.4.2)."""
    it.general(d, m)
    data.shift_by_constant(it, d, m, t, i, sets=bool(s))


def rotate_through_carry(it: Steps, *, s: int, d: int, m: int) -> None:
    """Rotate register m by one, through the carry."""
    it.general(d, m)
    data.rotate_through_carry(it, d, m, sets=bool(s))


def register_shift(it: Steps, *, t: int, s: int, n: int, d: int, m: int) -> None:
    """Shift register n by register m."""
    it.general(d, n, m)
    data.shift_by(it, d, Place(n), t, Place(m), sets=bool(s))


def constant(it: Steps, *, i: int, d: int, j: int) -> None:
    """Move the constant i:j of 4 and 12 bits."""
    it.general(d)
    it.put(d, Op.MOV, i << 12 | j)


def top(it: Steps, *, i: int, d: int, j: int) -> None:
    """Move the constant i:j to the high half of register d."""
    it.general(d)
    it.put(d, Op.MERGE, Place(d), (i << 12 | j) << 16, 0xFFFF0000)


def address(it: Steps, *, d: int, i: int, sign: int) -> None:
    """Take the address i after or before the pc."""
    it.general(d)
    it.put(d, Op.MOV, ((it.pc & ~3) + sign * i) & WORD)


def insert(it: Steps, *, n: int, d: int, i: int, j: int) -> None:
    """Copy low bits of register n to bits i to j of register d."""
    it.general(d, n)
    it.forbid(j < i, "the highest bit below the lowest")
    it.put(d, Op.MERGE, Place(d), _left(it, n, i), _mask(i, j))


def clear(it: Steps, *, d: int, i: int, j: int) -> None:
    """Clear bits i to j of register d."""
    it.general(d)
    it.forbid(j < i, "the highest bit below the lowest")
    it.put(d, Op.AND, Place(d), _mask(i, j) ^ WORD)


def extract(it: Steps, *, n: int, d: int, i: int, w: int, signed: bool) -> None:
    """Take w + 1 bits of register n from bit i on."""
    it.general(d, n)
    it.forbid(i + w > 31, "bits above 31")
    above = 31 - i - w
    if signed:
        it.put(d, Op.ASR, _left(it, n, above), i + above)
    elif above == 0:
        it.put(d, Op.LSR, Place(n), i)
    else:
        it.put(d, Op.AND, it.emit(Op.LSR, Place(n), i) if i else Place(n), WORD >> (31 - w))


def extend(it: Steps, *, op: Op = Op.AND, mask: int = 0, d: int, r: int, m: int) -> None:
    """Extend the low bits of register m, rotated right by 8 * r; `mask` is for AND."""
    it.general(d, m)
    it.put(d, op, rotated(it, m, r), mask)


def unary(it: Steps, *, op: Op, n: int, d: int, m: int) -> None:
    """Apply a micro-operation to register m, which the encoding names twice."""
    it.general(d, m)
    it.forbid(n != m, "two names of one register that differ")
    it.put(d, op, Place(m))


def rotated(it: Steps, m: int, r: int) -> Place:
    """Return register m rotated right by 8 * r."""
    return it.emit(Op.ROR, Place(m), 8 * r) if r else Place(m)


def _left(it: Steps, n: int, i: int) -> Place:
    return it.emit(Op.LSL, Place(n), i) if i else Place(n)


def _mask(low: int, high: int) -> int:
    return (2 << high) - (1 << low)


def _first(it: Steps, d: int | None, n: int | None, *, sums: bool) -> None:
    """Refuse registers that may not be the destination or the first operand; sp may be compared and added to."""
    it.general(d)
    if sums:
        it.not_pc(n)
    else:
        it.general(n)


def _operand(it: Steps, n: int | None) -> Operand:
    return 0 if n is None else it.read(n)
