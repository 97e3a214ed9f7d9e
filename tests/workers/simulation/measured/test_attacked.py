"""Attacks on measured traces whose leak is known: every intermediate, found where it leaks and nowhere else."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.errors import InvalidInput
from tests.workers.simulation.measured.leaking import (
    INTERMEDIATES,
    KEYS,
    TRACES,
    Leaking,
    chacha20,
    drawn,
    first_round,
    last_round,
    secret,
    taken,
)
from workers.simulation.attack import confident
from workers.simulation.measured.attacked import Attacked, attacked

Bytes = npt.NDArray[np.uint8]


def attack(traces: npt.NDArray[np.float32], values: Mapping[str, Bytes], /, **fields: Any) -> Attacked:
    """Attack traces with these values, as an import does that has read them."""
    return attacked(taken(traces, values, **fields), np.ones(traces.shape[1], np.bool_), lambda: None)


@pytest.mark.parametrize("name", INTERMEDIATES)
def test_every_byte_is_found_at_the_sample_where_it_leaks(name: str) -> None:
    made = INTERMEDIATES[name]()

    found = attack(made.traces(), made.values, cpa=made.cpa)

    assert found.attack is not None
    assert found.aimed.aim is not None
    best = bytes(int(guess) for guess in found.attack.final.best)
    assert best == made.truth == found.aimed.aim.targets.truth
    assert confident(found.attack.final).all()
    assert [int(row[guess]) for row, guess in zip(found.attack.final.sample, made.truth, strict=True)] == list(
        range(10, 10 + len(made.truth))
    )
    follows = found.aimed.aim.targets.key_of
    assert (None if follows is None else follows(best)) == made.key
    assert found.aimed.key_from == "file"
    assert found.attack.checkpoints[-1] == (TRACES, (0,) * len(made.truth))


@pytest.mark.parametrize("name", INTERMEDIATES)
def test_nothing_stands_out_where_nothing_leaks(name: str) -> None:
    made = INTERMEDIATES[name]()

    found = attack(made.traces(leaks=False), made.values, cpa=made.cpa)

    assert found.attack is not None
    assert not confident(found.attack.final).any()
    assert sum(rank == 0 for rank in found.attack.final.ranks(list(made.truth))) <= 2


@pytest.mark.parametrize("offset", [0, 0x3C])
def test_of_two_values_that_vary_the_constant_between_them_is_found(offset: int) -> None:
    text, mask = drawn(1, 16), drawn(3, 16)
    made = Leaking(
        {"intermediate": "xor", "variables": ["plaintext", "mask"]},
        {"plaintext": text, "mask": mask},
        text ^ mask ^ np.uint8(offset),
        bytes([offset] * 16),
    )

    found = attack(made.traces(), made.values, cpa=made.cpa)

    assert found.attack is not None
    assert bytes(int(guess) for guess in found.attack.final.best) == made.truth
    assert found.aimed.key_from is None


@pytest.mark.parametrize(
    ("made", "guessed"), [(first_round("aes256"), 16), (chacha20(), 16), (last_round("aes128"), 16)]
)
def test_a_key_that_nobody_tells_is_found_as_far_as_it_needs_no_other(made: Leaking, guessed: int) -> None:
    values = {name: value for name, value in made.values.items() if name != "key"}

    found = attack(made.traces(), values, cpa=made.cpa)

    assert found.attack is not None
    assert bytes(int(guess) for guess in found.attack.final.best) == made.truth[:guessed]
    assert found.aimed.key_from is None
    assert len(found.attack.checkpoints) == 0


def test_a_key_of_the_request_is_in_place_of_the_file_s() -> None:
    made = first_round("aes256")
    values = dict(made.values) | {"key": secret("00" * 32)}

    found = attack(made.traces(), values, cpa=made.cpa, key=KEYS["aes256"][0])
    named = attack(
        made.traces(),
        {"challenge": made.values["plaintext"]},
        cpa={"intermediate": "xor", "variables": ["challenge", "key[0:16]"]},
        key=KEYS["aes256"][0],
    )

    assert found.attack is not None
    assert bytes(int(guess) for guess in found.attack.final.best) == made.truth
    assert (found.aimed.key_from, named.aimed.key_from) == ("request", "request")
    assert named.aimed.aim is not None
    assert named.aimed.aim.targets.truth == made.truth[:16]


def test_values_are_found_by_the_file_s_names_for_them() -> None:
    made = last_round("aes128")
    values = {"ciphertext": made.values["ciphertext"], "key": made.values["key"]}

    renamed = attack(made.traces(), values, values={"ciphertext": "CT"}, cpa=made.cpa | {"ciphertext": "textout"})
    output = attack(
        made.traces(), values, cpa={"intermediate": "xor", "variables": ["output", "knownkey"], "window": [0, 10]}
    )

    assert renamed.attack is not None
    assert bytes(int(guess) for guess in renamed.attack.final.best) == made.truth
    assert output.aimed.aim is not None
    assert output.aimed.aim.attack.variables == ("ciphertext", "key")


def test_a_last_round_is_looked_for_at_the_end_and_others_at_the_beginning() -> None:
    made = last_round("aes128", overwritten=True)
    long = np.random.default_rng(1).normal(size=(TRACES, 5000)).astype(np.float32)
    values = {"ciphertext": made.values["ciphertext"], "plaintext": drawn(1, 16)}

    windows = [attack(long, values, cpa=cpa).window for cpa in (made.cpa, {"intermediate": "aes128-sbox-output"})]

    assert windows == [(5000 - 4096, 5000), (0, 5000)]


TEXT, OUT, LONG = {"plaintext": drawn(1, 16)}, {"ciphertext": drawn(2, 16)}, secret("ab" * 16)
STREAM = {"counter": drawn(4, 4), "nonce": drawn(5, 12)}
SAME = {"plaintext": secret("11" * 16)}
MASKED = {"intermediate": "aes128-masked-sbox-output", "mask": "m"}
REFUSED: list[tuple[dict[str, Any], dict[str, Bytes], str, str, str]] = [
    (
        {"intermediate": "aes256-sbox-output"},
        {},
        "cpa.plaintext",
        "no-such-value",
        "names plaintext; there are: no values",
    ),
    ({"plaintext": "texts"}, TEXT, "cpa.plaintext", "no-such-value", "names texts; there are: plaintext"),
    ({"intermediate": "aes192-sbox-output"}, {"plaintext": drawn(1, 8)}, "cpa.plaintext", "other-length", "16 bytes"),
    ({"intermediate": "aes192-sbox-output"}, SAME, "cpa.plaintext", "constant", "never changes"),
    ({"intermediate": "aes128-last-round"}, TEXT, "cpa.ciphertext", "no-such-value", "there are: plaintext"),
    ({"intermediate": "aes128-last-round"}, {"ciphertext": drawn(1, 64)}, "cpa.ciphertext", "other-length", "has 64"),
    ({"intermediate": "aes128-last-round"}, {"ciphertext": secret("22" * 16)}, "cpa.ciphertext", "constant", "changes"),
    ({"intermediate": "aes256-last-round"}, OUT | {"key": LONG}, "cpa.key", "other-length", "32 bytes; key has 16"),
    ({"key": "k2"}, TEXT, "cpa.key", "no-such-value", "names k2"),
    ({"key": "k2"}, TEXT | {"k2": secret("01" * 8)}, "cpa.key", "other-length", "k2 has 8"),
    (MASKED, TEXT, "cpa.mask", "no-such-value", "names m"),
    (MASKED, TEXT | {"m": drawn(3, 18)}, "cpa.mask", "other-length", "1 or 16 bytes; m has 18"),
    (MASKED | {"mask": "m[4:20]"}, TEXT | {"m": drawn(3, 18)}, "cpa.mask", "other-length", "takes bytes"),
    ({"intermediate": "chacha20-quarter-round"}, {"nonce": drawn(5, 12)}, "cpa.counter", "no-such-value", "counter"),
    ({"intermediate": "chacha20-quarter-round"}, STREAM | {"nonce": drawn(5, 8)}, "cpa.nonce", "other-length", "has 8"),
    (
        {"intermediate": "chacha20-quarter-round"},
        {"counter": secret("01000000"), "nonce": secret("00" * 12)},
        "cpa.nonce",
        "constant",
        "never changes",
    ),
    ({"intermediate": "xor", "variables": ["plaintext", "pad"]}, TEXT, "cpa.variables", "no-such-value", "names pad"),
    (
        {"intermediate": "xor", "variables": ["plaintext", "nonce"]},
        TEXT | STREAM,
        "cpa.variables",
        "other-length",
        "12",
    ),
    (
        {"intermediate": "hd", "variables": ["plaintext", "key"]},
        SAME | {"key": LONG},
        "cpa.variables",
        "constant",
        "vary",
    ),
    (
        {"intermediate": "add", "variables": ["nonce", "nonce"], "word_bytes": 4, "window": [0, 10]},
        {"nonce": drawn(5, 6)},
        "cpa.word_bytes",
        "other-length",
        "divide",
    ),
    (
        {"intermediate": "xor", "variables": ["plaintext", "key"], "window": [0, 20_000]},
        TEXT | {"key": LONG},
        "cpa.window",
        "out-of-range",
        "at most 16384 samples",
    ),
]


@pytest.mark.parametrize(("cpa", "values", "field", "reason", "told"), REFUSED)
def test_what_the_file_does_not_hold_is_refused_with_the_field(
    cpa: dict[str, Any], values: dict[str, Bytes], field: str, reason: str, told: str
) -> None:
    traces = np.random.default_rng(1).normal(size=(TRACES, 30)).astype(np.float32)

    with pytest.raises(InvalidInput) as refused:
        attack(traces, values, cpa=cpa)

    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert told in refused.value.message


def test_a_key_of_the_request_has_the_length_of_the_cipher() -> None:
    with pytest.raises(InvalidInput, match="must have 32 bytes") as refused:
        attack(first_round("aes256").traces(), TEXT, cpa={"intermediate": "aes256-sbox-output"}, key="00" * 16)

    assert (refused.value.field, refused.value.reason) == ("key", "other-length")


def test_the_attack_that_nobody_asked_for_is_made_without_a_key_of_another_cipher_and_says_so() -> None:
    made = first_round("aes256")

    found = attack(made.traces(), made.values)

    assert found.attack is not None
    assert bytes(int(guess) for guess in found.attack.final.best) == made.truth[:16]
    assert found.aimed.key_from is None
    assert found.aimed.unranked == "the 32 bytes of key were not ranked: the key of the attack has 16"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "the file does not tell the plaintexts"),
        ({"plaintext": drawn(1, 8)}, "the plaintexts have 8 bytes, not the 16 of AES-128"),
        (SAME, "the plaintexts never change"),
        (TEXT | {"key": drawn(9, 16)}, "the key changes from trace to trace"),
    ],
)
def test_the_attack_that_nobody_asked_for_is_left_out_where_it_cannot_be(values: dict[str, Bytes], told: str) -> None:
    found = attack(np.random.default_rng(1).normal(size=(TRACES, 30)).astype(np.float32), values)

    assert (found.attack, found.absent) == (None, told)
