import json
from typing import Any

import numpy as np
import pytest

from jobs.errors import InvalidInput
from jobs.measuring import MeasuredAttack
from jobs.report import SAMPLES, Kind, Report, Verdict
from tests.workers.simulation.conftest import CAMPAIGNS, Lab
from tests.workers.simulation.measured.conftest import Bench, Kept, npz


def code(lab: Lab, **changes: Any) -> dict[str, Any]:
    """Return what an import says of our AES: its traces have a sample an instruction, so most cycles are guessed."""
    body = json.loads((CAMPAIGNS / "aes128_m4.json").read_text())
    firmware = lab.request("aes128_m4").firmware
    return {
        "firmware": firmware,
        "target": body["target"] | changes,
        "clock": {"samples_per_cycle": 1},
        "cpa": {"window": [0, 300]},
    }


def test_measured_traces_give_the_statistics_of_the_campaign_that_made_them(bench: Bench, kept: Kept) -> None:
    report = bench.take_in(kept.npz(), cpa={"window": [0, 3574]})

    assert report.verdict is Verdict.LEAKS
    assert report.measured is not None
    assert (report.measured.groups, report.measured.key) == ("given", "file")
    assert report.firmware is None
    for name, tolerance in (("t1", 2e-3), ("rho", 2e-4), ("mean", 2e-2)):
        ours, theirs = (np.array(getattr(one.series, name), np.float64) for one in (report, kept.report))
        np.testing.assert_allclose(ours, theirs, atol=tolerance)
    assert report.cpa is not None
    assert kept.report.cpa is not None
    assert report.cpa.key == kept.report.cpa.key
    assert report.cpa.recovered == 16
    assert report.constant_time is None
    assert {row.place.mnemonic for row in report.rows} == {SAMPLES}
    page = bench.lab.services.files.path("m", "report.html").read_text()
    assert "Which instruction a sample belongs to is not known" in page


def test_the_same_file_gives_the_same_digest_whatever_it_is_called(bench: Bench, kept: Kept) -> None:
    few: dict[str, Any] = {
        "traces": kept.traces[:200, :100],
        "plaintext": kept.plaintext[:200],
        "groups": kept.groups[:200],
    }

    reports = [bench.take_in(npz(few), f"m{number}", name=f"name {number}", cpa=None) for number in range(2)]
    other = bench.take_in(npz(few | {"traces": kept.traces[1:201, :100]}), "m2", cpa=None)

    assert reports[0].digest == reports[1].digest
    assert other.digest != reports[0].digest


def test_random_labels_show_nothing_at_the_stated_rate(bench: Bench, kept: Kept) -> None:
    rng = np.random.default_rng(7)
    random = kept.traces[kept.groups % 2 == 1][:, :400]
    found = []
    for number in range(3):
        groups = rng.permutation(np.arange(len(random)) % 2).astype(np.uint8)
        report = bench.take_in(npz({"traces": random, "group": groups}), f"m{number}")
        found.append(report)

    assert [report.verdict for report in found] == [Verdict.INSUFFICIENT] * 3
    t1 = np.array([report.series.t1 for report in found], float)
    assert np.abs(t1).max() < 4.5
    assert 0.03 < (np.abs(t1) > 1.96).mean() < 0.07
    assert {report.cpa_absent for report in found} == {"the file does not tell the plaintexts"}


def test_a_file_without_plaintexts_has_no_attack_unless_it_is_asked_for_one(bench: Bench, kept: Kept) -> None:
    file = npz({"traces": kept.traces[:50, :20]})

    # A job is stored with its defaults: they are no wish.
    report = bench.take_in(file, "m", cpa=MeasuredAttack().model_dump(mode="json"))
    with pytest.raises(InvalidInput) as refused:
        bench.take_in(file, "n", cpa={"plaintext": "texts"})

    assert report.cpa_absent == "the file does not tell the plaintexts"
    assert refused.value.field == "cpa.plaintext"


def test_samples_belong_to_instructions_where_the_code_is_known(bench: Bench, kept: Kept, lab: Lab) -> None:
    cycles = lab.services.simulator("default", lab.request("aes128_m4").firmware, lab.request("aes128_m4").target)
    row = np.concatenate([kept.key[0], kept.plaintext[0]])
    path = cycles.path(row)
    # One sample a cycle: what an instruction of several cycles draws is in its last one.
    sampled = np.random.default_rng(7).normal(size=(600, path.cycles)).astype(np.float32)
    sampled[:, np.append(path.begins[1:], path.cycles) - 1] = kept.traces[:600]
    values = {"plaintext": kept.plaintext[:600], "key": kept.key[:600], "groups": kept.groups[:600]}

    report = bench.take_in(npz({"traces": sampled, **values}), **code(lab))

    assert report.measured is not None
    assert report.measured.mapped is not None
    assert (report.measured.mapped.before, report.measured.mapped.after) == (0, 0)
    assert report.code.core == "cortex-m4"
    before = {finding.place.address for finding in kept.report.findings if finding.kind is Kind.TVLA_1}
    leaking = [finding.place for finding in report.findings if finding.kind is Kind.TVLA_1 and finding.sufficient]
    assert leaking
    assert {place.address for place in leaking} <= before
    assert {place.function for place in leaking} & {"sub_bytes", "aes128_encrypt"}
    assert {entry.place for entry in report.excluded} == {"load_plaintext", "store_ciphertext"}


def test_traces_of_another_firmware_are_refused(bench: Bench, kept: Kept, lab: Lab) -> None:
    values = {"plaintext": kept.plaintext[:50], "key": kept.key[:50], "ciphertext": kept.plaintext[:50]}

    with pytest.raises(InvalidInput, match="these are not its traces") as refused:
        bench.take_in(npz({"traces": kept.traces[:50, :100], **values}), **code(lab))

    assert (refused.value.field, refused.value.reason) == ("firmware", "other-output")


def test_an_input_that_the_file_does_not_tell_needs_a_value(bench: Bench, kept: Kept, lab: Lab) -> None:
    body = code(lab)
    for item in body["target"]["inputs"]:
        item.pop("value", None)

    with pytest.raises(InvalidInput, match="do not tell what plaintext was") as refused:
        bench.take_in(npz({"traces": kept.traces[:50, :100], "key": kept.key[:50]}), **body)

    assert refused.value.field == "target.inputs.1"


@pytest.mark.parametrize(
    ("fields", "arrays", "told"),
    [
        ({}, {"key": "varies"}, "the key changes from trace to trace"),
        ({}, {"plaintext": "short"}, "the plaintexts have 8 bytes, not the 16 of AES-128"),
        ({"cpa": None}, {}, "the import asked for none"),
    ],
)
def test_the_reason_is_told_where_there_is_no_attack(
    bench: Bench, kept: Kept, fields: dict[str, Any], arrays: dict[str, str], told: str
) -> None:
    values: dict[str, Any] = {
        "traces": kept.traces[:100, :50],
        "plaintext": kept.plaintext[:100],
        "key": kept.key[:100],
    }
    if "key" in arrays:
        values["key"] = kept.plaintext[:100]
    if "plaintext" in arrays:
        values["plaintext"] = kept.plaintext[:100, :8]

    report = bench.take_in(npz(values), groups="none", **fields)

    assert (report.cpa, report.cpa_absent) == (None, told)
    assert report.tvla_absent == "The import wants no t-test."


def test_a_key_of_the_request_is_ranked(bench: Bench, kept: Kept) -> None:
    values: dict[str, Any] = {
        "traces": kept.traces[:600, :1200],
        "plaintext": kept.plaintext[:600],
        "groups": kept.groups[:600],
    }

    report = bench.take_in(npz(values), key=kept.key[0].tobytes().hex())

    assert report.measured is not None
    assert report.measured.key == "request"
    assert report.cpa is not None
    assert report.cpa.recovered == 16


def test_an_import_that_is_repeated_is_not_done_again(bench: Bench, kept: Kept) -> None:
    data = npz({"traces": kept.traces[:50, :20], "plaintext": kept.plaintext[:50]})
    first = bench.take_in(data, cpa=None)
    bench.lab.services.files.delete("m", "traces.npy")

    again = bench.take_in(data, cpa=None)

    assert again == first


def test_a_report_of_before_there_was_measuring_is_still_read(kept: Kept) -> None:
    told = kept.report.model_dump(mode="json")
    del told["measured"]

    assert Report.model_validate(told).measured is None


def test_an_import_that_is_refused_leaves_nothing_behind(bench: Bench) -> None:
    traces = np.full((40, 30), np.nan, np.float32)

    with pytest.raises(InvalidInput, match="not a number"):
        bench.take_in(npz({"traces": traces}))

    assert bench.lab.services.files.names("m") == []
