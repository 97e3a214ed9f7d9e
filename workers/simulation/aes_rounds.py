"""AES beyond its S-box (FIPS 197): key schedules of all three key lengths, and states around the first and last round.

State bytes lie in the order of the input: byte r + 4c is row r of column c.
"""

import numpy as np
import numpy.typing as npt

from workers.simulation.aes import SBOX

Bytes = npt.NDArray[np.uint8]
ROUNDS = {16: 10, 24: 12, 32: 14}
"""By the bytes of the key."""
SHIFTED = np.array([row + 4 * ((column + row) % 4) for column in range(4) for row in range(4)])
"""[16] where ShiftRows takes each byte from (5.1.2)."""


def round_keys(key: bytes) -> Bytes:
    """Return the key schedule [rounds + 1, 16] (5.2)."""
    words = [key[i : i + 4] for i in range(0, len(key), 4)]
    length, constant = len(words), 1
    for i in range(length, 4 * (ROUNDS[len(key)] + 1)):
        words.append(_xor(words[i - length], _turned(words[i - 1], i, length, constant)))
        if i % length == 0:
            constant = _doubled(constant)
    return np.frombuffer(b"".join(words), np.uint8).reshape(-1, 16)


def key_before(last: bytes) -> bytes:
    """Return the AES-128 key whose schedule ends with the round key `last`."""
    words = [last[i : i + 4] for i in range(0, 16, 4)]
    constants = [1]
    while len(constants) < ROUNDS[16]:
        constants.append(_doubled(constants[-1]))
    for constant in reversed(constants):
        one, two, three = (_xor(words[i], words[i - 1]) for i in (1, 2, 3))
        words = [_xor(words[0], _turned(three, 0, 4, constant)), one, two, three]
    return b"".join(words)


def before_second_key(plaintexts: Bytes, first_key: bytes) -> Bytes:
    """Return what the second round key is added to: the state after MixColumns of round one [n, 16]."""
    state = SBOX[plaintexts ^ np.frombuffer(first_key, np.uint8)][:, SHIFTED].reshape(-1, 4, 4)
    turned = np.roll(state, -1, axis=2)
    mixed = state ^ np.bitwise_xor.reduce(state, axis=2, keepdims=True) ^ _DOUBLE[state ^ turned]
    return np.ascontiguousarray(mixed.reshape(-1, 16))


def _turned(word: bytes, i: int, length: int, constant: int) -> bytes:
    """Return what word i of a key of `length` words is made from, beside word i - length."""
    if i % length == 0:
        out = bytearray(int(SBOX[byte]) for byte in (*word[1:], word[0]))
        out[0] ^= constant
        return bytes(out)
    return bytes(int(SBOX[byte]) for byte in word) if length > 6 and i % length == 4 else word


def _doubled(value: int) -> int:
    """Multiply by x in GF(2^8) (4.2.1)."""
    return (value << 1 ^ (0x11B if value & 0x80 else 0)) & 0xFF


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


_DOUBLE = np.array([_doubled(value) for value in range(256)], np.uint8)
