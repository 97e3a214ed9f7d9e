"""Words as NumPy arrays of lanes: an algebra, and what each pure micro-operation computes.

Arrays are uint32 and whatever shapes broadcast; flags are arrays of bool. Nothing is written in place; a result may be
an operand itself.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from renode.thumb.micro import ALWAYS, Op
from renode.thumb.semantics import PURE, Pure, condition

Lanes = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]
Operand = Lanes | int


class Arrays:
    """The algebra of arrays."""

    @staticmethod
    def number(value: int) -> Lanes:
        """Return a constant, as one lane."""
        return constant(value)

    @staticmethod
    def shl(n: Lanes, amount: Operand) -> Lanes:
        """Shift left by 0 to 31."""
        return n << _word(amount)

    @staticmethod
    def shr(n: Lanes, amount: Operand) -> Lanes:
        """Shift right by 0 to 31, bringing in zeros."""
        return n >> _word(amount)

    @staticmethod
    def sar(n: Lanes, amount: Operand) -> Lanes:
        """Shift right by 0 to 31, bringing in the sign."""
        return (n.view(np.int32) >> _word(amount).view(np.int32)).view(np.uint32)

    @staticmethod
    def equal(n: Lanes, m: Operand) -> Bools:
        """Compare."""
        return n == m

    @staticmethod
    def less(n: Lanes, m: Operand) -> Bools:
        """Compare unsigned."""
        return n < m

    @staticmethod
    def less_signed(n: Lanes, m: Operand) -> Bools:
        """Compare signed."""
        return n.view(np.int32) < _word(m).view(np.int32)

    @staticmethod
    def both(n: Bools, m: Bools) -> Bools:
        """Return whether both are set."""
        return n & m

    @staticmethod
    def opposite(n: Bools) -> Bools:
        """Return the other truth value."""
        return ~n

    @staticmethod
    def select(flag: Bools, n: Operand, m: Operand) -> Lanes:
        """Return n where the flag is set, else m."""
        return np.where(flag, _word(n), _word(m))

    @staticmethod
    def high(n: Lanes, m: Lanes) -> Lanes:
        """Return the high word of the unsigned product."""
        return (n.astype(np.uint64) * m >> np.uint64(32)).astype(np.uint32)

    @staticmethod
    def high_signed(n: Lanes, m: Lanes) -> Lanes:
        """Return the high word of the signed product."""
        return (n.view(np.int32).astype(np.int64) * m.view(np.int32) >> np.int64(32)).astype(np.uint32)

    @staticmethod
    def quotient(n: Lanes, m: Lanes) -> Lanes:
        """Divide unsigned; m is not 0."""
        return n // m

    @staticmethod
    def quotient_signed(n: Lanes, m: Lanes) -> Lanes:
        """Divide towards zero; m is not 0. NumPy divides signed numbers downwards, so magnitudes are divided."""
        dividend, divisor = n.view(np.int32).astype(np.int64), m.view(np.int32).astype(np.int64)
        quotient = np.abs(dividend) // np.abs(divisor)
        return np.where((dividend < 0) != (divisor < 0), -quotient, quotient).astype(np.uint32)

    @staticmethod
    def leading_zeros(n: Lanes) -> Lanes:
        """Return how many zeros lie above the highest one: as many as there are ones in the complement of n, smeared down."""
        smeared = n
        for distance in (1, 2, 4, 8, 16):
            smeared = smeared | smeared >> constant(distance)
        return np.bitwise_count(~smeared).astype(np.uint32)

    @staticmethod
    def reversed_bits(n: Lanes) -> Lanes:
        """Return bit 31 as bit 0, and so on."""
        turned = n
        for distance, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F)):
            turned = ((turned >> constant(distance)) & constant(mask)) | (
                (turned & constant(mask)) << constant(distance)
            )
        return turned.byteswap()

    @staticmethod
    def swapped_bytes(n: Lanes) -> Lanes:
        """Return the highest byte as the lowest, and so on."""
        return n.byteswap()


@lru_cache(4096)
def constant(value: int) -> Lanes:
    """Return `value` as one lane, which is not to be written."""
    lane = np.array([value], np.uint32)
    lane.flags.writeable = False
    return lane


def _word(value: Operand) -> Lanes:
    return value if isinstance(value, np.ndarray) else constant(value)


Function = Callable[[Operand, Operand, Operand], Lanes]


def _of_words(function: Callable[..., Any]) -> Function:
    """Return `function` for operands that may be numbers: a number would not be kept to 32 bits."""

    def computed(n: Operand, m: Operand, a: Operand) -> Lanes:
        return function(
            Arrays,
            n if isinstance(n, np.ndarray) else constant(n),
            m if isinstance(m, np.ndarray) else constant(m),
            a if isinstance(a, np.ndarray) else constant(a),
        )

    return computed


def _condition(cond: int) -> Pure:
    return lambda k, n, m, a: condition(k, cond, n, m, a)


FUNCTIONS: Mapping[Op, Function] = {op: _of_words(function) for op, function in PURE.items()}
"""Of n, m and a, arrays or numbers, whatever the operation makes of them, as an array; CONDITION is not among them."""

CONDITIONS: tuple[Function, ...] = tuple(_of_words(_condition(cond)) for cond in range(ALWAYS + 1))
"""CONDITION by `cond`."""


def compute(op: Op, n: Operand, m: Operand = 0, a: Operand = 0, *, cond: int = ALWAYS) -> Lanes:
    """Return what `op` computes, in the shape to which the operands broadcast; of numbers alone, one lane."""
    return (CONDITIONS[cond] if op is Op.CONDITION else FUNCTIONS[op])(n, m, a)
