"""What the DSP extension's instructions do (A4.4.3 to A4.4.7), but saturation of one register."""

from renode.thumb import multiply, wide
from renode.thumb.micro import Op, Place
from renode.thumb.saturate import limited, mark
from renode.thumb.steps import Steps

_PRODUCTS = ((Op.SMULBB, Op.SMULBT), (Op.SMULTB, Op.SMULTT))
"""By which halves of n and m: 0 the low one, 1 the high one."""
_WORD_PRODUCTS = (Op.SMULWB, Op.SMULWT)
_EVEN_BYTES, _SIGNS = 0x00FF00FF, 0x00800080


def parallel(it: Steps, *, op: Op, n: int, d: int, m: int) -> None:
    """Operate on the bytes or halves of registers n and m."""
    it.general(d, n, m)
    it.put(d, op, Place(n), Place(m))


def parallel_with_flags(it: Steps, *, op: Op, ge: Op, n: int, d: int, m: int) -> None:
    """Operate like `parallel`; `ge` yields the flags GE."""
    it.general(d, n, m)
    it.emit(ge, Place(n), Place(m), d=Place.GREATER)
    it.put(d, op, Place(n), Place(m))


def select(it: Steps, *, n: int, d: int, m: int) -> None:
    """Take each byte from register n or m as GE says."""
    it.general(d, n, m)
    it.put(d, Op.SEL, Place(n), Place(m), Place.GREATER)


def pack(it: Steps, *, n: int, d: int, i: int, t: int, m: int) -> None:
    """Combine a half of register n and one of register m, shifted: to the right (t) it is the low one."""
    it.general(d, n, m)
    shifted = Place(m)
    if t or i:
        shifted = it.emit(Op.ASR if t else Op.LSL, shifted, i or 32)
    it.put(d, Op.MERGE, Place(n), shifted, 0xFFFF if t else 0xFFFF0000)


def extend_and_add(it: Steps, *, op: Op = Op.AND, mask: int = 0, n: int, d: int, r: int, m: int) -> None:
    """Extend the low bits of register m, rotated right by 8 * r, and add register n; `mask` is for AND."""
    it.general(d, n, m)
    it.put(d, Op.ADD, Place(n), it.emit(op, wide.rotated(it, m, r), mask))


def extend_bytes(it: Steps, *, signed: bool, d: int, r: int, m: int) -> None:
    """Extend bytes 0 and 2 of register m, rotated right by 8 * r, to halves."""
    it.general(d, m)
    it.put(d, *_halves(it, wide.rotated(it, m, r), signed=signed))


def extend_bytes_and_add(it: Steps, *, signed: bool, n: int, d: int, r: int, m: int) -> None:
    """Extend like `extend_bytes` and add the halves of register n."""
    it.general(d, n, m)
    it.put(d, Op.SADD16, Place(n), it.emit(*_halves(it, wide.rotated(it, m, r), signed=signed)))


def _halves(it: Steps, word: Place, *, signed: bool) -> tuple[Op, Place, int]:
    """Return the operation, and its operands, that extends bytes 0 and 2 to halves."""
    if not signed:
        return Op.AND, word, _EVEN_BYTES
    # With its sign turned a byte is 128 more than it is, as a number.
    return Op.SSUB16, it.emit(Op.EOR, it.emit(Op.AND, word, _EVEN_BYTES), _SIGNS), _SIGNS


def saturated_sum(it: Steps, *, op: Op, overflow: Op, n: int, d: int, m: int, doubles: bool = False) -> None:
    """Add register n to register m, or subtract it; `doubles` it first, which saturates as well."""
    it.general(d, n, m)
    second = Place(n)
    if doubles:
        mark(it, Op.ADD_OVERFLOW, second, second)
        second = it.emit(Op.QADD, second, second)
    mark(it, overflow, Place(m), second)
    it.put(d, op, Place(m), second)


def saturated_halves(it: Steps, *, op: Op, n: int, d: int, s: int) -> None:
    """Saturate both halves of register n to s bits, for SSAT16 to one more."""
    it.general(d, n)
    limited(it, op, d, Place(n), s + (op is Op.SSAT16))


def differences(it: Steps, *, n: int, a: int, d: int, m: int) -> None:
    """Add the absolute differences of the bytes of registers n and m to register a."""
    it.general(d, n, m, a)
    it.put(d, Op.ADD, Place(a), it.emit(Op.USAD8, Place(n), Place(m)))


def half_product(it: Steps, *, n: int, d: int, x: int, y: int, m: int) -> None:
    """Multiply a half of register n by one of register m."""
    it.general(d, n, m)
    it.put(d, _PRODUCTS[x][y], Place(n), Place(m))


def half_product_sum(it: Steps, *, n: int, a: int, d: int, x: int, y: int, m: int) -> None:
    """Add a product of halves to register a."""
    it.general(d, n, m, a)
    _add_marked(it, d, it.emit(_PRODUCTS[x][y], Place(n), Place(m)), Place(a))


def word_product(it: Steps, *, n: int, d: int, y: int, m: int) -> None:
    """Multiply register n by a half of register m; keep the upper 32 of 48 bits."""
    it.general(d, n, m)
    it.put(d, _WORD_PRODUCTS[y], Place(n), Place(m))


def word_product_sum(it: Steps, *, n: int, a: int, d: int, y: int, m: int) -> None:
    """Add the upper 32 of 48 bits of a product to register a."""
    it.general(d, n, m, a)
    _add_marked(it, d, it.emit(_WORD_PRODUCTS[y], Place(n), Place(m)), Place(a))


def dual_product(it: Steps, *, op: Op, n: int, d: int, x: int, m: int) -> None:
    """Add or subtract the products of the low and of the high halves; x exchanges those of register m."""
    it.general(d, n, m)
    low, high = _both(it, n, x, m)
    if op is Op.ADD:
        mark(it, Op.ADD_OVERFLOW, low, high)
    it.put(d, op, low, high)


def dual_product_sum(it: Steps, *, op: Op, n: int, a: int, d: int, x: int, m: int) -> None:
    """Add what `dual_product` yields to register a."""
    it.general(d, n, m, a)
    low, high = _both(it, n, x, m)
    both = it.emit(op, low, high)
    if op is Op.ADD:
        # As Unicorn does; of a core it is the whole sum that overflows, which may fit where this one does not.
        mark(it, Op.ADD_OVERFLOW, low, high)
    mark(it, Op.ADD_OVERFLOW, both, Place(a))
    it.put(d, Op.ADD, both, Place(a))


def long_half_product_sum(it: Steps, *, n: int, b: int, t: int, x: int, y: int, m: int) -> None:
    """Add a product of halves to registers t:b."""
    multiply.long(it, n, b, t, m)
    product = it.emit(_PRODUCTS[x][y], Place(n), Place(m))
    multiply.add_long(it, b, t, product, it.emit(Op.ASR, product, 31))


def long_dual_product_sum(it: Steps, *, op: Op, n: int, b: int, t: int, x: int, m: int) -> None:
    """Add the sum or the difference of the products of halves to registers t:b."""
    multiply.long(it, n, b, t, m)
    low, high = _both(it, n, x, m)
    # A sum may be 2^31, the one that does not fit: its upper word is 0, not the sign of the lower one.
    both = it.emit(op, low, high)
    sign = it.emit(Op.ASR, both, 31)
    if op is Op.ADD:
        it.emit(Op.ADD_OVERFLOW, low, high, d=high)
        it.emit(Op.ADD, sign, high, d=sign)
    multiply.add_long(it, b, t, both, sign)


def high_product(it: Steps, *, n: int, d: int, r: int, m: int) -> None:
    """Take the upper word of the product of registers n and m, rounded (r) or not."""
    it.general(d, n, m)
    if r:
        it.put(d, Op.ADD, it.emit(Op.SMULH, Place(n), Place(m)), _top_bit(it, it.emit(Op.MUL, Place(n), Place(m))))
    else:
        it.put(d, Op.SMULH, Place(n), Place(m))


def high_product_sum(it: Steps, *, n: int, a: int, d: int, r: int, m: int) -> None:
    """Add the product of registers n and m to register a as an upper word; take the upper word."""
    it.general(d, n, m, a)
    high = it.emit(Op.SMULH, Place(n), Place(m))
    if r:
        high = it.emit(Op.ADD, high, _top_bit(it, it.emit(Op.MUL, Place(n), Place(m))))
    it.put(d, Op.ADD, Place(a), high)


def high_product_difference(it: Steps, *, n: int, a: int, d: int, r: int, m: int) -> None:
    """Subtract the product of registers n and m from register a as an upper word; take the upper word."""
    it.general(d, n, m, a)
    low = it.emit(Op.MUL, Place(n), Place(m))
    opposite = it.emit(Op.SMULH, Place(n), Place(m))
    it.emit(Op.MVN, opposite, d=opposite)
    start = Place(a)
    if r:
        start = it.emit(Op.ADD, start, _top_bit(it, it.emit(Op.SUB, 0, low)))
    it.put(d, Op.ADC, start, opposite, it.emit(Op.SUB_CARRY, 0, low))


def product_and_two_words(it: Steps, *, n: int, b: int, t: int, m: int) -> None:
    """Write the unsigned product of registers n and m, plus register b, plus register t, to t:b."""
    multiply.long(it, n, b, t, m)
    low = it.emit(Op.MUL, Place(n), Place(m))
    high = it.emit(Op.UMULH, Place(n), Place(m))
    high = it.emit(Op.ADD, high, it.emit(Op.ADD_CARRY, low, Place(b)))
    low = it.emit(Op.ADD, low, Place(b))
    carry = it.emit(Op.ADD_CARRY, low, Place(t))
    it.put(b, Op.ADD, low, Place(t))
    it.put(t, Op.ADD, high, carry)


def _add_marked(it: Steps, d: int, n: Place, m: Place) -> None:
    mark(it, Op.ADD_OVERFLOW, n, m)
    it.put(d, Op.ADD, n, m)


def _both(it: Steps, n: int, x: int, m: int) -> tuple[Place, Place]:
    """Return the products of the low half of n, and of the high one."""
    return it.emit(_PRODUCTS[0][x], Place(n), Place(m)), it.emit(_PRODUCTS[1][1 - x], Place(n), Place(m))


def _top_bit(it: Steps, word: Place) -> Place:
    return it.emit(Op.LSR, word, 31)
