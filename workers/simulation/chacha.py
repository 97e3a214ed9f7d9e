"""ChaCha20's first quarter rounds (RFC 8439, 2.1 and 2.3), as far as what is known goes into them.

Column i of the first round adds a constant c_i and the key word k_i, which no trace changes, and then

    t_i = d_i ^ (c_i + k_i),    sum_i = k_{i+4} + (t_i <<< 16)

where d_0 is the block counter and d_1 to d_3 are the nonce. The first gives away u_i = c_i + k_i byte by byte; once it
is known, so is what is added to k_{i+4}, and the bytes below each of its bytes give the carry into it.
"""

import numpy as np
import numpy.typing as npt

CONSTANTS = tuple(int.from_bytes(b"expand 32-byte k"[i : i + 4], "little") for i in range(0, 16, 4))
Bytes = npt.NDArray[np.uint8]


def words(data: bytes) -> tuple[int, ...]:
    """Return little-endian words."""
    return tuple(int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4))


def bytes_of(values: tuple[int, ...]) -> bytes:
    """Return words as little-endian bytes."""
    return b"".join((value % 2**32).to_bytes(4, "little") for value in values)


def sums(key: bytes) -> tuple[int, ...]:
    """Return u_i = c_i + k_i of the four columns."""
    return tuple((constant + word) % 2**32 for constant, word in zip(CONSTANTS, words(key), strict=False))


def added(states: Bytes, key: bytes, columns: tuple[int, ...]) -> Bytes:
    """Return what is added to the key words i + 4, rotated [n, 4 * columns], for known d_i `states` of that shape."""
    of_key = np.frombuffer(bytes_of(tuple(sums(key)[column] for column in columns)), np.uint8)
    turned = (states ^ of_key).reshape(len(states), len(columns), 4)
    return np.ascontiguousarray(np.roll(turned, 2, axis=2).reshape(states.shape))  # 16 bits to the left


def with_carries(known: Bytes, secret: Bytes, word_bytes: int) -> Bytes:
    """Return each byte of `known` [n, bytes] plus the carry into it from what lies below, in little-endian words.

    `secret` [bytes] or [n, bytes] is what is added. The sum of a byte and of a guess for its partner is then right
    modulo 256 without a look at other bytes.
    """
    out = np.empty_like(known)
    for start in range(0, known.shape[1], word_bytes):
        carry = np.zeros(len(known), np.int64)
        for at in range(start, start + word_bytes):
            below = known[:, at] + carry
            out[:, at] = below & 0xFF
            carry = (below + secret[..., at]) >> 8
    return out


def key_from(first: bytes, second: bytes) -> bytes:
    """Return the key from u_0..u_3 and the key words 4 to 7."""
    return bytes_of(tuple(word - constant for word, constant in zip(words(first), CONSTANTS, strict=True))) + second
