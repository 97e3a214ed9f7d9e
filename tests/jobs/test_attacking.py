"""Which attacks a request may ask for, and what a refusal says."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from jobs.attackable import attacked_bytes, find, most_attacked, span_of, state_bytes
from jobs.payloads import CampaignRequest

CAMPAIGNS = Path(__file__).resolve().parents[2] / "renode" / "firmware" / "campaigns"


def request(name: str, cpa: dict[str, Any], **changes: Any) -> CampaignRequest:
    body = json.loads((CAMPAIGNS / f"{name}.json").read_text(encoding="utf-8"))
    return CampaignRequest.model_validate({**body, **changes, "firmware": f"sha256:{'0' * 64}", "cpa": cpa})


@pytest.mark.parametrize(
    ("name", "cpa", "bytes_", "state"),
    [
        ("aes128_m4", {}, 16, 16 * 1024),
        ("aes192_m4", {"intermediate": "aes192-sbox-output"}, 24, 24 * 1024),
        ("aes256_m4", {"intermediate": "aes256-sbox-output"}, 32, 32 * 1024),
        ("aes256_m4", {"intermediate": "aes256-sbox-output", "key": None}, 16, 16 * 1024),
        ("aes256_m4", {"intermediate": "aes256-last-round"}, 16, 16 * 1024),
        ("aes128_m4", {"intermediate": "aes128-last-round-hd"}, 16, 32 * 1024),
        ("aes128_masked_m4", {"intermediate": "aes128-masked-sbox-output", "mask": "aes_masks[0:16]"}, 16, 32 * 1024),
        ("chacha20_m4", {"intermediate": "chacha20-quarter-round"}, 32, 32 * 1024),
        ("chacha20_m4", {"intermediate": "chacha20-quarter-round", "key": None}, 16, 16 * 1024),
        ("aes128_m4", {"intermediate": "xor", "variables": ["plaintext[0:4]", "key[12:16]"]}, 4, 4 * 1024),
    ],
)
def test_the_state_grows_with_the_bytes_that_are_guessed(
    name: str, cpa: dict[str, Any], bytes_: int, state: int
) -> None:
    asked = request(name, cpa)

    assert asked.cpa is not None
    assert attacked_bytes(asked.cpa, asked.target) == bytes_
    assert state_bytes(asked.cpa, asked.target) == state
    assert 2**28 - state < most_attacked(asked.cpa, asked.target) * state <= 2**28


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plaintext", ("plaintext", 0, 16, True)),
        ("aes_plaintext[4:8]", ("plaintext", 4, 8, True)),
        ("aes_key", ("key", 0, 16, False)),
        ("output", (None, 0, 16, True)),
        ("aes_ciphertext[0:1]", (None, 0, 1, True)),
    ],
)
def test_variables_are_named_by_input_or_symbol(text: str, expected: tuple[str | None, int, int, bool]) -> None:
    assert span_of(text, request("aes128_m4", {}).target) == expected


XOR = {"intermediate": "xor"}
REFUSED = [
    ("aes128_m4", {"plaintext": "key"}, "cpa.plaintext must vary; key never changes"),
    ("aes128_m4", {"plaintext": "texts"}, "cpa.plaintext names texts; there are: key, plaintext, output"),
    ("aes128_m4", {"key": "secret"}, "cpa.key names secret; there are: key, plaintext, output"),
    ("aes128_m4", {"key": "plaintext"}, "a constant key of 16 bytes; plaintext changes"),
    ("aes128_m4", {"intermediate": "aes256-sbox-output"}, "a constant key of 32 bytes; key has 16"),
    ("aes128_m4", {"window": [10, 10]}, "from below to, and at most 16384 samples"),
    ("aes256_m4", {"intermediate": "aes256-sbox-output", "window": [0, 8193]}, "at most 8192 samples"),
    (
        "chacha20_m4",
        {"intermediate": "chacha20-quarter-round", "nonce": "counter"},
        "cpa.nonce must have 12 bytes; counter has 4",
    ),
    (
        "chacha20_m4",
        {"intermediate": "aes256-last-round"},
        "an output of 16 bytes that varies, the ciphertext; it has 64",
    ),
    ("aes128_m4", {"mask": "plaintext"}, "cpa.mask is of aes128-masked-sbox-output"),
    (
        "aes128_masked_m4",
        {"intermediate": "aes128-masked-sbox-output", "mask": "masks"},
        "cpa.mask must have 1 or 16 bytes; masks has 18",
    ),
    ("aes128_m4", {"variables": ["plaintext", "key"]}, "cpa.variables are of xor, add and hd"),
    ("aes128_m4", XOR, "cpa.variables must name the two"),
    (
        "aes128_m4",
        XOR | {"variables": ["plaintext", "keys"]},
        "cpa.variables names keys; there are: key, plaintext, output",
    ),
    (
        "aes128_m4",
        XOR | {"variables": ["plaintext[12:20]", "key"]},
        r"takes bytes \[12:20\) of plaintext, which has 16",
    ),
    ("aes128_m4", XOR | {"variables": ["plaintext[0:4]", "key"]}, "have 4 and 16 bytes"),
    ("aes128_m4", XOR | {"variables": ["key", "aes_key"]}, "one of them must vary"),
    ("aes128_m4", XOR | {"variables": ["plaintext", "key"], "word_bytes": 4}, "is of add, and divides"),
    (
        "aes128_m4",
        {"intermediate": "add", "variables": ["plaintext", "key"], "word_bytes": 4, "key": None},
        "without a known key cannot take as found",
    ),
    (
        "chacha20_m4",
        XOR | {"variables": ["output[0:33]", "output[0:33]"]},
        "at most 32 bytes are attacked at once, not 33",
    ),
    ("aes128_m4", {"intermediate": "des"}, "Input should be"),
]


@pytest.mark.parametrize(("name", "cpa", "complaint"), REFUSED)
def test_an_attack_that_the_target_does_not_allow_is_refused(name: str, cpa: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        request(name, cpa)


def test_an_attack_on_inputs_that_never_vary_is_refused() -> None:
    with pytest.raises(ValidationError, match="the plan is fixed"):
        request("aes128_m4", {}, plan="fixed")


def test_an_attack_whose_key_is_not_named_is_the_same_when_it_is_read_again() -> None:
    body = json.loads((CAMPAIGNS / "aes128_m4.json").read_text(encoding="utf-8"))
    for told in body["target"]["inputs"]:
        told["name"] = {"key": "secret"}.get(told["name"], told["name"])
    asked = request("aes128_m4", {"plaintext": "plaintext"}, target=body["target"])

    # As a job is stored: with its defaults.
    again = CampaignRequest.model_validate(asked.model_dump(mode="json"))

    assert again == asked
    assert again.cpa is not None
    assert find(again.cpa.key, again.target) is None
