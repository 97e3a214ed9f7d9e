"""Whole campaigns: what they find, and that nothing but the request decides it."""

from pathlib import Path

import numpy as np
import pytest

from jobs.errors import Cancelled, InvalidInput, WorkerLost
from jobs.report import Kind, Verdict
from renode.unicorn_core import UnicornCore
from tests.workers.simulation.conftest import Lab, Watched, job_of
from workers.simulation.plan_file import PLAN, plan_of
from workers.simulation.shard import run_shard

either_engine = pytest.mark.parametrize("engine", ["unicorn", "lockstep"], indirect=True)
"""What campaigns are made of; others run in lanes alone, where Unicorn repeats an execution of every part."""

KEY = "2b7e151628aed2a6abf7158809cf4f3c"


@either_engine
@pytest.mark.parametrize("core", ["m0", "m4"])
def test_an_unprotected_aes_gives_all_its_key_bytes_away(lab: Lab, core: str) -> None:
    report = lab.run("c", lab.request(f"aes128_{core}", traces=1000))

    assert report.verdict is Verdict.LEAKS
    assert report.cpa is not None
    assert report.cpa.recovered == 16
    assert report.cpa.key == KEY
    leaking = [finding for finding in report.findings if finding.kind is Kind.CPA]
    assert leaking
    assert all((f.place.file or "").startswith("renode/firmware/aes128") and f.place.line for f in leaking)
    assert report.tvla is not None
    assert report.tvla.max_abs_t1 is not None
    assert report.tvla.max_abs_t1 > 20


def test_the_masked_aes_is_clean_at_first_order_outside_its_public_functions(lab: Lab) -> None:
    report = lab.run("c", lab.request("aes128_masked_m4", traces=8000, assess_order=1))

    assert [f.title for f in report.findings if f.kind in (Kind.TVLA_1, Kind.CPA)] == []
    assert report.verdict is Verdict.CLEAN
    assert {item.place for item in report.excluded} == {"mask_plaintext", "unmask_ciphertext"}
    assert any(item.leaking_samples for item in report.excluded)


def test_the_build_whose_mask_the_optimiser_removed_leaks_at_its_line(lab: Lab) -> None:
    report = lab.run("c", lab.request("aes128_masked_unsafe_m4", traces=8000, assess_order=1))

    assert report.verdict is Verdict.LEAKS
    first = next(finding for finding in report.findings if finding.kind is Kind.TVLA_1)
    assert (first.place.file or "").endswith("aes128_masked.c")


@either_engine
def test_a_leaky_compare_is_found_at_its_branch_and_a_constant_time_one_is_not(lab: Lab) -> None:
    leaky = lab.run("leaky", lab.request("compare_leaky_m4", traces=400))
    constant = lab.run("constant", lab.request("compare_ct_m4", traces=400))

    branches = [finding for finding in leaky.findings if finding.kind is Kind.CONTROL_FLOW]
    assert branches
    assert all((branch.place.file or "").endswith("compare_leaky.c") for branch in branches)
    assert leaky.alignment.kind == "common-prefix"
    assert leaky.alignment.compared_instructions < leaky.alignment.path_instructions
    assert any("left the reference path" in warning for warning in leaky.warnings)
    assert [finding for finding in constant.findings if finding.kind is Kind.CONTROL_FLOW] == []
    assert constant.alignment.kind == "full"


def test_one_three_and_sixteen_shards_in_any_order_give_one_digest_and_one_report(lab: Lab) -> None:
    reports = []
    for count in (1, 3, 16):
        request = lab.request("aes128_m4", traces=301, shards=count)
        reports.append(lab.run(f"c{count}", request, order=lambda shards: list(reversed(shards))))

    assert len({report.digest for report in reports}) == 1
    # How many executions fill lanes depends on how many come at once; what they gave does not.
    same = [report.model_dump(exclude={"campaign", "request", "timings", "execution"}) for report in reports]
    assert same[0] == same[1] == same[2]


@either_engine
def test_a_shard_says_how_many_traces_each_engine_has_executed_in_this_attempt(lab: Lab) -> None:
    split = lab.plan("c", lab.request("compare_ct_m4", traces=200, shards=1))
    (shard,) = split.children

    first, again = (run_shard(job_of(shard), Watched(shard.id), lab.services) for _ in range(2))

    assert first["traces"] == sum(first["engines"].values()) == 200
    assert bool(first["engines"]["lanes"]) is (lab.services.witness is not None)
    # What is there is not executed again.
    assert again == {"traces": 200, "engines": {"lanes": 0, "unicorn": 0}}


def test_another_seed_gives_another_digest(lab: Lab) -> None:
    digests = {lab.run(f"s{seed}", lab.request("compare_ct_m4", traces=64, seed=seed)).digest for seed in (1, 2)}

    assert len(digests) == 2


@either_engine
def test_every_step_may_happen_twice(lab: Lab) -> None:
    request = lab.request("aes128_m4", traces=200, shards=3)
    once = lab.run("once", request)

    split = lab.plan("twice", request)
    again = lab.plan("twice", request)
    lab.shards([*split.children, split.children[1]])
    first, second = lab.merge(split), lab.merge(split)

    assert split == again
    assert first == second
    assert lab.report("twice").digest == once.digest


def test_a_shard_stopped_half_way_leaves_nothing_that_counts_twice(lab: Lab) -> None:
    request = lab.request("aes128_m4", traces=200, shards=2)
    expected = lab.run("whole", request).digest
    split = lab.plan("c", request)
    stopped = Watched(split.children[0].id, stop=WorkerLost("taken over"))

    with pytest.raises(WorkerLost):
        run_shard(job_of(split.children[0]), stopped, lab.services)
    lab.shards(split.children)
    lab.merge(split)

    assert lab.report("c").digest == expected


def test_a_cancelled_campaign_leaves_no_parts(lab: Lab) -> None:
    split = lab.plan("c", lab.request("aes128_m4", traces=200, shards=2))
    lab.shards(split.children[:1])
    stopped = Watched(split.children[1].id, stop=Cancelled("stop"))

    with pytest.raises(Cancelled):
        run_shard(job_of(split.children[1]), stopped, lab.services)

    assert lab.services.files.names("c") == [PLAN]


def test_partial_verdicts_and_progress_are_published_while_it_runs(lab: Lab) -> None:
    split = lab.plan("c", lab.request("aes128_m4", traces=200, shards=2))

    attempts = lab.shards(split.children)

    said = [partial for attempt in attempts for job, partial in attempt.partials if job == "c"]
    partials = [partial for partial in said if "path" not in partial]
    assert [partial["traces"] for partial in partials] == [100, 200]
    assert partials[-1]["max_abs_t"] > 4.5
    assert all(attempt.reports[-1].done == attempt.reports[-1].total == 100 for attempt in attempts)


def test_kept_traces_give_the_same_statistics_to_any_tool(lab: Lab) -> None:
    report = lab.run("c", lab.request("aes128_m4", traces=300, keep_traces=True, shards=3))

    traces = np.load(lab.services.files.path("c", "traces.npy"))
    sets = np.load(lab.services.files.path("c", "groups.npy")) & 1
    assert traces.shape == (300, report.alignment.samples)
    fixed, varied = traces[sets == 0].astype(float), traces[sets == 1].astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (fixed.mean(0) - varied.mean(0)) / np.sqrt(fixed.var(0, ddof=1) / 150 + varied.var(0, ddof=1) / 150)
    np.testing.assert_allclose(t, np.array(report.series.t1, float), atol=1e-3)


def test_more_traces_than_may_be_kept_are_refused_by_name(lab: Lab) -> None:
    with pytest.raises(InvalidInput) as refused:
        lab.plan("c", lab.request("aes128_m4", traces=1_000_000, keep_traces=True))

    assert refused.value.field == "keep_traces"


@either_engine
def test_a_trigger_limits_the_trace_and_one_that_never_runs_is_refused(lab: Lab) -> None:
    whole = lab.run("whole", lab.request("aes128_m4", traces=64))
    body = lab.request("aes128_m4", traces=64).model_dump(mode="json")
    start, stop = (hex(whole.series.pcs[index]) for index in (1000, 1500))

    body["target"]["trigger"] = {"start": start, "stop": stop}
    cut = lab.run("cut", lab.of("aes128_m4", body))
    body["target"]["trigger"] = {"start": stop, "stop": "0x8000000"}

    assert 0 < cut.alignment.samples < whole.alignment.samples
    assert cut.series.pcs[0] == int(start, 16)
    with pytest.raises(InvalidInput) as refused:
        lab.plan("never", lab.of("aes128_m4", body))
    assert refused.value.field == "target.trigger.stop"


def test_every_power_model_and_sampling_gives_a_report(lab: Lab) -> None:
    for index, model in enumerate(("identity", "hw", "hd", "hw+hd", "elmo-like-linear")):
        power = {"model": model, "sampling": "cycle", "noise_sigma": 2.0}
        report = lab.run(f"c{index}", lab.request("compare_ct_m4", traces=64, power=power))

        assert report.power.model == model
        assert report.power.calibration == "uncalibrated"
        assert report.alignment.samples >= report.alignment.compared_instructions


@either_engine
def test_without_noise_samples_are_exact(lab: Lab) -> None:
    request = lab.request("aes128_m4", traces=64, power={"model": "hw", "noise_sigma": 0}, keep_traces=True)

    report = lab.run("c", request)

    traces = np.load(lab.services.files.path("c", "traces.npy"))
    assert (1 / report.power.step).is_integer()
    np.testing.assert_array_equal(traces, np.rint(traces))
    fixed = traces[(np.load(lab.services.files.path("c", "groups.npy")) & 1) == 0]
    assert (fixed == fixed[0]).all()


def test_few_traces_that_show_nothing_are_not_called_clean(lab: Lab) -> None:
    report = lab.run("c", lab.request("aes128_masked_m4", traces=40, assess_order=1, cpa=None))

    assert report.verdict is Verdict.INSUFFICIENT
    assert not report.sufficiency.sufficient


def test_a_plan_without_sets_has_no_t_test_and_says_why(lab: Lab) -> None:
    report = lab.run("c", lab.request("aes128_m4", traces=400, plan="random"))
    neither = lab.run("n", lab.request("aes128_m4", traces=64, plan="random", cpa=None))

    assert report.tvla is None
    assert "random" in (report.tvla_absent or "")
    assert report.cpa is not None
    assert report.cpa.recovered == 16
    assert "neither a t-test nor an attack" in neither.headline


@either_engine
def test_executions_out_of_budget_end_as_a_finding(lab: Lab) -> None:
    body = lab.request("aes128_m4", traces=64).model_dump(mode="json")
    body["target"]["max_cycles"] = 1000

    report = lab.run("c", lab.of("aes128_m4", body))

    assert report.verdict is Verdict.FAULT
    assert [finding.kind for finding in report.findings] == [Kind.BUDGET]
    assert report.alignment.faulted_traces == 64
    assert report.tvla is None


def test_an_unknown_power_model_is_refused_by_name(lab: Lab) -> None:
    request = lab.request("compare_ct_m4", traces=64, power={"model": "no-such"})

    with pytest.raises(InvalidInput) as refused:
        lab.run("c", request)

    assert refused.value.field == "power.model"


def test_silence_about_code_that_nobody_looked_at_is_not_clean(lab: Lab) -> None:
    body = lab.request("compare_leaky_m4", traces=400).model_dump(mode="json")
    body["target"]["public"] = [{"symbol": "compare_leaky", "reason": "to hide its branch"}]
    hidden = lab.run("hidden", lab.of("compare_leaky_m4", body))
    body = lab.request("aes128_m4", traces=2000, plan="random").model_dump(mode="json")
    body["cpa"]["window"] = [0, 10]
    narrow = lab.run("narrow", lab.of("aes128_m4", body))

    assert (hidden.verdict, narrow.verdict) == (Verdict.INSUFFICIENT, Verdict.INSUFFICIENT)
    assert "declared public" in hidden.sufficiency.why
    assert "not looked at" in narrow.sufficiency.why


@pytest.mark.parametrize("traces", [8, 17, 36])
def test_a_handful_of_traces_gives_a_report_and_no_false_claims(lab: Lab, traces: int) -> None:
    report = lab.run("c", lab.request("aes128_m4", traces=traces))

    if report.cpa is not None:
        right = sum(byte.confident and byte.rank == 0 for byte in report.cpa.bytes)
        assert f"{report.cpa.confident} of 16 key bytes stand out, {right} of them right" in report.headline or (
            report.cpa.confident == 0
        )
        assert list(report.cpa.checkpoints) == sorted(set(report.cpa.checkpoints))


def test_the_report_does_not_depend_on_what_its_worker_did_before(lab: Lab) -> None:
    request = lab.request("compare_leaky_m4", traces=64)
    used = lab.run("used", request)
    elf = lab.elfs["compare_leaky_m4"]
    fresh = Lab(lab.services._replace(simulator=lambda _tenant, _firmware, target: UnicornCore(elf, target)), lab.elfs)

    split = lab.plan("fresh", request)
    lab.shards(split.children)
    fresh.merge(split)

    assert fresh.report("fresh").rows == used.rows


@either_engine
def test_kept_traces_say_what_was_not_measured(lab: Lab) -> None:
    body = lab.request("compare_leaky_m4", traces=200, keep_traces=True).model_dump(mode="json")
    body["target"]["max_cycles"] = 60
    report = lab.run("c", lab.of("compare_leaky_m4", body))

    traces = np.load(lab.services.files.path("c", "traces.npy"))
    groups = np.load(lab.services.files.path("c", "groups.npy"))
    assert report.alignment.faulted_traces > 0
    assert (groups == 255).sum() == report.alignment.faulted_traces
    assert np.isnan(traces).any()
    assert not np.isnan(traces[:, : report.alignment.samples][groups != 255]).any()


def test_a_cycle_sampled_trace_has_as_many_samples_as_the_path_took_cycles(lab: Lab) -> None:
    power = {"model": "hw", "sampling": "cycle", "noise_sigma": 1}
    lab.plan("c", lab.request("aes128_m4", traces=64, power=power))

    plan = plan_of(lab.services.files, "c")

    assert plan.cycles.min() >= 1
    assert plan.cycles.sum() == plan.path.cycles


def test_the_digest_stands_for_the_power_model_too(lab: Lab, tmp_path: Path) -> None:
    request = lab.request("compare_ct_m4", traces=64, power={"model": "hw", "noise_sigma": 0})
    once = lab.run("once", request).digest
    models = tmp_path / "models"
    models.mkdir()
    text = (lab.services.power_models / "hw.toml").read_text(encoding="utf-8")
    (models / "hw.toml").write_text(text.replace("value = 1.0", "value = 2.0"), encoding="utf-8")

    doubled = Lab(lab.services._replace(power_models=models), lab.elfs).run("doubled", request)

    assert doubled.digest != once


def test_a_finished_merge_that_is_repeated_takes_late_parts_away(lab: Lab) -> None:
    split = lab.plan("c", lab.request("compare_ct_m4", traces=64, shards=2))
    lab.shards(split.children)
    lab.merge(split)

    lab.shards(split.children)
    lab.merge(split)

    assert [name for name in lab.services.files.names("c") if name.startswith("sums")] == []
