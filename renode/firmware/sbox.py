"""The AES S-box by its definition (FIPS-197, 5.1.1): the inverse in GF(2^8), then the affine map."""

POLYNOMIAL = 0x11B
"""x^8 + x^4 + x^3 + x + 1."""

AFFINE_CONSTANT = 0x63


def multiply(a: int, b: int) -> int:
    """Return the product of `a` and `b` in GF(2^8)."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0x100:
            a ^= POLYNOMIAL
        b >>= 1
    return product


def inverse(a: int) -> int:
    """Return a^254, which is the inverse of `a`, and 0 for 0."""
    power = 1
    for _ in range(254):
        power = multiply(power, a)
    return power


def substitute(a: int) -> int:
    """Return S(a): bit i is the sum of bits i, i+4, i+5, i+6, i+7 (mod 8) of the inverse and bit i of 0x63."""
    spread = inverse(a) * 0x101
    rotations = (spread >> shift for shift in (0, 4, 5, 6, 7))
    result = AFFINE_CONSTANT
    for rotated in rotations:
        result ^= rotated & 0xFF
    return result


def header() -> str:
    """Return the C header that holds the table, aligned so that an index never changes the upper address bits."""
    rows = (", ".join(f"0x{substitute(row + column):02x}" for column in range(8)) for row in range(0, 256, 8))
    table = "".join(f"\t{row},\n" for row in rows)
    return (
        "/* The AES S-box, computed by renode/firmware/sbox.py from its definition. */\n\n"
        "#include <stdint.h>\n\n"
        "__attribute__((aligned(256))) static const uint8_t sbox[256] = {\n"
        f"{table}"
        "};\n"
    )
