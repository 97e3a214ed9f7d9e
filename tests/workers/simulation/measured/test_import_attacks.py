"""Files whose traces leak an intermediate: taken in, attacked by it, and told in the report."""

import io
from typing import Any

import h5py
import numpy as np
import pytest

from jobs.errors import InvalidInput
from jobs.report import Kind, Severity, Verdict
from tests.workers.simulation.measured.conftest import Bench, npz
from tests.workers.simulation.measured.leaking import (
    TRACES,
    Leaking,
    chacha20,
    combined,
    drawn,
    first_round,
    last_round,
    masked,
)


def archive(made: Leaking, *, leaks: bool = True, **others: Any) -> bytes:
    """Return traces as an archive."""
    return npz({"traces": made.traces(leaks=leaks), **made.values, **others})


@pytest.mark.parametrize(
    ("made", "what", "of", "recovered"),
    [
        (first_round("aes256"), "AES-256 first-round S-box (second-round from key byte 16 on)", "key", 32),
        (last_round("aes128"), "the input of the last S-box of AES-128", "round key 10", 16),
        (last_round("aes192", overwritten=True), "ciphertext byte that replaces it", "round key 12", 16),
        (chacha20(), "ChaCha20's first column round", "key word", 32),
        (combined("add", ("challenge", "pad"), word_bytes=4), "challenge + pad", "pad", 16),
    ],
)
def test_the_report_of_an_import_is_about_its_own_intermediate(
    bench: Bench, made: Leaking, what: str, of: str, recovered: int
) -> None:
    report = bench.take_in(archive(made), cpa=made.cpa)

    cpa = report.cpa
    assert cpa is not None
    assert (cpa.intermediate, cpa.of, cpa.traces) == (made.cpa["intermediate"], of, TRACES)
    assert what in cpa.what
    assert (cpa.recovered, cpa.confident, len(cpa.bytes)) == (recovered, recovered, recovered)
    assert (cpa.key, cpa.master_key) == (made.truth.hex(), None if made.key is None else made.key.hex())
    assert report.verdict is Verdict.LEAKS
    assert f"{recovered} of {recovered} {of} bytes stand out, {recovered} of them right" in report.headline
    assert {finding.kind for finding in report.findings} == {Kind.CPA}
    assert any(of in finding.title for finding in report.findings)
    assert (report.max_snr is None) == (cpa.snr_absent is not None)
    assert report.measured is not None
    assert report.measured.key == "file"
    page = bench.lab.services.files.path("m", "report.html").read_text()
    assert made.cpa["intermediate"] in page


def test_traces_without_the_leak_make_no_verdict_of_it(bench: Bench) -> None:
    made = last_round("aes256")

    report = bench.take_in(archive(made, leaks=False), cpa=made.cpa)

    assert report.cpa is not None
    assert report.cpa.confident == 0
    assert report.cpa.recovered is not None
    assert report.cpa.recovered <= 1
    assert report.verdict is Verdict.INSUFFICIENT
    assert [finding for finding in report.findings if finding.kind is Kind.CPA] == []


def test_noise_of_few_traces_has_no_ratio(bench: Bench) -> None:
    made = first_round("aes128")
    few = {name: value[:40] if len(value) == TRACES else value for name, value in made.values.items()}

    report = bench.take_in(npz({"traces": made.traces(leaks=False)[:40], **few}), cpa=made.cpa)

    assert report.cpa is not None
    assert report.max_snr is None
    assert report.cpa.snr_absent is not None
    assert report.cpa.snr_absent.startswith("too few traces")
    assert all(row.max_snr is None for row in report.rows)
    assert report.series.snr == ()


def test_an_attack_that_knows_the_masks_makes_no_verdict(bench: Bench) -> None:
    made = masked("masks[0:16]", 18)
    values = {"plaintext": made.values["plaintext"], "key": made.values["key"], "masks": made.values["mask"]}

    known = bench.take_in(npz({"traces": made.traces(), **values}), "known", cpa=made.cpa)
    unknown = bench.take_in(
        npz({"traces": made.traces(), **values}), "unknown", cpa={"intermediate": "aes128-masked-sbox-output"}
    )

    assert known.cpa is not None
    assert (known.cpa.conditional, known.cpa.recovered) == (True, 16)
    assert {finding.severity for finding in known.findings} == {Severity.LOW}
    assert known.verdict is not Verdict.LEAKS
    assert unknown.cpa is not None
    assert (unknown.cpa.conditional, unknown.cpa.confident) == (False, 0)


def test_a_value_that_the_attack_names_is_read_from_any_form(bench: Bench) -> None:
    made = combined("xor", ("challenge", "pad[0:16]"))
    rows = {name: np.broadcast_to(value, (TRACES, 16)) for name, value in made.values.items()}
    head = "challenge,pad," + ",".join(f"s{number}" for number in range(made.traces().shape[1]))
    lines = [
        f"{challenge.tobytes().hex()},{pad.tobytes().hex()},{','.join(f'{sample:.6g}' for sample in trace)}"
        for challenge, pad, trace in zip(rows["challenge"], rows["pad"], made.traces(), strict=True)
    ]
    file = io.BytesIO()
    with h5py.File(file, "w") as out:
        out["traces"] = made.traces()
        out["challenge"], out["pad"] = rows["challenge"], rows["pad"]
    files = {"csv": "\n".join([head, *lines]).encode(), "hdf5": file.getvalue(), "npz": archive(made)}

    reports = {form: bench.take_in(data, form, cpa=made.cpa) for form, data in files.items()}

    for form, report in reports.items():
        assert report.measured is not None
        assert (report.measured.form, report.measured.values) == (form, {"challenge": 16, "pad": 16})
        assert report.cpa is not None
        assert (report.cpa.recovered, report.cpa.key) == (16, made.truth.hex())


def test_a_value_that_no_attack_names_is_not_read(bench: Bench) -> None:
    made = chacha20()

    report = bench.take_in(archive(made), cpa=None)

    assert report.measured is not None
    assert set(report.measured.values) == {"nonce", "key"}
    assert report.measured.notes == ("not read: counter",)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"cpa": {"intermediate": "aes128-last-round"}}, "cpa.ciphertext"),
        ({"cpa": {"intermediate": "aes256-sbox-output"}}, "cpa.key"),
        ({"cpa": {"intermediate": "xor", "variables": ["plaintext", "pad"]}}, "cpa.variables"),
        ({"cpa": {"intermediate": "aes128-masked-sbox-output", "mask": "masks"}}, "cpa.mask"),
        ({"values": {"counter": "ctr"}, "cpa": {"intermediate": "chacha20-quarter-round"}}, "values.counter"),
    ],
)
def test_an_import_is_refused_by_what_its_file_does_not_hold_and_leaves_nothing(
    bench: Bench, fields: dict[str, Any], field: str
) -> None:
    made = first_round("aes128")

    with pytest.raises(InvalidInput) as refused:
        bench.take_in(archive(made), **fields)

    assert refused.value.field == field
    assert bench.lab.services.files.names("m") == []


def test_a_value_that_has_another_name_is_told_among_what_was_not_read(bench: Bench) -> None:
    made = combined("xor", ("challenge", "pad"))

    with pytest.raises(InvalidInput, match="names answer; there are: pad; not read: challenge"):
        bench.take_in(archive(made), cpa=made.cpa | {"variables": ("answer", "pad")})


def test_fixed_against_random_is_attacked_over_the_random_set_alone(bench: Bench) -> None:
    made = last_round("aes128")
    groups = (np.arange(TRACES) % 2).astype(np.uint8)
    out = made.values["ciphertext"].copy()
    out[groups == 0] = drawn(8, 16)[0]
    traces = made.traces()

    report = bench.take_in(
        npz({"traces": traces, "ciphertext": out, "key": made.values["key"], "group": groups}), cpa=made.cpa
    )

    assert report.cpa is not None
    assert (report.cpa.traces, report.cpa.recovered) == (TRACES // 2, 16)


def test_the_digest_of_the_attack_that_was_always_there_says_nothing_of_later_fields(bench: Bench) -> None:
    made = first_round("aes128")

    default = bench.take_in(archive(made), "default")
    spoken = bench.take_in(archive(made), "spoken", cpa={"word_bytes": 1, "mask": None, "ciphertext": "ciphertext"})
    other = bench.take_in(archive(made), "other", cpa={"intermediate": "aes128-masked-sbox-output"})

    assert default.digest == spoken.digest
    assert default.digest != other.digest
