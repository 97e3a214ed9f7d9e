"""What multiplications and divisions do (A4.4.3, A5.3.16, A5.3.17), without the DSP extension's."""

from renode.thumb.micro import Op, Place
from renode.thumb.steps import Steps


def product(it: Steps, *, n: int, d: int, m: int) -> None:
    """Multiply registers n and m."""
    it.general(d, n, m)
    it.put(d, Op.MUL, Place(n), Place(m))


def with_sum(it: Steps, *, op: Op, n: int, a: int, d: int, m: int) -> None:
    """Add the product of registers n and m to register a, or subtract it from there."""
    it.general(d, n, m, a)
    it.put(d, op, Place(a), it.emit(Op.MUL, Place(n), Place(m)))


def quotient(it: Steps, *, op: Op, n: int, d: int, m: int) -> None:
    """Divide register n by register m."""
    it.general(d, n, m)
    it.put(d, op, Place(n), Place(m))


def long_product(it: Steps, *, op: Op, n: int, b: int, t: int, m: int) -> None:
    """Write the product of registers n and m to t:b; `op` yields its high word."""
    long(it, n, b, t, m)
    if b not in {n, m}:
        it.put(b, Op.MUL, Place(n), Place(m))
        it.put(t, op, Place(n), Place(m))
        return
    high = it.emit(op, Place(n), Place(m))
    it.put(b, Op.MUL, Place(n), Place(m))
    it.put(t, Op.MOV, high)


def long_sum(it: Steps, *, op: Op, n: int, b: int, t: int, m: int) -> None:
    """Add the product of registers n and m to t:b; `op` yields its high word."""
    long(it, n, b, t, m)
    low = it.emit(Op.MUL, Place(n), Place(m))
    add_long(it, b, t, low, it.emit(op, Place(n), Place(m)))


def add_long(it: Steps, b: int, t: int, low: Place, high: Place) -> None:
    """Add high:low, which are temporaries, to registers t:b."""
    carry = it.emit(Op.ADD_CARRY, Place(b), low)
    it.put(b, Op.ADD, Place(b), low)
    it.put(t, Op.ADC, Place(t), high, carry)


def long(it: Steps, n: int, b: int, t: int, m: int) -> None:
    """Refuse registers that a product of two words in t:b cannot have."""
    it.general(n, b, t, m)
    it.forbid(b == t, "one register twice")
