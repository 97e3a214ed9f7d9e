"""AES with long keys and ChaCha20: the vectors of their standards, on the simulator."""

from collections.abc import Callable

import pytest

from tests.renode.firmware.conftest import Called

Calls = Callable[[str], Called]
BLOCK = "00112233445566778899aabbccddeeff"
LONG_KEYS = [
    ("aes192_m4", bytes(range(24)).hex(), BLOCK, "dda97ca4864cdfe06eaf70a0ec0d7191"),
    ("aes256_m4", bytes(range(32)).hex(), BLOCK, "8ea2b7ca516745bfeafc49904b496089"),
    ("aes256_m0", bytes(range(32)).hex(), BLOCK, "8ea2b7ca516745bfeafc49904b496089"),
]
"""FIPS-197, C.2 and C.3."""
SUNSCREEN = (
    "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
    "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
)
"""RFC 8439, 2.3.2."""


@pytest.mark.parametrize(("name", "key", "plaintext", "ciphertext"), LONG_KEYS)
def test_long_keys_give_the_ciphertexts_of_the_standard(
    called: Calls, name: str, key: str, plaintext: str, ciphertext: str
) -> None:
    program = called(name)

    assert program.output(key=bytes.fromhex(key), plaintext=bytes.fromhex(plaintext)).hex() == ciphertext


@pytest.mark.parametrize("name", ["chacha20_m4", "chacha20_m0"])
def test_chacha20_gives_the_stream_of_its_standard(called: Calls, name: str) -> None:
    program = called(name)

    stream = program.output(
        key=bytes(range(32)), counter=bytes.fromhex("01000000"), nonce=bytes.fromhex("000000090000004a00000000")
    )

    assert stream.hex() == SUNSCREEN
