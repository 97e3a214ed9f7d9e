"""What is certain of a word that varies, whatever the inputs: between which numbers it lies, which bits it may have.

Tables are looked up at addresses that vary; a bound that is certain loses no lane.
"""

from collections.abc import Callable, Mapping

from renode.thumb.micro import WORD, Op

Bounds = tuple[int, int, int]
"""Least and greatest value, unsigned, and the bits that may be set."""

ANY: Bounds = (0, WORD, WORD)
BIT: Bounds = (0, 1, 1)


def of_bits(bits: int) -> Bounds:
    """Return the bounds of a word that has no other bits."""
    return (0, bits, bits)


def _filled(number: int) -> int:
    return (1 << number.bit_length()) - 1


def _even(n: Bounds, m: Bounds) -> int:
    """Return the bits of a sum that may be set: none below the lowest bit of either."""
    low = n[2] | m[2]
    return WORD & -(low & -low)


def _and(n: Bounds, m: Bounds) -> Bounds:
    bits = n[2] & m[2]
    return (0, min(n[1], m[1], bits), bits)


def _or(n: Bounds, m: Bounds) -> Bounds:
    bits = n[2] | m[2]
    return (max(n[0], m[0]), min(bits, _filled(n[1] | m[1])), bits)


def _eor(n: Bounds, m: Bounds) -> Bounds:
    bits = n[2] | m[2]
    return (0, min(bits, _filled(n[1] | m[1])), bits)


def _bic(n: Bounds, m: Bounds) -> Bounds:
    if m[0] != m[1]:
        return (0, n[1], n[2])
    return _and(n, of_bits(~m[0] & WORD))


def _add(n: Bounds, m: Bounds) -> Bounds:
    low, high = n[0] + m[0], n[1] + m[1]
    if low > WORD:  # both go round
        return (low - WORD - 1, high - WORD - 1, _even(n, m))
    if high > WORD:
        return (0, WORD, _even(n, m))
    return (low, high, _even(n, m) & _filled(high))


def _sub(n: Bounds, m: Bounds) -> Bounds:
    low, high = n[0] - m[1], n[1] - m[0]
    if low >= 0:
        return (low, high, _even(n, m) & _filled(high))
    if high < 0:
        return (low + WORD + 1, high + WORD + 1, _even(n, m))
    return (0, WORD, _even(n, m))


def _lsl(n: Bounds, m: Bounds) -> Bounds:
    if m[0] != m[1]:
        return ANY
    amount = m[0] & 0xFF
    if amount >= 32:
        return (0, 0, 0)
    bits = n[2] << amount & WORD
    return (n[0] << amount, n[1] << amount, bits) if n[1] << amount <= WORD else (0, bits, bits)


def _lsr(n: Bounds, m: Bounds) -> Bounds:
    if m[0] != m[1]:
        return (0, n[1], _filled(n[1]))
    amount = m[0] & 0xFF
    return (n[0] >> amount, n[1] >> amount, n[2] >> amount)


def _asr(n: Bounds, m: Bounds) -> Bounds:
    return _lsr(n, m) if n[1] <= WORD >> 1 else ANY


def _mul(n: Bounds, m: Bounds) -> Bounds:
    if n[1] * m[1] > WORD:
        return ANY
    return (n[0] * m[0], n[1] * m[1], _filled(n[1] * m[1]) & -((n[2] & -n[2]) * (m[2] & -m[2]) or 1))


def _bit(_n: Bounds, _m: Bounds) -> Bounds:
    return BIT


RULES: Mapping[Op, Callable[[Bounds, Bounds], Bounds]] = {
    Op.MOV: lambda n, _m: n,
    Op.AND: _and,
    Op.ORR: _or,
    Op.EOR: _eor,
    Op.BIC: _bic,
    Op.ADD: _add,
    Op.SUB: _sub,
    Op.LSL: _lsl,
    Op.LSR: _lsr,
    Op.ASR: _asr,
    Op.MUL: _mul,
    Op.UDIV: lambda n, _m: (0, n[1], _filled(n[1])),
    Op.CLZ: lambda _n, _m: (0, 32, 63),
    **dict.fromkeys(
        (
            Op.ADD_CARRY, Op.ADD_OVERFLOW, Op.SUB_CARRY, Op.SUB_OVERFLOW, Op.ADC_CARRY, Op.ADC_OVERFLOW,
            Op.LSL_CARRY, Op.LSR_CARRY, Op.ASR_CARRY, Op.ROR_CARRY, Op.EQUAL, Op.DIFFER,
        ),
        _bit,
    ),
}  # fmt: skip
"""Of n and m; of what is not here nothing is certain."""
