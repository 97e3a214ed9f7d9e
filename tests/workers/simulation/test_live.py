"""What is shown of a campaign while it runs: exact, small, and as the report will say it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jobs.model import NewJob
from stores import curves
from tests.workers.simulation.conftest import Lab, Watched, job_of
from workers.simulation.campaign import plan_campaign
from workers.simulation.live import EVENT_BYTES, WITHIN
from workers.simulation.live_event import BUCKETS, DIGITS, extremes, path_of
from workers.simulation.plan import sample_plan
from workers.simulation.plan_file import plan_of
from workers.simulation.shard import run_shard


@dataclass(slots=True)
class Slow(Watched):
    """An attempt by whose clock each batch takes `batch_s`, and all else no time."""

    batch_s: float = 0.0
    now: float = 0.0

    def check(self) -> None:
        """Begin a batch."""
        self.now += self.batch_s


def told(lab: Lab, campaign: str, **changes: Any) -> list[Mapping[str, Any]]:
    split = lab.plan(campaign, lab.request("aes128_m4", **changes))
    said = [partial for attempt in lab.shards(split.children) for _, partial in attempt.partials]
    lab.merge(split)
    return said


def told_by_clock(lab: Lab, *, batch_s: float, **changes: Any) -> list[Mapping[str, Any]]:
    """Return what the only shard of campaign "c" says where each of its batches takes so long."""
    split = lab.plan("c", lab.request("aes128_m4", shards=1, **changes))
    attempt = Slow(batch_s=batch_s)
    run_shard(job_of(split.children[0]), attempt, lab.services._replace(timer=lambda: attempt.now))
    lab.merge(split)
    return [partial for _, partial in attempt.partials]


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


def test_the_ranks_of_a_partial_say_over_how_many_traces(lab: Lab) -> None:
    last = told_by_clock(lab, batch_s=60, traces=301)[-1]
    attacked = lab.report("c").cpa

    assert attacked is not None
    assert last["key"]["traces"] == attacked.traces - attacked.checkpoints[-2]
    assert sum(rank == 0 for rank in last["key"]["ranks"]) > 8


def test_ranks_that_would_cost_too_much_are_left_out(lab: Lab) -> None:
    said = told_by_clock(lab, batch_s=0, traces=301)

    assert [partial["traces"] for partial in said] == [301]
    assert "key" not in said[0]


def test_a_long_shard_is_shown_before_it_ends(lab: Lab) -> None:
    counts = [partial["traces"] for partial in told_by_clock(lab, batch_s=60, traces=12_000, cpa=None)]

    assert counts == sorted(set(counts))
    assert len(counts) == WITHIN + 1
    assert counts[-1] == 12_000


def test_an_event_is_small_whatever_the_numbers_and_names(lab: Lab) -> None:
    lab.plan("c", lab.request("aes128_m4", traces=64))
    plan = plan_of(lab.services.files, "c")
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
