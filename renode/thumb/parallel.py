"""Parallel arithmetic on the bytes or halves of words (A7.7: SADD8 to UHSAX, SEL, USAD8, SSAT16), without a loop.

All parts are computed at once in one word. Of a part, `top` is its highest bit and `rest` the others: a sum of the
rests cannot carry into the next part, and an exclusive or then puts the highest bit right. Carries and overflows come
from the highest bits of the operands and of the sum, as one-bit adders have them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from renode.thumb.algebra import Algebra, Value
from renode.thumb.micro import Op
from renode.thumb.scalar import ssat, sxth, usat

Binary = Callable[[Algebra, Value, Value], Value]
Pure = Callable[[Algebra, Value, Value, Value], Value]
LOW, HIGH = 0x0000FFFF, 0xFFFF0000


@dataclass(frozen=True, slots=True)
class Parts:
    """How a word is divided. Methods that yield truth values have them in the highest bits; others mean nothing."""

    bits: int
    top: int
    rest: int
    lowest: int
    gather: int
    """The lowest bits times this are the GE flags, one or two for each part, in bits 31 to 28."""

    def add(self, _: Algebra, n: Value, m: Value) -> Value:
        """Add modulo 2^bits."""
        return ((n & self.rest) + (m & self.rest)) ^ ((n ^ m) & self.top)

    def sub(self, _: Algebra, n: Value, m: Value) -> Value:
        """Subtract modulo 2^bits."""
        return ((n | self.top) - (m & self.rest)) ^ (~(n ^ m) & self.top)

    def carried(self, k: Algebra, n: Value, m: Value) -> Value:
        """Return where n + m carries."""
        return (n & m) | ((n | m) & ~self.add(k, n, m))

    def unborrowed(self, k: Algebra, n: Value, m: Value) -> Value:
        """Return where n >= m."""
        return (n & ~m) | ((n | ~m) & ~self.sub(k, n, m))

    def sum_positive(self, k: Algebra, n: Value, m: Value) -> Value:
        """Return where n + m, signed, is 0 or more: an overflow has turned the sign of the sum."""
        total = self.add(k, n, m)
        return ~(total ^ ((n ^ total) & (m ^ total)))

    def difference_positive(self, k: Algebra, n: Value, m: Value) -> Value:
        """Return where n - m, signed, is 0 or more."""
        total = self.sub(k, n, m)
        return ~(total ^ ((n ^ m) & (n ^ total)))

    def flags(self, k: Algebra, tops: Value) -> Value:
        """Return truth values as GE flags."""
        return k.shr((k.shr(tops, self.bits - 1) & self.lowest) * self.gather, 28)

    def filled(self, k: Algebra, tops: Value) -> Value:
        """Return all ones in the parts whose highest bit is set, 0 in the others: 2^bits - 1 for each."""
        alone = tops & self.top
        return k.shl(alone, 1) - k.shr(alone, self.bits - 1)

    def saturated(self, k: Algebra, n: Value, total: Value, overflown: Value) -> Value:
        """Return `total`, or where it has overflown the furthest number of the sign of n."""
        beyond = self.filled(k, overflown)
        furthest = (k.shr(n, self.bits - 1) & self.lowest) + self.rest
        return (total & ~beyond) | (furthest & beyond)

    def qadd(self, k: Algebra, n: Value, m: Value) -> Value:
        """Add, signed, saturating."""
        total = self.add(k, n, m)
        return self.saturated(k, n, total, (n ^ total) & (m ^ total))

    def qsub(self, k: Algebra, n: Value, m: Value) -> Value:
        """Subtract, signed, saturating."""
        total = self.sub(k, n, m)
        return self.saturated(k, n, total, (n ^ m) & (n ^ total))

    def uqadd(self, k: Algebra, n: Value, m: Value) -> Value:
        """Add, unsigned, saturating."""
        return self.add(k, n, m) | self.filled(k, self.carried(k, n, m))

    def uqsub(self, k: Algebra, n: Value, m: Value) -> Value:
        """Subtract, unsigned, saturating."""
        return self.sub(k, n, m) & self.filled(k, self.unborrowed(k, n, m))

    def uhadd(self, k: Algebra, n: Value, m: Value) -> Value:
        """Halve the sum: what both have counts whole, what one has counts half."""
        return (n & m) + (k.shr(n ^ m, 1) & self.rest)

    def uhsub(self, k: Algebra, n: Value, m: Value) -> Value:
        """Halve the difference: the mean of n and 2^bits - 1 - m, rounded up, less 2^(bits - 1)."""
        return ((n | ~m) - (k.shr(n ^ ~m, 1) & self.rest)) ^ self.top

    def shadd(self, k: Algebra, n: Value, m: Value) -> Value:
        """Halve the signed sum: that of the numbers moved up by 2^(bits - 1), moved down again."""
        return self.uhadd(k, n ^ self.top, m ^ self.top) ^ self.top

    def shsub(self, k: Algebra, n: Value, m: Value) -> Value:
        """Halve the signed difference, which is that of the numbers moved up."""
        return self.uhsub(k, n ^ self.top, m ^ self.top)


BYTES = Parts(bits=8, top=0x80808080, rest=0x7F7F7F7F, lowest=0x01010101, gather=0x10204080)
HALVES = Parts(bits=16, top=0x80008000, rest=0x7FFF7FFF, lowest=0x00010001, gather=0x3000C000)


def exchanging(high: Binary, low: Binary) -> Binary:
    """Return a function of n and of m with its halves exchanged: `high` for the high halves, `low` for the low ones."""

    def exchanged(k: Algebra, n: Value, m: Value) -> Value:
        turned = k.shr(m, 16) | k.shl(m, 16)
        return (high(k, n, turned) & HIGH) | (low(k, n, turned) & LOW)

    return exchanged


def sel(_: Algebra, n: Value, m: Value, a: Value) -> Value:
    """Take the bytes of n where the flag of a is set: the product brings flag i to bit 8 i."""
    chosen = ((a * 0x00204081) & 0x01010101) * 0xFF
    return (n & chosen) | (m & ~chosen)


def usad8(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Sum the absolute differences of the bytes: of the two saturated differences one is 0."""
    apart = BYTES.uqsub(k, n, m) | BYTES.uqsub(k, m, n)
    pairs = (apart & 0x00FF00FF) + (k.shr(apart, 8) & 0x00FF00FF)
    return (pairs + k.shr(pairs, 16)) & LOW


def ssat16(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Bring both halves into the signed range of m bits."""
    return k.shl(ssat(k, k.sar(n, 16), m), 16) | (ssat(k, sxth(k, n), m) & LOW)


def usat16(k: Algebra, n: Value, m: Value, _: Value) -> Value:
    """Bring both halves, signed, into the unsigned range of m bits."""
    return k.shl(usat(k, k.sar(n, 16), m), 16) | usat(k, sxth(k, n), m)


OfParts = Callable[[Parts, Algebra, Value, Value], Value]


def _six(add: OfParts, sub: OfParts) -> dict[str, Binary]:
    """Return what a prefix stands before, by name."""
    return {
        "add8": partial(add, BYTES),
        "sub8": partial(sub, BYTES),
        "add16": partial(add, HALVES),
        "sub16": partial(sub, HALVES),
        "asx": exchanging(partial(add, HALVES), partial(sub, HALVES)),
        "sax": exchanging(partial(sub, HALVES), partial(add, HALVES)),
    }


def _pure(function: Binary) -> Pure:
    return lambda k, n, m, _: function(k, n, m)


def _flagging(parts: Parts, tops: Binary) -> Pure:
    return lambda k, n, m, _: parts.flags(k, tops(k, n, m))


_SUMS = {
    "s": _six(Parts.add, Parts.sub),
    "u": _six(Parts.add, Parts.sub),
    "q": _six(Parts.qadd, Parts.qsub),
    "uq": _six(Parts.uqadd, Parts.uqsub),
    "sh": _six(Parts.shadd, Parts.shsub),
    "uh": _six(Parts.uhadd, Parts.uhsub),
}
_TOPS = {
    "s": _six(Parts.sum_positive, Parts.difference_positive),
    "u": _six(Parts.carried, Parts.unborrowed),
}

FAMILIES: dict[Op, Pure] = {
    **{Op(prefix + name): _pure(function) for prefix, six in _SUMS.items() for name, function in six.items()},
    **{
        Op(f"{prefix}{name}_ge"): _flagging(BYTES if name.endswith("8") else HALVES, function)
        for prefix, six in _TOPS.items()
        for name, function in six.items()
    },
}
"""SADD8 to UHSAX, and the GE flags of those that set them."""
