"""AES around its first and last round, against the standard's examples and its letter."""

import numpy as np
import pytest

from tests.renode.firmware.aes_reference import expand, states
from workers.simulation.aes import INVERSE_SBOX, SBOX
from workers.simulation.aes_rounds import SHIFTED, before_second_key, key_before, round_keys

SCHEDULES = [
    ("2b7e151628aed2a6abf7158809cf4f3c", "d014f9a8c9ee2589e13f0cc8b6630ca6"),
    ("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "e98ba06f448c773c8ecc720401002202"),
    (
        "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
        "fe4890d1e6188d0b046df344706c631e",
    ),
]
"""FIPS-197, A.1 to A.3: the key and the last round key."""


@pytest.mark.parametrize(("key", "last"), SCHEDULES)
def test_schedules_are_those_of_the_standard(key: str, last: str) -> None:
    schedule = round_keys(bytes.fromhex(key))

    assert schedule.tobytes().hex().startswith(key)
    assert schedule[-1].tobytes().hex() == last


def test_every_round_key_of_aes128_is_that_of_the_reference() -> None:
    key = np.random.default_rng(1).bytes(16)

    assert [row.tobytes() for row in round_keys(key)] == expand(key)


def test_a_key_comes_back_from_its_last_round_key() -> None:
    rng = np.random.default_rng(2)

    for _ in range(20):
        key = rng.bytes(16)
        assert key_before(round_keys(key)[-1].tobytes()) == key


def test_undone_by_the_last_key_a_ciphertext_byte_is_a_state_byte_before_the_last_round() -> None:
    rng = np.random.default_rng(3)
    key, block = rng.bytes(16), rng.bytes(16)
    *_, before, ciphertext = (np.frombuffer(state, np.uint8) for state in states(key, block))

    undone = INVERSE_SBOX[ciphertext ^ round_keys(key)[-1]]

    assert np.array_equal(undone, before[SHIFTED])
    assert np.array_equal(INVERSE_SBOX[SBOX], np.arange(256))


def test_the_state_before_the_second_key_is_that_of_the_reference() -> None:
    rng = np.random.default_rng(4)
    key = rng.bytes(16)
    blocks = [rng.bytes(16) for _ in range(4)]

    found = before_second_key(np.frombuffer(b"".join(blocks), np.uint8).reshape(4, 16), key)

    for row, block in zip(found, blocks, strict=True):
        assert (row ^ round_keys(key)[1]).tobytes() == states(key, block)[1]


def test_the_state_before_the_second_key_is_what_the_first_round_leaves() -> None:
    """FIPS-197, appendix B: the state at the start of round 2 is what round 1 left, joined with its key."""
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    block = np.frombuffer(bytes.fromhex("3243f6a8885a308d313198a2e0370734"), np.uint8)[np.newaxis]

    state = before_second_key(block, key)

    assert state.tobytes().hex() == "046681e5e0cb199a48f8d37a2806264c"
    assert (state[0] ^ round_keys(key)[1]).tobytes().hex() == "a49c7ff2689f352b6b5bea43026a5049"
