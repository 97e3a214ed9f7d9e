"""Words as numbers of Python: an algebra, and what each pure micro-operation computes.

Between operations a word is any number that is congruent to it modulo 2^32, which `+ - * & | ^ ~` preserve; it is
reduced where it shows.
"""

from collections.abc import Callable, Mapping

from renode.thumb.micro import ALWAYS, WORD, Op
from renode.thumb.semantics import PURE, Pure, condition

SIGN = 0x80000000


class Numbers:
    """The algebra of numbers; flags are bools."""

    @staticmethod
    def number(value: int) -> int:
        """Return a constant."""
        return value

    @staticmethod
    def shl(n: int, amount: int) -> int:
        """Shift left by 0 to 31."""
        return n << amount

    @staticmethod
    def shr(n: int, amount: int) -> int:
        """Shift right by 0 to 31, bringing in zeros."""
        return (n & WORD) >> amount

    @staticmethod
    def sar(n: int, amount: int) -> int:
        """Shift right by 0 to 31, bringing in the sign."""
        return signed(n) >> amount

    @staticmethod
    def equal(n: int, m: int) -> bool:
        """Compare."""
        return not (n ^ m) & WORD

    @staticmethod
    def less(n: int, m: int) -> bool:
        """Compare unsigned."""
        return n & WORD < m & WORD

    @staticmethod
    def less_signed(n: int, m: int) -> bool:
        """Compare signed."""
        return (n ^ SIGN) & WORD < (m ^ SIGN) & WORD

    @staticmethod
    def both(n: bool, m: bool) -> bool:
        """Return whether both are set."""
        return n and m

    @staticmethod
    def opposite(n: bool) -> bool:
        """Return the other truth value."""
        return not n

    @staticmethod
    def select(flag: bool, n: int, m: int) -> int:
        """Return n where the flag is set, else m."""
        return n if flag else m

    @staticmethod
    def high(n: int, m: int) -> int:
        """Return the high word of the unsigned product."""
        return (n & WORD) * (m & WORD) >> 32

    @staticmethod
    def high_signed(n: int, m: int) -> int:
        """Return the high word of the signed product."""
        return signed(n) * signed(m) >> 32

    @staticmethod
    def quotient(n: int, m: int) -> int:
        """Divide unsigned; m is not 0."""
        return (n & WORD) // (m & WORD)

    @staticmethod
    def quotient_signed(n: int, m: int) -> int:
        """Divide towards zero; m is not 0."""
        dividend, divisor = signed(n), signed(m)
        quotient = abs(dividend) // abs(divisor)
        return -quotient if (dividend < 0) != (divisor < 0) else quotient

    @staticmethod
    def leading_zeros(n: int) -> int:
        """Return how many zeros lie above the highest one: 32 for 0."""
        return 32 - (n & WORD).bit_length()

    @staticmethod
    def reversed_bits(n: int) -> int:
        """Return bit 31 as bit 0, and so on."""
        return int(f"{n & WORD:032b}"[::-1], 2)

    @staticmethod
    def swapped_bytes(n: int) -> int:
        """Return the highest byte as the lowest, and so on."""
        return int.from_bytes((n & WORD).to_bytes(4, "little"), "big")


def signed(n: int) -> int:
    """Return the word n as a signed number."""
    return ((n ^ SIGN) & WORD) - SIGN


def _reduced(function: Pure) -> Callable[[int, int, int], int]:
    return lambda n, m, a: function(Numbers, n, m, a) & WORD


def _condition(cond: int) -> Callable[[int, int, int], int]:
    return lambda n, m, a: condition(Numbers, cond, n, m, a)


FUNCTIONS: Mapping[Op, Callable[[int, int, int], int]] = {op: _reduced(function) for op, function in PURE.items()}
"""Of n, m and a, words, whatever the operation makes of them; CONDITION is not among them."""

CONDITIONS: tuple[Callable[[int, int, int], int], ...] = tuple(_condition(cond) for cond in range(ALWAYS + 1))
"""CONDITION by `cond`."""


def compute(op: Op, n: int, m: int = 0, a: int = 0, *, cond: int = ALWAYS) -> int:
    """Return what `op` computes."""
    return (CONDITIONS[cond] if op is Op.CONDITION else FUNCTIONS[op])(n, m, a)
