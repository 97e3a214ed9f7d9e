"""Every intermediate on executions of our firmware: correlations as plain NumPy has them, and the key found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.payloads import CampaignRequest
from jobs.target import Target
from renode.trace import Simulator
from tests.workers.simulation.conftest import Lab
from workers.simulation import chacha
from workers.simulation.aes import INVERSE_SBOX, SBOX
from workers.simulation.aes_rounds import SHIFTED, before_second_key
from workers.simulation.attack import confident, score
from workers.simulation.inputs import columns, reference_row, rows_of
from workers.simulation.intermediates import targets_of

Bytes = npt.NDArray[np.uint8]
Loader = Callable[[str, str, Target], Simulator]
Predictor = Callable[["Measured", int, int], npt.NDArray[np.integer]]
"""Of the executions, a byte's index and its guess: what is predicted of each execution."""
TRACES = 400


@dataclass(frozen=True)
class Measured:
    """Executions with random inputs, and a power of registers and bus words with a little noise."""

    request: CampaignRequest
    rows: Bytes
    outputs: Bytes
    traces: npt.NDArray[np.int16]

    def of(self, name: str) -> Bytes:
        return self.rows[:, columns(self.request, name)]


_measured: dict[str, Measured] = {}


def measured(lab: Lab, unicorn: Loader, name: str, cpa: Mapping[str, Any]) -> Measured:
    """Execute a firmware, once for all tests; the request is that of its campaign with another attack."""
    request = lab.request(name, cpa=cpa)
    if name not in _measured:
        simulator = unicorn("", request.firmware, request.target)
        rows = rows_of(request, 0, np.ones(TRACES, np.uint8))
        batch = simulator.run(rows, simulator.path(reference_row(request)))
        power = (batch.activity & np.uint64(0xFFF)) + ((batch.activity >> np.uint64(24)) & np.uint64(0xFFF))
        noise = np.random.default_rng(1).normal(0, 1, power.shape)
        centred = power.astype(np.int64) - power[0].astype(np.int64)
        _measured[name] = Measured(request, rows, batch.output, (4 * centred + np.rint(2 * noise)).astype(np.int16))
    found = _measured[name]
    return Measured(request, found.rows, found.outputs, found.traces)


def hw(values: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    weights: npt.NDArray[np.integer] = np.bitwise_count(values)
    return weights


def first_round(data: Measured, byte: int, guess: int) -> npt.NDArray[np.integer]:
    return hw(SBOX[data.of("plaintext")[:, byte] ^ guess])


def second_round(data: Measured, byte: int, guess: int) -> npt.NDArray[np.integer]:
    if byte < 16:
        return first_round(data, byte, guess)
    key = data.of("key")[0].tobytes()
    return hw(SBOX[before_second_key(data.of("plaintext"), key[:16])[:, byte - 16] ^ guess])


def masked(data: Measured, byte: int, guess: int) -> npt.NDArray[np.integer]:
    return hw(SBOX[data.of("plaintext")[:, byte] ^ guess] ^ data.of("masks")[:, byte])


def last_round(data: Measured, byte: int, guess: int) -> npt.NDArray[np.integer]:
    return hw(INVERSE_SBOX[data.outputs[:, byte] ^ guess])


def overwritten(data: Measured, byte: int, guess: int) -> npt.NDArray[np.integer]:
    return hw(INVERSE_SBOX[data.outputs[:, byte] ^ guess] ^ data.outputs[:, SHIFTED[byte]])


def joined(data: Measured, byte: int, guess: int) -> npt.NDArray[np.integer]:
    return hw(data.of("plaintext")[:, byte] ^ guess)


def summed(data: Measured, byte: int, guess: int) -> npt.NDArray[np.integer]:
    """Of 32-bit words, with the true bytes below the guessed one."""
    start = byte - byte % 4
    known = data.of("plaintext")[:, start : byte + 1].astype(np.int64) @ (256 ** np.arange(byte + 1 - start))
    below = int.from_bytes(data.of("key")[0, start:byte].tobytes(), "little")
    total = known + below + (guess << 8 * (byte - start))
    return hw((total >> 8 * (byte - start)) & 0xFF)


def of_masks(data: Measured, byte: int, guess: int) -> npt.NDArray[np.integer]:
    return hw(data.of("plaintext")[:, byte] ^ data.of("masks")[:, 16] ^ guess)


def quarter_round(data: Measured, byte: int, guess: int) -> npt.NDArray[np.integer]:
    states = np.concatenate([data.of("counter"), data.of("nonce")], axis=1)
    if byte < 16:
        return hw(states[:, byte] ^ guess)
    key = data.of("key")[0].tobytes()
    column, at = divmod(byte - 16, 4)
    d = states.view("<u4")[:, column]
    t = d ^ np.uint32((chacha.CONSTANTS[column] + chacha.words(key)[column]) % 2**32)
    addend = ((t << np.uint32(16)) | (t >> np.uint32(16))).astype(np.int64)
    below = chacha.words(key)[column + 4] % 256**at
    return hw(((addend + below + (guess << 8 * at)) >> 8 * at) & 0xFF)


SBOX_OUT = {"intermediate": "aes128-sbox-output"}
MASKED = {"intermediate": "aes128-masked-sbox-output", "mask": "masks[0:16]"}


@dataclass(frozen=True)
class Case:
    """An attack on a firmware, its prediction in plain words, and bytes to compare."""

    name: str
    cpa: dict[str, Any]
    predicted: Predictor
    bytes_: tuple[int, ...]


CASES = [
    Case("aes128_m4", SBOX_OUT, first_round, (0, 15)),
    Case("aes192_m4", {"intermediate": "aes192-sbox-output"}, second_round, (3, 16, 23)),
    Case("aes256_m0", {"intermediate": "aes256-sbox-output"}, second_round, (3, 16, 31)),
    Case("aes128_m4", {"intermediate": "aes128-last-round"}, last_round, (0, 13)),
    Case("aes192_m4", {"intermediate": "aes192-last-round"}, last_round, (0, 13)),
    Case("aes256_m0", {"intermediate": "aes256-last-round"}, last_round, (0, 13)),
    Case("aes128_m4", {"intermediate": "aes128-last-round-hd"}, overwritten, (0, 13)),
    Case("aes128_masked_m4", MASKED, masked, (0, 15)),
    Case("aes128_m4", {"intermediate": "xor", "variables": ["aes_plaintext", "aes_key"]}, joined, (0, 9)),
    Case("aes128_m4", {"intermediate": "hd", "variables": ["key", "plaintext"]}, joined, (0, 9)),
    Case("aes128_m4", {"intermediate": "add", "variables": ["plaintext", "key"], "word_bytes": 4}, summed, (0, 1, 7)),
    Case("aes128_masked_m4", {"intermediate": "xor", "variables": ["plaintext", "masks[16:17]"]}, of_masks, (0, 15)),
    Case("chacha20_m4", {"intermediate": "chacha20-quarter-round"}, quarter_round, (0, 15, 16, 17, 31)),
]
NAMES = [f"{case.cpa['intermediate']} on {case.name}" for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_correlations_agree_with_predictions_made_one_by_one(lab: Lab, unicorn: Loader, case: Case) -> None:
    data = measured(lab, unicorn, case.name, case.cpa)
    targets = targets_of(data.request)
    window = slice(0, 1200, 7) if "last" not in case.cpa["intermediate"] else slice(-1200, None, 7)
    sums = targets.sums(len(range(*window.indices(data.traces.shape[1]))))

    for part in np.array_split(np.arange(TRACES), 3):
        traces = np.ascontiguousarray(data.traces[part][:, window])
        targets.add(sums, traces, data.rows[part], data.outputs[part])

    chosen = data.traces[:, window]
    varied = chosen.std(axis=0) > 0
    for byte in case.bytes_:
        model = targets.subkeys[byte].models[0]
        found = sums.correlations(byte, model)
        for guess in (0, 1, 0x7F, 0xA5, 255, targets.truth[byte] if targets.truth else 7):
            h = case.predicted(data, byte, guess).astype(np.float64)
            expected = np.corrcoef(h, chosen[:, varied].T)[0, 1:]
            np.testing.assert_allclose(found[guess, varied], expected, atol=3e-6)


KEYS: list[tuple[str, dict[str, Any]]] = [
    ("aes128_m4", {"intermediate": "aes128-last-round"}),
    ("aes192_m4", {"intermediate": "aes192-sbox-output"}),
    ("aes256_m0", {"intermediate": "aes256-sbox-output"}),
    ("aes128_masked_m4", MASKED),
    ("aes128_m4", {"intermediate": "xor", "variables": ["plaintext", "aes_key"]}),
]


@pytest.mark.parametrize(("name", "cpa"), KEYS, ids=[cpa["intermediate"] for _, cpa in KEYS])
def test_every_byte_is_found_where_its_intermediate_is_computed(
    lab: Lab, unicorn: Loader, name: str, cpa: dict[str, Any]
) -> None:
    data = measured(lab, unicorn, name, cpa)
    targets = targets_of(data.request)
    sums = targets.sums(data.traces.shape[1])
    targets.add(sums, data.traces, data.rows, data.outputs)

    scores = score(sums, np.ones(sums.samples, bool), targets)

    assert targets.truth is not None
    assert bytes(int(guess) for guess in scores.best) == targets.truth
    assert confident(scores).all()
    if targets.key_of is not None:
        assert targets.key_of(targets.truth) == data.of("key")[0].tobytes()


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_traces_that_have_nothing_to_do_with_the_inputs_give_nothing_away(
    lab: Lab, unicorn: Loader, case: Case
) -> None:
    data = measured(lab, unicorn, case.name, case.cpa)
    targets = targets_of(data.request)
    traces = np.random.default_rng(9).integers(-60, 61, (TRACES, 80)).astype(np.int16)
    sums = targets.sums(80)
    targets.add(sums, traces, data.rows, data.outputs)

    scores = score(sums, np.ones(80, bool), targets)

    assert not confident(scores).any()
    assert sum(place == 0 for place in scores.ranks(targets.truth)) <= 2


def test_a_mask_that_is_not_known_hides_the_key(lab: Lab, unicorn: Loader) -> None:
    data = measured(lab, unicorn, "aes128_masked_m4", {"intermediate": "aes128-masked-sbox-output"})
    targets = targets_of(data.request)
    sums = targets.sums(data.traces.shape[1])
    targets.add(sums, data.traces, data.rows, data.outputs)

    scores = score(sums, np.ones(sums.samples, bool), targets)

    assert not confident(scores).any()
    assert "mask unknown" in targets.what


def test_a_key_that_is_not_known_leaves_out_what_would_need_it(lab: Lab) -> None:
    aes = targets_of(lab.request("aes256_m4", cpa={"intermediate": "aes256-sbox-output", "key": None}))
    stream = targets_of(lab.request("chacha20_m4", cpa={"intermediate": "chacha20-quarter-round", "key": None}))

    assert (len(aes.subkeys), aes.truth, aes.key_of) == (16, None, None)
    assert "first 16 bytes" in (aes.assumes or "")
    assert (len(stream.subkeys), stream.truth, stream.key_of) == (16, None, None)
