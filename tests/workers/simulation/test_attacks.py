"""Attacks from request to report: the keys of our firmware, the same in any shards, and what the page says of them."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from jobs.report import Report
from tests.workers.simulation.conftest import Lab
from workers.simulation.aes import INVERSE_SBOX
from workers.simulation.aes_rounds import SHIFTED
from workers.simulation.campaign import measured_plan
from workers.simulation.report_html import to_html
from workers.simulation.totals import identity

LONG_KEY = bytes(range(32)).hex()


def page_of(report: Report) -> str:
    return to_html(report, source={}).decode()


def test_all_of_an_aes256_key_is_found_in_two_rounds(lab: Lab) -> None:
    # From one ShiftRows to the next: the first S-box's outputs are moved and mixed, and those of the second follow.
    target = lab.request("aes256_m4").target.model_dump(mode="json")
    target["trigger"] = {"start": "shift_rows", "stop": "shift_rows"}
    report = lab.run("c", lab.request("aes256_m4", traces=600, target=target))

    assert report.cpa is not None
    assert (report.cpa.recovered, report.cpa.confident, len(report.cpa.bytes)) == (32, 32, 32)
    assert report.cpa.key == report.cpa.master_key == LONG_KEY
    assert "attacked in the second round" in (report.cpa.assumes or "")
    assert "32 of 32 key bytes stand out, 32 of them right" in report.headline
    assert report.cpa.chosen is not None
    assert report.cpa.chosen.flagged > 100
    assert report.cpa.window[1] <= report.alignment.samples < 500
    assert report.cpa.guessing_entropy is not None
    assert report.cpa.guessing_entropy[-1] == 0
    page = page_of(report)
    assert "the output of the AES-256 first-round S-box" in page
    assert "chosen by the t-test of a pilot of 512 traces" in page
    assert page.count("<tr data-byte=") == 32
    assert f'the key that follows is <span class="mono">{LONG_KEY}' in page


def test_all_of_a_chacha20_key_is_found_in_the_first_quarter_rounds(lab: Lab) -> None:
    report = lab.run(
        "c",
        lab.request("chacha20_m4", traces=4000, cpa={"intermediate": "chacha20-quarter-round", "window": (100, 300)}),
    )

    assert report.cpa is not None
    assert (report.cpa.recovered, report.cpa.confident) == (32, 32)
    assert report.cpa.master_key == LONG_KEY
    assert report.cpa.key != LONG_KEY  # sums of constants and key words come first
    assert {byte.place.function for byte in report.cpa.bytes} == {"quarter_round"}
    given_away = {finding.secret for finding in report.findings if finding.kind == "cpa"}
    assert given_away
    assert all((secret or "").startswith("key word byte") for secret in given_away)
    assert report.cpa.bytes[31].name == "key word 7, byte 3"
    assert "key word 7, byte 3" in page_of(report)


@pytest.mark.parametrize("intermediate", ["aes128-last-round", "aes128-last-round-hd"])
def test_kept_traces_give_the_correlations_of_the_report(lab: Lab, intermediate: str) -> None:
    request = lab.request(
        "aes128_m4",
        traces=300,
        plan="random",
        keep_traces=True,
        cpa={"intermediate": intermediate, "window": (3300, 3500)},
    )

    report = lab.run("c", request)

    traces, inputs = (np.load(lab.services.files.path("c", name)) for name in ("traces.npy", "inputs.npy"))
    outputs = ciphertexts(lab, request.model_dump(), inputs)
    assert report.cpa is not None
    for byte in report.cpa.bytes[::5]:
        undone = INVERSE_SBOX[outputs[:, byte.index] ^ byte.best_guess]
        if byte.model == "hd":
            undone = undone ^ outputs[:, SHIFTED[byte.index]]
        predicted = undone if byte.model == "value" else np.bitwise_count(undone)
        expected = np.corrcoef(predicted, traces[:, byte.sample])[0, 1]
        assert byte.rho == pytest.approx(expected, abs=1e-4)
    found = report.cpa.master_key
    assert found == ("2b7e151628aed2a6abf7158809cf4f3c" if intermediate == "aes128-last-round" else None)
    assert (report.max_snr is None) is intermediate.endswith("hd")
    assert (report.cpa.snr_absent is None) is not intermediate.endswith("hd")
    assert bool(report.series.snr) is not intermediate.endswith("hd")
    assert "the prediction depends on two bytes" in page_of(report) or not intermediate.endswith("hd")


def ciphertexts(lab: Lab, request: dict[str, Any], inputs: np.ndarray[Any, np.dtype[np.uint8]]) -> Any:
    asked = lab.of("aes128_m4", {**request, "cpa": None, "keep_traces": False})
    simulator = lab.services.simulator("", asked.firmware, asked.target)
    return simulator.run(inputs, simulator.path(inputs[0])).output


def test_a_mask_that_is_known_gives_the_masked_key_away(lab: Lab) -> None:
    cpa = {"intermediate": "aes128-masked-sbox-output", "mask": "masks[0:16]", "window": (2600, 2780)}

    one = lab.run("one", lab.request("aes128_masked_m4", traces=400, shards=1, cpa=cpa))
    three = lab.run(
        "three", lab.request("aes128_masked_m4", traces=400, shards=3, cpa=cpa), lambda shards: shards[::-1]
    )

    assert one.cpa is not None
    assert (one.cpa.recovered, one.cpa.confident) == (16, 16)
    assert one.digest == three.digest
    assert one.verdict != "leaks"  # a real attacker does not know them
    shown = [finding for finding in one.findings if finding.kind == "cpa"]
    assert shown
    assert all(finding.severity == "low" and "whoever knows the masks" in finding.title for finding in shown)
    assert one.cpa == three.cpa


def test_the_distance_of_two_known_bytes_shows_what_came_in_before_they_met(lab: Lab) -> None:
    """A register that holds p ^ k takes the next byte: the distance tells key bytes, or how neighbouring ones differ."""
    request = lab.request(
        "aes128_m4",
        traces=400,
        plan="random",
        power={"model": "hd"},
        cpa={"intermediate": "hd", "variables": ["plaintext[0:15]", "plaintext[1:16]"], "window": (700, 780)},
    )

    report = lab.run("c", request)

    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    assert report.cpa is not None
    for byte, (one, other) in zip(report.cpa.bytes, pairwise(key), strict=True):
        assert byte.best_guess in {one ^ other, one}  # both joined with the key, or the second not yet
    assert (
        sum(byte.best_guess == one ^ other for byte, (one, other) in zip(report.cpa.bytes, pairwise(key), strict=True))
        > 5
    )
    assert {byte.place.function for byte in report.cpa.bytes} == {"add_round_key"}
    assert (report.cpa.key_known, report.cpa.of, report.cpa.master_key) == (False, "offset", None)


def test_what_requests_could_not_say_before_is_in_the_digest_only_where_they_say_it(lab: Lab) -> None:
    told = {"intermediate": "aes128-sbox-output", "plaintext": "plaintext", "key": "key", "window": None}

    def attack_of(**cpa: Any) -> Any:
        plan = measured_plan("default", lab.request("aes128_m4", traces=64, cpa=cpa), lab.services)
        return identity(plan)["request"]["cpa"]

    assert attack_of() == told
    assert attack_of(word_bytes=1, mask=None, nonce="nonce") == told
    assert attack_of(nonce="key[0:12]") == told | {"nonce": "key[0:12]"}
