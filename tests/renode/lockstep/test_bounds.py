"""What is said to be certain of a word holds for every word that it can be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renode.lockstep.bounds import ANY, RULES, Bounds, of_bits
from renode.thumb.micro import WORD, Op
from renode.thumb.numbers import FUNCTIONS

BITS = [0, 1, 0xFF, 0xF0, 0x3FC, 0xFFFF, 0x80000000, 0x7FFFFFFF, WORD]
words = st.one_of(st.sampled_from([*BITS, 31, 32, 33]), st.integers(0, WORD))


@st.composite
def bounded(draw: st.DrawFn) -> tuple[int, Bounds]:
    """Return a word and bounds that hold for it."""
    word = draw(words)
    shape = draw(st.integers(0, 3))
    if shape == 0:
        return word, (word, word, word)
    if shape == 1:
        bits = draw(st.sampled_from(BITS))
        return word & bits, of_bits(bits)
    low, high = sorted((word, draw(words)))
    if shape == 2:
        return word, (low, high, (1 << high.bit_length()) - 1)
    return word, ANY


@pytest.mark.parametrize("op", sorted(RULES))
@settings(max_examples=60, deadline=None, derandomize=True)
@given(n=bounded(), m=bounded())
def test_results_lie_in_the_bounds_that_their_operands_give(
    op: Op, n: tuple[int, Bounds], m: tuple[int, Bounds]
) -> None:
    low, high, bits = RULES[op](n[1], m[1])

    result = FUNCTIONS[op](n[0], m[0], n[0] & 1)

    assert low <= result <= high
    assert result & ~bits == 0


def test_an_index_into_a_table_is_bounded_by_its_mask() -> None:
    index = RULES[Op.LSL](RULES[Op.AND](ANY, (0xFF, 0xFF, 0xFF)), (2, 2, 2))

    low, high, bits = RULES[Op.ADD](index, (0x08000400,) * 3)

    assert (low, high, bits & 3) == (0x08000400, 0x080007FC, 0)
