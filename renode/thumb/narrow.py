"""How the 16-bit encodings of data processing name their operands (A5.2). In an IT block they set no flags."""

from renode.thumb.data import Operation, Second, shift_by, shift_by_constant
from renode.thumb.micro import Op, Place
from renode.thumb.steps import LR, PC, SP, Steps


def constant_shift(it: Steps, *, t: int, i: int, m: int, d: int) -> None:
    """Shift by a constant: t is the type (A7.4.2)."""
    shift_by_constant(it, d, m, t, i, sets=not it.in_it)


def register_shift(it: Steps, *, t: int, m: int, d: int) -> None:
    """Shift register d by register m."""
    shift_by(it, d, Place(d), t, Place(m), sets=not it.in_it)


def registers(it: Steps, *, op: Operation, m: int, d: int) -> None:
    """Operate on registers d and m, the result to register d."""
    op(it, d, Place(d), Second(Place(m)), sets=not it.in_it)


def three_registers(it: Steps, *, op: Operation, m: int, n: int, d: int) -> None:
    """Operate on registers n and m."""
    op(it, d, Place(n), Second(Place(m)), sets=not it.in_it)


def comparison(it: Steps, *, op: Operation, m: int, n: int) -> None:
    """Compare registers n and m."""
    op(it, None, Place(n), Second(Place(m)), sets=True)


def short_constant(it: Steps, *, op: Operation, i: int, n: int, d: int) -> None:
    """Operate on register n and a constant."""
    op(it, d, Place(n), Second(i), sets=not it.in_it)


def long_constant(it: Steps, *, op: Operation, i: int, d: int) -> None:
    """Operate on register d and a constant, the result to register d."""
    op(it, d, Place(d), Second(i), sets=not it.in_it)


def constant_comparison(it: Steps, *, op: Operation, i: int, n: int) -> None:
    """Compare register n with a constant."""
    op(it, None, Place(n), Second(i), sets=True)


def moved_with_flags(it: Steps, *, m: int, d: int) -> None:
    """Move low registers; the carry stays."""
    it.outside_it()
    result = it.put(d, Op.MOV, Place(m))
    it.emit(Op.MOV, result, d=Place.RESULT)


def any_move(it: Steps, *, m: int, d: int) -> None:
    """Move between any registers; to the pc it is a branch."""
    if d == PC:
        it.go(it.emit(Op.ORR, it.read(m), 1))
    else:
        it.put(d, Op.MOV, it.read(m))


def any_sum(it: Steps, *, m: int, d: int) -> None:
    """Add any registers; to the pc it is a branch."""
    it.forbid(d == PC and m == PC, "pc to pc")
    if d == PC:
        it.go(it.emit(Op.ORR, it.emit(Op.ADD, it.pc, it.read(m)), 1))
    else:
        it.put(d, Op.ADD, Place(d), it.read(m))


def any_comparison(it: Steps, *, op: Operation, m: int, n: int) -> None:
    """Compare any registers, one of them above r7."""
    it.forbid(n < 8 and m < 8, "two low registers")
    it.not_pc(n, m)
    comparison(it, op=op, m=m, n=n)


def sp_plus_constant(it: Steps, *, i: int, d: int = SP) -> None:
    """Add 4 * i to sp."""
    it.put(d, Op.ADD, Place.SP, 4 * i)


def sp_minus_constant(it: Steps, *, i: int) -> None:
    """Subtract 4 * i from sp."""
    it.put(SP, Op.SUB, Place.SP, 4 * i)


def address(it: Steps, *, i: int, d: int) -> None:
    """Take the address 4 * i after the pc."""
    it.put(d, Op.MOV, ((it.pc & ~3) + 4 * i) & 0xFFFFFFFF)


def product(it: Steps, *, n: int, d: int) -> None:
    """Multiply registers n and d; of the flags N and Z."""
    result = it.put(d, Op.MUL, Place(n), Place(d))
    if not it.in_it:
        it.emit(Op.MOV, result, d=Place.RESULT)


def unary(it: Steps, *, op: Op, m: int, d: int) -> None:
    """Apply a micro-operation to register m."""
    it.put(d, op, Place(m))


def masked(it: Steps, *, mask: int, m: int, d: int) -> None:
    """Keep low bits of register m."""
    it.put(d, Op.AND, Place(m), mask)


def exchange(it: Steps, *, m: int) -> None:
    """Branch to register m."""
    it.not_pc(m)
    it.go(Place(m))


def call(it: Steps, *, m: int) -> None:
    """Branch to register m; lr is the address after."""
    it.not_pc(m)
    it.go(it.emit(Op.MOV, Place.LR) if m == LR else Place(m))
    it.put(LR, Op.MOV, it.following | 1)
