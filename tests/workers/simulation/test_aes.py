"""The S-box and its models, against the published table and the definition."""

import numpy as np

from workers.simulation.aes import LEAKAGE, SBOX, hypotheses


def test_the_sbox_is_that_of_fips_197() -> None:
    assert SBOX[:16].tobytes().hex() == "637c777bf26b6fc53001672bfed7ab76"
    assert SBOX[0x50:0x60].tobytes().hex() == "53d100ed20fcb15b6acbbe394a4c58cf"
    assert SBOX[0xF0:].tobytes().hex() == "8ca1890dbfe6426841992d0fb054bb16"
    assert sorted(SBOX.tolist()) == list(range(256))


def test_every_entry_undone_by_the_affine_map_is_an_inverse() -> None:
    for value in range(1, 256):
        mapped = int(SBOX[value]) ^ 0x63
        # The inverse of the affine map: rotations by 1, 3 and 6.
        inverse = (mapped << 1 | mapped >> 7) ^ (mapped << 3 | mapped >> 5) ^ (mapped << 6 | mapped >> 2)

        assert times(value, inverse & 0xFF) == 1


def test_hypotheses_are_the_model_of_the_sbox_output() -> None:
    for model in ("hw", "value"):
        table = hypotheses(model)

        assert table.dtype == np.float32
        for plaintext, guess in ((0, 0), (0x3C, 0x91), (255, 17)):
            output = int(SBOX[plaintext ^ guess])
            assert table[plaintext, guess] == (output.bit_count() if model == "hw" else output)


def test_the_models_are_those_of_the_sbox() -> None:
    assert LEAKAGE["hw"].sum() == 1024
    assert np.array_equal(LEAKAGE["value"], SBOX)


def times(a: int, b: int) -> int:
    """Multiply in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = (a << 1) ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product
