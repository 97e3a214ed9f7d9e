"""What pure micro-operations compute, on numbers and on arrays, against the manual's pseudocode."""

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renode.thumb import arrays, numbers
from renode.thumb.micro import ALWAYS, PURE, WORD, Op
from renode.thumb.semantics import PURE as PURE_FUNCTIONS
from tests.renode.thumb.pseudocode import REFERENCES, condition_passed

EDGES = (
    *(0, 1, 2, 31, 32, 33, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000),
    *(0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFE, 0xFFFFFFFF, 0x7F80FF01, 0x80007FFF, 0xAAAAAAAA),
)
WORDS = st.integers(0, WORD) | st.sampled_from(EDGES)
BITS = dict.fromkeys((Op.ADC, Op.RRX, Op.STATUS, *(op for op in Op if op.endswith(("_carry", "_overflow")))), (0, 1))
THIRDS = {**BITS, Op.SEL: tuple(range(16)), Op.MERGE: EDGES}
"""What the third operand may be, where it is read; else anything."""
SECONDS = {
    Op.RRX: (0, 1),
    Op.STATUS: (0, 1),
    Op.SSAT: range(1, 33),
    Op.USAT: range(32),
    Op.SSAT16: range(1, 17),
    Op.USAT16: range(16),
}
OPS = tuple(op for op in Op if op in PURE and op is not Op.CONDITION)


class Strict(numbers.Numbers):
    """Numbers that are only asked for what every algebra defines."""

    @staticmethod
    def shl(n: int, amount: int) -> int:
        assert amount & WORD < 32
        return n << (amount & WORD)

    @staticmethod
    def shr(n: int, amount: int) -> int:
        assert amount & WORD < 32
        return (n & WORD) >> (amount & WORD)

    @staticmethod
    def sar(n: int, amount: int) -> int:
        assert amount & WORD < 32
        return numbers.signed(n) >> (amount & WORD)

    @staticmethod
    def quotient(n: int, m: int) -> int:
        assert m & WORD != 0
        return (n & WORD) // (m & WORD)

    @staticmethod
    def quotient_signed(n: int, m: int) -> int:
        assert m & WORD != 0
        assert (n & WORD, m & WORD) != (0x80000000, WORD)
        return numbers.Numbers.quotient_signed(n, m)


def operands(op: Op) -> list[tuple[int, int, int]]:
    return list(product(EDGES, SECONDS.get(op, EDGES), THIRDS.get(op, (0xDEADBEEF,))))


def lanes(computed: npt.NDArray[np.uint32], count: int) -> list[int]:
    assert computed.dtype == np.uint32
    return [int(word) for word in np.broadcast_to(computed, count)]


def test_every_pure_operation_has_its_function_and_its_pseudocode() -> None:
    said = set(OPS)

    assert set(numbers.FUNCTIONS) == set(arrays.FUNCTIONS) == set(REFERENCES) == said


@pytest.mark.parametrize("op", OPS)
def test_numbers_and_arrays_at_the_edges_are_as_in_the_manual(op: Op) -> None:
    tried = operands(op)
    n, m, a = np.array(tried, np.uint32).T

    expected = [REFERENCES[op](*given) for given in tried]

    assert [numbers.compute(op, *given) for given in tried] == expected
    computed = arrays.compute(op, n, m, a)
    assert computed.dtype == np.uint32
    assert computed.tolist() == expected


@pytest.mark.parametrize("op", OPS)
def test_an_algebra_is_only_asked_for_what_is_defined(op: Op) -> None:
    tried = operands(op)

    computed = [PURE_FUNCTIONS[op](Strict(), *given) & WORD for given in tried]

    assert computed == [numbers.compute(op, *given) for given in tried]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(WORDS, WORDS, WORDS)
def test_numbers_and_arrays_are_as_in_the_manual_for_any_word(n: int, m: int, a: int) -> None:
    for op in OPS:
        seconds, thirds = SECONDS.get(op), THIRDS.get(op)
        second = seconds[m % len(seconds)] if seconds else m
        third = thirds[a % len(thirds)] if thirds and op is not Op.MERGE else a

        expected = REFERENCES[op](n, second, third)

        assert numbers.compute(op, n, second, third) == expected, op
        assert arrays.compute(op, np.array([n, n], np.uint32), second, third).tolist() == [expected] * 2, op


@pytest.mark.parametrize("op", OPS)
def test_a_number_among_arrays_is_a_word_in_every_lane(op: Op) -> None:
    tried = operands(op)[::7]
    n, m, a = np.array(tried, np.uint32).T
    third = int(a[0])

    for first in (0, 0x80000000, 0xFFFFFFFF):
        assert lanes(arrays.compute(op, first, m, third), len(m)) == [
            numbers.compute(op, first, each, third) for each in m.tolist()
        ]
    for second in {int(m[0]), int(m[-1])}:
        assert lanes(arrays.compute(op, n, second, third), len(n)) == [
            numbers.compute(op, each, second, third) for each in n.tolist()
        ]


@pytest.mark.parametrize("cond", range(ALWAYS + 1))
def test_a_condition_holds_for_the_flags_that_the_manual_names(cond: int) -> None:
    results = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
    tried = list(product(results, (0, 1), (0, 1)))
    n, m, a = np.array(tried, np.uint32).T

    expected = [WORD if condition_passed(cond, n >> 31, int(n == 0), c, v) else 0 for n, c, v in tried]

    assert [numbers.compute(Op.CONDITION, *given, cond=cond) for given in tried] == expected
    computed = arrays.compute(Op.CONDITION, n, m, a, cond=cond)
    assert computed.dtype == np.uint32
    assert computed.tolist() == expected
