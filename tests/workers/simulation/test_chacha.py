"""What an attack knows of ChaCha20's first quarter rounds, against words added one by one."""

import numpy as np
import pytest

from workers.simulation.chacha import CONSTANTS, added, bytes_of, key_from, sums, with_carries, words


def test_constants_are_those_of_the_standard() -> None:
    assert CONSTANTS == (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)


@pytest.mark.parametrize("columns", [(0, 1, 2, 3), (1, 2, 3), (0,)])
def test_the_addend_is_the_rotated_word_of_each_column(columns: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    key = rng.bytes(32)
    states = rng.integers(0, 256, (50, 4 * len(columns)), dtype=np.uint8)

    found = added(states, key, columns)

    for row, state in zip(found, states, strict=True):
        for at, column in enumerate(columns):
            t = words(state.tobytes())[at] ^ (CONSTANTS[column] + words(key)[column]) % 2**32
            assert words(row.tobytes())[at] == (t << 16 | t >> 16) % 2**32


@pytest.mark.parametrize("word_bytes", [1, 2, 4])
def test_a_byte_with_its_carry_and_the_secret_byte_is_the_byte_of_the_sum(word_bytes: int) -> None:
    rng = np.random.default_rng(2)
    known = rng.integers(0, 256, (300, 8), dtype=np.uint8)
    for secret in (rng.integers(0, 256, 8, dtype=np.uint8), rng.integers(0, 256, (300, 8), dtype=np.uint8)):
        carried = with_carries(known, secret, word_bytes) + secret

        for row, (left, right) in enumerate(zip(known, np.broadcast_to(secret, known.shape), strict=True)):
            for start in range(0, 8, word_bytes):
                part = slice(start, start + word_bytes)
                total = int.from_bytes(left[part].tobytes(), "little") + int.from_bytes(right[part].tobytes(), "little")
                expected = (total % 256**word_bytes).to_bytes(word_bytes, "little")
                assert carried[row, part].tobytes() == expected


def test_a_key_comes_back_from_sums_and_words() -> None:
    key = np.random.default_rng(3).bytes(32)

    assert key_from(bytes_of(sums(key)), key[16:]) == key
