"""AES-128 by the letter of FIPS-197, on bytes in input order: slow, and nothing like the C under test."""

from renode.firmware.sbox import multiply, substitute

MIX = ((2, 3, 1, 1), (1, 2, 3, 1), (1, 1, 2, 3), (3, 1, 1, 2))


def expand(key: bytes) -> list[bytes]:
    """Return the eleven round keys (5.2)."""
    words = [key[i : i + 4] for i in range(0, 16, 4)]
    constant = 1
    for i in range(4, 44):
        word = words[-1]
        if i % 4 == 0:
            word = bytes(map(substitute, word[1:] + word[:1]))
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = multiply(constant, 2)
        words.append(bytes(a ^ b for a, b in zip(words[-4], word, strict=True)))
    return [b"".join(words[i : i + 4]) for i in range(0, 44, 4)]


def encrypt(key: bytes, block: bytes) -> bytes:
    """Return the encrypted block (5.1)."""
    return states(key, block)[-1]


def states(key: bytes, block: bytes) -> list[bytes]:
    """Return the state after each of the eleven round keys was added."""
    first, *rest = expand(key)
    found = [_add(block, first)]
    for number, round_key in enumerate(rest, start=1):
        state = bytes(map(substitute, found[-1]))
        state = bytes(state[row + 4 * ((column + row) % 4)] for column in range(4) for row in range(4))
        if number < 10:
            state = b"".join(_mix(state[i : i + 4]) for i in range(0, 16, 4))
        found.append(_add(state, round_key))
    return found


def _add(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def _mix(column: bytes) -> bytes:
    mixed = []
    for row in MIX:
        total = 0
        for factor, byte in zip(row, column, strict=True):
            total ^= multiply(byte, factor)
        mixed.append(total)
    return bytes(mixed)
