"""Sequential campaigns: decided by the first traces alone, early where they can be, the same whoever runs them."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from jobs.report import Kind, Report, Severity, Verdict
from tests.workers.simulation.conftest import Lab, Watched, job_of
from workers.simulation.look_cuts import look_cuts
from workers.simulation.part import LOOK, stored
from workers.simulation.plan_file import plan_of
from workers.simulation.prefix import Decided, UntilDecided, decided_at
from workers.simulation.shard import run_shard

LOOKS = {"error_rate": 0.001, "looks": 8}
NOISY = {"model": "hw", "sampling": "instruction", "noise_sigma": 16.0}
"""With which the AES is decided at the third look of eight at 3,200 traces."""


def same(report: Report) -> dict[str, Any]:
    return report.model_dump(exclude={"campaign", "request", "timings", "execution"})


def noisy(lab: Lab, **changes: Any) -> Any:
    return lab.request("aes128_m4", **{"traces": 3200, "cpa": None, "power": NOISY, "sequential": LOOKS, **changes})


@pytest.mark.parametrize("cpa", [True, False])
def test_a_leaking_aes_is_decided_at_the_first_look(lab: Lab, cpa: bool) -> None:
    changes: dict[str, Any] = {} if cpa else {"cpa": None}
    report = lab.run("c", lab.request("aes128_m4", traces=2000, sequential=LOOKS, **changes))

    found = report.sequential
    assert found is not None
    assert (found.decided, report.verdict) == ("leaks", Verdict.LEAKS)
    assert report.traces == found.traces == found.looks[-1].traces == 248
    assert found.looks[-1].p_log10 < found.looks[-1].nominal_p_log10
    assert report.tvla is not None
    assert report.tvla.traces_fixed + report.tvla.traces_random == 248
    assert report.tvla.max_abs_t1 == found.looks[-1].max_abs_t1
    if cpa:
        assert report.cpa is not None
        assert report.cpa.traces == report.tvla.traces_random
        assert report.cpa.checkpoints[-1] <= report.cpa.traces


@pytest.mark.parametrize("noise", [{}, {"keep_traces": True}], ids=["by law", "per trace"])
def test_any_shards_in_any_order_with_any_restart_give_one_report(lab: Lab, noise: dict[str, Any]) -> None:
    once = lab.run("once", noisy(lab, shards=1, **noise))
    request = noisy(lab, shards=24, **noise)
    backwards = lab.run("backwards", request, order=lambda shards: list(reversed(shards)))
    split = lab.plan("c", request)
    for shard in split.children[:4]:
        run_shard(job_of(shard), Watched(shard.id), lab.services)
        run_shard(job_of(shard), Watched(shard.id), lab.services)
    files = lab.services.files
    for name in files.names("c"):
        if name.startswith(LOOK):  # as of a worker that was killed before it looked
            files.delete("c", name)
    lab.shards(split.children[4:])
    lab.merge(split)

    assert once.sequential is not None
    assert 1 < len(once.sequential.looks) < 8
    assert once.sequential.decided == "leaks"
    assert same(once) == same(backwards) == same(lab.report("c"))
    left = [name for name in files.names("c") if name.startswith(("sums-", LOOK))]
    assert left == []


def test_shards_behind_the_decision_do_not_run(lab: Lab) -> None:
    split = lab.plan("c", noisy(lab))
    plan = plan_of(lab.services.files, "c")

    results = [run_shard(job_of(shard), Watched(shard.id), lab.services) for shard in split.children]

    took = decided_at("c", lab.services.files)
    assert took is not None
    assert sum(result["traces"] for result in results) == took < 3200
    assert stored(lab.services.files, "c")[-1][1] == took
    assert [first for first, _ in plan.shards if first >= took]
    attempt = UntilDecided(Watched(), "c", lab.services.files)
    with pytest.raises(Decided):
        attempt.check()


def test_a_target_that_does_not_leak_is_clean_as_soon_as_a_difference_would_have_shown(lab: Lab) -> None:
    request = lab.request("aes128_masked_m4", traces=8000, cpa=None, sequential=LOOKS, minimum_effect=0.3)
    report = lab.run("c", request)

    found = report.sequential
    assert found is not None
    assert (found.decided, report.verdict) == ("clean", Verdict.CLEAN)
    assert found.traces == report.traces < 8000
    last, before = found.looks[-1].minimum_effect, found.looks[-2].minimum_effect
    assert last is not None
    assert before is not None
    assert last <= 0.3 < before
    assert all(finding.severity is Severity.LOW for finding in report.findings)


def test_the_error_rate_covers_what_is_called_a_finding_and_not_what_is_over_4_5(lab: Lab) -> None:
    """At such a rate no look can decide: what goes over 4.5 in both halves is shown, and calls nothing leaking."""
    report = lab.run("c", lab.request("aes128_m4", traces=64, cpa=None, sequential={"error_rate": 1e-60, "looks": 2}))

    assert report.sequential is not None
    assert (report.sequential.decided, report.verdict) == ("not-decided", Verdict.INSUFFICIENT)
    assert report.tvla is not None
    assert report.tvla.leaking_samples_1 > 10
    assert {finding.severity for finding in report.findings} == {Severity.LOW}
    assert not any(finding.sufficient for finding in report.findings)


def test_executions_that_part_decide_at_the_first_look(lab: Lab) -> None:
    report = lab.run("c", lab.request("compare_leaky_m4", traces=400, sequential=LOOKS))

    assert report.sequential is not None
    assert report.sequential.decided in {"control-flow", "leaks"}
    assert len(report.sequential.looks) == 1
    assert any(finding.kind is Kind.CONTROL_FLOW for finding in report.findings)


def test_what_decides_is_a_finding_also_below_the_line_of_one_test(lab: Lab) -> None:
    """With 72 tests at a rate of 0.1 the last boundary is 3.2: seeds where a clean target goes over it by chance."""
    for seed in (15, 21):
        request = lab.request("compare_ct_m4", traces=256, seed=seed, sequential={"error_rate": 0.1, "looks": 4})
        report = lab.run(f"c{seed}", request)

        assert report.sequential is not None
        assert (report.sequential.decided, report.verdict) == ("leaks", Verdict.LEAKS)
        assert report.sequential.looks[-1].boundary < 4.5
        worst = report.findings[0]
        assert worst.value is not None
        assert abs(worst.value) < 4.5
        assert worst.p_log10 is not None
        assert worst.p_log10 < report.sequential.looks[-1].nominal_p_log10


def test_a_loop_of_a_public_length_decides_nothing_where_the_check_tells_it_apart(lab: Lab) -> None:
    asked: dict[str, Any] = {"plan": "fixed_vs_random", "traces": 400, "sequential": LOOKS}
    without = lab.run("without", lab.request("checksum_m4", **asked, constant_time=None))
    checked = lab.run("checked", lab.request("checksum_m4", **asked, constant_time={"executions": 160}))

    assert without.sequential is not None
    assert (without.sequential.decided, without.verdict) == ("control-flow", Verdict.LEAKS)
    assert checked.sequential is not None
    assert checked.sequential.decided != "control-flow"
    assert not any(finding.kind is Kind.CONTROL_FLOW for finding in checked.findings)


def test_traces_that_are_kept_end_with_the_decision(lab: Lab) -> None:
    report = lab.run("c", lab.request("aes128_m4", traces=400, keep_traces=True, cpa=None, sequential=LOOKS))

    assert report.sequential is not None
    assert report.traces < 400
    for name in ("traces.npy", "inputs.npy", "groups.npy"):
        kept = np.load(lab.services.files.path("c", name))
        assert len(kept) == report.traces
    assert set(kept.tolist()) == {0, 1, 2, 3}


def test_what_is_shown_while_it_runs_is_what_the_report_says(lab: Lab) -> None:
    request = lab.request("compare_ct_m4", traces=800, sequential={"error_rate": 0.001, "looks": 2})
    split = lab.plan("c", request)
    attempts = lab.shards(split.children)
    lab.merge(split)

    last = attempts[-1].partials[-1][1]
    report = lab.report("c")
    assert report.tvla is not None
    assert last["traces"] == report.traces == 800
    assert last["max_abs_t"] == report.tvla.max_abs_t1
    assert report.sequential is not None
    assert (last["looks"]["taken"], last["looks"]["decided"]) == (2, report.sequential.decided)


def test_no_look_lies_where_a_t_test_does_not_keep_its_rate(lab: Lab) -> None:
    with pytest.raises(ValidationError, match="64 traces"):
        lab.request("aes128_m4", traces=63, sequential=LOOKS)
    looks = look_cuts(lab.request("aes128_m4", traces=200, sequential=LOOKS))

    assert looks == (76, 100, 124, 152, 176, 200)


@pytest.mark.parametrize("asked", ["sequential", "bivariate"])
def test_only_fixed_against_random_has_two_sets_to_compare(lab: Lab, asked: str) -> None:
    body: dict[str, Any] = {"sequential": LOOKS, "bivariate": {"window": [0, 9]}}

    with pytest.raises(ValidationError, match="fixed_vs_random"):
        lab.request("aes128_m4", plan="random", **{asked: body[asked]})
