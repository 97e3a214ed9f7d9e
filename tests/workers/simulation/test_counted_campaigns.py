"""Campaigns whose traces are only counted: the same answers, whatever ran them and in whatever pieces."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.errors import Cancelled, WorkerLost
from jobs.report import Report, Verdict
from renode.trace import Levels, Outcomes
from renode.trace import Path as Reference
from renode.unicorn_core import UnicornCore
from stores import curves
from tests.workers.simulation.conftest import Lab, Watched, job_of
from tests.workers.simulation.test_estimate import estimated
from tests.workers.simulation.test_live import bucketed
from workers.simulation import part as parts
from workers.simulation.inputs import GROUPS
from workers.simulation.moments import PowerSums
from workers.simulation.pace import ENGINE_ROWS
from workers.simulation.plan import BIN_BYTES, CHECKPOINTS, CampaignPlan, Noise, sample_plan
from workers.simulation.plan_file import PLAN, plan_of, read, written
from workers.simulation.run import Runner
from workers.simulation.settle import settler_of
from workers.simulation.shard import run_shard
from workers.simulation.shards import PARTS_BYTES, shards_of
from workers.simulation.tallies import Tally

MODELS = ("identity", "hw", "hd", "hw+hd", "elmo-like-linear")


def planned(lab: Lab, name: str, campaign: str = "c", **changes: Any) -> CampaignPlan:
    lab.plan(campaign, lab.request(name, **changes))
    return plan_of(lab.services.files, campaign)


def same(report: Report) -> Mapping[str, Any]:
    return report.model_dump(exclude={"campaign", "request", "timings", "execution"})


@pytest.mark.parametrize(
    ("changes", "way", "reason"),
    [
        ({"cpa": None}, "law", ""),
        ({}, "trace", "attack"),
        ({"cpa": None, "keep_traces": True}, "trace", "kept"),
    ],
)
def test_the_plan_says_how_noise_comes_in_and_why(lab: Lab, changes: dict[str, Any], way: str, reason: str) -> None:
    plan = planned(lab, "aes128_m4", traces=64, **changes)

    assert plan.noise.way == way
    assert reason in plan.noise.reason
    assert (settler_of(plan, sample_plan(plan)) is None) == (way == "trace")
    assert read(io.BytesIO(b"".join(written(plan)))).noise == plan.noise


@pytest.mark.parametrize("model", MODELS)
def test_all_of_our_models_have_whole_levels(lab: Lab, model: str) -> None:
    plan = planned(lab, "aes128_m4", traces=64, cpa=None, power={"model": model, "noise_sigma": 1.5})

    assert plan.noise == Noise("law", "")


def test_a_model_without_whole_levels_gives_each_trace_its_noise(lab: Lab, tmp_path: Path) -> None:
    text = (lab.services.power_models / "hw.toml").read_text(encoding="utf-8")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "hw.toml").write_text(text.replace("value = 1.0", "value = 0.3"), encoding="utf-8")
    lab = Lab(lab.services._replace(power_models=tmp_path / "models"), lab.elfs)

    plan = planned(lab, "compare_ct_m4", traces=64)
    report = lab.run("again", lab.request("compare_ct_m4", traces=64))

    assert plan.noise.way == "trace"
    assert "whole numbers" in plan.noise.reason
    assert report.traces == 64


def test_a_campaign_that_counts_many_levels_is_cut_into_parts_that_fit_the_disk(lab: Lab) -> None:
    plan = planned(lab, "compare_ct_m4", traces=64, shards=64)
    bins, path_length = 8_000_000, len(plan.path.pcs)

    cut = shards_of(plan.request, path_length, BIN_BYTES * bins, checkpoints=CHECKPOINTS)

    assert len(plan.shards) == 64
    assert len(cut) * BIN_BYTES * bins <= PARTS_BYTES
    assert cut[0][0] == 0
    assert cut[-1][1] == 64


def test_one_three_and_sixteen_shards_in_any_order_give_one_digest_and_one_report(lab: Lab) -> None:
    reports = []
    for count in (1, 3, 16):
        request = lab.request("compare_leaky_m4", traces=301, shards=count)
        reports.append(lab.run(f"c{count}", request, order=lambda shards: list(reversed(shards))))

    assert same(reports[0]) == same(reports[1]) == same(reports[2])
    assert reports[0].alignment.diverged_traces > 0


def test_steps_that_happen_twice_and_stopped_ones_change_nothing(lab: Lab) -> None:
    request = lab.request("compare_ct_m4", traces=200, shards=3)
    once = lab.run("once", request)
    split = lab.plan("c", request)

    with pytest.raises(WorkerLost):
        run_shard(job_of(split.children[0]), Watched("s", stop=WorkerLost("taken over")), lab.services)
    lab.shards([*split.children, split.children[1]])
    lab.merge(split)

    assert same(lab.report("c")) == same(once)


def test_a_cancelled_campaign_leaves_no_parts(lab: Lab) -> None:
    split = lab.plan("c", lab.request("compare_ct_m4", traces=200, shards=2))
    lab.shards(split.children[:1])

    with pytest.raises(Cancelled):
        run_shard(job_of(split.children[1]), Watched("s", stop=Cancelled("stop")), lab.services)

    assert lab.services.files.names("c") == [PLAN]


@pytest.mark.parametrize(
    ("model", "sampling"), [*((model, "instruction") for model in MODELS), ("hw+hd", "cycle"), ("identity", "cycle")]
)
def test_without_noise_both_ways_give_one_digest(lab: Lab, model: str, sampling: str) -> None:
    power = {"model": model, "sampling": sampling, "noise_sigma": 0}
    request = lab.request("compare_leaky_m4", traces=96, shards=2, power=power)

    counted = lab.run("counted", request)
    kept = lab.run("kept", request.model_copy(update={"keep_traces": True}))

    assert counted.digest == kept.digest
    assert same(counted) == same(kept)


def test_with_noise_both_ways_find_the_same(lab: Lab) -> None:
    request = lab.request("aes128_m4", traces=1200, cpa=None, shards=1)

    counted = lab.run("counted", request)
    kept = lab.run("kept", request.model_copy(update={"keep_traces": True}))

    assert counted.digest != kept.digest
    assert counted.verdict is kept.verdict is Verdict.LEAKS
    t_counted, t_kept = np.array(counted.series.t1, float), np.array(kept.series.t1, float)
    quiet = np.abs(t_kept) < 3
    assert np.corrcoef(t_counted, t_kept)[0, 1] > 0.9
    assert np.std(t_counted[quiet]) == pytest.approx(np.std(t_kept[quiet]), rel=0.15)
    assert counted.tvla is not None
    assert kept.tvla is not None
    assert counted.tvla.leaking_samples_1 == pytest.approx(kept.tvla.leaking_samples_1, rel=0.1)


def test_executions_that_do_not_end_well_are_counted_nowhere(lab: Lab) -> None:
    body = lab.request("compare_ct_m4", traces=64).model_dump(mode="json")
    body["target"]["max_cycles"] = 50

    report = lab.run("c", lab.of("compare_ct_m4", body))

    assert report.verdict is Verdict.FAULT
    assert report.alignment.faulted_traces == 64
    assert report.power.clipped == 0
    assert report.tvla is None


def runner_for(lab: Lab, campaign: str, **changes: Any) -> Runner:
    plan = planned(lab, "compare_leaky_m4", campaign, **changes)
    simulator = lab.services.simulator("default", plan.request.firmware, plan.request.target)
    return Runner(plan, sample_plan(plan), simulator)


def test_a_part_survives_its_file_and_settles_to_the_same_sums(lab: Lab) -> None:
    runner = runner_for(lab, "c", traces=150)
    part = runner.run(0, 150, Watched())

    parts.save(part, lab.services.files, "c")
    assert runner.settler is not None
    again = parts.Part.empty(0, 150, runner.settler.empty())
    parts.add(again, lab.services.files.path("c", parts.sums_name(0, 150)))

    first, second = (runner.settler.settled(item, threads=2) for item in (part, again))
    np.testing.assert_array_equal(first.power.sums, second.power.sums)
    assert first.power.counts.sum() == 150
    assert first.behaviour == second.behaviour
    assert runner.settler.settled(first) is first


def test_levels_are_not_taken_for_samples(lab: Lab) -> None:
    part = runner_for(lab, "c", traces=64).run(0, 8, Watched())

    with pytest.raises(TypeError, match="noise"):
        _ = part.power
    with pytest.raises(ValueError, match="add up"):
        part.merge(parts.Part.empty(0, 8, PowerSums(GROUPS, 3)))


def test_what_settling_takes_grows_with_the_traces_and_is_nothing_without_noise(lab: Lab) -> None:
    noisy = runner_for(lab, "noisy", traces=150)
    silent = runner_for(lab, "silent", traces=150, power={"model": "hw", "noise_sigma": 0})
    part = noisy.run(0, 150, Watched())

    assert noisy.settler is not None
    assert silent.settler is not None
    took = [noisy.settler.takes_s(part, times=times) for times in (1, 4, 1e4, 1e6)]
    assert 0 < took[0] < took[1] < took[2] == took[3] < 0.1
    assert silent.settler.takes_s(silent.run(0, 150, Watched())) == 0


class Counting(UnicornCore):
    """Remembers how many executions were asked for at once."""

    asked: list[int]

    def tally(
        self,
        inputs: npt.NDArray[np.uint8],
        groups: npt.NDArray[np.uint8],
        reference: Reference,
        levels: Levels,
        counts: npt.NDArray[np.int64],
    ) -> Outcomes:
        """Remember, and execute."""
        self.asked.append(len(inputs))
        return super().tally(inputs, groups, reference, levels, counts)


def test_an_engine_that_wants_many_traces_is_warm_before_time_is_taken(lab: Lab) -> None:
    plan = planned(lab, "compare_ct_m4", traces=5000)
    simulator = Counting(lab.elfs["compare_ct_m4"], plan.request.target)
    simulator.asked = []
    runner = Runner(plan, sample_plan(plan), simulator)

    runner.warm_up(0, 5000)
    warm = list(simulator.asked)
    part = runner.run(0, 5000, Watched())

    assert warm == [1, ENGINE_ROWS]
    assert max(simulator.asked) > 1000
    assert sum(simulator.asked) == 5000 + sum(warm)
    assert isinstance(part.sums, Tally)
    assert part.sums.counts.sum() == 5000


def test_a_warm_up_stays_within_its_range_and_stops_at_executions_that_do_not_end(lab: Lab) -> None:
    plan = planned(lab, "compare_ct_m4", traces=64)
    simulator = Counting(lab.elfs["compare_ct_m4"], plan.request.target.model_copy(update={"max_cycles": 20}))
    simulator.asked = []

    Runner(plan, sample_plan(plan), simulator).warm_up(0, 64)

    assert simulator.asked == [1]


def test_the_last_partial_shows_the_curves_of_the_report(lab: Lab) -> None:
    split = lab.plan("c", lab.request("aes128_m4", traces=200, shards=2, cpa=None))
    said = [partial for attempt in lab.shards(split.children) for _, partial in attempt.partials]
    lab.merge(split)
    records = curves.load(lab.services.files, "c")

    assert [partial["traces"] for partial in said if "traces" in partial] == [100, 200]
    for name in ("t1", "mean"):
        low, high = bucketed(records[name], said[-1]["stride"])
        assert (said[-1][name]["low"], said[-1][name]["high"]) == (low, high)


def test_an_event_that_takes_too_long_to_settle_is_left_out(lab: Lab) -> None:
    power = {"model": "hw", "sampling": "cycle", "noise_sigma": 1000}
    split = lab.plan("c", lab.request("aes128_m4", traces=2400, shards=1, cpa=None, power=power))

    (attempt,) = lab.shards(split.children)

    assert [partial for _, partial in attempt.partials if "traces" in partial] == []
    assert attempt.reports[-1].done == 2400


def test_an_estimate_counts_the_bins_and_the_settling(lab: Lab) -> None:
    request = lab.request("aes128_m4", traces=100_000, cpa=None)
    plan = planned(lab, "aes128_m4", traces=100_000, cpa=None)
    settler = settler_of(plan, sample_plan(plan))

    found = estimated(lab, request.model_dump(mode="json"))

    assert settler is not None
    assert found["sums_bytes"] == 8 * GROUPS * settler.scale.levels.bins
    assert found["seconds"] == pytest.approx(found["run_s"] + found["merge_s"])
    assert found["merge_s"] > 0.03
