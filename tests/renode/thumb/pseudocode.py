"""What pure micro-operations compute, bit by bit, as the pseudocode of the ARMv7-M manual (DDI 0403E) has it."""

from collections.abc import Callable

from renode.thumb.micro import Op

Reference = Callable[[int, int, int], int]
WORD = 0xFFFFFFFF


def bit(word: int, index: int) -> int:
    return word >> index & 1


def from_bits(bits: list[int]) -> int:
    """Lowest first."""
    return sum(value << index for index, value in enumerate(bits))


def to_bits(word: int, count: int = 32) -> list[int]:
    return [bit(word, index) for index in range(count)]


def sint(word: int, bits: int = 32) -> int:
    return word - (1 << bits) if bit(word, bits - 1) else word


def word_of(value: int, bits: int = 32) -> int:
    return value % (1 << bits)


def add_with_carry(x: int, y: int, carry: int) -> tuple[int, int, int]:
    """AddWithCarry(), A2.2.1: the sum, its carry and its overflow."""
    unsigned, signed = x + y + carry, sint(x) + sint(y) + carry
    result = word_of(unsigned)
    return result, int(result != unsigned), int(sint(result) != signed)


def inverted(word: int) -> int:
    return from_bits([1 - value for value in to_bits(word)])


def shift_c(kind: str, value: int, amount: int, carry: int) -> tuple[int, int]:
    """Shift_C(), A7.4.2, one place at a time."""
    bits = to_bits(value)
    for _ in range(amount):
        if kind == "lsl":
            carry, bits = bits[31], [0, *bits[:31]]
        else:
            carry = bits[0]
            bits = [*bits[1:], {"lsr": 0, "asr": bits[31], "ror": bits[0]}[kind]]
    return from_bits(bits), carry


def signed_sat(value: int, bits: int) -> int:
    """SignedSat(), A2.2.1."""
    return min(max(value, -(1 << (bits - 1))), (1 << (bits - 1)) - 1)


def unsigned_sat(value: int, bits: int) -> int:
    """UnsignedSat()."""
    return min(max(value, 0), (1 << bits) - 1)


def towards_zero(n: int, m: int) -> int:
    quotient = abs(n) // abs(m) if m else 0
    return quotient if (n < 0) == (m < 0) else -quotient


def leading_zeros(word: int) -> int:
    count = 0
    while count < 32 and not bit(word, 31 - count):
        count += 1
    return count


def byte(word: int, index: int) -> int:
    return word >> (8 * index) & 0xFF


def half(word: int, index: int) -> int:
    return word >> (16 * index) & 0xFFFF


def of_bytes(*lowest_first: int) -> int:
    return sum(value << (8 * index) for index, value in enumerate(lowest_first))


def product_of_halves(first: int, second: int) -> Reference:
    return lambda n, m, _: word_of(sint(half(n, first), 16) * sint(half(m, second), 16))


def wide_by_half(index: int) -> Reference:
    return lambda n, m, _: word_of((sint(n) * sint(half(m, index), 16)) >> 16)


def parts(name: str, n: int, m: int) -> tuple[int, list[tuple[int, int, bool]]]:
    """Return the bits of a part, and of each, lowest first: the operands, unsigned, and whether they are added."""
    if name.endswith("8"):
        return 8, [(byte(n, index), byte(m, index), "add" in name) for index in range(4)]
    if name.endswith("16"):
        return 16, [(half(n, index), half(m, index), "add" in name) for index in range(2)]
    high_adds = name.endswith("asx")
    return 16, [(half(n, 0), half(m, 1), not high_adds), (half(n, 1), half(m, 0), high_adds)]


def exact(prefix: str, bits: int, part: tuple[int, int, bool]) -> int:
    n, m, adds = part
    if not prefix.startswith("u"):
        n, m = sint(n, bits), sint(m, bits)
    return n + m if adds else n - m


def parallel(prefix: str, name: str) -> Reference:
    """SADD8 and its like, A7.7: each part by itself."""

    def narrowed(value: int, bits: int) -> int:
        if prefix == "q":
            return signed_sat(value, bits)
        if prefix == "uq":
            return unsigned_sat(value, bits)
        return value >> 1 if prefix in {"sh", "uh"} else value

    def computed(n: int, m: int, _: int) -> int:
        bits, listed = parts(name, n, m)
        results = [word_of(narrowed(exact(prefix, bits, part), bits), bits) for part in listed]
        return sum(value << (bits * index) for index, value in enumerate(results))

    return computed


def greater(prefix: str, name: str) -> Reference:
    """APSR.GE of SADD8 and its like: sums of unsigned parts count where they carry, everything else where it is >= 0."""

    def computed(n: int, m: int, _: int) -> int:
        bits, listed = parts(name, n, m)
        least = [1 << bits if prefix == "u" and adds else 0 for _, _, adds in listed]
        flags = [int(exact(prefix, bits, part) >= low) for part, low in zip(listed, least, strict=True)]
        return from_bits([flag for flag in flags for _ in range(bits // 8)])

    return computed


def saturated_halves(saturate: Callable[[int, int], int]) -> Reference:
    def computed(n: int, m: int, _: int) -> int:
        low, high = (word_of(saturate(sint(half(n, index), 16), m), 16) for index in range(2))
        return high << 16 | low

    return computed


PREFIXES = ("s", "u", "q", "uq", "sh", "uh")
NAMES = ("add8", "add16", "sub8", "sub16", "asx", "sax")

REFERENCES: dict[Op, Reference] = {
    Op.MOV: lambda n, _m, _a: n,
    Op.MVN: lambda n, _m, _a: inverted(n),
    Op.AND: lambda n, m, _a: from_bits([x & y for x, y in zip(to_bits(n), to_bits(m), strict=True)]),
    Op.ORR: lambda n, m, _a: from_bits([x | y for x, y in zip(to_bits(n), to_bits(m), strict=True)]),
    Op.EOR: lambda n, m, _a: from_bits([int(x != y) for x, y in zip(to_bits(n), to_bits(m), strict=True)]),
    Op.BIC: lambda n, m, _a: from_bits([x & (1 - y) for x, y in zip(to_bits(n), to_bits(m), strict=True)]),
    Op.ORN: lambda n, m, _a: from_bits([x | (1 - y) for x, y in zip(to_bits(n), to_bits(m), strict=True)]),
    Op.MERGE: lambda n, m, a: from_bits([bit(m if bit(a, index) else n, index) for index in range(32)]),
    Op.ADD: lambda n, m, _a: add_with_carry(n, m, 0)[0],
    Op.ADD_CARRY: lambda n, m, _a: add_with_carry(n, m, 0)[1],
    Op.ADD_OVERFLOW: lambda n, m, _a: add_with_carry(n, m, 0)[2],
    Op.SUB: lambda n, m, _a: add_with_carry(n, inverted(m), 1)[0],
    Op.SUB_CARRY: lambda n, m, _a: add_with_carry(n, inverted(m), 1)[1],
    Op.SUB_OVERFLOW: lambda n, m, _a: add_with_carry(n, inverted(m), 1)[2],
    Op.ADC: lambda n, m, a: add_with_carry(n, m, a)[0],
    Op.ADC_CARRY: lambda n, m, a: add_with_carry(n, m, a)[1],
    Op.ADC_OVERFLOW: lambda n, m, a: add_with_carry(n, m, a)[2],
    Op.LSL: lambda n, m, _a: shift_c("lsl", n, m & 0xFF, 0)[0],
    Op.LSR: lambda n, m, _a: shift_c("lsr", n, m & 0xFF, 0)[0],
    Op.ASR: lambda n, m, _a: shift_c("asr", n, m & 0xFF, 0)[0],
    Op.ROR: lambda n, m, _a: shift_c("ror", n, m & 0xFF, 0)[0],
    Op.RRX: lambda n, m, _a: from_bits([*to_bits(n)[1:], m]),
    Op.LSL_CARRY: lambda n, m, a: shift_c("lsl", n, m & 0xFF, a)[1],
    Op.LSR_CARRY: lambda n, m, a: shift_c("lsr", n, m & 0xFF, a)[1],
    Op.ASR_CARRY: lambda n, m, a: shift_c("asr", n, m & 0xFF, a)[1],
    Op.ROR_CARRY: lambda n, m, a: shift_c("ror", n, m & 0xFF, a)[1],
    Op.MUL: lambda n, m, _a: word_of(sint(n) * sint(m)),
    Op.UMULH: lambda n, m, _a: n * m // (1 << 32),
    Op.SMULH: lambda n, m, _a: word_of(sint(n) * sint(m) // (1 << 32)),
    Op.UDIV: lambda n, m, _a: n // m if m else 0,
    Op.SDIV: lambda n, m, _a: word_of(towards_zero(sint(n), sint(m))),
    Op.CLZ: lambda n, _m, _a: leading_zeros(n),
    Op.RBIT: lambda n, _m, _a: from_bits([bit(n, 31 - index) for index in range(32)]),
    Op.REV: lambda n, _m, _a: of_bytes(byte(n, 3), byte(n, 2), byte(n, 1), byte(n, 0)),
    Op.REV16: lambda n, _m, _a: of_bytes(byte(n, 1), byte(n, 0), byte(n, 3), byte(n, 2)),
    Op.REVSH: lambda n, _m, _a: word_of(sint(of_bytes(byte(n, 1), byte(n, 0)), 16)),
    Op.SXTB: lambda n, _m, _a: word_of(sint(byte(n, 0), 8)),
    Op.SXTH: lambda n, _m, _a: word_of(sint(half(n, 0), 16)),
    Op.EQUAL: lambda n, m, _a: int(n == m),
    Op.DIFFER: lambda n, m, _a: int(n != m),
    Op.STATUS: lambda n, m, a: bit(n, 31) << 31 | int(n == 0) << 30 | m << 29 | a << 28,
    Op.SSAT: lambda n, m, _a: word_of(signed_sat(sint(n), m)),
    Op.USAT: lambda n, m, _a: unsigned_sat(sint(n), m),
    Op.QADD: lambda n, m, _a: word_of(signed_sat(sint(n) + sint(m), 32)),
    Op.QSUB: lambda n, m, _a: word_of(signed_sat(sint(n) - sint(m), 32)),
    Op.SMULBB: product_of_halves(0, 0),
    Op.SMULBT: product_of_halves(0, 1),
    Op.SMULTB: product_of_halves(1, 0),
    Op.SMULTT: product_of_halves(1, 1),
    Op.SMULWB: wide_by_half(0),
    Op.SMULWT: wide_by_half(1),
    Op.SEL: lambda n, m, a: of_bytes(*(byte(n if bit(a, index) else m, index) for index in range(4))),
    Op.USAD8: lambda n, m, _a: sum(abs(byte(n, index) - byte(m, index)) for index in range(4)),
    Op.SSAT16: saturated_halves(signed_sat),
    Op.USAT16: saturated_halves(unsigned_sat),
    **{Op(prefix + name): parallel(prefix, name) for prefix in PREFIXES for name in NAMES},
    **{Op(f"{prefix}{name}_ge"): greater(prefix, name) for prefix in ("s", "u") for name in NAMES},
}


def condition_passed(cond: int, n: int, z: int, c: int, v: int) -> bool:
    """ConditionPassed(), A7.3.1."""
    passed = (z == 1, c == 1, n == 1, v == 1, c == 1 and z == 0, n == v, n == v and z == 0, True)[cond // 2]
    return passed != bool(cond % 2)
