"""What is shown of a campaign while it runs: exact, small, and as the report will say it."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from jobs.model import NewJob
from stores import curves
from tests.workers.simulation.conftest import Lab, Watched, job_of
from workers.simulation import live
from workers.simulation.campaign import plan_campaign
from workers.simulation.live import EVENT_BYTES
from workers.simulation.live_event import BUCKETS, DIGITS, extremes, path_of
from workers.simulation.plan import sample_plan
from workers.simulation.plan_file import PLAN, from_bytes


def told(lab: Lab, campaign: str, **changes: Any) -> list[Mapping[str, Any]]:
    split = lab.plan(campaign, lab.request("aes128_m4", **changes))
    said = [partial for attempt in lab.shards(split.children) for _, partial in attempt.partials]
    lab.merge(split)
    return said


def bucketed(values: Any, stride: int) -> tuple[list[float], list[float]]:
    cuts = [values[start : start + stride] for start in range(0, len(values), stride)]
    low, high = np.array([min(cut) for cut in cuts]), np.array([max(cut) for cut in cuts])
    return np.round(low, DIGITS).tolist(), np.round(high, DIGITS).tolist()


def test_the_last_partial_shows_the_curves_of_the_report(lab: Lab) -> None:
    last = told(lab, "c", traces=200, shards=2)[-1]
    records = curves.load(lab.services.files, "c")

    assert (last["traces"], last["samples"], last["compared"]) == (200, len(records), len(records))
    for name in ("t1", "mean"):
        low, high = bucketed(records[name], last["stride"])
        assert (last[name]["low"], last[name]["high"]) == (low, high)
    assert len(last["t1"]["low"]) <= BUCKETS


def test_a_partial_over_some_traces_is_the_report_of_a_campaign_of_those_traces(lab: Lab) -> None:
    first = next(partial for partial in told(lab, "c", traces=200, shards=2) if "t1" in partial)
    lab.run("half", lab.request("aes128_m4", traces=100))
    records = curves.load(lab.services.files, "half")

    assert first["traces"] == 100
    assert (first["t1"]["low"], first["t1"]["high"]) == bucketed(records["t1"], first["stride"])


def test_the_path_is_told_before_anything_has_run_and_again_by_the_shards_of_a_long_campaign(lab: Lab) -> None:
    request = lab.request("aes128_m4", traces=90, shards=9)
    attempt = Watched("c")
    split = plan_campaign(job_of(NewJob("c", "campaign", request.model_dump(mode="json"))), attempt, lab.services)
    again = [partial for shard in lab.shards(split.children) for _, partial in shard.partials if "path" in partial]
    lab.merge(split)
    records = curves.load(lab.services.files, "c")

    path = attempt.partials[0][1]["path"]
    assert again == [{"path": path}] * 9
    assert path["pcs"] == records["pc"][:: path["stride"]].tolist()
    names = {row.place.address: row.place.function for row in lab.report("c").rows}
    assert [path["functions"][number] for number in path["function"]] == [names[pc] for pc in path["pcs"]]


def test_executions_that_part_ways_show_what_they_share(lab: Lab) -> None:
    split = lab.plan("c", lab.request("compare_leaky_m4", traces=200, shards=1))
    (attempt,) = lab.shards(split.children)
    lab.merge(split)
    report = lab.report("c")

    last = attempt.partials[-1][1]
    assert last["diverged"] == report.alignment.diverged_traces > 0
    assert last["compared"] == report.alignment.samples < last["samples"]


def test_the_ranks_of_a_partial_say_over_how_many_traces(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "SCORE_S_PER_SAMPLE", 0.0)
    last = told(lab, "c", traces=301, shards=1)[-1]
    attacked = lab.report("c").cpa

    assert attacked is not None
    assert last["key"]["traces"] == attacked.traces - attacked.checkpoints[-2]
    assert sum(rank == 0 for rank in last["key"]["ranks"]) > 8


def test_ranks_that_would_cost_too_much_are_left_out(lab: Lab) -> None:
    assert not any("key" in partial for partial in told(lab, "c", traces=64, shards=2))


def test_a_long_shard_is_shown_before_it_ends(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "EVERY_S", 0.0)
    monkeypatch.setattr("workers.simulation.run.REPORT_EVERY_S", 0.0)

    counts = [partial["traces"] for partial in told(lab, "c", traces=600, shards=1, cpa=None) if "traces" in partial]

    assert counts == sorted(set(counts))
    assert 1 < len(counts) <= live.WITHIN + 1
    assert counts[-1] == 600


def test_an_event_is_small_whatever_the_numbers_and_names(lab: Lab) -> None:
    lab.plan("c", lab.request("aes128_m4", traces=64))
    plan = from_bytes(lab.services.files.path("c", PLAN).read_bytes())
    sampled = sample_plan(plan)
    simulator = lab.services.simulator("default", plan.request.firmware, plan.request.target)

    class Wordy:
        def instruction(self, address: int) -> Any:
            step = simulator.instruction(address)
            return type(step)(step.address, step.size, "x", "x", step.kind, 1, chr(0x2603) * 500 + hex(address))

    wide = extremes(np.linspace(-9_999_999.123456, 9_999_999.123456, 100_000), 196)

    assert len(json.dumps({"path": path_of(plan, sampled, Wordy())})) < EVENT_BYTES  # type: ignore[arg-type]
    assert len(json.dumps({"t1": wide, "mean": wide})) < EVENT_BYTES


def test_infinite_values_have_no_number() -> None:
    shown = extremes(np.array([1.0, np.inf, -np.inf, 2.0, 3.0]), 2)

    assert shown == {"low": [1.0, None, 3.0], "high": [None, 2.0, 3.0]}
