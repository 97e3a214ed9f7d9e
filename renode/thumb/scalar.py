"""Pure micro-operations on whole words: sums, shifts, products, bits, saturation.

The formulas follow the pseudocode of the ARMv7-M Architecture Reference Manual (DDI 0403E): A2.2.1 for sums, shifts and
saturation, A7.7 for the instructions.
"""

from renode.thumb.algebra import Algebra, Value

WORD = 0xFFFFFFFF
LARGEST, SMALLEST = 0x7FFFFFFF, 0x80000000
"""Of the signed words."""


def _sign(k: Algebra, n: Value) -> Value:
    """Return bit 31."""
    return k.shr(n, 31)


def _overflown(n: Value, m: Value, total: Value) -> Value:
    """Return a word whose bit 31 is whether n + m (+ 1), whose low word is `total`, does not fit a signed word."""
    return (n ^ total) & (m ^ total)


def add_carry(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Return the carry out of n + m."""
    return k.select(k.less(n + m, n), 1, 0)


def add_overflow(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Return the overflow of n + m."""
    return _sign(k, _overflown(n, m, n + m))


def sub_carry(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Return whether nothing is borrowed."""
    return k.select(k.less(n, m), 0, 1)


def sub_overflow(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Return the overflow of n - m."""
    return _sign(k, (n ^ m) & (n ^ (n - m)))


def adc_carry(k: Algebra, n: Value, m: Value, a: Value) -> Value:
    """Return the carry out of n + m + a: bit 31 carries when two of it, its like and the carry into it are set."""
    return _sign(k, (n & m) | ((n | m) & ~(n + m + a)))


def adc_overflow(k: Algebra, n: Value, m: Value, a: Value) -> Value:
    """Return the overflow of n + m + a."""
    return _sign(k, _overflown(n, m, n + m + a))


def lsl(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Shift left by the low byte of m."""
    amount = m & 0xFF
    return k.select(k.less(amount, 32), k.shl(n, amount & 31), 0)


def lsr(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Shift right by the low byte of m."""
    amount = m & 0xFF
    return k.select(k.less(amount, 32), k.shr(n, amount & 31), 0)


def asr(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Shift right by the low byte of m, bringing in the sign."""
    amount = m & 0xFF
    return k.sar(n, k.select(k.less(amount, 32), amount, 31))


def ror(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Rotate right by the low byte of m."""
    return k.shr(n, m & 31) | k.shl(n, (k.number(0) - m) & 31)


def rrx(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Shift right by one, bringing in m."""
    return k.shr(n, 1) | k.shl(m, 31)


def lsl_carry(k: Algebra, n: Value, m: Value, a: Value) -> Value:
    """Return the last bit shifted out: bit 32 - amount."""
    amount = m & 0xFF
    out = k.shr(n, (k.number(0) - amount) & 31) & 1
    return k.select(k.equal(amount, 0), a, k.select(k.less(amount, 33), out, 0))


def lsr_carry(k: Algebra, n: Value, m: Value, a: Value) -> Value:
    """Return the last bit shifted out: bit amount - 1."""
    amount = m & 0xFF
    out = k.shr(n, (amount - 1) & 31) & 1
    return k.select(k.equal(amount, 0), a, k.select(k.less(amount, 33), out, 0))


def asr_carry(k: Algebra, n: Value, m: Value, a: Value) -> Value:
    """Return the last bit shifted out: the sign, from 32 on."""
    amount = m & 0xFF
    out = k.shr(n, k.select(k.less(amount, 32), (amount - 1) & 31, 31)) & 1
    return k.select(k.equal(amount, 0), a, out)


def ror_carry(k: Algebra, n: Value, m: Value, a: Value) -> Value:
    """Return the bit that became the highest."""
    amount = m & 0xFF
    return k.select(k.equal(amount, 0), a, k.shr(n, (amount - 1) & 31) & 1)


def udiv(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Divide unsigned."""
    nothing = k.equal(m, 0)
    return k.select(nothing, 0, k.quotient(n, k.select(nothing, 1, m)))


def sdiv(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Divide towards zero. The smallest number by -1 is itself, as by 1."""
    nothing = k.equal(m, 0)
    beyond = k.both(k.equal(n, SMALLEST), k.equal(m, WORD))
    return k.select(nothing, 0, k.quotient_signed(n, k.select(nothing, 1, k.select(beyond, 1, m))))


def rev16(k: Algebra, n: Value, _m: Value, _a: Value) -> Value:
    """Swap the bytes of each half."""
    return (k.shr(n, 8) & 0x00FF00FF) | k.shl(n & 0x00FF00FF, 8)


def revsh(k: Algebra, n: Value, _m: Value, _a: Value) -> Value:
    """Swap the bytes of the low half and extend its sign."""
    return k.sar(k.shl(n, 24), 16) | (k.shr(n, 8) & 0xFF)


def sxtb(k: Algebra, n: Value, _m: Value = None, _a: Value = None) -> Value:
    """Extend the sign of the low byte."""
    return k.sar(k.shl(n, 24), 24)


def sxth(k: Algebra, n: Value, _m: Value = None, _a: Value = None) -> Value:
    """Extend the sign of the low half."""
    return k.sar(k.shl(n, 16), 16)


def equal(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Compare."""
    return k.select(k.equal(n, m), 1, 0)


def differ(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Compare."""
    return k.select(k.equal(n, m), 0, 1)


def status(k: Algebra, n: Value, m: Value, a: Value) -> Value:
    """Put N, Z, C and V where the APSR has them (B1.4.2)."""
    return (n & SMALLEST) | k.select(k.equal(n, 0), 1 << 30, 0) | k.shl(m, 29) | k.shl(a, 28)


def ssat(k: Algebra, n: Value, m: Value, _: Value = None) -> Value:
    """Bring n into the signed range of m bits."""
    top = k.shl(k.number(1), m - 1) - 1
    return clamped(k, n, ~top, top)


def usat(k: Algebra, n: Value, m: Value, _: Value = None) -> Value:
    """Bring n into the unsigned range of m bits."""
    return clamped(k, n, 0, k.shl(k.number(1), m) - 1)


def clamped(k: Algebra, n: Value, low: Value, high: Value) -> Value:
    """Bring n, signed, into [low, high]."""
    return k.select(k.less_signed(n, low), low, k.select(k.less_signed(high, n), high, n))


def qadd(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Add, saturating: what overflows has the sign of both operands."""
    total = n + m
    return k.select(k.less_signed(_overflown(n, m, total), 0), k.sar(n, 31) ^ LARGEST, total)


def qsub(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Subtract, saturating: what overflows has the sign of n."""
    total = n - m
    return k.select(k.less_signed((n ^ m) & (n ^ total), 0), k.sar(n, 31) ^ LARGEST, total)


def smulbb(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Multiply low halves."""
    return sxth(k, n) * sxth(k, m)


def smulbt(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Multiply the low half of n by the high one of m."""
    return sxth(k, n) * k.sar(m, 16)


def smultb(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Multiply the high half of n by the low one of m."""
    return k.sar(n, 16) * sxth(k, m)


def smultt(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Multiply high halves."""
    return k.sar(n, 16) * k.sar(m, 16)


def smulwb(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Multiply n by the low half of m, 16 bits up, and take the high word: bits 47 to 16 of the product itself."""
    return k.high_signed(n, k.shl(m, 16))


def smulwt(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Multiply n by the high half of m in the same way."""
    return k.high_signed(n, m & 0xFFFF0000)
