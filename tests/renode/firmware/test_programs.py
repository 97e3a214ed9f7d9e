from collections.abc import Callable

import numpy as np
import pytest

from jobs.payloads import CampaignRequest
from renode.trace import Stop
from tests.renode.firmware.aes_reference import encrypt
from tests.renode.firmware.conftest import Called

Calls = Callable[[str], Called]
PLAIN = ["aes128_m4", "aes128_m0", "aes128_ct_m4"]
REDUCTIONS = ["reduce_leaky_m4", "reduce_leaky_m0", "reduce_ct_m4", "reduce_ct_m0"]
MASKED = ["aes128_masked_m4", "aes128_masked_m0", "aes128_masked_unsafe_m4"]
FIPS_197 = [
    ("2b7e151628aed2a6abf7158809cf4f3c", "3243f6a8885a308d313198a2e0370734", "3925841d02dc09fbdc118597196a0b32"),
    ("000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "69c4e0d86a7b0430d8cdb78070b4c55a"),
]


@pytest.mark.parametrize(("key", "plaintext", "ciphertext"), FIPS_197)
def test_the_reference_knows_the_vectors_of_the_standard(key: str, plaintext: str, ciphertext: str) -> None:
    assert encrypt(bytes.fromhex(key), bytes.fromhex(plaintext)).hex() == ciphertext


@pytest.mark.parametrize(("key", "plaintext", "ciphertext"), FIPS_197)
@pytest.mark.parametrize("name", [*PLAIN, *MASKED])
def test_aes_gives_the_ciphertexts_of_the_standard(
    called: Calls, name: str, key: str, plaintext: str, ciphertext: str
) -> None:
    program = called(name)
    masks = {"masks": bytes(range(100, 118))} if name in MASKED else {}

    output = program.output(key=bytes.fromhex(key), plaintext=bytes.fromhex(plaintext), **masks)

    assert output.hex() == ciphertext


@pytest.mark.parametrize("name", [*PLAIN, *MASKED])
def test_aes_agrees_with_the_reference_on_random_blocks(called: Calls, name: str) -> None:
    program = called(name)
    rng = np.random.default_rng(7)

    for _ in range(20):
        key, plaintext = rng.bytes(16), rng.bytes(16)
        masks = {"masks": rng.bytes(18)} if name in MASKED else {}
        assert program.output(key=key, plaintext=plaintext, **masks) == encrypt(key, plaintext)


@pytest.mark.parametrize("name", MASKED)
@pytest.mark.parametrize("masks", [bytes(18), b"\xff" * 18, bytes(16) + b"\x01\x02", bytes(range(18))])
def test_the_ciphertext_does_not_depend_on_the_masks(called: Calls, name: str, masks: bytes) -> None:
    key, plaintext, ciphertext = (bytes.fromhex(text) for text in FIPS_197[0])

    assert called(name).output(key=key, plaintext=plaintext, masks=masks) == ciphertext


@pytest.mark.parametrize("name", ["compare_leaky_m4", "compare_leaky_m0", "compare_ct_m4", "compare_ct_m0"])
def test_a_compare_accepts_the_secret_and_nothing_else(
    called: Calls, campaign: Callable[[str], CampaignRequest], name: str
) -> None:
    program = called(name)
    secret = bytes.fromhex(campaign(name).target.inputs[0].value or "")
    wrong = [secret[:at] + bytes([secret[at] ^ bit]) + secret[at + 1 :] for at in range(16) for bit in (1, 0x80)]

    assert program.output(guess=secret) == b"\x01"
    assert {program.output(guess=guess) for guess in [*wrong, bytes(16), bytes(0xFF ^ a for a in secret)]} == {b"\x00"}


@pytest.mark.parametrize("core", ["m4", "m0"])
def test_the_leaky_compare_takes_longer_the_more_bytes_are_right(called: Calls, core: str) -> None:
    program = called(f"compare_leaky_{core}")
    secret = program.row()[:16].tobytes()

    lengths = [len(program.core.path(program.row(guess=_right_up_to(secret, count))).pcs) for count in range(17)]

    assert lengths[:16] == sorted(set(lengths[:16]))
    assert lengths[16] > lengths[0]


@pytest.mark.parametrize("core", ["m4", "m0"])
def test_the_constant_time_compare_takes_one_path(called: Calls, core: str) -> None:
    program = called(f"compare_ct_{core}")
    secret = program.row()[:16].tobytes()

    paths = [program.core.path(program.row(guess=_right_up_to(secret, count))) for count in range(17)]

    assert {path.stop for path in paths} == {Stop.DONE}
    assert len({path.pcs.tobytes() for path in paths}) == 1
    assert len({path.cycles for path in paths}) == 1


@pytest.mark.parametrize("core", ["m4", "m0"])
def test_what_the_constant_time_campaign_declares_public_holds_no_decision(called: Calls, core: str) -> None:
    program = called(f"compare_ct_{core}")

    steps = [program.core.instruction(int(pc)) for pc in np.unique(program.core.path(program.row()).pcs)]
    public = {item.symbol for item in program.campaign.target.public}
    leaves = [step for step in steps if step.function in public]

    assert {step.function for step in leaves} == public
    assert {step.mnemonic for step in leaves if step.mnemonic.startswith(("b", "cb", "it"))} == {"bx"}


@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_reduction_subtracts_the_modulus_where_the_value_is_not_below_it(called: Calls, name: str) -> None:
    program = called(name)
    rng = np.random.default_rng(7)
    pairs = [(int.from_bytes(rng.bytes(16)), int.from_bytes(rng.bytes(16))) for _ in range(20)]
    modulus = pairs[0][1]
    pairs += [(modulus + step, modulus) for step in (-(2**64), -1, 0, 1, 2**64)] + [(0, modulus), (modulus, 1)]

    for value, below in pairs:
        output = program.output(secret=value.to_bytes(16, "little"), modulus=below.to_bytes(16, "little"))
        assert int.from_bytes(output, "little") == (value - below if value >= below else value)


@pytest.mark.parametrize("core", ["m4", "m0"])
def test_the_leaky_reduction_takes_longer_the_later_the_words_differ(called: Calls, core: str) -> None:
    program = called(f"reduce_leaky_{core}")
    modulus = 0x61FFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF.to_bytes(16, "little")
    values = [int.from_bytes(modulus, "little") - (1 << 32 * word) for word in (3, 2, 1, 0)]

    paths = [program.core.path(program.row(secret=value.to_bytes(16, "little"), modulus=modulus)) for value in values]

    assert [path.cycles for path in paths] == sorted({path.cycles for path in paths})


@pytest.mark.parametrize("name", ["reduce_ct_m4", "reduce_ct_m0", "aes128_ct_m4"])
def test_constant_time_twins_take_one_path(called: Calls, name: str) -> None:
    program = called(name)
    rng = np.random.default_rng(7)

    rows = [program.row()] + [rng.integers(0, 256, program.core.input_bytes, dtype=np.uint8) for _ in range(5)]

    assert len({program.core.path(row).pcs.tobytes() for row in rows}) == 1


def test_a_checksum_is_that_of_the_first_bytes(called: Calls) -> None:
    program = called("checksum_m4")
    data = bytes(range(40, 72))

    for length in (0, 1, 16, 32):
        total = 0x1D0F
        for byte in data[:length]:
            total = (total << 5 | total >> 27) & 0xFFFFFFFF ^ byte
        assert program.output(secret=data, length=bytes([length])) == total.to_bytes(4, "little")


@pytest.mark.parametrize("name", ["quotient_leaky_m4", "quotient_ct_m4"])
def test_a_quotient_is_that_of_the_lower_bits_by_an_odd_divisor(called: Calls, name: str) -> None:
    program = called(name)
    rng = np.random.default_rng(7)
    pairs = [(int.from_bytes(rng.bytes(4)), int.from_bytes(rng.bytes(2))) for _ in range(20)]

    for value, divisor in [*pairs, (0, 0), (2**32 - 1, 0), (2**31 - 1, 2**31 - 1), (5, 2**32 - 1)]:
        output = program.output(secret=value.to_bytes(4, "little"), divisor=divisor.to_bytes(4, "little"))
        assert int.from_bytes(output, "little") == (value & 0x7FFFFFFF) // (divisor | 1)


def _right_up_to(secret: bytes, count: int) -> bytes:
    return secret[:count] + bytes(byte ^ 0x55 for byte in secret[count:])
