"""What a calibration compares: correlations of an import's own intermediate, as plain NumPy has them."""

import numpy as np
import pytest

from tests.workers.simulation.measured.leaking import INTERMEDIATES, drawn, first_round, last_round, taken
from workers.simulation.measured.agreement import asked, shown

CODE = {
    "firmware": f"sha256:{'0' * 64}",
    "clock": {"samples_per_cycle": 1},
}


def target(*inputs: tuple[str, str, int]) -> dict[str, object]:
    """Return how a firmware is called that takes these."""
    told = [{"name": name, "role": role, "length": length, "symbol": name} for name, role, length in inputs]
    return {"core": "cortex-m4", "entry": "f", "inputs": told, "output": {"length": 16, "symbol": "out"}}


def taking(**values: int) -> dict[str, object]:
    """Return how a firmware is called that takes all of these values of a file: bytes by name."""
    roles = {"key": "key", "plaintext": "plaintext", "mask": "mask", "nonce": "nonce"}
    return target(*((name, roles.get(name, "other"), length) for name, length in values.items()))


@pytest.mark.parametrize("name", INTERMEDIATES)
def test_the_largest_correlation_of_the_truth_is_that_of_its_prediction(name: str) -> None:
    made = INTERMEDIATES[name]()
    widths = {called: value.shape[1] for called, value in made.values.items()}
    whole = taken(made.traces(), made.values, cpa=made.cpa, target=taking(**widths), **CODE)

    found = shown(made.traces(), asked(whole, np.arange(len(made.leak)), output_agrees=True))

    weights = np.bitwise_count(made.leak).astype(np.float64)
    every = np.corrcoef(weights.T, made.traces().T)[: weights.shape[1], weights.shape[1] :]
    assert found.rho is not None
    np.testing.assert_allclose(found.rho, np.abs(every).max(axis=0), atol=2e-3)


def test_two_values_that_vary_are_compared_as_they_meet() -> None:
    values = {"plaintext": drawn(1, 16), "mask": drawn(3, 16)}
    cpa = {"intermediate": "xor", "variables": ["plaintext", "mask"]}
    power = drawn(1, 16).astype(np.float32)

    of = asked(
        taken(power, values, cpa=cpa, target=taking(plaintext=16, mask=16), **CODE), np.arange(500), output_agrees=None
    )

    weights = np.bitwise_count(values["plaintext"] ^ values["mask"]).astype(np.float64)
    found = shown(power, of)
    assert (of.absent, found.traces) == (None, 500)
    assert found.rho is not None
    expected = np.abs(np.corrcoef(weights.T, power.T)[:16, 16:]).max(axis=0)
    np.testing.assert_allclose(found.rho, expected, atol=2e-3)


def test_what_no_simulation_has_is_not_compared_and_the_reason_is_told() -> None:
    aes, last = first_round("aes128"), last_round("aes128")
    both = taking(key=16, plaintext=16)
    of_text = {"plaintext": aes.values["plaintext"]}
    masks = dict(aes.values) | {"m": drawn(3, 16)}
    masked = {"intermediate": "aes128-masked-sbox-output", "mask": "m"}
    cases = [
        taken(aes.traces(), masks, cpa=masked, target=both, **CODE),
        taken(last.traces(), last.values, cpa=last.cpa, target=both, **CODE),
        taken(aes.traces(), of_text, target=both, **CODE),
        taken(aes.traces(), aes.values, cpa=None, target=both, **CODE),
        taken(aes.traces(), of_text | {"key": drawn(8, 16)}, target=both, **CODE),
    ]

    told = [asked(case, np.arange(500), output_agrees=None) for case in cases]

    assert [of.absent for of in told] == [
        "the firmware does not take or give m, so no simulation has it",
        "the firmware does not take or give ciphertext, so no simulation has it",
        "no guess of the attack is known to be right",
        "the import asked for none",
        "the key changes from trace to trace",
    ]
    assert all(shown(case.traces, of).rho is None for case, of in zip(cases, told, strict=True))


def test_a_ciphertext_that_the_firmware_gives_and_a_key_that_the_request_tells_are_simulated() -> None:
    made = last_round("aes128")
    values = {"ciphertext": made.values["ciphertext"], "plaintext": drawn(1, 16)}
    key = made.values["key"].tobytes().hex()
    case = taken(made.traces(), values, cpa=made.cpa, key=key, target=taking(key=16, plaintext=16), **CODE)

    of = asked(case, np.arange(500), output_agrees=True)

    assert of.absent is None
    assert of.targets is not None
    assert of.targets.right == made.truth
