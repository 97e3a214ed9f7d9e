"""Words as LLVM vectors of sixteen: an algebra whose operations are instructions put into a function being built."""

from typing import Any, Self

from llvmlite import ir

LANES = 16
"""Words of a vector: one register with AVX-512, two with AVX2, four else."""
I8, I16, I32, I64 = ir.IntType(8), ir.IntType(16), ir.IntType(32), ir.IntType(64)
POINTER = ir.PointerType()
WORDS = ir.VectorType(I32, LANES)
FLAGS = ir.VectorType(ir.IntType(1), LANES)
_WIDE = ir.VectorType(I64, LANES)
_REALS = ir.VectorType(ir.DoubleType(), LANES)


def splat(kind: ir.VectorType, value: int) -> ir.Constant:
    """Return the vector constant with `value` in each element."""
    return ir.Constant(kind, [value & ((1 << kind.element.width) - 1)] * kind.count)


def intrinsic(builder: ir.IRBuilder, name: str, result: ir.Type, operands: list[ir.Value]) -> ir.Value:
    """Call the intrinsic function `name`, its type's suffix included."""
    module = builder.module
    function = module.globals.get(name)
    if function is None:
        function = ir.Function(module, ir.FunctionType(result, [operand.type for operand in operands]), name)
    return builder.call(function, operands)


class Word:
    """A word per lane."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: ir.IRBuilder, value: ir.Value) -> None:
        """Wrap a value of the type WORDS."""
        self.builder = builder
        self.value = value

    def of(self, other: Self | int) -> ir.Value:
        """Return the value of a word, or a constant of the same type."""
        return splat(WORDS, other) if isinstance(other, int) else other.value

    def __add__(self, other: Self | int) -> "Word":
        return Word(self.builder, self.builder.add(self.value, self.of(other)))

    def __sub__(self, other: Self | int) -> "Word":
        return Word(self.builder, self.builder.sub(self.value, self.of(other)))

    def __mul__(self, other: Self | int) -> "Word":
        return Word(self.builder, self.builder.mul(self.value, self.of(other)))

    def __and__(self, other: Self | int) -> "Word":
        return Word(self.builder, self.builder.and_(self.value, self.of(other)))

    def __or__(self, other: Self | int) -> "Word":
        return Word(self.builder, self.builder.or_(self.value, self.of(other)))

    def __xor__(self, other: Self | int) -> "Word":
        return Word(self.builder, self.builder.xor(self.value, self.of(other)))

    def __invert__(self) -> "Word":
        return self ^ 0xFFFFFFFF


class Vectors:
    """The algebra of what one builder builds. Flags are LLVM values of the type FLAGS."""

    def __init__(self, builder: ir.IRBuilder) -> None:
        """Put instructions where `builder` stands."""
        self._builder = builder

    def word(self, value: ir.Value) -> Word:
        """Wrap a value of the type WORDS."""
        return Word(self._builder, value)

    def number(self, value: int) -> Word:
        """Return a constant."""
        return Word(self._builder, splat(WORDS, value))

    def shl(self, n: Word, amount: Word | int) -> Word:
        """Shift left by 0 to 31."""
        return self.word(self._builder.shl(n.value, n.of(amount)))

    def shr(self, n: Word, amount: Word | int) -> Word:
        """Shift right by 0 to 31, bringing in zeros."""
        return self.word(self._builder.lshr(n.value, n.of(amount)))

    def sar(self, n: Word, amount: Word | int) -> Word:
        """Shift right by 0 to 31, bringing in the sign."""
        return self.word(self._builder.ashr(n.value, n.of(amount)))

    def equal(self, n: Word, m: Word | int) -> ir.Value:
        """Compare."""
        return self._builder.icmp_unsigned("==", n.value, n.of(m))

    def less(self, n: Word, m: Word | int) -> ir.Value:
        """Compare unsigned."""
        return self._builder.icmp_unsigned("<", n.value, n.of(m))

    def less_signed(self, n: Word, m: Word | int) -> ir.Value:
        """Compare signed."""
        return self._builder.icmp_signed("<", n.value, n.of(m))

    def both(self, n: ir.Value, m: ir.Value) -> ir.Value:
        """Return whether both are set."""
        return self._builder.and_(n, m)

    def opposite(self, n: ir.Value) -> ir.Value:
        """Return the other truth value."""
        return self._builder.not_(n)

    def select(self, flag: ir.Value, n: Word | int, m: Word | int) -> Word:
        """Return n where the flag is set, else m."""
        return self.word(self._builder.select(flag, self._value(n), self._value(m)))

    def high(self, n: Word, m: Word) -> Word:
        """Return the high word of the unsigned product."""
        return self._high(self._builder.zext, n, m)

    def high_signed(self, n: Word, m: Word) -> Word:
        """Return the high word of the signed product."""
        return self._high(self._builder.sext, n, m)

    def quotient(self, n: Word, m: Word) -> Word:
        """Divide unsigned; m is not 0. Doubles are exact here: a quotient is at least 2^-32 away from the next number."""
        b = self._builder
        quotient = b.fdiv(b.uitofp(n.value, _REALS), b.uitofp(m.value, _REALS))
        return self.word(b.fptoui(quotient, WORDS))

    def quotient_signed(self, n: Word, m: Word) -> Word:
        """Divide towards zero; m is not 0, and not -1 where n is the smallest number."""
        b = self._builder
        quotient = b.fdiv(b.sitofp(n.value, _REALS), b.sitofp(m.value, _REALS))
        return self.word(b.fptosi(quotient, WORDS))

    def leading_zeros(self, n: Word) -> Word:
        """Return how many zeros lie above the highest one: 32 for 0."""
        defined = ir.Constant(ir.IntType(1), 0)
        return self._call("llvm.ctlz.v16i32", n.value, defined)

    def reversed_bits(self, n: Word) -> Word:
        """Return bit 31 as bit 0, and so on."""
        return self._call("llvm.bitreverse.v16i32", n.value)

    def swapped_bytes(self, n: Word) -> Word:
        """Return the highest byte as the lowest, and so on."""
        return self._call("llvm.bswap.v16i32", n.value)

    def ones(self, n: Word) -> Word:
        """Return the Hamming weight."""
        return self._call("llvm.ctpop.v16i32", n.value)

    def _call(self, name: str, *operands: ir.Value) -> Word:
        return self.word(intrinsic(self._builder, name, WORDS, list(operands)))

    def _high(self, widen: Any, n: Word, m: Word) -> Word:
        b = self._builder
        product = b.mul(widen(n.value, _WIDE), widen(m.value, _WIDE))
        return self.word(b.trunc(b.lshr(product, splat(_WIDE, 32)), WORDS))

    @staticmethod
    def _value(n: Word | int) -> ir.Value:
        return splat(WORDS, n) if isinstance(n, int) else n.value
