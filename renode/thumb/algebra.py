"""What words can do, of whatever kind: the numbers of Python, NumPy arrays of lanes, LLVM vectors.

Values support `+ - * & | ^ ~` modulo 2^32. A plain number in [0, 2^32) may stand for a value everywhere but as the
left operand of an operator and as a method's first value; of `select` it may be either. What methods return and what
they take need not be reduced: whoever keeps words in wider numbers reduces where it shows.
"""

from typing import Any, Protocol

Value = Any
"""A word, or a word per lane."""
Flag = Any
"""A truth value, or one per lane."""


class Algebra(Protocol):
    """Words of one kind."""

    def number(self, value: int) -> Value:
        """Return a constant."""

    def shl(self, n: Value, amount: Value) -> Value:
        """Shift left by 0 to 31."""

    def shr(self, n: Value, amount: Value) -> Value:
        """Shift right by 0 to 31, bringing in zeros."""

    def sar(self, n: Value, amount: Value) -> Value:
        """Shift right by 0 to 31, bringing in the sign."""

    def equal(self, n: Value, m: Value) -> Flag:
        """Compare."""

    def less(self, n: Value, m: Value) -> Flag:
        """Compare unsigned."""

    def less_signed(self, n: Value, m: Value) -> Flag:
        """Compare signed."""

    def both(self, n: Flag, m: Flag) -> Flag:
        """Return whether both are set."""

    def opposite(self, n: Flag) -> Flag:
        """Return the other truth value."""

    def select(self, flag: Flag, n: Value, m: Value) -> Value:
        """Return n where the flag is set, else m."""

    def high(self, n: Value, m: Value) -> Value:
        """Return the high word of the unsigned product."""

    def high_signed(self, n: Value, m: Value) -> Value:
        """Return the high word of the signed product."""

    def quotient(self, n: Value, m: Value) -> Value:
        """Divide unsigned; m is not 0."""

    def quotient_signed(self, n: Value, m: Value) -> Value:
        """Divide towards zero; m is not 0, and not -1 where n is the smallest number."""

    def leading_zeros(self, n: Value) -> Value:
        """Return how many zeros lie above the highest one: 32 for 0."""

    def reversed_bits(self, n: Value) -> Value:
        """Return bit 31 as bit 0, and so on."""

    def swapped_bytes(self, n: Value) -> Value:
        """Return the highest byte as the lowest, and so on."""
